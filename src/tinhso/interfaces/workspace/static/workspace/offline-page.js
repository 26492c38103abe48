// The counter without a line. What the officer sees of the line, the numbers left and the slips that wait is always true
// of this moment: it is asked anew after every act, when the line goes or comes, and every half minute.

import { announce } from "../ui/announce.js";
import { feesTold, follow, listen as listenForm, missing, offer, pairs, prefill, readCard, scans, show } from "./offline-form.js";
import { lay, list, when } from "./offline-slips.js";
import { NoNumbersLeft, fact, forgetDevice, renumber, slips, sweep, write } from "./offline-store.js";
import { NoLine, Refused, SignInNeeded, bringIn, prepare, reachable, tryAgain } from "./offline-sync.js";

const byId = (id) => document.getElementById(id);
const addresses = JSON.parse(byId("addresses").textContent);
const form = byId("slip-form");
const ROUND_MS = 30_000;
const FRESH_MS = 30 * 60_000;
const KEPT_MS = 7 * 24 * 3600_000;
let pack = null;
let chosen = null;
let online = null;

function trouble(title, text, { href = "", action = "" } = {}) {
  const place = byId("trouble");
  place.hidden = !title;
  if (!title) return;
  place.querySelector("h2").textContent = title;
  const words = place.querySelector("p");
  words.textContent = `${text} `;
  if (href) words.append(Object.assign(document.createElement("a"), { href, textContent: action }));
}

function sayLine(now) {
  const state = byId("line-state");
  if (now === online) return;
  online = now;
  const pill = state.querySelector(".pill");
  pill.className = `pill ${now ? "ok" : "late"}`;
  pill.textContent = now ? state.dataset.online : state.dataset.offline;
  announce(pill.textContent);
}

async function draw() {
  pack = await fact("pack");
  const numbers = await fact("numbers");
  byId("setup").hidden = Boolean(pack);
  byId("ready").hidden = form.hidden = !pack;
  await list(await slips(), { print: printAgain, renumber: giveAnother });
  if (!pack) return;
  const rows = [
    ["Máy", `${pack.device.name} · sê-ri ${pack.device.series}`], ["Quầy", pack.desk.name], ["Cán bộ", pack.officer],
    ["Số phiếu còn dùng được", String(Math.max(0, numbers.last - numbers.first + 1))],
    ["Biểu mẫu", `${pack.procedures.length} thủ tục, tải lúc ${when(pack.now)}`],
  ];
  byId("ready-facts").replaceChildren(...rows.flatMap(([label, value]) => [
    Object.assign(document.createElement("dt"), { textContent: label }), Object.assign(document.createElement("dd"), { textContent: value }),
  ]));
  if (byId("procedure").length <= 1) offer(pack);
}

// --- the line -------------------------------------------------------------------------------------------------------

async function take(name = "") {
  try {
    await prepare(name);
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.reason !== "device_closed") throw problem;
    await forgetDevice();
  }
  byId("procedure").length = 1;
  await draw();
}

async function round({ asked = false } = {}) {
  sayLine(await reachable());
  if (!online) { await draw(); return; }
  try {
    if (asked) await tryAgain();
    const count = await bringIn(draw);
    if (count) announce(`Đã đồng bộ ${count} phiếu`);
    if (pack && (count || Date.now() + pack.skew - Date.parse(pack.now) > FRESH_MS) && !form.dataset.begun) await take();
    trouble("");
  } catch (problem) {
    explain(problem);
  }
  await draw();
}

function explain(problem) {
  if (problem instanceof NoLine) { sayLine(false); return; }
  if (problem instanceof SignInNeeded) {
    const back = `${addresses.signIn}?next=${encodeURIComponent(addresses.scope)}`;
    trouble("Cần đăng nhập để đồng bộ", "Có mạng trở lại nhưng phiên làm việc đã hết. Phiếu vẫn nằm trên máy này.", { href: back, action: "Đăng nhập" });
    return;
  }
  if (problem instanceof Refused) { trouble("Máy chủ chưa nhận", `${problem.message} Phiếu vẫn nằm trên máy này.`); return; }
  throw problem;
}

byId("setup-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble("");
  const button = event.target.querySelector("button");
  button.disabled = true;
  announce("Đang chuẩn bị máy");
  try {
    await take(byId("device-name").value);
    byId("card").focus();
  } catch (problem) {
    if (problem instanceof NoLine) trouble("Chưa chuẩn bị được", "Máy đang mất mạng; việc này cần làm khi có mạng.");
    else explain(problem);
  } finally {
    button.disabled = false;
  }
});
byId("refresh").addEventListener("click", () => take().catch(explain));
byId("sync").addEventListener("click", () => round({ asked: true }));
addEventListener("online", () => round());
addEventListener("offline", () => sayLine(false));
setInterval(round, ROUND_MS);

