// The counter by hands only: after every step the cursor stands where the next one begins.

const form = document.getElementById("intake");
const wanted = form?.dataset.focusOn ?? "";
const first = {
  card: () => document.getElementById("card"),
  find: () => document.getElementById("find-procedure"),
  hits: () => document.querySelector("#hits button"),
  papers: () => document.querySelector("#papers input:not([type=hidden])"),
  form: () => [...form.querySelectorAll('[id^="field-"]')].find((input) => input.matches("input, select, textarea") && !input.value && input.type !== "hidden"),
}[wanted];
const target = first?.();
if (target && !document.querySelector("[data-focus]")) target.focus();
document.documentElement.classList.add("scripted");

// Down and up walk from the search into what it found.
form?.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [document.getElementById("find-procedure"), ...document.querySelectorAll("#hits button")];
  const here = stops.indexOf(event.target);
  const next = here < 0 ? null : stops[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

function showOrganisation() {
  const wantedKind = form?.querySelector('input[name="_a.kind"]:checked')?.value;
  for (const part of form?.querySelectorAll(".organisation-only") ?? []) part.hidden = wantedKind !== "organisation";
}
form?.addEventListener("change", (event) => { if (event.target.name === "_a.kind") showOrganisation(); });
showOrganisation();

// A cut line is told where the hands are; the page that works without one opens beside this one.
const cut = document.getElementById("line-cut");
const tellLine = () => { if (cut) cut.hidden = navigator.onLine; };
for (const name of ["online", "offline"]) addEventListener(name, tellLine);
tellLine();
