// The number just taken: print it, and give the kiosk back to the next person.

const BACK_MS = 20_000;
const { back } = document.querySelector("script[data-back]").dataset;
const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => window.print());
setTimeout(() => location.assign(back), BACK_MS);
