"""Drawings of numbers over time, as SVG made here: no script, and the numbers stand in a table beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_HIGH = 100.0


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its words, the whole, and the part of it that went wrong."""

    label: str
    whole: float
    wrong: float = 0.0


def columns(points: Sequence[Column], *, title: str) -> SafeString:
    """Columns side by side, the wrong part on top in the colour of lateness (biểu đồ cột)."""
    most = max((one.whole for one in points), default=0) or 1
    wide = _HIGH / max(len(points), 1)
    drawn = []
    for place, one in enumerate(points):
        whole, wrong = _HIGH * one.whole / most, _HIGH * min(one.wrong, one.whole) / most
        x, across = f"{place * wide + wide * 0.1:.2f}", f"{wide * 0.8:.2f}"
        drawn.append(
            format_html(
                '<g><title>{}</title><rect class="chart-ok" x="{}" y="{}" width="{}" height="{}"></rect>'
                '<rect class="chart-late" x="{}" y="{}" width="{}" height="{}"></rect></g>',
                one.label, x, f"{_HIGH - whole + wrong:.2f}", across, f"{whole - wrong:.2f}", x, f"{_HIGH - whole:.2f}",
                across, f"{wrong:.2f}",
            )
        )  # fmt: skip
    return _framed(format_html_join("", "{}", ((one,) for one in drawn)), title)


def lines(series: Sequence[tuple[str, Sequence[float | None]]], *, title: str) -> SafeString:
    """Lines over the same points, each with its class (`p50`, `p95`); a gap where nothing was measured (biểu đồ đường)."""
    most = max((value for _, values in series for value in values if value is not None), default=0) or 1
    drawn = []
    for name, values in series:
        wide = _HIGH / max(len(values), 1)
        path, is_down = [], False
        for place, value in enumerate(values):
            if value is None:
                is_down = False
                continue
            x, y = (place + 0.5) * wide, _HIGH - 96.0 * value / most - 2
            # A point alone is a line of no length, whose round ends show.
            path.append(f"{'L' if is_down else 'M'}{x:.2f} {y:.2f}" + ("" if is_down else f"L{x:.2f} {y:.2f}"))
            is_down = True
        drawn.append(format_html('<path class="chart-{}" d="{}"></path>', name, " ".join(path)))
    return _framed(format_html_join("", "{}", ((one,) for one in drawn)), title)


def _framed(content: SafeString, title: str) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>', title, content
    )
