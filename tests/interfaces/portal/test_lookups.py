"""The state has it: fetched into a form with consent, no paper asked for, and who asked is shown to whom it concerns."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from tests.architecture.page_budgets import budget_of
from tests.factories import accounts
from tests.factories.cases import ALLOWANCE
from tests.factories.exchange import AT, registry
from tests.factories.exchange_lines import asked_line
from tests.factories.lookups import Sources, sources
from tests.factories.world import World
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import flows
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries import who_read
from tinhso.apps.exchange import queries as exchange
from tinhso.apps.exchange.actions import make_missing_keys, publish_registry
from tinhso.apps.exchange.data import SourceAnswer, subject_mark
from tinhso.apps.exchange.enums import Outcome, SubjectOf
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db
READINGS = "/ai-da-xem"


@pytest.fixture
def asked(province: World, monkeypatch: pytest.MonkeyPatch) -> Sources:
    return sources(monkeypatch)


def started(site: Client, person: AccountData) -> Case:
    site.post(f"/thu-tuc/{ALLOWANCE}/bat-dau")
    draft = Case.objects.get(account_id=person.id)
    told = {"personal_id": person.personal_id, "full_name": person.full_name, "birth_date": "1990-05-12"}
    Case.objects.filter(pk=draft.pk).update(answers={**draft.answers, **told})
    return Case.objects.get(pk=draft.pk)


def text(site: Client, address: str) -> str:
    answer = site.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    page = str(answer.content.decode())
    assert "⟦missing" not in page
    return page


def fetch(site: Client, draft: Case, key: str = "residence", **more: str) -> int:
    given = {"dong-y": key, "ve": "giay-to", **more}
    return site.post(f"/ho-so/soan/{draft.pk}/lay-du-lieu/{key}", given).status_code


def test_the_page_says_what_is_asked_of_whom_and_why_before_anything_is(
    site: Client, person: AccountData, asked: Sources
) -> None:
    draft = started(site, person)
    shown = text(site, f"/ho-so/soan/{draft.pk}")
    for said in ("Bộ Công an", "Nơi thường trú", "Điều 7, 278/2025/NĐ-CP", "Tôi đồng ý, lấy dữ liệu", "Để làm gì"):
        assert said in shown, said
    assert asked.asked == []


def test_with_consent_the_form_the_papers_and_the_review_say_the_state_has_it(
    site: Client, person: AccountData, asked: Sources
) -> None:
    draft = started(site, person)
    assert "Tôi đồng ý, xác nhận ngay" in text(site, f"/ho-so/soan/{draft.pk}/giay-to")
    assert fetch(site, draft) == 302
    assert Case.objects.get(pk=draft.pk).answers["ethnicity"] == "Kinh"
    mark = asked.asked[0].message_id
    assert "Đã xác nhận lúc" in text(site, f"/ho-so/soan/{draft.pk}")
    papers = text(site, f"/ho-so/soan/{draft.pk}/giay-to")
    assert "Nhà nước đã có: Cơ sở dữ liệu quốc gia về dân cư" in papers
    assert mark in papers
    assert "Không cần nộp: Cơ sở dữ liệu quốc gia về dân cư đã xác nhận" in text(
        site, f"/ho-so/soan/{draft.pk}/xem-lai"
    )


def test_pressing_the_button_in_the_form_keeps_what_was_typed(
    site: Client, person: AccountData, asked: Sources
) -> None:
    draft = started(site, person)
    page = {
        "_shown": "living_with full_name personal_id birth_date",
        "living_with": "Sống cùng mẹ",
        "dong-y": "residence",
    }
    page |= {"full_name": person.full_name, "personal_id": person.personal_id, "birth_date": "1990-05-12"}
    answer = site.post(f"/ho-so/soan/{draft.pk}/lay-du-lieu/residence", page)
    assert answer.status_code == 302
    assert answer["Location"].endswith("#lay-residence")
    kept = Case.objects.get(pk=draft.pk).answers
    assert (kept["living_with"], kept["ethnicity"]) == ("Sống cùng mẹ", "Kinh")


def test_a_source_that_is_down_is_told_and_blocks_nothing(site: Client, person: AccountData, asked: Sources) -> None:
    asked.answer = SourceAnswer(Outcome.FAILED, error="Client.Timeout")
    draft = started(site, person)
    assert fetch(site, draft) == 302
    shown = text(site, f"/ho-so/soan/{draft.pk}")
    assert "Nguồn chưa trả lời được" in shown
    assert "hồ sơ vẫn nộp được" in shown


def test_without_the_word_of_consent_nothing_is_asked(site: Client, person: AccountData, asked: Sources) -> None:
    draft = started(site, person)
    assert fetch(site, draft, **{"dong-y": ""}) == 302
    assert asked.asked == []


def test_identity_of_level_one_types_by_hand(client: Client, person: AccountData, asked: Sources) -> None:
    accounts.sign_in(client, person, assurance=1)
    draft = started(client, person)
    assert "cần đăng nhập bằng định danh điện tử mức 2" in text(client, f"/ho-so/soan/{draft.pk}")
    assert fetch(client, draft) == 403
    assert asked.asked == []


def test_missing_facts_are_told_at_their_questions(site: Client, person: AccountData, asked: Sources) -> None:
    draft = started(site, person)
    Case.objects.filter(pk=draft.pk).update(answers={**draft.answers, "birth_date": None})
    answer = site.post(f"/ho-so/soan/{draft.pk}/lay-du-lieu/residence", {"dong-y": "residence", "ve": "giay-to"})
    assert answer.status_code == 422
    assert "Mời khai «Ngày sinh» trước." in answer.content.decode()


def test_a_strangers_draft_is_none(stranger: Client, site: Client, person: AccountData, asked: Sources) -> None:
    draft = started(site, person)
    assert fetch(stranger, draft) == 404
    assert asked.asked == []


def test_who_asked_is_shown_to_whom_it_concerns_and_to_nobody_else(
    site: Client, stranger: Client, person: AccountData, asked: Sources
) -> None:
    draft = started(site, person)
    for _ in range(3):
        fetch(site, draft)
    mark = asked.asked[0].message_id
    shown = text(site, READINGS)
    assert mark in shown
    assert "Có dữ liệu" in shown
    assert "Nơi thường trú" in shown
    assert "Chưa ai xem" in text(stranger, READINGS)
    assert site.get("/kho-giay-to/da-xem")["Location"] == READINGS


def test_the_list_goes_on_page_by_page_without_a_gap_or_a_repeat(
    site: Client, person: AccountData, asked: Sources
) -> None:
    draft = started(site, person)
    actor = accounts.actor_of(person)
    at = clock.now()
    for number in range(5):
        flows.fetch_for_draft(case_id=draft.pk, key="residence", consent=True, actor=actor, at=at)
        record_disclosure(
            subject=f"case:{draft.pk}", purpose=f"Lần {number}", fields=["answers"], actor=actor,
            at=at + timedelta(minutes=number),
        )  # fmt: skip
    whole, _ = who_read(actor=actor, limit=50)
    paged, before = [], None
    while True:
        part, before = who_read(actor=actor, before=before, limit=3)
        paged += part
        if before is None:
            break
    numbers = [one.look.entry_id for one in paged]
    assert numbers == [one.look.entry_id for one in whole] == sorted(numbers, reverse=True)
    assert (len(numbers), sum(one.lookup is not None for one in paged)) == (10, 5)


def test_a_full_page_of_who_asked_stays_light(site: Client, person: AccountData, asked: Sources) -> None:
    """As many rows as a page has, each of the longest kind; the rest is on the next."""
    draft = started(site, person)
    actor, at = accounts.actor_of(person), clock.now()
    for _ in range(16):
        flows.fetch_for_draft(case_id=draft.pk, key="residence", consent=True, actor=actor, at=at)
    shown = text(site, READINGS)
    assert (shown.count('<li class="card'), shown.count('id="i-database-check"')) == (15, 1)
    assert len(shown.encode()) <= budget_of("ai-da-xem").html_kb * 1000
    (following,) = re.findall(r"\?sau=\d+", shown)
    assert text(site, READINGS + following).count('<li class="card') == 1


def test_what_other_agencies_asked_is_shown_to_whom_it_concerns_alone(
    site: Client, stranger: Client, person: AccountData
) -> None:
    publish_registry(value=registry("http://127.0.0.1:9"), actor=SYSTEM, at=AT)
    make_missing_keys(actor=SYSTEM, at=AT)
    key = exchange.subject_key()
    assert key is not None
    line = asked_line(1, subject_mark(key, SubjectOf.PERSON, person.personal_id))
    line.save(force_insert=True)
    shown = text(site, f"{READINGS}?xem=co-quan-khac")
    assert "Cơ quan H48.01" in shown
    assert line.message_id in shown
    assert "Giải quyết thủ tục" in shown
    assert "Chưa cơ quan nào hỏi" in text(stranger, f"{READINGS}?xem=co-quan-khac")
    assert line.message_id not in text(site, READINGS)
