// Opens the receipt for printing once, right after reception. A browser that blocks it leaves the focused link.

const link = document.getElementById("receipt");
const key = link && `ts-printed:${link.href}`;
let fresh = false;
try {
  fresh = Boolean(link) && !sessionStorage.getItem(key);
  if (fresh) sessionStorage.setItem(key, "1");
} catch { /* no storage: the person presses the button */ }
if (fresh) window.open(link.href, link.target);
