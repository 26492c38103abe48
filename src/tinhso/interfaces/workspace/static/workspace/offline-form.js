import { answersOf, evaluate, holds, undecided } from "./offline-cel.js";

// The form of a slip: procedures and papers from the pack, rows that copy themselves, the card of the person.

const form = document.getElementById("slip-form");
const byId = (id) => document.getElementById(id);

/** What a card's QR code says, or null. */
export function readCard(text) {
  const parts = text.split("|");
  if (parts.length < 6 || !/^\d{12}$/.test(parts[0])) return null;
  const day = parts[3].replace(/^(\d{2})(\d{2})(\d{4})$/, "$1/$2/$3");
  return { personal_id: parts[0], full_name: parts[2], birth_date: day, address: parts[5] };
}

/** Offer the pack's procedures and communes. */
export function offer(pack) {
  const list = byId("procedure");
  const chosen = list.value;
  list.length = 1;
  for (const item of pack.procedures) list.add(new Option(`${item.title} (${item.code})`, item.code, false, item.code === chosen));
  const units = byId("unit");
  units.length = 0;
  for (const unit of pack.communes) units.add(new Option(unit.name, unit.id, false, unit.id === pack.own_commune));
}

/** Show the questions and papers of a procedure; null empties the page. */
export function show(item) {
  byId("answers").innerHTML = item?.html ?? "";
  byId("procedure-facts").textContent = item ? `${item.code} · thời hạn ${item.limit}` : "";
  byId("unit-place").hidden = !item?.of_commune;
  const place = byId("papers");
  place.hidden = !item?.papers.length;
  place.querySelector(".card-body").replaceChildren(...(item?.papers ?? []).map(paperLine));
  for (const hidden of byId("answers").querySelectorAll("[hx-post]")) hidden.removeAttribute("hx-post");
  for (const group of rowsOf(byId("answers"))) addMore(group);
  if (item) prefill(item);
  follow(item);
}

/** What the answers so far decide: which papers are needed, what it costs. What stays open is left to the officer. */
export function follow(item) {
  const scope = item ? { answers: answersOf(item.shapes, pairs()), channel: "counter", today: new Date().toISOString().slice(0, 10) } : null;
  for (const line of byId("papers").querySelectorAll("fieldset")) {
    const paper = item?.papers.find((one) => one.key === line.dataset.key);
    if (!paper) continue;
    const said = holds(paper.when, scope);
    line.hidden = said === false;
    if (paper.needed && said === true) line.dataset.needed = "1";
    else delete line.dataset.needed;
    const notes = [paper.copies, said === undecided && paper.condition ? `nếu: ${paper.condition}` : paper.needed ? "" : "nếu có"];
    line.querySelector(".paper-note").textContent = notes.filter(Boolean).map((note) => `(${note})`).join(" ");
  }
  drawFees(item, scope);
}

const dong = new Intl.NumberFormat("vi-VN");
let told = [];

/** The fees told to the applicant: [name, amount or null where only the server can compute it]. */
export const feesTold = () => told;

