"""Sharing work on screen: claim, labels, notes, thread, batches, filters, reminders, absences, a unit's arrangements."""

import re
from typing import Any

import pytest

from tests.interfaces.workspace.conftest import MORNING, Office, text_of
from tinhso.apps.cases import actions, jobs, queries
from tinhso.apps.cases.models import Absence, Case, CaseLabel, Label, Note, ReadyText, SavedFilter, Team
from tinhso.kernel.clock import now, travel

pytestmark = pytest.mark.django_db
PERMIT = "1.013225"


def _page(office: Office, case: Case, role: str = "specialist") -> str:
    return text_of(office.browser(role).get(f"/can-bo/ho-so/{case.code}"))


def test_claiming_and_giving_back_on_the_case_page(office: Office) -> None:
    case, browser = office.at_kind("appraisal", PERMIT), office.browser("specialist")
    assert 'data-shortcut="W"' in _page(office, case)
    answer = browser.post(f"/can-bo/ho-so/{case.code}/cong-viec/nhan-viec", {"_step": case.step_key}, follow=True)
    assert "Bạn đã nhận việc này" in text_of(answer)
    case.refresh_from_db()
    assert case.assignee_id == office.actor("specialist").account_id
    assert 'data-shortcut="W"' not in text_of(answer)
    head = office.browser("division_head")
    answer = head.post(f"/can-bo/ho-so/{case.code}/cong-viec/nhan-viec", {"_step": case.step_key}, follow=True)
    assert "đang giao cho" in text_of(answer)
    browser.post(f"/can-bo/ho-so/{case.code}/cong-viec/tra-viec")
    case.refresh_from_db()
    assert case.assignee_id is None
    assert browser.post(f"/can-bo/ho-so/{case.code}/cong-viec/x").status_code == 404


def test_labels_notes_and_the_thread_on_the_case_page(office: Office) -> None:
    case, me = office.at_kind("appraisal", PERMIT), office.actor("specialist")
    head = office.actor("division_head")
    label = actions.save_label(unit_id=office.place.commune.id, name="Gấp", tone="late", actor=head, at=now())
    actions.save_ready_text(
        unit_id=office.place.commune.id,
        purpose="supplement",
        title="Bản rõ",
        text="Nộp bản chụp rõ.",
        actor=head,
        at=now(),
    )
    browser = office.browser("specialist")
    browser.post(f"/can-bo/ho-so/{case.code}/cong-viec/gan-nhan", {"label": label.pk})
    browser.post(f"/can-bo/ho-so/{case.code}/cong-viec/ghi-chu", {"text": "Đã gọi điện."})
    browser.post(f"/can-bo/ho-so/{case.code}/cong-viec/trao-doi", {"text": "Mời anh đến xem đất."})
    actions.send_message(case_id=case.pk, text="Sáng thứ Ba được không?", actor=office.person, at=now())
    page = _page(office, case)
    for words in ("Gấp", "Đã gọi điện.", "Mời anh đến xem đất.", "Sáng thứ Ba", "Tin mới", "Nộp bản chụp rõ."):
        assert words in page
    assert 'data-ready="supplement"' in page
    assert not queries.has_unread(case, side="applicant")
    assert "Tin mới" not in _page(office, case), "read once shown"
    browser.post(f"/can-bo/ho-so/{case.code}/cong-viec/go-nhan", {"label": label.pk})
    assert not CaseLabel.objects.exists()
    assert Note.objects.get().by_account_id == me.account_id
    auditor = _page(office, case, "auditor")
    assert "Mời anh đến xem đất." in auditor
    assert "cong-viec/ghi-chu" not in auditor


def test_an_auditors_look_is_not_the_offices_reading(office: Office) -> None:
    case = office.at_kind("appraisal", PERMIT)
    actions.send_message(case_id=case.pk, text="Xin hỏi.", actor=office.person, at=now())
    _page(office, case, "auditor")
    assert queries.has_unread(case, side="applicant")
    assert "Tin mới" in text_of(office.browser("specialist").get("/can-bo/viec/tat-ca"))


def test_a_batch_says_what_became_of_each_and_retries_the_failed_only(office: Office) -> None:
    one, two, three = (office.at_kind("appraisal", PERMIT, key=key) for key in "abc")
    head, me = office.browser("division_head"), office.actor("specialist")
    page = text_of(head.get("/can-bo/viec/tat-ca"))
    assert page.count('name="case"') == 3
    actions.propose_result(
        case_id=three.pk, step=three.step_key, outcome="refuse", text="Sai quy hoạch.", fields={},
        actor=office.actor("specialist"), at=now(),
    )  # fmt: skip
    sent: dict[str, Any] = {
        "viec": "phan-cong", "_assignee": me.account_id, "case": [one.code, two.code, three.code, "H48.99-260101-0001"],
        **{f"step.{case.code}": "appraisal" for case in (one, two, three)},
    }  # fmt: skip
    sent.update({f"step.{case.code}": case.step_key for case in (one, two, three)})
    answer = text_of(head.post("/can-bo/cong-viec/hang-loat", sent))
    assert answer.count("Đã phân công.") == 2
    assert "2 hồ sơ chưa làm được" in answer
    assert "Hồ sơ đã sang bước" in answer
    again = re.findall(r'name="case" value="([^"]+)"', answer)
    assert again == [three.code, "H48.99-260101-0001"], "only what failed is tried again"
    assert {case.assignee_id for case in Case.objects.filter(pk__in=[one.pk, two.pk])} == {me.account_id}


