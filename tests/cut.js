// What of an enlarged page cannot be read: words beyond the edge of the page, or cut off by a box that does not scroll.
() => {
  const found = new Set(), room = 1.5;
  const tell = (why, element) => found.add(`${why}: ${element.outerHTML.slice(0, 160)}`);
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth) found.add(`the page is ${root.scrollWidth} wide`);
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const node = words.currentNode, element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest(".visually-hidden, .skip, option, template, noscript, script, style, thead")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    let scrolls = false;
    for (let at = element; at && at !== root; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (/auto|scroll/.test(style.overflowX)) { scrolls = true; break; }
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const edge = at.getBoundingClientRect();
      if (edge.width < 2 || edge.height < 2) { scrolls = true; break; }
      if (box.right > edge.right + room || box.left < edge.left - room || box.bottom > edge.bottom + room) {
        tell(style.textOverflow === "ellipsis" ? "shortened" : "cut", element);
      }
    }
    if (!scrolls && (box.right > window.innerWidth + room || box.left < -room)) tell("beyond the edge", element);
  }
  // Bars stuck to the edges must leave most of the screen to the page.
  let stuck = 0;
  for (const one of document.querySelectorAll("body *")) {
    const style = getComputedStyle(one);
    if (!/fixed|sticky/.test(style.position) || !one.checkVisibility()) continue;
    const box = one.getBoundingClientRect();
    if (box.width > window.innerWidth / 2 && box.height && box.top < window.innerHeight && box.bottom > 0) stuck += box.height;
  }
  if (stuck > window.innerHeight / 2) found.add(`bars take ${stuck} of ${window.innerHeight}`);
  return [...found].slice(0, 8);
}
