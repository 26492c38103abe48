"""Components render what they promise, escape what they are given, and need no inline style or script."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import engines
from django.test import RequestFactory

from tinhso.interfaces.ui import finders, icons
from tinhso.interfaces.ui.timebar import TimeBar

UI = Path(finders.__file__).parent
INTERFACES = UI.parent


def render(source: str, **context: object) -> str:
    template = engines["django"].from_string("{% load ui %}" + source)
    return str(template.render(context, RequestFactory().get("/x?q=nha&sau=abc")))


def test_a_pill_has_a_word_and_a_shape() -> None:
    html = render("{% pill text 'late' %}", text="Quá <hạn>")
    assert 'class="pill late"' in html
    assert "<svg" in html
    assert "Quá &lt;hạn&gt;" in html


def test_every_public_state_has_its_tone_by_code_and_by_name() -> None:
    assert render("{% state_pill 'refused' %}") == render("{% state_pill 'Từ chối' %}")
    assert 'class="pill mute"' in render("{% state_pill 'unheard of' %}")


def test_a_button_is_a_link_only_when_it_leads_somewhere() -> None:
    assert render("{% button 'Nộp' %}").startswith('<button class="btn btn-primary')
    link = render("{% button 'Nộp' href='/nop' shortcut='N' %}")
    assert link.startswith('<a class="btn btn-primary')
    assert 'aria-keyshortcuts="N"' in link


def test_the_time_bar_is_drawn_without_inline_style() -> None:
    bar = TimeBar("ok", "Còn 5 giờ làm việc", (("ok", 30), ("stop", 12)))
    html = render("{% time_bar bar large=True start='Tiếp nhận' end='Hạn trả' %}", bar=bar)
    assert 'width="12.00%" height="100%" fill="url(#ts-hatch)"' in html
    assert "Còn 5 giờ làm việc" in html
    assert "style=" not in html


def test_the_timeline_marks_where_the_case_is_now() -> None:
    items = [
        {"title": "Nộp hồ sơ", "detail": "", "state": "done", "at": datetime(2026, 11, 22, 7, 5, tzinfo=UTC)},
        {"title": "Thẩm định", "detail": "Phòng Kinh tế", "state": "now", "at": None},
    ]
    html = render("{% timeline items %}", items=items)
    assert 'class="now" aria-current="step"' in html
    assert "22/11/2026 14:05" in html


def test_facts_leave_out_what_is_not_known() -> None:
    html = render("{% facts rows %}", rows=[("Tên", "Y Hoa"), ("Điện thoại", None), ("Số tầng", 0)])
    assert "Điện thoại" not in html
    assert "<dt>Số tầng</dt><dd>0</dd>" in html


def test_the_pager_keeps_the_other_parameters() -> None:
    html = render("{% pager newer='n1' older='o 2' %}")
    assert 'href="?q=nha&amp;truoc=n1"' in html
    assert 'href="?q=nha&amp;sau=o+2"' in html
    assert render("{% pager %}").strip() == ""


def test_the_error_summary_links_to_the_fields() -> None:
    html = render("{% error_summary errors %}", errors=[{"message": "Nhập họ và tên", "target": "f-full_name"}])
    assert '<a href="#f-full_name">Nhập họ và tên</a>' in html
    assert 'role="alert"' in html
    assert render("{% error_summary errors %}", errors=[]).strip() == ""


def test_a_personal_number_is_masked() -> None:
    assert render("{{ value|masked_id }}", value="051090000001") == "051 090 •••• 01"


@pytest.mark.parametrize("name", ["../package", "nope-no-such", "A"])
def test_an_icon_that_does_not_exist_is_an_error(name: str) -> None:
    with pytest.raises((ValueError, FileNotFoundError)):
        icons.icon(name)


def test_rows_share_one_drawing() -> None:
    html = render('{% for row in rows %}{% row_icon "person" %}{% row_icon "eye" %}{% endfor %}', rows="abc")
    for name in ("person", "eye"):
        assert html.count(f'<symbol id="i-{name}" viewBox="0 0 16 16"><path') == 1
        assert html.index(f'id="i-{name}"') < html.index(f'href="#i-{name}"')
        assert html.count(f'<use href="#i-{name}"/>') == 3
    marks = render('{% for row in rows %}{% row_pill "Đạt" "ok" %}{% endfor %}', rows="ab")
    assert (marks.count('<span class="pill ok"><svg'), marks.count("</svg>Đạt</span>"), marks.count("<path")) == (
        2,
        2,
        2,
    )


def test_templates_hold_no_inline_script_or_style_and_only_known_icons() -> None:
    """The content security policy forbids them. One test for all: there are hundreds of templates."""
    paths = sorted(INTERFACES.glob("*/templates/**/*.html"))
    assert len(paths) > 100
    inline = re.compile(
        r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")"
    )
    sources = {path.relative_to(INTERFACES).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    assert [name for name, source in sources.items() if inline.search(source)] == []
    for source in sources.values():
        for name in re.findall(r'(?:{% (?:row_)?icon|icon_name=)\s*"([a-z0-9-]+)"', source):
            assert icons.icon(name)


def test_published_package_files_exist() -> None:
    finder = finders.PackageFinder()
    assert {name for name, _ in finder.list([])} == set(finders.PUBLISHED)
    assert finder.find("vendor/../../etc/passwd") is None
    assert finder.find("vendor/bootstrap.min.css", find_all=True)
