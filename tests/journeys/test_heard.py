"""What happens while somebody waits is heard without looking: a number that is called, a parcel that is ready, pages of a scan
that were looked at. Each is said once, by the page as it stands."""

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import CaseMaker
from tests.factories.scans import sheet
from tests.factories.vaults import kept
from tests.factories.world import World
from tests.journeys.browsing import Town, Visitor
from tests.listening import heard, hears, listen
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.cases import actions
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import store_file
from tinhso.apps.reception import actions as reception
from tinhso.interfaces.portal.queues.views import KIOSK
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM, Actor

pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]


def test_a_number_that_is_called_is_heard(town: Town, place: World) -> None:
    counter, unit = place.officer("one_stop_officer"), directory.one_stop_of(place.commune.id)
    assert unit is not None
    queue = reception.open_queue(
        unit_id=unit.id,
        name="Hộ tịch",
        letter="A",
        fields=[],
        places=1,
        actor=place.officer("unit_admin"),
        at=clock.now(),
    )
    ticket = reception.take_ticket(queue_id=queue.pk, is_priority=False, actor=KIOSK, at=clock.now())
    waiting = town.visitor(width=390)
    listen(waiting.page.context)
    waiting.open(f"/so-thu-tu/{ticket.code}")
    waiting.look()
    reception.call_next(unit_id=unit.id, queue_ids=[], desk="Quầy 3", actor=counter, at=clock.now())
    hears(waiting.page, "Mời đến Quầy 3", how="status")
    waiting.look()


def test_a_parcel_that_is_ready_is_heard_once(town: Town, place: World) -> None:
    maker = CaseMaker(place)
    kept(maker.person.personal_id, mark="heard", unit_id=place.commune.id)
    owner = _signed_in(town, maker.person)
    owner.open("/kho-giay-to/tai-ve")
    owner.page.get_by_role("button", name="Đóng gói giấy tờ của tôi").click()
    owner.page.get_by_text("Đang đóng gói").wait_for()
    with owner.page.expect_response("**/kho-giay-to/tai-ve"):
        pass  # asked again, and nothing is new
    assert heard(owner.page) == []
    town.drain()
    hears(owner.page, "Gói đã sẵn sàng", how="status")
    owner.look()


def test_pages_of_a_scan_that_were_looked_at_are_heard(town: Town, place: World) -> None:
    maker = CaseMaker(place)
    case = maker.received(documents=[DocumentInput(key="declaration", presence="paper")], at=clock.now())
    pages = [store_file(content=sheet(), name="quet.jpg", actor=SYSTEM, at=clock.now()).id]
    actions.take_scan(
        case_id=case.pk, key="declaration", file_ids=pages, declared_pages=1, actor=place.officer("one_stop_officer"),
        at=clock.now(),
    )  # fmt: skip
    counter = town.officer("one_stop_officer")
    listen(counter.page.context)
    counter.open(f"/can-bo/ho-so/{case.code}/so-hoa/declaration")
    counter.page.get_by_text("Đang kiểm tra trang quét").wait_for()
    town.drain()
    hears(counter.page, "1 trang đạt yêu cầu", how="status")
    counter.look()


def _signed_in(town: Town, person: Actor) -> Visitor:
    client = Client()
    assert person.account_id is not None
    sign_in(client, get_account(person.account_id), just_proved=True)
    here = town.visitor(width=390)
    listen(here.page.context)
    here.page.context.add_cookies([
        {"name": name, "value": cookie.value, "url": town.address} for name, cookie in client.cookies.items()
    ])  # fmt: skip
    return here
