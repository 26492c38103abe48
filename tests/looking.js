// What the accessibility checker can see of a page, without what is written on it: elements, classes, states, whether names
// are there and references lead somewhere. Words and numbers change from page to page and run to run, the build does not.
//
// Gives every element, in the order of the document, a key of what it is made of and where it stands, and how many elements
// it holds; `frame` is what rules compare across the whole page: headings, landmarks and their names, access keys.
(busy) => {
  const REFERENCES = new Set(["for", "form", "headers", "list", "aria-activedescendant", "aria-controls", "aria-describedby",
    "aria-details", "aria-errormessage", "aria-flowto", "aria-labelledby", "aria-owns", "popovertarget"]);
  const FILLED = new Set(["alt", "title", "placeholder", "value", "action", "src", "srcset"]);
  const DROPPED = /^(id|name|nonce|datetime|hx-.*|on.*|download|integrity|ping|target|rel|method|enctype|accept|accept-charset)$/;
  const FRAME = "h1, h2, h3, h4, h5, h6, header, nav, main, aside, footer, section, form, search, [role], [accesskey]";
  const plain = (text) => text.replace(/\d+/g, "0").replace(/\s+/g, " ").trim();
  const hash = (text) => {
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      a = Math.imul(a ^ code, 2654435761);
      b = Math.imul(b ^ code, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
  };
  const ids = new Map();
  for (const one of document.querySelectorAll("[id]")) ids.set(one.id, (ids.get(one.id) ?? 0) + 1);
  const target = (id, name) => {
    const found = id && document.getElementById(id);
    if (!found) return "nowhere";
    return `${found.localName}:${name === "aria-labelledby" ? plain(found.textContent) : Boolean(found.textContent.trim())}`;
  };
  const attribute = (element, { name, value }) => {
    if (name === "href" && element.localName !== "link") {
      return `href=${value.startsWith("#") ? target(decodeURIComponent(value.slice(1)), name) : Boolean(value)}`;
    }
    if (REFERENCES.has(name)) return `${name}=${value.split(/\s+/).map((id) => target(id, name))}`;
    if (FILLED.has(name)) return `${name}=${Boolean(value.trim())}`;
    if (name === "content") return `content=${element.name === "viewport" && value}`;
    if (name === "class") return `class=${plain(value).split(" ").sort().join(" ")}`;
    return `${name}=${plain(value)}`;
  };
  const scrolls = (element) => {
    const [wider, higher] = [element.scrollWidth > element.clientWidth, element.scrollHeight > element.clientHeight];
    if ((!wider && !higher) || !element.clientWidth) return "";
    const { overflowX, overflowY } = getComputedStyle(element);
    const moves = /auto|scroll/;
    return `${wider && moves.test(overflowX) ? " wider" : ""}${higher && moves.test(overflowY) ? " higher" : ""}`;
  };
  const own = (element) => {
    const drawing = element.localName === "svg";
    const found = [...element.attributes]
      .filter(({ name }) => (drawing ? /^(class|role|aria-.*|focusable|tabindex)$/.test(name) : !DROPPED.test(name)))
      .map((one) => attribute(element, one))
      .sort();
    if (element === document.activeElement) found.push("focused");
    if (element.id && ids.get(element.id) > 1) found.push("twice");
    if (element.checked) found.push("checked");
    if (element.disabled) found.push("disabled");
    if (element.labels) found.push(`labels=${[...element.labels].map((label) => Boolean(label.textContent.trim()))}`);
    if (/^(input|textarea)$/.test(element.localName)) found.push(element.value ? "filled" : "empty");
    if (element.localName === "dialog" && element.matches(":modal")) found.push("modal");
    if (element.popover && element.matches(":popover-open")) found.push("popped");
    return `${element.localName} ${found.join(" ")}${scrolls(element)}`;
  };
  const elements = [], keys = [], sizes = [];
  const walk = (element, above) => {
    const at = elements.push(element) - 1, mine = own(element);
    // Even rows may look otherwise than odd ones, and columns than each other.
    const here = hash(`${above} ${mine} ${element.rowIndex % 2} ${element.cellIndex}`);
    keys.push(""), sizes.push(1);
    let inside = "", before = "", alike = 0;
    for (const child of element.localName === "svg" ? element.querySelectorAll("title, desc, text") : element.childNodes) {
      let part = "";
      if (child.nodeType === Node.TEXT_NODE) part = child.data.trim() && "t";
      else if (child.nodeType === Node.ELEMENT_NODE && !/^(script|template|noscript)$/.test(child.localName)) {
        part = walk(child, here);
      }
      // The third of parts that are alike says nothing that the second did not.
      alike = part && part === before ? alike + 1 : 0;
      if (part) before = part;
      if (alike < 2) inside += part;
    }
    sizes[at] = elements.length - at;
    const built = hash(`${mine}>${inside}`);
    keys[at] = hash(`${here}|${built}`);
    return `${built};`;
  };
  const media = ["pointer: coarse", "prefers-color-scheme: dark", "prefers-contrast: more"].map((one) => matchMedia(`(${one})`).matches);
  const screen = `${window.innerWidth} ${media} ${Boolean(document.title.trim())}`;
  walk(document.documentElement, screen);
  window[Symbol.for("looked at")] = elements;
  return {
    busy: document.readyState !== "complete" || document.querySelector(busy) !== null,
    wide: document.documentElement.scrollWidth > window.innerWidth,
    frame: hash(screen + [...document.querySelectorAll(FRAME)].map((one) => {
      const headed = /^h\d$/.test(one.localName) && Boolean(one.textContent.trim());
      return `${one.checkVisibility()} ${headed} ${own(one)} ${one.parentElement?.closest("main, section, article") ? "in" : ""}`;
    }).join("\n")),
    keys,
    sizes,
  };
}
