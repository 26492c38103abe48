// What somebody hears who cannot see the page, and what only hands on a keyboard notice. Runs before anything of a page.
//
// Spoken is a change inside a live region that was there before it, an alert that comes in with its words, and whatever the
// keyboard is put on by the page itself. A region that comes with its words in it, or is replaced whole, says nothing: that is
// how the aids behave, and how a message gets lost that looks well marked.
(() => {
  const LIVE = "[role=status], [role=alert], [role=log], [aria-live=polite], [aria-live=assertive]";
  const known = new WeakSet(), heard = [], wrong = [];
  window[Symbol.for("heard")] = { heard, wrong };
  const words = (element) => element.innerText.replace(/\s+/g, " ").trim();
  const named = (element) => {
    const by = element.getAttribute("aria-labelledby")?.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "");
    const label = element.labels?.length ? [...element.labels].map((one) => one.textContent) : null;
    const name = by?.join(" ") || element.getAttribute("aria-label") || label?.join(" ") || words(element) || element.value || "";
    return name.replace(/\s+/g, " ").trim();
  };
  const tell = (how, text) => { if (text) heard.push([how, text]); };
  const regions = (element) => [...(element.matches(LIVE) ? [element] : []), ...element.querySelectorAll(LIVE)];
  const region = (node) => {
    let found = null;
    for (let at = node; at; at = at.parentElement) if (at.nodeType === Node.ELEMENT_NODE && known.has(at)) found = at;
    return found;
  };
  let loaded = false, last = null, byKey = false;

  const look = (changes) => {
    const spoken = new Set();
    for (const change of changes) {
      const around = region(change.target.nodeType === Node.TEXT_NODE ? change.target.parentElement : change.target);
      if (around?.checkVisibility()) spoken.add(around);
      for (const node of change.addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        for (const one of regions(node)) {
          if (loaded && !around && !known.has(one) && one.matches("[role=alert]") && one.checkVisibility()) spoken.add(one);
          known.add(one);
        }
      }
    }
    if (loaded) for (const one of spoken) tell(one.getAttribute("role") ?? "live", words(one));
    // The element that had the keyboard went with a swap, and nothing took its place.
    if (last && !last.isConnected) {
      const gone = last;
      last = null;
      setTimeout(() => {
        if (document.activeElement === document.body) wrong.push(`the keyboard was on, and is nowhere now: ${gone.outerHTML.slice(0, 160)}`);
      }, 150);
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  document.addEventListener("DOMContentLoaded", () => {
    for (const one of document.querySelectorAll(LIVE)) known.add(one);
    loaded = true;
  }, { capture: true });
  document.addEventListener("keydown", () => { byKey = true; setTimeout(() => { byKey = false; }); }, { capture: true });
  document.addEventListener("focusin", (event) => {
    last = event.target;
    // Where Tab goes is read anyway; where the page itself puts the keyboard tells what has happened.
    if (!byKey) tell("focus", named(event.target));
  }, { capture: true });
  for (const hand of ["mousedown", "touchstart"]) {
    document.addEventListener(hand, () => wrong.push(`touched by ${hand}`), { capture: true });
  }
})();