function drawFees(item, scope) {
  const place = byId("fees");
  place.hidden = !item;
  if (!item) { told = []; return; }
  const ticked = new Set([...place.querySelectorAll("input:checked")].map((input) => input.dataset.fee));
  const lines = item.fees.map((fee) => ({ ...fee, held: holds(fee.when, scope), value: evaluate(fee.amount, scope) })).filter((fee) => fee.held !== false);
  const isSum = (value) => Number.isInteger(value) && value >= 0;
  told = lines.filter((fee) => fee.held === true || ticked.has(fee.key)).map((fee) => [fee.name, isSum(fee.value) ? fee.value : null]);
  place.querySelector('[data-slot="lines"]').replaceChildren(...lines.map((fee) => {
    const line = byId("fee-line").content.cloneNode(true);
    const box = line.querySelector("input");
    line.querySelector(".fee-name").textContent = fee.name;
    line.querySelector(".fee-note").textContent = fee.held === undecided ? "Tùy trường hợp: máy chưa quyết được từ những gì đã khai." : fee.assumed ? "Mức tạm tính, chưa có văn bản xác nhận." : "";
    line.querySelector(".fee-amount").textContent = isSum(fee.value) ? `${dong.format(fee.value)} đồng` : "tính được khi khai đủ";
    line.querySelector(".fee-asked").hidden = fee.held === true;
    Object.assign(box, { id: `fee-${fee.key}`, checked: ticked.has(fee.key) });
    box.dataset.fee = fee.key;
    line.querySelector("label").htmlFor = box.id;
    return line;
  }));
  if (!lines.length) place.querySelector('[data-slot="lines"]').textContent = "Không thu phí, lệ phí.";
  place.querySelector('[data-slot="total"]').textContent = told.some(([, sum]) => sum === null) ? "" : `${dong.format(told.reduce((all, [, sum]) => all + sum, 0))} đồng`;
}

/** The pictures and scans chosen for the papers: [key of the paper, file]. */
export function scans() {
  return [...byId("papers").querySelectorAll("fieldset")].flatMap((line) => line.hidden ? [] : (chosenFiles.get(line) ?? []).map((file) => [line.dataset.key, file]));
}

const chosenFiles = new WeakMap();

function showFiles(line) {
  line.querySelector(".scans").replaceChildren(...(chosenFiles.get(line) ?? []).map((file, index) => {
    const item = Object.assign(document.createElement("li"), { textContent: `${file.name}, ${Math.ceil(file.size / 1024)} KB ` });
    const drop = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-link btn-sm p-0", textContent: "Bỏ" });
    drop.setAttribute("aria-label", `Bỏ tệp ${file.name}`);
    drop.addEventListener("click", () => { chosenFiles.set(line, chosenFiles.get(line).filter((_, at) => at !== index)); showFiles(line); });
    item.append(drop);
    return item;
  }));
}

function paperLine(paper) {
  const line = byId("paper-line").content.cloneNode(true);
  line.querySelector(".paper-name").textContent = paper.name;
  const files = line.querySelector('input[type="file"]');
  const whole = line.querySelector("fieldset");
  files.setAttribute("aria-label", `Ảnh chụp, tệp quét của ${paper.name}`);
  files.addEventListener("change", () => {
    chosenFiles.set(whole, [...(chosenFiles.get(whole) ?? []), ...files.files]);
    files.value = "";
    showFiles(whole);
  });
  line.querySelectorAll('input[type="radio"]').forEach((input, index) => {
    input.name = `_doc.${paper.key}`;
    input.id = `paper-${paper.key}-${index}`;
    input.nextElementSibling.htmlFor = input.id;
  });
  whole.dataset.paper = paper.name;
  whole.dataset.key = paper.key;
  return line;
}

// A repeating group comes with one empty row: its marker is a hidden input named like the group, worth "0".
function rowsOf(root) {
  return [...root.querySelectorAll('fieldset > input[type="hidden"][value="0"]')].map((marker) => marker.parentElement);
}

function addMore(first) {
  const name = first.querySelector(':scope > input[type="hidden"]').name;
  first.querySelector(`[name^="_remove:"]`)?.remove();
  const button = [...form.querySelectorAll(`[name="_add:${CSS.escape(name)}"]`)].at(0);
  if (!button) return;
  const blank = first.cloneNode(true);
  let count = 1;
  button.type = "button";
  button.addEventListener("click", () => {
    const row = blank.cloneNode(true);
    renumber(row, name, count);
    count += 1;
    button.before(row);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
}

function renumber(row, name, index) {
  const dashed = name.replaceAll(".", "-");
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of ["id", "for", "name", "aria-describedby"]) {
      const value = element.getAttribute(attribute);
      if (!value) continue;
      const moved = value.replaceAll(`${name}.0.`, `${name}.${index}.`).replaceAll(`field-${dashed}-0`, `field-${dashed}-${index}`);
      element.setAttribute(attribute, moved);
    }
  }
  row.querySelector(':scope > input[type="hidden"]').value = String(index);
  const title = row.querySelector("legend");
  if (title) title.textContent = title.textContent.replace(/\d+\s*$/, String(index + 1));
}

