"""Shelves, search, paging, and where each officer begins."""

import html
import re
from typing import Any

import pytest

from tests.factories.world import officer
from tests.interfaces.workspace.conftest import MORNING, Office, text_of
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import queries
from tinhso.apps.cases.actions import assign_case
from tinhso.apps.cases.queries import _search
from tinhso.apps.directory.queries import get_unit
from tinhso.kernel.clock import now, travel

pytestmark = pytest.mark.django_db


def test_each_shelf_shows_what_waits_there(office: Office) -> None:
    waiting, working = office.submitted(key="a"), office.at_kind("appraisal", key="b")
    counter = office.browser("one_stop_officer")
    page = text_of(counter.get("/can-bo/viec/cho-tiep-nhan"))
    assert str(waiting.code) in page
    assert str(working.code) not in page
    specialist = office.browser("specialist")
    page = text_of(specialist.get("/can-bo/"))
    assert str(working.code) in page
    assert str(waiting.code) not in page
    for path in ("cua-toi", "sap-den-han", "qua-han", "cho-bo-sung", "tat-ca"):
        text_of(specialist.get(f"/can-bo/viec/{path}"))
    with travel(MORNING.replace(day=30)):
        late = text_of(office.browser("specialist").get("/can-bo/viec/qua-han"))
    assert str(working.code) in late
    assert "Quá hạn" in late


def test_other_communes_cases_are_nowhere(office: Office) -> None:
    case = office.at_kind("appraisal")
    stranger = office.browser("specialist", other=True)
    for path in ("/can-bo/", "/can-bo/viec/tat-ca", f"/can-bo/viec/tim?q={case.code}"):
        assert str(case.code) not in text_of(stranger.get(path)).replace(f'value="{case.code}"', "").replace(
            f"«{case.code}»", ""
        ).replace(f": {case.code}", "")


def test_search_by_name_without_accents_and_by_code(office: Office) -> None:
    case = office.received()
    browser = office.browser("one_stop_officer")
    assert str(case.code) in text_of(browser.get("/can-bo/viec/tim", {"q": "nguyen vi du"}))
    answer = browser.get("/can-bo/viec/tim", {"q": str(case.code).lower()})
    assert answer["Location"] == f"/can-bo/ho-so/{case.code}"
    account = office.actor("one_stop_officer").account_id
    log = entries_of(f"disclosure:account:{account}")
    assert log
    assert "nguyen" not in str(log[-1].payload), "what was typed may be somebody's number"


def test_paging_goes_on_and_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from tinhso.interfaces.workspace.worklist import views

    cases = [office.submitted(key=str(number)) for number in range(3)]
    plain = views.queries.worklist
    monkeypatch.setattr(views.queries, "worklist", lambda **kwargs: plain(**kwargs, limit=2))
    browser = office.browser("one_stop_officer")
    first = text_of(browser.get("/can-bo/viec/cho-tiep-nhan"))
    assert [str(case.code) in first for case in cases] == [True, True, False]
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = text_of(browser.get(f"/can-bo/viec/cho-tiep-nhan{older}"))
    assert [str(case.code) in second for case in cases] == [False, False, True]
    newer = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    back = text_of(browser.get(f"/can-bo/viec/cho-tiep-nhan{newer}"))
    assert str(cases[0].code) in back


def test_a_broken_cursor_is_told_in_words(office: Office) -> None:
    assert office.browser("specialist").get("/can-bo/", {"sau": "%%%"}).status_code == 422


def test_officers_without_cases_begin_elsewhere(office: Office) -> None:
    assert office.browser("unit_admin").get("/can-bo/")["Location"] == "/can-bo/don-vi/"
    assert office.browser("unit_admin").get("/can-bo/viec/tat-ca").status_code == 403


def test_citizens_and_strangers_stay_out(office: Office, client: Any) -> None:
    assert client.get("/can-bo/")["Location"].startswith("/can-bo/dang-nhap")


def test_list_costs_the_same_for_one_row_and_many(office: Office, django_assert_max_num_queries: Any) -> None:
    browser = office.browser("one_stop_officer")
    office.submitted(key="0")
    browser.get("/can-bo/viec/cho-tiep-nhan")
    with django_assert_max_num_queries(18) as one:
        browser.get("/can-bo/viec/cho-tiep-nhan")
    for number in range(1, 6):
        office.submitted(key=str(number))
    with django_assert_max_num_queries(len(one)):
        browser.get("/can-bo/viec/cho-tiep-nhan")


