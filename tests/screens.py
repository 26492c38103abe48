"""What a page keeps for those who enlarge it, who press Tab, and who hear it read out. Each returns what is wrong."""

from pathlib import Path

from playwright.sync_api import Page

from tests.browser import HIDDEN_FOCUS

DESK = {"width": 1320, "height": 900}
# What remains of a desk's screen at 200 %, and of one of 1280 × 1024 at 400 % (WCAG 1.4.4, 1.4.10).
_ENLARGED = ({"width": 660, "height": 450}, {"width": 320, "height": 256})
_USUAL, _TWICE = 16, 32  # the size of letters that a browser is set to, in pixels
_CUT, _SAID = ((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("cut.js", "said.js"))


def cut_when_enlarged(page: Page) -> list[str]:
    """Words that are out of reach at 200 % and 400 %, or with letters of twice the size; the page is put back on a desk."""
    found = []
    for size in _ENLARGED:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # the shape Playwright documents
        found += [f"at {size['width']} px: {words}" for words in page.evaluate(_CUT)]
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    session = page.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": _TWICE}})
    found += [f"with letters of twice the size: {words}" for words in page.evaluate(_CUT)]
    session.send("Page.setFontSizes", {"fontSizes": {"standard": _USUAL}})
    session.detach()
    return found


# All that Tab should reach, in the order of the document. Of a group of radio buttons that is one.
_STOPS = """() => {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex], iframe, audio, video");
  const modal = document.querySelector("dialog:modal");
  window.stops = [...all].filter((one) => {
    if (one.disabled || one.tabIndex < 0 || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (modal && !modal.contains(one)) return false;
    if (one.type !== "radio") return true;
    const group = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(one.name)}"]`)]
      .filter((other) => other.form === one.form && !other.disabled);
    return (group.find((other) => other.checked) ?? group[0]) === one;
  });
  window.stops[0]?.focus();
  return window.stops.length;
}"""
_STEP = f"""() => {{
  const element = document.activeElement, hidden = {HIDDEN_FOCUS};
  const at = element.matches("body, html") ? -1 : window.stops.indexOf(element);
  // Inputs of a date or a time are several stops each.
  const parts = /^(date|time|month|week|datetime-local)$/.test(element.type) ? 5 : 1;
  return {{ at, parts, hidden: at < 0 ? null : hidden() }};
}}"""
_NAMES = "(missed) => missed.map((at) => window.stops[at].outerHTML.slice(0, 120))"


def lost_by_keyboard(page: Page) -> list[str]:
    """Where Tab, pressed from the first stop to the last, is not seen, gets stuck, turns back or passes by."""
    count = page.evaluate(_STOPS)
    steps, limit = [page.evaluate(_STEP)] if count else [], count * 5 + 5
    while steps and len(steps) < limit:
        page.keyboard.press("Tab")
        step = page.evaluate(_STEP)
        if step["at"] < 0 or (step["at"] == 0 and steps[-1]["at"] != 0):
            break
        steps.append(step)
    found = [f"nothing shows the keyboard on {step['hidden']}" for step in steps if step["hidden"]]
    order = [step["at"] for step in steps]
    if order != sorted(order):
        found.append(f"Tab turns back: {order}")
    most = {step["at"]: step["parts"] for step in steps}
    if stuck := [at for at in most if order.count(at) > most[at]]:
        found.append(f"Tab is caught by {page.evaluate(_NAMES, stuck)}")
    if missed := sorted(set(range(count)) - set(order)):
        found.append(f"Tab passes by {page.evaluate(_NAMES, missed)}")
    return found


def unsaid(page: Page) -> list[str]:
    """What somebody who hears the page would miss: its name, its one first heading, names and headings of tables, errors."""
    return list(page.evaluate(_SAID))