def test_a_batch_claims_labels_and_forwards(office: Office) -> None:
    cases = [office.at_kind("assignment", PERMIT, key=key) for key in "ab"]
    head = office.browser("division_head")
    label = actions.save_label(
        unit_id=office.place.commune.id, name="Gấp", actor=office.actor("division_head"), at=now()
    )
    marked = {"case": [case.code for case in cases], **{f"step.{case.code}": case.step_key for case in cases}}
    for act, more in (("nhan-viec", {}), ("gan-nhan", {"label": label.pk}), ("chuyen", {"note": "Làm sớm."})):
        assert "Mọi hồ sơ đã đánh dấu đều xong" in text_of(
            head.post("/can-bo/cong-viec/hang-loat", {"viec": act, **marked, **more})
        )
    assert set(Case.objects.values_list("step_kind", flat=True)) == {"appraisal"}
    shown = text_of(head.get("/can-bo/viec/tat-ca", {"nhan": label.pk}))
    assert shown.count("data-row") == 2
    for wrong in (
        {"viec": "x", **marked},
        {"viec": "phan-cong", **marked},
        {"viec": "gan-nhan", **marked},
        {"viec": "nhan-viec"},
    ):
        assert head.post("/can-bo/cong-viec/hang-loat", wrong).status_code == 422
    assert "chưa làm được" in text_of(
        office.browser("clerk").post("/can-bo/cong-viec/hang-loat", {"viec": "chuyen", **marked})
    )