/** Fill answers that name the person, where nothing stands yet. */
export function prefill(item) {
  for (const [path, name] of Object.entries(item.prefill)) {
    const input = form.elements[path];
    const known = form.elements[`_a.${name}`]?.value;
    if (input && "value" in input && !input.value && known) input.value = known;
  }
}

/** What was typed as [name, value] pairs; rows in which nothing was typed are left out. */
export function pairs() {
  const empty = rowsOf(byId("answers")).concat([...byId("answers").querySelectorAll("fieldset[id]")].filter(isRow));
  const skipped = new Set(empty.filter((row) => !typedIn(row)).flatMap((row) => [...row.querySelectorAll("[name]")]));
  const found = [];
  for (const element of form.elements) {
    if (!element.name || element.disabled || element.closest("fieldset[hidden]") || skipped.has(element) || element.type === "button" || element.type === "submit") continue;
    if ((element.type === "radio" || element.type === "checkbox") && !element.checked) continue;
    found.push([element.name, element.value]);
  }
  return found;
}

const isRow = (part) => Boolean(part.querySelector(':scope > input[type="hidden"]'));
const typedIn = (row) => [...row.querySelectorAll("input, select, textarea")].some((input) =>
  input.type === "hidden" ? false : input.type === "radio" || input.type === "checkbox" ? input.checked
    : input.value.trim() && !input.name.endsWith(".province_code"));

/** What is asked of everybody and was left empty: [sentence, id of the input]. */
export function missing(item) {
  const found = [];
  if (!form.elements["_a.full_name"].value.trim()) found.push(["Họ và tên người nộp", "a-full_name"]);
  const number = form.elements["_a.personal_id"].value.replaceAll(" ", "");
  if (number && !/^\d{12}$/.test(number)) found.push(["Số định danh có 12 chữ số", "a-personal_id"]);
  if (!item) found.push(["Chọn thủ tục", "procedure"]);
  for (const input of byId("answers").querySelectorAll('[aria-required="true"]')) {
    const row = input.closest("fieldset[id]");
    if (row && isRow(row) && !typedIn(row)) continue;
    if (!input.value.trim()) found.push([labelOf(input), input.id]);
  }
  // A choice carries no mark of its own; it is asked of everybody unless its label says that it may be left out.
  for (const choice of byId("answers").querySelectorAll("fieldset")) {
    const options = choice.querySelectorAll(':scope > .form-check > input[type="radio"]');
    if (!options.length || choice.querySelector(":scope > legend .form-optional") || [...options].some((option) => option.checked)) continue;
    const row = choice.parentElement.closest("fieldset[id]");
    if (row && isRow(row) && !typedIn(row)) continue;
    found.push([choice.querySelector("legend").firstChild.textContent.trim(), options[0].id]);
  }
  for (const line of document.querySelectorAll("#papers fieldset[data-needed]")) {
    const given = line.querySelector("input:checked");
    if (!given?.value && !chosenFiles.get(line)?.length) found.push([line.dataset.paper, line.querySelector("input").id]);
  }
  return found;
}

const labelOf = (input) => (input.labels?.[0]?.firstChild?.textContent ?? input.name).trim();

/** Only organisations have a name and a tax code of their own. */
export function listen() {
  form.addEventListener("change", (event) => {
    if (event.target.name !== "_a.kind") return;
    for (const part of form.querySelectorAll(".organisation-only")) part.hidden = event.target.value !== "organisation";
  });
}
