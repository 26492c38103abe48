// Between this computer and the server: taking along what is needed, bringing in what was written. A slip stays here,
// encrypted, until the server has said that it keeps it; the server answers a slip sent twice as it did the first time.

import { change, fact, forgetScans, grant, openScan, read, remember, scanArrived, scansOf, slips } from "./offline-store.js";

export class NoLine extends Error {}
export class SignInNeeded extends Error {}
export class Refused extends Error {
  constructor(message, reason) { super(message); this.reason = reason; }
}

const LOCK = "tinhso-quay-dong-bo";
const addresses = JSON.parse(document.getElementById("addresses").textContent);
const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]*)/)?.[1] ?? "";

async function post(address, values, headers = {}) {
  const body = values instanceof URLSearchParams || values instanceof FormData ? values : new URLSearchParams(values);
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST", body, credentials: "same-origin", redirect: "manual", headers: { "X-CSRFToken": token(), ...headers },
    });
  } catch {
    throw new NoLine();
  }
  if (answer.type === "opaqueredirect") throw new SignInNeeded();
  const isOurs = answer.headers.get("content-type")?.startsWith("application/json");
  // A gateway that answers for a dead server, a token that has turned stale: no word of ours, so nothing is settled.
  if (!isOurs) throw answer.status === 403 ? new SignInNeeded() : new NoLine();
  const found = await answer.json();
  if (!answer.ok) throw new Refused(found.error, found.reason);
  return found;
}

/** Whether the server can be reached now. Asks a page that keeps nobody's session open. */
export async function reachable() {
  if (!navigator.onLine) return false;
  try {
    return (await fetch(addresses.alive, { cache: "no-store", signal: AbortSignal.timeout(4000) })).ok;
  } catch {
    return false;
  }
}

/** Refuse with `SignInNeeded` before anything is sent to somebody who has left: asked with GET, which keeps no form. */
async function signedIn() {
  let answer;
  try {
    answer = await fetch(addresses.slips, { credentials: "same-origin", redirect: "manual", cache: "no-store" });
  } catch {
    throw new NoLine();
  }
  if (answer.type === "opaqueredirect") throw new SignInNeeded();
  if (answer.status === 403) throw new Refused("Bạn không có quyền tiếp nhận tại quầy này; mời người có quyền đăng nhập trên máy này.", "forbidden");
  if (!answer.ok) throw new NoLine();
}

/** Take along forms and numbers; with a name, a computer that is not known yet gets its series. */
export async function prepare(name = "") {
  await signedIn();
  const pack = await fact("pack");
  const numbers = await fact("numbers");
  const values = { next: String(numbers?.first ?? 1) };
  if (pack?.device) values.device = pack.device.word;
  if (name) values.name = name;
  const found = await post(addresses.prepare, values);
  // The clock of this computer may be wrong; the server's is what a slip is judged by.
  const skew = Date.parse(found.now) - Date.now();
  const { numbers: block, ...rest } = found;
  await remember({ pack: { ...rest, skew } });
  await grant(block);
  navigator.storage?.persist?.();
  return rest;
}

/** Bring in every slip that waits, in order. One window at a time; returns how many came in. */
export async function bringIn(tell) {
  const ours = await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock) return null;
    let count = 0;
    const waiting = (await slips()).filter((slip) => slip.state === "waiting" && slip.sealed);
    if (waiting.length) await signedIn();
    for (const slip of waiting) {
      await send(slip);
      count += 1;
      await tell();
    }
    return count;
  });
  // Another window is at it: once it is done, this one shows what has become of the slips.
  return ours ?? navigator.locks.request(LOCK, { mode: "shared" }, () => 0);
}

/** Bring the pictures of a slip in first, each once; gives [paper, word] pairs in their order. */
async function bringScans(slip) {
  const words = [];
  for (const scan of await scansOf(slip.id)) {
    let { word } = scan;
    if (!word) {
      const form = new FormData();
      form.append("file", await openScan(scan));
      ({ word } = await post(addresses.scan, form));
      await scanArrived(scan, word);
    }
    words.push([scan.paper, word]);
  }
  return words;
}

async function send(slip) {
  const content = await read(slip);
  const values = new URLSearchParams(content.pairs);
  values.set("_number", String(slip.number));
  values.set("_taken_at", content.takenAt);
  values.set("_version", String(content.version));
  values.set("_ticket", content.ticket);
  try {
    for (const [paper, word] of await bringScans(slip)) values.append(`_kept.${paper}`, word);
    const found = await post(addresses.send, values, { "Idempotency-Key": `${slip.series}-${slip.number}` });
    const words = found.case ? `Hồ sơ ${found.case}` : found.conflicts.join(" ");
    await change(slip.id, { state: found.status, sealed: null, label: found.label, words, address: found.address });
    await forgetScans(slip.id);
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    // Refused as it stands: the slip stays here whole, and a person sees why.
    await change(slip.id, { state: problem.reason === "slip_number_used" ? "number" : "refused", words: problem.message });
  }
}

/** Slips that were refused are tried again when a person asks. */
export async function tryAgain() {
  for (const slip of await slips()) if (slip.state === "refused") await change(slip.id, { state: "waiting", words: "" });
}
