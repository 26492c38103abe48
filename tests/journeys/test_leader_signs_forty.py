"""Errand: a leader signs forty results with one consent; one of them has gone meanwhile, and each is told."""

import pytest
from playwright.sync_api import expect

from tests.factories.cases import CaseMaker
from tests.factories.world import World
from tests.journeys.browsing import Town
from tinhso.apps.cases import actions
from tinhso.apps.cases.models import Case, Result
from tinhso.kernel import clock

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]

FORTY = 40


def test_forty_with_one_consent(town: Town, place: World) -> None:
    maker = CaseMaker(place)
    cases = [maker.at("approval") for _ in range(FORTY)]
    leader = town.officer("leader")
    page = leader.page
    leader.open("/can-bo/ky-duyet")
    expect(page.locator("tbody tr")).to_have_count(FORTY)
    page.get_by_label("Đánh dấu tất cả").check()
    leader.look()
    page.get_by_role("button", name="Ký duyệt các hồ sơ đã chọn").click()
    page.get_by_role("heading", name=f"Ký {FORTY} kết quả?").wait_for()
    leader.look()
    gone = cases[7]
    actions.withdraw_case(case_id=gone.pk, reason="Đổi ý.", actor=maker.person, at=clock.now())
    page.get_by_role("button", name=f"Ký {FORTY} kết quả").click()
    page.get_by_role("heading", name=f"Đã ký 0 trên {FORTY}").wait_for()
    town.drain()
    page.get_by_role("heading", name=f"Đã ký {FORTY - 1}, chưa ký được 1").wait_for()
    leader.photo("forty-signed")
    leader.look()
    told = page.locator("main").inner_text()
    assert all(str(case.code) in told for case in cases)
    assert Result.objects.filter(status="signed").count() == FORTY - 1
    assert Case.objects.filter(status="resolved").count() == FORTY - 1
    gone.refresh_from_db()
    assert gone.status == "withdrawn"