def test_filter_by_whom_a_case_is_given_to(office: Office) -> None:
    mine, nobodys, theirs = (office.at_kind("appraisal", "1.013225", key=key) for key in "abc")
    desk = get_unit(mine.step_unit_id or 0)
    colleague = officer("specialist", desk)
    me, head = office.actor("specialist"), office.actor("division_head")
    assign_case(case_id=mine.pk, assignee_id=me.account_id, actor=head, at=now())
    assign_case(case_id=theirs.pk, assignee_id=colleague.account_id, actor=head, at=now())
    browser = office.browser("specialist")

    def shown(address: str) -> set[str]:
        page = text_of(browser.get(address))
        return {str(case.code) for case in (mine, nobodys, theirs) if f"/ho-so/{case.code}" in page}

    assert shown("/can-bo/viec/tat-ca") == {mine.code, nobodys.code, theirs.code}
    assert shown("/can-bo/viec/tat-ca?nguoi=me") == {mine.code}
    assert shown("/can-bo/viec/tat-ca?nguoi=none") == {nobodys.code}
    assert shown(f"/can-bo/viec/tat-ca?nguoi={colleague.account_id}") == {theirs.code}
    assert shown("/can-bo/viec/cua-toi?nguoi=none") == {nobodys.code}
    page = text_of(browser.get("/can-bo/viec/tat-ca?nguoi=none&q=nguyen"))
    assert colleague.name in page
    for letter in "TGUD":
        assert f'data-shortcut="{letter}"' in page
    assert 'href="?q=nguyen&amp;nguoi=me"' in page, "what was typed stays"
    for wrong in ("x", "-1", "9" * 30):
        assert browser.get("/can-bo/viec/tat-ca", {"nguoi": wrong}).status_code == 422


def test_a_search_that_stopped_before_the_end_says_so_and_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [office.at_kind("appraisal", "1.013225", key=key) for key in "abc"]
    for place, case in enumerate(sorted(cases, key=lambda case: (case.due_at or now(), case.pk))):
        case.search_text = f"{case.code} nguyen van thu" if place == 2 else f"{case.code} tran thi thu"
        case.save(update_fields=["search_text"])
        wanted = case
    for name, number in (("NEAR", 0), ("FEW", 0), ("FAR", 2)):
        monkeypatch.setattr(_search, name, number)
    browser = office.browser("specialist")
    page = text_of(browser.get("/can-bo/viec/tat-ca", {"q": "Nguyễn"}))
    assert "Chưa thấy hồ sơ nào khớp trong 2 hồ sơ đầu" in page
    assert "Không có hồ sơ nào khớp" not in page, "nobody has looked at the rest"
    following = re.search(r'rel="next" href="([^"]*)"', page)
    assert following is not None
    page = text_of(browser.get(f"/can-bo/viec/tat-ca{html.unescape(following[1])}"))
    assert f"/ho-so/{wanted.code}" in page
    assert "hồ sơ chưa xem" not in page
    assert 'rel="prev"' in page


def test_a_filter_shows_nothing_of_another_commune(office: Office) -> None:
    case = office.at_kind("appraisal", "1.013225")
    me = office.actor("specialist")
    assign_case(case_id=case.pk, assignee_id=me.account_id, actor=office.actor("division_head"), at=now())
    page = text_of(office.browser("specialist", other=True).get(f"/can-bo/viec/tat-ca?nguoi={me.account_id}"))
    assert str(case.code) not in page
    assert me.name not in page


def test_rows_name_the_procedure_in_few_words_without_asking_the_catalogue(office: Office) -> None:
    case = office.at_kind("appraisal", "1.013225")
    item = queries.worklist(actor=office.actor("specialist"), shelf=queries.Shelf.MINE, now=now()).items[0]
    assert item.title == item.short_name
    assert 0 < len(item.title) < len(case.procedure_name)
    assert item.title in text_of(office.browser("specialist").get("/can-bo/"))
