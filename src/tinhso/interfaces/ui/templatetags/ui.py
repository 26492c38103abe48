"""Tags and filters of the shared look. Every component of `docs/reference/components.md` is one of these."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tinhso.interfaces.ui import formats, icons
from tinhso.interfaces.ui.states import public_state
from tinhso.interfaces.ui.timebar import Drawn, stretches
from tinhso.lib.identifiers import mask_personal_id

register = template.Library()

TONES = {
    "ok": "check-circle",
    "soon": "hourglass-split",
    "late": "exclamation-octagon",
    "info": "info-circle",
    "mute": "dash-circle",
}

BAR_TONES = {"ok": "ok", "soon": "soon", "late": "late", "paused": "mute", "done": "ok"}
MESSAGE_TONES = {"success": "ok", "warning": "soon", "error": "late"}

_DRAWN = "icons that rows have drawn"

# --- values --------------------------------------------------------------------------------------------------


@register.filter
def vn_datetime(value: datetime | None) -> str:
    """`22/11/2026 14:05`; nothing for no value."""
    return formats.format_datetime(value) if value else ""


@register.filter
def vn_date(value: date | None) -> str:
    """`22/11/2026`; nothing for no value."""
    return formats.format_date(value) if value else ""


@register.filter
def vn_time(value: datetime | None) -> str:
    """`14:05`; nothing for no value."""
    return formats.format_time(value) if value else ""


@register.filter
def vn_long(value: datetime | None) -> str:
    """`17:00 thứ Sáu, 22/11/2026`; nothing for no value."""
    return formats.format_long(value) if value else ""


@register.filter
def vn_day(value: date | None) -> str:
    """`thứ Sáu, 22/11/2026`; nothing for no value."""
    return formats.format_day(value) if value else ""


@register.filter
def iso(value: date | None) -> str:
    """Machine form for `<time datetime>`; nothing for no value."""
    return value.isoformat() if value else ""


@register.filter
def number(value: int | float | Decimal | None, decimals: int | None = None) -> str:
    """`1.250.000` or `98,7`; nothing for no value."""
    return "" if value is None else formats.format_number(value, decimals)


@register.filter
def counted(value: int, most: int = 500) -> str:
    """`1.250`, or `500+` where counting stops."""
    return f"{formats.format_number(most)}+" if value >= most else formats.format_number(value)


@register.filter
def money(value: int | None) -> str:
    """`1.250.000 ₫`; nothing for no value."""
    return "" if value is None else formats.format_money(value)


@register.filter
def fee(value: int | None) -> str:
    """`Miễn phí` or the amount; nothing for no value."""
    if value is None:
        return ""
    return formats.format_money(value) if value else "Miễn phí"


@register.filter
def percent(value: float | Decimal | None, decimals: int = 1) -> str:
    """`98,7%` of a share between 0 and 1; nothing for no value."""
    return "" if value is None else formats.format_percent(value, decimals)


@register.filter
def file_size(value: int) -> str:
    """`1,2 MB`."""
    return formats.format_size(value)


@register.filter
def working_time(minutes: int) -> str:
    """`1 ngày 3 giờ` of office minutes."""
    return formats.working_time(minutes)


@register.filter
def time_left(minutes: int) -> str:
    """`còn 5 giờ làm việc` of office minutes; negative is overdue."""
    return formats.time_left(minutes)


@register.filter
def masked_id(value: str) -> str:
    """`051 090 •••• 01`: the personal number as any page shows it."""
    return mask_personal_id(value) if value else ""


@register.filter
def get_item(mapping: Mapping[str, Any], key: str) -> Any:
    """The value under a key that is itself a value."""
    return mapping.get(key)


@register.filter
def message_tone(tags: str) -> str:
    """Tone of a message of Django's messages framework."""
    return next((tone for tag, tone in MESSAGE_TONES.items() if tag in tags), "info")


@register.filter
def bar_tone(state: str) -> str:
    """Tone of a pill that repeats the state of a time bar."""
    return BAR_TONES.get(state, "mute")


# --- small marks ----------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """Inline drawing of Bootstrap Icons, hidden from screen readers."""
    return icons.icon(name, extra_class)


@register.simple_tag(takes_context=True)
def row_icon(context: Context, name: str) -> SafeString:
    """The same for rows of a list: drawn in the first row, pointed at by the others.

    Not in a part that is swapped by itself: the row that has the drawing may be the one that goes.
    """
    of_this_page: Any = context.render_context  # what tags remember while a page is drawn
    drawn: set[str] = of_this_page.setdefault(_DRAWN, set())
    shared = icons.shared_icon(name, is_drawn=name in drawn)
    drawn.add(name)
    return shared


@register.simple_tag
@lru_cache(maxsize=512)
def pill(text: str, tone: str = "mute", icon_name: str = "") -> SafeString:
    """A state in one word; the shape before it repeats the tone for those who do not see colour."""
    shape = icons.icon(icon_name or TONES[tone])
    return format_html('<span class="pill {}">{}{}</span>', tone, shape, text)


@register.simple_tag(takes_context=True)
def row_pill(context: Context, text: str, tone: str = "mute") -> SafeString:
    """The same for rows of a list, its shape drawn once as by `row_icon`."""
    return format_html('<span class="pill {}">{}{}</span>', tone, row_icon(context, TONES[tone]), text)


@register.simple_tag
def state_pill(status: str) -> SafeString:
    """The pill of a public state of a case, by stored code or by its Vietnamese name (trạng thái hồ sơ)."""
    state = public_state(status)
    return pill(state.label, state.tone, state.icon)


