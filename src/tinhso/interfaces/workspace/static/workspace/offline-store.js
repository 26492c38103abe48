// What this computer remembers for the offline counter: the pack of forms, the numbers it may give out, and the slips
// written. A slip is encrypted with a key that scripts can use and nobody can read out; it goes when the server has it.

const NAME = "tinhso-quay";
const FACTS = "facts";
const SLIPS = "slips";
const SCANS = "scans";

let opened = null;

function database() {
  opened ??= new Promise((done, refuse) => {
    const asked = indexedDB.open(NAME, 2);
    asked.onupgradeneeded = () => {
      const known = asked.result.objectStoreNames;
      if (!known.contains(FACTS)) asked.result.createObjectStore(FACTS);
      if (!known.contains(SLIPS)) asked.result.createObjectStore(SLIPS, { keyPath: "id" });
      if (!known.contains(SCANS)) asked.result.createObjectStore(SCANS, { keyPath: "id" }).createIndex("slip", "slip");
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => refuse(asked.error);
  });
  return opened;
}

/** Run `work(store…)` in one transaction; resolves with what it returned once everything is safely written. */
async function within(names, mode, work) {
  const open = await database();
  return new Promise((done, refuse) => {
    const transaction = open.transaction(names, mode, { durability: "strict" });
    let result;
    transaction.oncomplete = () => done(result);
    transaction.onerror = () => refuse(transaction.error);
    transaction.onabort = () => refuse(transaction.error ?? new Error("aborted"));
    work(names.map((name) => transaction.objectStore(name)), (value) => { result = value; }, transaction);
  });
}

/** One remembered fact: `pack`, `numbers`, `key`. */
export function fact(name) {
  return within([FACTS], "readonly", ([facts], give) => { facts.get(name).onsuccess = (event) => give(event.target.result); });
}

/** Remember facts, all or none. */
export function remember(values) {
  return within([FACTS], "readwrite", ([facts]) => { for (const [name, value] of Object.entries(values)) facts.put(value, name); });
}

async function key() {
  const known = await fact("key");
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Two windows may come here at once: the first key that was written is the key.
  return within([FACTS], "readwrite", ([facts], give) => {
    facts.get("key").onsuccess = (event) => {
      give(event.target.result ?? made);
      if (!event.target.result) facts.put(made, "key");
    };
  });
}

async function sealBytes(bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), bytes) };
}

const seal = (value) => sealBytes(new TextEncoder().encode(JSON.stringify(value)));

/** What a slip says; null once the server holds it and this computer has forgotten it. */
export async function read(slip) {
  if (!slip.sealed) return null;
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: slip.sealed.iv }, await key(), slip.sealed.data);
  return JSON.parse(new TextDecoder().decode(plain));
}

/** Every slip on this computer, in the order in which they were written. */
export async function slips() {
  const found = await within([SLIPS], "readonly", ([store], give) => { store.getAll().onsuccess = (event) => give(event.target.result); });
  return found.sort((one, other) => one.takenAt.localeCompare(other.takenAt) || one.number - other.number);
}

/** This computer's series has ended; the next preparation gets a new one. Slips that wait stay. */
export function forgetDevice() {
  return within([FACTS], "readwrite", ([facts]) => { facts.delete("pack"); facts.delete("numbers"); });
}

export class NoNumbersLeft extends Error {}

/** Write a slip with its pictures ([paper, file] pairs): the next number is taken and everything kept in one transaction,
 * so no number is lost or given twice. Refuses with `QuotaExceededError`, nothing kept, when this computer is full. */
export async function write(content, pictures = []) {
  const sealed = await seal(content);
  const scans = await Promise.all(pictures.map(async ([paper, file]) => ({ paper, name: file.name, type: file.type, sealed: await sealBytes(await file.arrayBuffer()) })));
  const slip = await within([FACTS, SLIPS, SCANS], "readwrite", ([facts, store, files], give) => {
    facts.get("numbers").onsuccess = (event) => {
      const numbers = event.target.result;
      if (!numbers || numbers.first > numbers.last) { give(null); return; }
      const made = { id: `${numbers.series}-${numbers.first}`, number: numbers.first, series: numbers.series, takenAt: content.takenAt, state: "waiting", sealed };
      store.add(made);
      scans.forEach((scan, index) => files.add({ ...scan, id: `${made.id}/${index}`, slip: made.id, word: "" }));
      facts.put({ ...numbers, first: numbers.first + 1 }, "numbers");
      give(made);
    };
  });
  if (!slip) throw new NoNumbersLeft();
  return slip;
}

/** The pictures of a slip that are still on this computer. */
export function scansOf(id) {
  return within([SCANS], "readonly", ([files], give) => { files.index("slip").getAll(id).onsuccess = (event) => give(event.target.result); });
}

/** A picture as a file again. */
export async function openScan(scan) {
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: scan.sealed.iv }, await key(), scan.sealed.data);
  return new File([plain], scan.name, { type: scan.type });
}

/** The server keeps a picture: its word is remembered, so that the slip sent again is the same slip. */
export function scanArrived(scan, word) {
  return within([SCANS], "readwrite", ([files]) => { files.put({ ...scan, sealed: null, word }); });
}

/** Forget the pictures of a slip. */
export function forgetScans(id) {
  return within([SCANS], "readwrite", ([files]) => {
    files.index("slip").getAllKeys(id).onsuccess = (event) => { for (const one of event.target.result) files.delete(one); };
  });
}

/** Give a slip another number: the one it had came in with somebody else's content. The old number stays as a line. */
export async function renumber(old) {
  const content = await read(old);
  const fresh = await write(content);
  const scans = await scansOf(old.id);
  await within([SCANS], "readwrite", ([files]) => { for (const scan of scans) files.put({ ...scan, slip: fresh.id }); });
  await change(old.id, { state: "replaced", sealed: null, words: `Thay bằng phiếu ${code(fresh)}` });
  return fresh;
}

/** Change what is known of a slip. */
export function change(id, values) {
  return within([SLIPS], "readwrite", ([store]) => {
    store.get(id).onsuccess = (event) => { if (event.target.result) store.put({ ...event.target.result, ...values }); };
  });
}

/** Forget slips that are done, so that nothing about yesterday's people stays here. */
export async function sweep(before) {
  const done = (await slips()).filter((slip) => !slip.sealed && slip.takenAt < before);
  return within([SLIPS], "readwrite", ([store]) => { for (const slip of done) store.delete(slip.id); });
}

/** New numbers from the server; never back to one this computer has used. */
export function grant(numbers) {
  return within([FACTS], "readwrite", ([facts]) => {
    facts.get("numbers").onsuccess = (event) => {
      const known = event.target.result;
      const first = known?.series === numbers.series ? Math.max(known.first, numbers.first) : numbers.first;
      facts.put({ ...numbers, first }, "numbers");
    };
  });
}

/** The number as it is printed: `NT-H48.12-03-00017`. */
export const code = (slip) => `${slip.series}-${String(slip.number).padStart(5, "0")}`;
