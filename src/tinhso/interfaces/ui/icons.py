"""Icons drawn into the page.

One small inline drawing costs a few hundred bytes and no request; the icon font of the same package would cost a phone
130 kB before its first letter. The drawings are read from the package once per process.
"""

import re
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .finders import node_modules

_NAME = re.compile(r"^[a-z0-9-]+$")
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@lru_cache(maxsize=256)
def _drawing(name: str) -> SafeString:
    if not _NAME.match(name):
        raise ValueError(f"Tên biểu tượng không hợp lệ: {name!r}")
    source = (node_modules() / "bootstrap-icons" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    body = _BODY.search(source)
    if body is None:
        raise ValueError(f"Biểu tượng {name!r} không phải là hình SVG")
    return mark_safe(re.sub(r"\s*\n\s*", "", body.group(1)))  # noqa: S308 - a file of a pinned package, not input


@lru_cache(maxsize=512)
def icon(name: str, extra_class: str = "") -> SafeString:
    """The icon `name` of Bootstrap Icons as inline SVG, hidden from screen readers (biểu tượng trang trí).

    A word always stands beside it, or the control carries an `aria-label`.
    """
    classes = f"icon {extra_class}".strip()
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>', classes, _drawing(name)
    )


@lru_cache(maxsize=256)
def shared_icon(name: str, *, is_drawn: bool) -> SafeString:
    """An icon many rows carry: the first draws it under a name, the others point at that drawing (dùng lại hình đã vẽ)."""
    symbol = format_html('<symbol id="i-{}" viewBox="0 0 16 16">{}</symbol>', name, _drawing(name))
    return format_html(
        '<svg class="icon" aria-hidden="true">{}<use href="#i-{}"/></svg>', "" if is_drawn else symbol, name
    )