@register.simple_tag
@lru_cache(maxsize=128)
def key(name: str) -> SafeString:
    """A keyboard key."""
    return format_html('<kbd class="key">{}</kbd>', name)


@register.simple_tag
def assumed(reason: str = "Số liệu tạm tính, chờ cơ quan xác nhận") -> SafeString:
    """The mark beside a value without a confirmed legal source (giá trị giả định)."""
    return format_html('<span class="assumed" title="{}">{} tạm tính</span>', reason, icons.icon("question-circle"))


@register.simple_tag
def when(value: datetime | date | None) -> SafeString:
    """A date or an instant for people and for machines at once."""
    if value is None:
        return format_html("")
    text = formats.format_datetime(value) if isinstance(value, datetime) else formats.format_date(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


# --- components -----------------------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/button.html")
def button(
    text: str,
    *,
    href: str = "",
    kind: str = "primary",
    icon_name: str = "",
    shortcut: str = "",
    size: str = "",
    name: str = "",
    value: str = "",
    extra_class: str = "",
    form: str = "",
) -> dict[str, object]:
    """A button, or a link that looks like one when `href` is given (nút)."""
    return {
        "text": text,
        "href": href,
        "kind": kind,
        "icon_name": icon_name,
        "shortcut": shortcut,
        "size": size,
        "name": name,
        "value": value,
        "extra_class": extra_class,
        "form": form,
    }


@register.simple_tag
def time_bar(bar: Drawn, *, large: bool = False, start: str = "", end: str = "") -> SafeString:
    """The time bar with its words (thanh thời hạn). No template of its own: every row of a list has one."""
    ends = format_html(_BAR_ENDS, start, end) if start or end else ""
    drawn = format_html_join(
        "", _BAR_STRETCH, ((kind, at, wide, _HATCH[kind == "stop"]) for kind, at, wide in stretches(bar))
    )
    tone = "tone-late" if bar.state == "late" else "muted"
    return format_html(_BAR, ends, "timebar timebar-lg" if large else "timebar", drawn, tone, bar.text)


_BAR = (
    '{}<svg class="{}" aria-hidden="true" focusable="false" width="100%" height="6">{}</svg>'
    '<div class="small mt-1 {}">{}</div>'
)
_BAR_ENDS = '<div class="timebar-ends small muted mb-1"><span>{}</span><span>{}</span></div>'
_BAR_STRETCH = '<rect class="{}" x="{}" width="{}" height="100%"{}></rect>'
_HATCH = ("", mark_safe(' fill="url(#ts-hatch)"'))


@register.inclusion_tag("ui/components/timeline.html")
def timeline(items: Sequence[object]) -> dict[str, object]:
    """Steps done, running and to come; each item has title, detail, state (done, now, stop or nothing) (tiến trình)."""
    return {"items": items}


@register.inclusion_tag("ui/components/facts.html")
def facts(rows: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Label and value pairs; rows without a value are left out (thông tin)."""
    return {"rows": [(label, value) for label, value in rows if value not in (None, "")]}


@register.inclusion_tag("ui/components/empty.html")
def empty(
    title: str, text: str = "", *, href: str = "", action: str = "", icon_name: str = "inbox"
) -> dict[str, object]:
    """Nothing here yet, and what to do next (chưa có gì)."""
    return {"title": title, "text": text, "href": href, "action": action, "icon_name": icon_name}


@register.inclusion_tag("ui/components/notice.html")
def notice(text: str, *, tone: str = "info", title: str = "", live: str = "") -> dict[str, object]:
    """One message; `live` is `polite` or `assertive` when it appears after the page was read (thông báo)."""
    return {"text": text, "tone": tone, "title": title, "live": live, "icon_name": TONES[tone]}


@register.inclusion_tag("ui/components/error_summary.html")
def error_summary(errors: Sequence[object], title: str = "Có thông tin cần sửa") -> dict[str, object]:
    """All errors of a form at its top, each a link to its field: items have `message` and `target` (tổng hợp lỗi)."""
    return {"errors": errors, "title": title}


@register.inclusion_tag("ui/components/kpi.html")
def kpi(label: str, value: str, *, note: str = "", tone: str = "", href: str = "") -> dict[str, object]:
    """One number, what it means, and the list behind it (chỉ số)."""
    return {"label": label, "value": value, "note": note, "tone": tone, "href": href}


@register.inclusion_tag("ui/components/breadcrumbs.html")
def breadcrumbs(*pairs: str) -> dict[str, object]:
    """Where this page is: name, address, name, address ... and last the name of the page itself (đường dẫn)."""
    links = [{"name": name, "href": href} for name, href in zip(pairs[::2], pairs[1::2], strict=False)]
    return {"links": links, "current": pairs[-1] if len(pairs) % 2 else ""}


@register.inclusion_tag("ui/components/pager.html", takes_context=True)
def pager(
    context: Context,
    *,
    newer: str | None = None,
    older: str | None = None,
    newer_param: str = "truoc",
    older_param: str = "sau",
) -> dict[str, object]:
    """Older and newer by keyset cursors, other query parameters kept; nothing when there is one page (trang)."""
    query = context["request"].GET.copy()

    def address(param: str, cursor: str | None) -> str:
        if not cursor:
            return ""
        changed = query.copy()
        for name in (newer_param, older_param):
            changed.pop(name, None)
        changed[param] = cursor
        return f"?{changed.urlencode()}"

    return {"newer": address(newer_param, newer), "older": address(older_param, older)}
