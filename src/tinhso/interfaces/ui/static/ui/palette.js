// Ctrl+K: go to any place of the side navigation by typing part of its name, with or without diacritics.
// Loaded by workspace.js at the first Ctrl+K.

const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();

function places() {
  return [...document.querySelectorAll("#side a[href], [data-palette]")].map((link) => ({
    name: (link.querySelector("span")?.textContent ?? link.textContent).trim(), href: link.href,
  }));
}

/** Show the places that match what has been typed by now, and whatever is typed from now on. */
export function fill(dialog) {
  const input = dialog.querySelector("input"), list = dialog.querySelector("ul");
  let chosen = 0;

  function show() {
    const wanted = fold(input.value).split(/\s+/).filter(Boolean);
    const found = places().filter((place) => wanted.every((word) => fold(place.name).includes(word)));
    chosen = Math.max(0, Math.min(chosen, found.length - 1));
    list.replaceChildren(...found.map((place, index) => {
      const item = document.createElement("li");
      item.id = `palette-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === chosen));
      const link = Object.assign(document.createElement("a"), { href: place.href, textContent: place.name, tabIndex: -1 });
      item.append(link);
      return item;
    }));
    input.setAttribute("aria-activedescendant", found.length ? `palette-${chosen}` : "");
  }

  // Assigned, not added: the list is opened many times.
  input.oninput = () => { chosen = 0; show(); };
  input.onkeydown = (key) => {
    if (key.key === "ArrowDown" || key.key === "ArrowUp") { key.preventDefault(); chosen += key.key === "ArrowDown" ? 1 : -1; show(); }
    if (key.key === "Enter") { key.preventDefault(); list.querySelector('[aria-selected="true"] a')?.click(); }
  };
  show();
}
