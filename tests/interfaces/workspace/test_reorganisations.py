"""A unit that went, as pages: seen before, proposed by one, approved by another, the report."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.reorganisations import merge
from tests.factories.world import officer, world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.cases import flows
from tinhso.apps.cases.models import Case, Reorganisation
from tinhso.apps.directory import queries as directory
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel

NOW = RECEIVED_AT + timedelta(days=1)
LIST = "/can-bo/ban-giao/"


@pytest.fixture
def maker(db: None) -> CaseMaker:
    return CaseMaker(world())


def ask(actor: Actor, address: str, **sent: Any) -> Any:
    client = Client()
    with travel(NOW):
        sign_in(client, get_account(actor.account_id or 0))
        return client.post(address, sent) if sent else client.get(address)


def test_from_the_preview_to_the_report(maker: CaseMaker) -> None:
    case, place = maker.at("appraisal"), maker.place
    maker.at("approved")
    province = directory.get_province(NOW.date())
    one, two = officer("unit_admin", province), officer("catalogue_admin", province)
    assert "Không có hồ sơ nào phải bàn giao" in ask(one, LIST).content.decode()
    merge(place.commune, place.other_commune, on=date(2026, 3, 3))
    address = f"{LIST}de-nghi?tu={place.commune.id}&amp;den={place.other_commune.id}"
    assert address in ask(one, LIST).content.decode()
    shown = ask(one, address.replace("&amp;", "&")).content.decode()
    assert "1/2 hồ sơ bàn giao được" in shown
    assert case.code in shown
    assert case.applicant_name not in shown, "who may not read cases sees no name"
    sent = {"tu": place.commune.id, "den": place.other_commune.id, "reason": "Sắp xếp.", "basis": ""}
    refused = ask(one, f"{LIST}de-nghi", **sent)
    assert refused.status_code == 422
    assert "Mời ghi lý do và văn bản" in refused.content.decode()
    assert ask(one, f"{LIST}de-nghi", **{**sent, "basis": "12/NQ"}).status_code == 302
    page = f"{LIST}{Reorganisation.objects.get().pk}"
    own = ask(one, page).content.decode()
    assert 'value="approve"' not in own
    assert ask(one, page, decision="approve").status_code == 422
    assert 'value="approve"' in ask(two, page).content.decode()
    assert ask(two, page, decision="approve").status_code == 302
    assert "đang chạy" in ask(one, address.replace("&amp;", "&")).content.decode()
    flows.hand_over_cases(reorganisation_id=Reorganisation.objects.get().pk, at=NOW)
    report = ask(two, page).content.decode()
    assert "2/2 hồ sơ đã xét, 1 hồ sơ đã bàn giao" in report
    assert case.code in report
    assert case.code not in ask(two, f"{page}?giu-lai=1").content.decode()
    assert (
        "Bàn giao cho"
        in ask(place.officer("specialist", place.other_commune), f"/can-bo/ho-so/{case.code}").content.decode()
    )
    assert Case.objects.get(pk=case.pk).unit_id == place.other_commune.id


def test_who_has_no_right_over_the_successor_sees_nothing(maker: CaseMaker) -> None:
    maker.at("appraisal")
    place = maker.place
    merge(place.commune, place.other_commune, on=date(2026, 3, 3))
    old = place.officer("unit_admin", place.commune)
    question = f"tu={place.commune.id}&den={place.other_commune.id}"
    assert place.other_commune.name not in ask(old, LIST).content.decode()
    assert ask(old, f"{LIST}de-nghi?{question}").status_code == 404
    assert ask(maker.officer("leader"), LIST).status_code == 403
    admin = place.officer("unit_admin", place.other_commune)
    assert ask(admin, f"{LIST}de-nghi?tu={place.commune.id}&den={place.commune.id}").status_code in {404, 422}
    assert ask(admin, f"{LIST}987654").status_code == 404
