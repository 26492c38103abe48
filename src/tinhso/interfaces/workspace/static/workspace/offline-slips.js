// The slip on the screen and on paper, and the list of slips on this computer.

import { code, read } from "./offline-store.js";

const byId = (id) => document.getElementById(id);
const money = new Intl.NumberFormat("vi-VN");
const ZONE = { timeZone: "Asia/Ho_Chi_Minh" };
const day = new Intl.DateTimeFormat("vi-VN", { day: "2-digit", month: "2-digit", year: "numeric", ...ZONE });
const hour = new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", ...ZONE });
const STATES = {
  waiting: ["Chờ đồng bộ", "soon"], stored: ["Đã về máy chủ", "info"], conflict: ["Cần quyết định", "soon"], case: ["Đã thành hồ sơ", "ok"],
  linked: ["Thuộc hồ sơ đã có", "ok"], void: ["Đã hủy", "mute"], refused: ["Chưa gửi được", "late"], number: ["Trùng số phiếu", "late"],
  replaced: ["Đã đổi số", "mute"],
};

export const when = (text) => `${day.format(new Date(text))} ${hour.format(new Date(text))}`;

function facts(place, rows) {
  place.replaceChildren(...rows.filter(([, value]) => value).flatMap(([label, value]) => {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = label;
    text.textContent = value;
    return [term, text];
  }));
}

/** Lay a slip out to be printed. */
export async function lay(slip, pack, pictures) {
  const content = await read(slip);
  if (!content) return false;
  const said = new Map(content.pairs);
  const item = pack.procedures.find((known) => known.code === said.get("_procedure"));
  const paper = byId("slip-paper").content.cloneNode(true);
  const slot = (name) => paper.querySelector(`[data-slot="${name}"]`);
  slot("agency").textContent = pack.desk.agency;
  slot("desk").textContent = pack.desk.name;
  slot("code").textContent = code(slip);
  slot("officer").textContent = content.officer;
  facts(slot("facts"), [
    ["Nhận lúc", when(slip.takenAt)], ["Người nộp", said.get("_a.full_name")], ["Tổ chức", said.get("_a.organisation_name")],
    ["Thủ tục", content.title], ["Thời hạn", item?.limit ?? ""],
  ]);
  const papers = content.papers.map((name) => Object.assign(document.createElement("li"), { textContent: name }));
  slot("papers").replaceChildren(...(papers.length ? papers : [Object.assign(document.createElement("li"), { textContent: "Không có" })]));
  const fees = content.fees ?? [];
  const open = fees.some(([, sum]) => sum === null);
  slot("fees").textContent = fees.length
    ? `Phí, lệ phí tạm tính: ${fees.map(([name, sum]) => `${name} ${sum === null ? "(tính sau)" : `${money.format(sum)} đồng`}`).join("; ")}${open || fees.length < 2 ? "" : `; cộng ${money.format(fees.reduce((all, [, sum]) => all + sum, 0))} đồng`}.`
    : "Không thu phí, lệ phí theo những gì đã khai.";
  const picture = pictures?.[String(slip.number)];
  if (picture) {
    slot("qr").src = `data:image/svg+xml,${encodeURIComponent(picture)}`;
    slot("qr").hidden = false;
  }
  byId("slip").replaceChildren(paper);
  byId("slip").hidden = false;
  return true;
}

/** Draw the list; `acts` names what the buttons of a row do. */
export async function list(slips, acts) {
  const rows = await Promise.all([...slips].reverse().map((slip) => row(slip, acts)));
  document.querySelector("#queue tbody").replaceChildren(...rows);
  document.querySelector("#queue table").hidden = !rows.length;
  byId("queue-empty").hidden = Boolean(rows.length);
  const waiting = slips.filter((slip) => slip.sealed).length;
  byId("waiting-state").textContent = waiting ? `${waiting} phiếu chờ đồng bộ` : "Không có phiếu nào chờ";
}

async function row(slip, acts) {
  const line = byId("queue-row").content.cloneNode(true);
  const [number, taken, what, state] = line.querySelector("tr").children;
  number.textContent = code(slip);
  taken.textContent = when(slip.takenAt);
  const content = await read(slip).catch(() => null);
  what.textContent = content ? `${new Map(content.pairs).get("_a.full_name")}, ${content.title}` : "đã về máy chủ, không giữ trên máy này";
  const [label, tone] = STATES[slip.state] ?? [slip.label ?? slip.state, "mute"];
  state.querySelector(".pill").classList.add(tone);
  state.querySelector(".pill").textContent = label;
  state.querySelector(".words").textContent = slip.words ?? "";
  const place = state.querySelector(".acts-here");
  if (slip.address) place.append(link(slip.address, slip.state === "case" || slip.state === "linked" ? "Mở hồ sơ" : "Mở phiếu"));
  if (content) place.append(button("In lại", () => acts.print(slip)));
  if (slip.state === "number") place.append(button("Cấp số khác", () => acts.renumber(slip)));
  return line;
}

function link(href, text) {
  return Object.assign(document.createElement("a"), { href, textContent: text, className: "btn btn-outline-primary btn-sm" });
}

function button(text, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, className: "btn btn-outline-secondary btn-sm" });
  made.addEventListener("click", act);
  return made;
}
