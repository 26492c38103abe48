"""The register, its files, version moves and ratings as pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import ALLOWANCE, RECEIVED_AT, CaseMaker
from tests.factories.world import officer, world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.models import Rating
from tinhso.apps.directory import queries as directory
from tinhso.kernel.clock import travel

NOW = RECEIVED_AT + timedelta(hours=9)
MARCH = "tu=2026-03-01&den=2026-03-31"


@pytest.fixture
def maker(db: None) -> CaseMaker:
    return CaseMaker(world())


def get(actor: Any, address: str) -> Any:
    client = Client()
    with travel(NOW):
        sign_in(client, get_account(actor.account_id))
        return client.get(address)


def test_the_register_is_read_and_exported_and_both_are_written_down(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    reader = maker.officer("one_stop_officer")
    page = get(reader, f"/can-bo/so-theo-doi/?{MARCH}").content.decode()
    assert case.code in page
    assert case.applicant_name in page
    csv = b"".join(get(reader, f"/can-bo/so-theo-doi/so-theo-doi.csv?{MARCH}").streaming_content).decode()
    assert csv.count("\r\n") == 2
    assert case.code in csv
    xlsx = b"".join(get(reader, f"/can-bo/so-theo-doi/so-theo-doi.xlsx?{MARCH}").streaming_content)
    assert xlsx.startswith(b"PK")
    assert Entry.objects.filter(stream=f"disclosure:unit:{maker.place.commune.id}").count() == 3


@pytest.mark.parametrize("query", ["tu=x", "tu=2026-04-01&den=2026-03-01", "sau=zz"])
def test_a_wrong_question_is_answered_with_a_sentence(maker: CaseMaker, query: str) -> None:
    assert get(maker.officer("auditor"), f"/can-bo/so-theo-doi/?{query}").status_code == 422


def test_the_slip_is_a_pdf(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    slip = get(maker.officer("specialist"), f"/can-bo/ho-so/{case.code}/phieu-kiem-soat")
    assert slip.content.startswith(b"%PDF")


def test_who_took_the_result_rates_by_the_qr(maker: CaseMaker) -> None:
    case = maker.at("delivered")
    shown = get(maker.officer("one_stop_officer"), f"/can-bo/ho-so/{case.code}").content.decode()
    assert "Mời người nhận đánh giá" in shown
    address = f"/danh-gia/{queries.rating_link(case)}"
    visitor = Client()
    with travel(NOW):
        assert visitor.get(address).status_code == 200
        assert visitor.post(address, {}).status_code == 422
        told = visitor.post(address, {"satisfaction": "dissatisfied", "faults": ["time"]}).content.decode()
        again = visitor.post(address, {"satisfaction": "satisfied"})
        assert visitor.get("/danh-gia/x").status_code == 404
    assert "Cảm ơn bạn" in told
    assert again.status_code == 409
    assert Rating.objects.get().faults == ["time"]
    table = get(maker.officer("leader"), f"/can-bo/so-theo-doi/danh-gia?{MARCH}").content.decode()
    assert "Thời gian giải quyết (1)" in table


def test_version_moves_begin_with_the_code_of_a_procedure(maker: CaseMaker) -> None:
    maker.at("appraisal")
    admin = officer("catalogue_admin", directory.get_province(NOW.date()))
    assert "Chưa có đề nghị nào" in get(admin, "/can-bo/chuyen-phien-ban/").content.decode()
    shown = get(admin, f"/can-bo/chuyen-phien-ban/de-nghi?thu-tuc={ALLOWANCE}").content.decode()
    assert "1 hồ sơ đang giải quyết" in shown
    version = queries.running_versions(ALLOWANCE)[0].version.id
    shown = get(admin, f"/can-bo/chuyen-phien-ban/de-nghi?thu-tuc={ALLOWANCE}&phien-ban={version}").content.decode()
    assert "Không có hồ sơ nào phải chuyển" in shown
    assert get(admin, "/can-bo/chuyen-phien-ban/de-nghi?thu-tuc=9.999999").status_code == 404
    assert get(admin, "/can-bo/chuyen-phien-ban/987654").status_code == 404


def test_a_supplement_page_opens_only_what_was_asked(maker: CaseMaker) -> None:
    case = maker.at("appraisal")
    actions.request_supplement(
        case_id=case.pk, items=["Ngân hàng"], reason="Sai.", documents=["residence"], fields=["bank"],
        actor=maker.officer("specialist"), at=RECEIVED_AT + timedelta(hours=3),
    )  # fmt: skip
    client = Client()
    address = f"/ho-so/{case.code}/bo-sung"
    with travel(NOW):
        sign_in(client, get_account(maker.person.account_id or 0))
        shown = client.get(address).content.decode()
        assert 'name="bank"' in shown
        assert 'name="full_name"' not in shown
        assert shown.count('type="file"') == 1
        answer = client.post(address, {"_shown": "bank", "bank": "Ngân hàng Mới", "full_name": "Tên Khác"})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    case.refresh_from_db()
    assert (case.answers["bank"], case.status) == ("Ngân hàng Mới", "processing")
    assert case.answers["full_name"] != "Tên Khác"