def test_a_filter_is_kept_shown_with_its_key_and_taken_away(office: Office) -> None:
    office.at_kind("appraisal", PERMIT)
    browser = office.browser("specialist")
    answer = browser.post(
        "/can-bo/cong-viec/bo-loc/luu", {"name": "Của tôi", "shelf": "all", "q": "nguyen", "nguoi": "me"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == "/can-bo/viec/tat-ca?q=nguyen&nguoi=me"
    page = text_of(browser.get("/can-bo/"))
    assert 'data-shortcut="1"' in page
    assert "Của tôi" in page
    browser.post("/can-bo/cong-viec/bo-loc", {"filter": SavedFilter.objects.get().pk})
    assert not SavedFilter.objects.exists()
    assert browser.post("/can-bo/cong-viec/bo-loc", {"filter": "1"}).status_code == 404
    assert "Mời đặt tên" in text_of(browser.post("/can-bo/cong-viec/bo-loc/luu", {"shelf": "all"}, follow=True))


def test_the_bell_counts_and_empties(office: Office) -> None:
    case = office.at_kind("appraisal", PERMIT)
    actions.claim_case(case_id=case.pk, step=case.step_key, actor=office.actor("specialist"), at=now())
    late = MORNING.replace(month=12, day=20)
    with travel(late):
        jobs.remind_of_dates()
        office.drain()
        browser = office.browser("specialist")
        home = text_of(browser.get("/can-bo/"))
        assert re.search(r'class="[^"]*bell".*?<span class="n">\d+</span>', home, re.DOTALL)
        told = text_of(browser.get("/can-bo/cong-viec/thong-bao"))
        assert str(case.code) in told
        assert "Đã quá hạn" in told
        browser.post("/can-bo/cong-viec/thong-bao", {"id": re.findall(r'name="id" value="(\d+)"', told)})
        assert not re.search(r'bell"[^>]*>(?:(?!</a>).)*<span class="n">', text_of(browser.get("/can-bo/")), re.DOTALL)
        page = text_of(browser.get("/can-bo/cong-viec/nhac-viec"))
        assert "Đã quá hạn" in page
        assert str(case.code) in page
        ids = re.findall(r'name="id" value="(\d+)"', page)
        browser.post("/can-bo/cong-viec/nhac-viec", {"id": ids})
        assert queries.count_reminders(actor=office.actor("specialist")) == 0
        assert "Báo trưởng bộ phận" in text_of(office.browser("division_head").get("/can-bo/cong-viec/nhac-viec"))


def test_days_away_and_work_handed_over_in_one_batch(office: Office) -> None:
    cases = [office.at_kind("appraisal", PERMIT, key=key) for key in "ab"]
    me, head = office.actor("specialist"), office.actor("division_head")
    for case in cases:
        actions.claim_case(case_id=case.pk, step=case.step_key, actor=me, at=now())
    browser, day = office.browser("specialist"), MORNING.date()
    days = {"from": day.isoformat(), "to": f"{day:%d/%m/%Y}", "substitute": head.account_id, "reason": "Phép"}
    browser.post("/can-bo/cong-viec/nghi/ghi", days)
    assert "Phép" in text_of(browser.get("/can-bo/cong-viec/nghi"))
    assert browser.post("/can-bo/cong-viec/nghi/ghi", days).status_code == 422
    assert browser.post("/can-bo/cong-viec/nghi/ghi", {**days, "from": "mai"}).status_code == 422
    standing = text_of(office.browser("division_head").get("/can-bo/cong-viec/nghi"))
    assert f"làm thay {me.name}" in standing
    marked = {"case": [case.code for case in cases], **{f"step.{case.code}": case.step_key for case in cases}}
    done = text_of(office.browser("division_head").post("/can-bo/cong-viec/hang-loat", {"viec": "nhan-viec", **marked}))
    assert done.count("Đã nhận.") == 2
    assert set(Case.objects.values_list("assignee_id", flat=True)) == {head.account_id}
    browser.post("/can-bo/cong-viec/nghi/bo", {"absence": Absence.objects.get().pk})
    assert Absence.objects.get().cancelled_at is not None


def test_a_units_work_is_arranged_on_one_page(office: Office) -> None:
    case = office.at_kind("appraisal", PERMIT)
    unit, head = case.step_unit_id, office.browser("division_head")
    me = office.actor("specialist")
    address = f"/can-bo/cong-viec/don-vi/{unit}"

    def post(slug: str, **sent: object) -> str:
        return text_of(head.post(f"{address}/{slug}", sent, follow=True))

    assert "Đã lưu tổ «Tổ một»" in post("to", name="Tổ một", strategy="round_robin", active="1")
    team = Team.objects.get()
    assert "có 1 người" in post("nguoi-trong-to", team=team.pk, **{f"share.{me.account_id}": "60"})
    assert "Đã có" not in post("nhan", name="Gấp", tone="late")
    assert "đã có nhãn" in post("nhan", name="Gấp", tone="late")
    assert "Đã lưu câu" in post("cau", purpose="refusal", title="Sai quy hoạch", text="Không phù hợp quy hoạch.")
    page = text_of(head.get(address))
    for words in ("Tổ một", "Giao lần lượt", "Gấp", "Không phù hợp quy hoạch.", me.name, 'value="60"'):
        assert words in page
    post("xoa-nhan", label=Label.objects.get().pk)
    post("xoa-cau", ready=ReadyText.objects.get().pk)
    assert not Label.objects.exists()
    assert not ReadyText.objects.exists()
    given = office.at_kind("appraisal", PERMIT, key="next")
    assert given.assignee_id == me.account_id
    day = MORNING.date().isoformat()
    head.post(
        "/can-bo/cong-viec/nghi/ghi",
        {"unit": unit, "account": me.account_id, "from": day, "to": day, "substitute": ""},
    )
    assert "Giao hết 1 việc" in text_of(head.get(address))
    assert head.get(f"/can-bo/cong-viec/don-vi/{office.place.other_commune.id}").status_code == 404
    assert head.get("/can-bo/cong-viec/don-vi").status_code == 302
    assert office.browser("specialist").get(address).status_code == 403


def test_the_signing_page_tells_who_is_away(office: Office) -> None:
    leader, day = office.actor("leader"), MORNING.date()
    actions.record_absence(
        account_id=leader.account_id or 0, substitute_id=None, from_date=day, to_date=day, actor=leader, at=now()
    )
    assert leader.name not in text_of(office.browser("leader").get("/can-bo/ky-duyet")).split("<main")[1], (
        "not to himself"
    )
    deputy = _deputy(office)
    page = text_of(deputy.get("/can-bo/ky-duyet"))
    assert f"{leader.name} nghỉ đến hết" in page


def _deputy(office: Office) -> Any:
    from types import SimpleNamespace

    from django.test import Client

    from tests.factories.accounts import sign_in
    from tests.factories.world import PASSWORD
    from tinhso.apps.accounts.actions import assign_role, create_officer
    from tinhso.kernel.actor import SYSTEM

    account = create_officer(username="pho", full_name="Phó Chủ tịch", password=PASSWORD, actor=SYSTEM, at=now())
    assign_role(
        account_id=account.id, role="leader", unit_id=office.place.commune.id, valid_from=MORNING.date(), actor=SYSTEM,
        at=now(),
    )  # fmt: skip
    client = Client()
    sign_in(client, SimpleNamespace(id=account.id))  # type: ignore[arg-type]  # only the id is read
    return client
