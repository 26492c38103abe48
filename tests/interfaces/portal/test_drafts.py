"""A draft from the first tap to the submission, and everything that goes wrong on the way."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import accounts, files
from tests.factories.world import World
from tests.interfaces.portal.conftest import HOUSE, house_answers
from tinhso.apps.accounts import actions as accounts_actions
from tinhso.apps.accounts import queries as accounts_queries
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.cases import queries
from tinhso.apps.procedures import actions as procedures
from tinhso.apps.procedures.data import Package, UploadLimits
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM, Actor

pytestmark = pytest.mark.django_db


def drafts(actor: Actor) -> int:
    return len(queries.my_cases(actor=actor, now=clock.now()).items)


def post_house(site: Client, draft: int, unit: int | str, **changed: str) -> Any:
    """Send the form as the page would: every text of the answers under its name."""
    data: dict[str, Any] = {"unit": str(unit)}
    for key, value in house_answers().items():
        if isinstance(value, dict):
            data |= {f"{key}.{part}": text for part, text in value.items()}
        elif isinstance(value, list):
            for index, row in enumerate(value):
                data |= {f"{key}.{index}.{inner}": str(text).replace(".", ",") for inner, text in row.items()}
        else:
            data[key] = (
                "true" if value is True else str(value).replace(".", ",") if isinstance(value, float) else str(value)
            )
    return site.post(f"/ho-so/soan/{draft}", data | changed)


# --- starting


def test_a_visitor_is_asked_to_sign_in_and_comes_back(client: Client, province: World) -> None:
    answer = client.get(f"/thu-tuc/{HOUSE}/bat-dau")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/dang-nhap")
    assert "bat-dau" in answer["Location"]


def test_starting_shows_in_whose_name_and_prefills_what_is_known(site: Client, citizen: Actor) -> None:
    page = site.get(f"/thu-tuc/{HOUSE}/bat-dau").content.decode()
    assert "Nguyễn Thị Ví Dụ" in page
    assert citizen.personal_id not in page
    answer = site.post(f"/thu-tuc/{HOUSE}/bat-dau")
    form = site.get(answer["Location"]).content.decode()
    assert 'value="Nguyễn Thị Ví Dụ"' in form
    assert 'value="0900 000 007"' in form


def test_two_taps_make_one_draft(site: Client, citizen: Actor) -> None:
    first, second = (site.post(f"/thu-tuc/{HOUSE}/bat-dau") for _ in range(2))
    assert first["Location"] == second["Location"]
    assert drafts(citizen) == 1


def test_looking_at_the_start_page_makes_nothing(site: Client, citizen: Actor) -> None:
    site.get(f"/thu-tuc/{HOUSE}/bat-dau")
    assert drafts(citizen) == 0


def test_a_procedure_only_described_cannot_be_started(site: Client, province: World) -> None:
    answer = site.get("/thu-tuc/9.999999/bat-dau")
    assert answer.status_code == 404


def test_a_representative_applies_in_the_name_of_the_principal(client: Client, province: World) -> None:
    principal, helper = accounts.citizen(full_name="Lê Văn Chủ"), accounts.citizen(full_name="Phạm Thị Đại Diện")
    accounts_actions.grant_mandate(
        representative_personal_id=helper.personal_id,
        representative_name=helper.full_name,
        document="Giấy ủy quyền",
        valid_from=clock.today(),
        valid_to=clock.today() + timedelta(days=30),
        actor=accounts.actor_of(principal),
        at=clock.now(),
    )
    mandate = accounts_queries.list_mandates(actor=accounts.actor_of(helper), at=clock.now())[0]
    accounts.sign_in(client, helper, mandate_id=mandate.id)
    page = client.get(f"/thu-tuc/{HOUSE}/bat-dau").content.decode()
    assert "Lê Văn Chủ" in page
    assert "Phạm Thị Đại Diện" in page
    answer = client.post(f"/thu-tuc/{HOUSE}/bat-dau")
    assert "Lê Văn Chủ" in client.get(answer["Location"]).content.decode()


# --- the form


def test_a_strangers_draft_does_not_exist(stranger: Client, draft: int) -> None:
    for address in ("", "/giay-to", "/xem-lai", "/bo"):
        assert stranger.get(f"/ho-so/soan/{draft}{address}").status_code == 404
    for address in ("", "/luu", "/xem-lai", "/bo"):
        assert stranger.post(f"/ho-so/soan/{draft}{address}").status_code in {403, 404}
    assert stranger.post(f"/ho-so/soan/{draft}/giay-to/house_drawings/them").status_code == 404


def test_what_was_typed_stays_when_something_is_wrong(site: Client, draft: int, province: World) -> None:
    answer = post_house(site, draft, province.commune.id, land_area="rất rộng", phone="12")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="rất rộng"' in text
    assert 'href="#field-land_area"' in text
    assert 'href="#field-phone"' in text
    assert 'value="rất rộng"' in site.get(f"/ho-so/soan/{draft}").content.decode()


def test_the_place_must_be_chosen(site: Client, draft: int) -> None:
    for unit in ("", "999999999", "x", "-1"):
        answer = post_house(site, draft, unit)
        assert answer.status_code == 422
        assert 'href="#unit"' in answer.content.decode()


def test_the_address_of_the_site_says_who_resolves(site: Client, draft: int, province: World, citizen: Actor) -> None:
    assert "Theo địa chỉ trong tờ khai" in site.get(f"/ho-so/soan/{draft}").content.decode()
    there = {"site_address.commune_code": province.other_commune.gso_code}
    saved = site.post(f"/ho-so/soan/{draft}/luu", {"unit": "dia-chi", "_shown": "site_address", **there})
    assert province.other_commune.agency_name in saved.content.decode()
    gone = post_house(
        site, draft, "dia-chi", **{"site_address.province_code": "01", "site_address.commune_code": "00004"}
    )
    assert gone.status_code == 422
    assert "chưa cho biết xã, phường, đặc khu nào trong tỉnh" in gone.content.decode()
    assert post_house(site, draft, "dia-chi", **there).status_code == 302
    assert province.other_commune.agency_name in site.get(f"/ho-so/soan/{draft}/xem-lai").content.decode()
    assert post_house(site, draft, province.commune.id, **there).status_code == 302, "her own choice goes before"
    assert queries.get_draft(actor=citizen, case_id=draft).unit_id == province.commune.id
    assert post_house(site, draft, "dia-chi", **there).status_code == 302
    assert queries.get_draft(actor=citizen, case_id=draft).unit_id is None


def test_a_complete_form_leads_on_to_the_papers(site: Client, draft: int, province: World) -> None:
    answer = post_house(site, draft, province.commune.id)
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == f"/ho-so/soan/{draft}/giay-to"


def test_saving_for_later_judges_nothing(site: Client, draft: int) -> None:
    answer = site.post(f"/ho-so/soan/{draft}", {"full_name": "Ng", "later": "1"})
    assert answer["Location"] == "/ho-so/"
    assert 'value="Ng"' in site.get(f"/ho-so/soan/{draft}").content.decode()


def test_every_field_is_saved_by_itself_and_only_changes_come_back(site: Client, draft: int) -> None:
    shown = "owner_kind full_name personal_id contact_address phone email kind site_address"
    answer = site.post(
        f"/ho-so/soan/{draft}/luu",
        {"kind": "works", "_shown": shown, "full_name": "Nguyễn Văn A"},
        headers={"HX-Request": "true"},
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "works_type" in text
    assert "hx-swap-oob" in text
    assert "<html" not in text
    assert 'value="Nguyễn Văn A"' in site.get(f"/ho-so/soan/{draft}").content.decode()


def test_what_was_cleared_stays_cleared(site: Client, full_draft: int, citizen: Actor) -> None:
    site.post(f"/ho-so/soan/{full_draft}", {"_shown": "commitment email", "email": "", "later": "1"})
    answers = queries.get_draft(actor=citizen, case_id=full_draft).answers
    assert not answers["commitment"]
    assert not answers["email"]
    assert answers["land_parcel"] == "125"


@pytest.mark.parametrize("name", ["🏠🏠", "x" * 5000, "<script>alert(1)</script>", "\x00"])
def test_impossible_names_are_told_and_escaped(site: Client, draft: int, province: World, name: str) -> None:
    answer = post_house(site, draft, province.commune.id, full_name=name)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()


def test_a_draft_is_thrown_away_only_when_asked(site: Client, draft: int, citizen: Actor) -> None:
    assert "Bỏ bản nháp này?" in site.get(f"/ho-so/soan/{draft}/bo").content.decode()
    assert drafts(citizen) == 1
    site.post(f"/ho-so/soan/{draft}/bo")
    assert drafts(citizen) == 0


# --- papers


def test_only_what_applies_is_asked_and_the_rest_is_explained(site: Client, full_draft: int) -> None:
    text = site.get(f"/ho-so/soan/{full_draft}/giay-to").content.decode()
    assert 'id="giay-to-house_drawings"' in text
    assert "project_decision" not in text
    assert "Lấy từ Cơ sở dữ liệu quốc gia về đất đai" in text


def test_a_file_is_attached_and_taken_away(site: Client, full_draft: int, drawings: Callable[[], Any]) -> None:
    address = f"/ho-so/soan/{full_draft}/giay-to"
    site.post(f"{address}/house_drawings/them", {"files": drawings()})
    text = site.get(address).content.decode()
    assert "ban ve.pdf" in text
    remove = text.split(f'action="{address}/')[1].split('"')[0]
    site.post(f"{address}/{remove}")
    assert "ban ve.pdf" not in site.get(address).content.decode()


def test_the_swap_of_an_upload_equals_a_reload(site: Client, full_draft: int, drawings: Callable[[], Any]) -> None:
    address = f"/ho-so/soan/{full_draft}/giay-to"
    piece = site.post(
        f"{address}/house_drawings/them", {"files": drawings()}, headers={"HX-Request": "true"}
    ).content.decode()
    body = piece.split("data-announce")[0].split("</form>\n<p")[0]
    whole = site.get(address).content.decode()
    for line in ("ban ve.pdf", 'id="giay-to-house_drawings"'):
        assert line in body
        assert line in whole
    assert "<html" not in piece


@pytest.mark.parametrize("content", [b"MZ\x90\x00 not a paper", b"", b"%PDF-1.4 cut"])
def test_a_file_that_is_not_what_it_says_is_told(site: Client, full_draft: int, content: bytes, citizen: Actor) -> None:
    sent = SimpleUploadedFile("giay.pdf", content, content_type="application/pdf")
    answer = site.post(f"/ho-so/soan/{full_draft}/giay-to/house_drawings/them", {"files": sent})
    kept = queries.get_draft(actor=citizen, case_id=full_draft).documents.count()
    assert answer.status_code == 422
    assert kept == 0
    assert 'role="alert"' in answer.content.decode()


def test_a_file_too_large_is_told(site: Client, full_draft: int, settings: Any, drawings: Callable[[], Any]) -> None:
    settings.TINHSO_MAX_UPLOAD_MB = 0
    answer = site.post(f"/ho-so/soan/{full_draft}/giay-to/house_drawings/them", {"files": drawings()})
    assert answer.status_code == 422
    assert "nặng" in answer.content.decode().lower()


def test_the_procedures_own_limit_is_shown_beside_the_field_and_told(
    site: Client, full_draft: int, monkeypatch: pytest.MonkeyPatch, citizen: Actor
) -> None:
    monkeypatch.setattr(Package, "upload_limits", lambda self, key="": UploadLimits(most_mb=3, most_pages=2))
    address = f"/ho-so/soan/{full_draft}/giay-to"
    page = site.get(address).content.decode()
    assert "Mỗi tệp tối đa 3 MB, 2 trang." in page
    assert 'data-most-mb="3"' in page
    long = SimpleUploadedFile("dai.pdf", files.pdf(pages=3), content_type="application/pdf")
    answer = site.post(f"{address}/house_drawings/them", {"files": long})
    assert answer.status_code == 422
    assert "có 3 trang, tối đa là 2; hãy chia thành nhiều tệp" in answer.content.decode()
    assert queries.get_draft(actor=citizen, case_id=full_draft).documents.count() == 0


def test_a_component_the_procedure_does_not_know_is_refused(
    site: Client, full_draft: int, drawings: Callable[[], Any]
) -> None:
    answer = site.post(f"/ho-so/soan/{full_draft}/giay-to/nothing/them", {"files": drawings()})
    assert answer.status_code == 422


# --- review and submission


def test_the_review_shows_answers_terms_and_what_is_missing(site: Client, full_draft: int, draft: int) -> None:
    text = site.get(f"/ho-so/soan/{full_draft}/xem-lai").content.decode()
    assert "7 ngày làm việc" in text
    assert "75.000 ₫" in text
    assert "Chưa đính kèm" in text


def test_an_empty_draft_is_sent_back_with_links(site: Client, draft: int) -> None:
    answer = site.post(f"/ho-so/soan/{draft}/xem-lai")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="/ho-so/soan/{draft}#field-owner_kind"' in text


def test_missing_papers_are_linked(site: Client, full_draft: int) -> None:
    answer = site.post(f"/ho-so/soan/{full_draft}/xem-lai")
    assert answer.status_code == 422
    assert f'href="/ho-so/soan/{full_draft}/giay-to#giay-to-house_drawings"' in answer.content.decode()


def test_submitting_gives_a_code_and_a_second_click_leads_to_the_same_case(
    site: Client, full_draft: int, drawings: Callable[[], Any], citizen: Actor
) -> None:
    site.post(f"/ho-so/soan/{full_draft}/giay-to/house_drawings/them", {"files": drawings()})
    first, second = (site.post(f"/ho-so/soan/{full_draft}/xem-lai") for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    page = site.get(first["Location"]).content.decode()
    assert "Đã nộp hồ sơ" in page
    assert drafts(citizen) == 1


def test_level_one_may_write_but_not_submit(client: Client, person: AccountData, full_draft: int) -> None:
    accounts.sign_in(client, person, assurance=1)
    text = client.get(f"/ho-so/soan/{full_draft}/xem-lai").content.decode()
    assert "Chưa nộp được với tài khoản mức 1" in text
    answer = client.post(f"/ho-so/soan/{full_draft}/xem-lai")
    assert answer.status_code == 403
    assert "mức 2" in answer.content.decode()


def test_a_procedure_abolished_meanwhile_refuses_and_keeps_the_draft(
    site: Client, full_draft: int, drawings: Callable[[], Any], citizen: Actor
) -> None:
    site.post(f"/ho-so/soan/{full_draft}/giay-to/house_drawings/them", {"files": drawings()})
    procedures.abolish_procedure(
        code=HOUSE, effective_from=clock.today(), reason="Bãi bỏ", actor=SYSTEM, at=clock.now()
    )
    answer = site.post(f"/ho-so/soan/{full_draft}/xem-lai")
    assert answer.status_code == 409
    assert "hiệu lực" in answer.content.decode()
    assert drafts(citizen) == 1


def test_pages_of_a_draft_need_a_fixed_number_of_queries(
    site: Client, full_draft: int, django_assert_max_num_queries: Any
) -> None:
    for address in ("", "/giay-to", "/xem-lai"):
        site.get(f"/ho-so/soan/{full_draft}{address}")
        with django_assert_max_num_queries(16):
            site.get(f"/ho-so/soan/{full_draft}{address}")


def test_a_session_that_ends_in_the_middle_of_the_form_loses_nothing(
    site: Client, draft: int, person: AccountData, citizen: Actor
) -> None:
    """Saved field by field until the session ended; what came after is given back and sent again after signing in."""
    site.post(f"/ho-so/soan/{draft}/luu", {"full_name": "Nguyễn Văn A"}, headers={"HX-Request": "true"})
    Session.objects.all().delete()

    saved = site.post(
        f"/ho-so/soan/{draft}/luu",
        {"full_name": "Nguyễn Văn A", "phone": "0900000007"},
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver/ho-so/soan/{draft}"},
    )
    assert saved["HX-Redirect"].startswith("/dang-nhap?next="), (
        "the page leads to the sign-in, it does not save in vain"
    )
    sent = site.post(f"/ho-so/soan/{draft}", {"full_name": "Nguyễn Văn Bình", "phone": "0900000007", "later": "1"})
    assert sent.status_code == 303
    kept_page = parse_qs(urlsplit(sent["Location"]).query)["next"][0]
    assert "Bình" not in site.get(sent["Location"]).content.decode()

    held = {name: site.session[name] for name in site.session.keys()}  # noqa: SIM118 - a session is no mapping
    accounts.sign_in(site, person)
    session = site.session
    session.update(held)
    session.save()
    assert queries.get_draft(actor=citizen, case_id=draft).answers["full_name"] == "Nguyễn Văn A"
    page = site.get(kept_page).content.decode()
    assert "Nguyễn Văn Bình" in page
    form = re.search(r'<form method="post" action="(/ho-so/soan/[^"]+)">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    again = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]))
    assert site.post(form[1], again).status_code == 302
    answers = queries.get_draft(actor=citizen, case_id=draft).answers
    assert (answers["full_name"], answers["phone"]) == ("Nguyễn Văn Bình", "0900000007"), "a draft as it was typed"
