// Ready texts: every text box of an act gets a list of the office's texts for it. Alt+M goes to the list, Enter puts the
// chosen text where the cursor was and goes back; Escape only goes back.

const texts = [...document.querySelectorAll("[data-ready]")];
const purposes = JSON.parse(document.getElementById("ready-purposes")?.textContent ?? "{}");
const slugOf = (form) => form.dataset.act ?? new URL(form.action).pathname.split("/").pop();

function insert(box, text) {
  const [start, end] = [box.selectionStart ?? box.value.length, box.selectionEnd ?? box.value.length];
  const before = box.value.slice(0, start);
  const gap = before && !before.endsWith("\n") && !before.endsWith(" ") ? "\n" : "";
  box.setRangeText(gap + text, start, end, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

for (const form of document.querySelectorAll("form[method=post]")) {
  const wanted = purposes[slugOf(form)];
  const offered = texts.filter((one) => one.dataset.ready === wanted);
  if (!wanted || !offered.length) continue;
  for (const box of form.querySelectorAll("textarea")) {
    const list = document.createElement("select");
    list.className = "form-select form-select-sm mb-2";
    list.setAttribute("aria-label", "Câu soạn sẵn");
    list.append(new Option("Chèn câu soạn sẵn (Alt M)…", ""));
    offered.forEach((one, index) => list.append(new Option(one.dataset.title, String(index))));
    const put = () => {
      if (list.value === "") return;
      insert(box, offered[Number(list.value)].textContent.trim());
      list.value = "";
    };
    let typing = false;
    list.addEventListener("keydown", (event) => {
      typing = event.key !== "Enter";
      if (event.key === "Enter") { event.preventDefault(); put(); }
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); list.value = ""; box.focus(); }
    });
    list.addEventListener("pointerdown", () => { typing = false; });
    // Walking through the list with the arrows is not choosing; a click is.
    list.addEventListener("change", () => { if (!typing) put(); });
    box.addEventListener("keydown", (event) => {
      if (event.altKey && event.key.toLowerCase() === "m") { event.preventDefault(); list.focus(); }
    });
    box.before(list);
  }
}