// --- the slip -------------------------------------------------------------------------------------------------------

byId("card").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const found = readCard(event.target.value.trim());
  byId("card-help").textContent = found ? "Đã điền từ thẻ. Hãy đối chiếu với người và thẻ." : "Đây không phải mã QR của thẻ căn cước.";
  if (!found) return;
  for (const [name, value] of Object.entries(found)) form.elements[`_a.${name}`].value = value;
  event.target.value = "";
  if (chosen) prefill(chosen);
  byId("procedure").focus();
});

byId("procedure").addEventListener("change", (event) => {
  chosen = pack.procedures.find((item) => item.code === event.target.value) ?? null;
  show(chosen);
});
form.addEventListener("input", () => { form.dataset.begun = "1"; if (chosen) follow(chosen); });
form.addEventListener("reset", () => { chosen = null; byId("card-help").textContent = "Không có máy quét thì nhập tay bên dưới."; delete form.dataset.begun; byId("anyway").checked = false; byId("missing").hidden = true; show(null); setTimeout(() => byId("card").focus()); });

function tellMissing(found) {
  const place = byId("missing");
  place.querySelector("ul").replaceChildren(...found.map(([text, id]) => {
    const item = document.createElement("li");
    const anchor = Object.assign(document.createElement("a"), { href: `#${id}`, textContent: text });
    anchor.addEventListener("click", (event) => { event.preventDefault(); byId(id)?.focus(); });
    item.append(anchor);
    return item;
  }));
  place.hidden = false;
  place.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanting = missing(chosen);
  if (wanting.length && !(byId("anyway").checked && chosen && form.elements["_a.full_name"].value.trim())) { tellMissing(wanting); return; }
  const pictures = scans();
  const papers = [...document.querySelectorAll("#papers fieldset")].filter((line) => !line.hidden && line.querySelector("input:checked")?.value).map((line) => line.dataset.paper);
  papers.push(...pictures.map(([key, file]) => `${chosen.papers.find((paper) => paper.key === key)?.name ?? key} (ảnh chụp: ${file.name})`));
  const content = {
    pairs: [...pairs(), ["_title", chosen.title]], version: chosen.version, title: chosen.title, ticket: pack.ticket, officer: pack.officer,
    papers, fees: feesTold(), takenAt: new Date(Date.now() + pack.skew).toISOString(),
  };
  try {
    const slip = await write(content, pictures);
    form.reset();
    await print(slip);
    await draw();
    if (online) round();
  } catch (problem) {
    if (problem?.name === "QuotaExceededError") { tellFull(pictures.length); return; }
    if (!(problem instanceof NoNumbersLeft)) throw problem;
    trouble("Hết số phiếu", "Máy đã dùng hết dải số được cấp. Mời ghi phiếu giấy, hoặc nối mạng để lấy thêm số.");
  }
});

function tellFull(count) {
  const way = count ? "Mời bỏ bớt ảnh hoặc chụp ảnh nhỏ hơn rồi ghi lại" : "Mời nối mạng để đồng bộ các phiếu đang giữ, hoặc ghi phiếu giấy";
  trouble("Máy này hết chỗ lưu", `Phiếu chưa được ghi, không mất gì trên trang. ${way}; có mạng thì bấm «Đồng bộ ngay» để giải phóng chỗ.`);
  byId("trouble").focus();
}

async function print(slip) {
  const numbers = await fact("numbers");
  if (!(await lay(slip, pack, numbers.pictures))) return;
  byId("slip").scrollIntoView({ block: "start" });
  byId("slip").querySelector('[data-act="print"]').focus();
  window.print();
}

const printAgain = (slip) => print(slip);
async function giveAnother(slip) {
  const fresh = await renumber(slip);
  await draw();
  await print(fresh);
}
byId("slip").addEventListener("click", (event) => {
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "print") window.print();
  if (act === "next") { byId("slip").hidden = true; byId("card").focus(); }
});

// Leaving is safe: what was written is kept. Only what is still being typed would be lost.
addEventListener("beforeunload", (event) => { if (form.dataset.begun) event.preventDefault(); });

// --- beginning ------------------------------------------------------------------------------------------------------

listenForm();
if ("serviceWorker" in navigator) navigator.serviceWorker.register(addresses.worker, { scope: addresses.scope });
await sweep(new Date(Date.now() - KEPT_MS).toISOString());
await draw();
await round();
