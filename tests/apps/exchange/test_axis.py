"""The axis's directory is followed over the wire: dated, told when it differs, kept when the axis is out of order."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.exchange import AT
from tests.factories.exchange_place import Place, exchange_place
from tests.simulators.serving import serve
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.exchange import actions, flows, queries
from tinhso.apps.exchange.data import AxisDirectoryDoubtful, AxisDirectoryResult, HubAgency
from tinhso.apps.exchange.events import AxisDirectoryChanged
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.errors import Forbidden
from tinhso.lib.vxp import signed_headers
from tinhso.simulators import vxp

SECRET = "demo-secret-not-for-production"
PAGE = "/can-bo/chia-se-du-lieu/truc-van-ban"
STEP = timedelta(seconds=10)  # the axis believes no request that is minutes off its own clock


@pytest.fixture
def axis(project_root: Path, settings: Any) -> Iterator[str]:
    with serve(vxp.create_app(project_root / "content")) as address:
        settings.DOCUMENT_AXIS = {"dialect": "vxp", "url": address, "system_id": "H48-DEMO", "secret": SECRET}
        yield address


def call(address: str, path: str, **body: str) -> None:
    headers = signed_headers({}, system_id="H48-DEMO", secret=SECRET, at=clock.now())
    assert httpx.post(f"{address}/{path}", headers=headers, json=body).json()["ErrorCode"] == "0"


def told(code: str, name: str = "Cơ quan", *, version: int = 1, is_deleted: bool = False) -> HubAgency:
    return HubAgency(code, name, "", "", "", version, is_deleted)


@pytest.mark.django_db
def test_agencies_come_change_and_leave_and_the_past_stays(axis: str) -> None:
    start = clock.now()
    first = flows.synchronise_axis_directory(is_whole=False, actor=SYSTEM, at=start)
    assert first is not None
    assert first.added > 100
    call(axis, "registerAgency", code="H48.99", name="Cơ quan mới", pcode="H48")
    assert flows.synchronise_axis_directory(is_whole=False, actor=SYSTEM, at=start + STEP) == AxisDirectoryResult(
        1, 0, 0
    )
    call(axis, "registerAgency", code="H48.99", name="Cơ quan đổi tên", pcode="H48")
    assert flows.synchronise_axis_directory(is_whole=True, actor=SYSTEM, at=start + 2 * STEP) == AxisDirectoryResult(
        0, 1, 0
    )
    call(axis, "deleteAgency", AgencyCode="H48.99")
    assert flows.synchronise_axis_directory(is_whole=False, actor=SYSTEM, at=start + 3 * STEP) == AxisDirectoryResult(
        0, 0, 1
    )
    assert flows.synchronise_axis_directory(is_whole=True, actor=SYSTEM, at=start + 4 * STEP) == AxisDirectoryResult(
        0, 0, 0
    )

    names = [queries.resolve_axis_agency("H48.99", at=start + n * STEP + STEP / 2) for n in range(4)]
    assert [one and one.name for one in names] == [None, "Cơ quan mới", "Cơ quan đổi tên", None]
    assert len(queries.axis_history("H48.99", actor=SYSTEM)) == 2
    kinds = [(bool(one.before), bool(one.after)) for one in queries.axis_changes(actor=SYSTEM)]
    assert kinds == [(True, False), (True, True), (False, True)]
    old = queries.resolve_axis_agency("000.00.00.G15", at=start + STEP)
    assert old is not None
    assert old.code == "G15"
    assert [one.code for one in queries.list_axis_agencies(actor=SYSTEM, text="bo tu phap")] == ["G15"]
    assert len(entries_of("exchange-axis", types=[AxisDirectoryChanged.type])) == 4


@pytest.mark.django_db
def test_an_axis_out_of_order_changes_nothing_and_says_so(axis: str, settings: Any) -> None:
    start = clock.now()
    flows.synchronise_axis_directory(is_whole=True, actor=SYSTEM, at=start)
    before = queries.axis_state(actor=SYSTEM)
    httpx.post(f"{axis}/admin", data={"trouble": "down"})
    for step in (1, 2):
        assert flows.synchronise_axis_directory(is_whole=True, actor=SYSTEM, at=start + step * STEP) is None
    state = queries.axis_state(actor=SYSTEM)
    assert (state.agencies, state.failing_since) == (before.agencies, start + STEP)
    httpx.post(f"{axis}/admin", data={"trouble": ""})
    flows.synchronise_axis_directory(is_whole=True, actor=SYSTEM, at=start + 3 * STEP)
    assert queries.axis_state(actor=SYSTEM).failure == ""
    settings.DOCUMENT_AXIS = settings.DOCUMENT_AXIS | {"dialect": "provincial", "url": f"{axis}/lgsp"}
    assert flows.synchronise_axis_directory(is_whole=True, actor=SYSTEM, at=start + 4 * STEP) is None
    assert "không có chức năng" in queries.axis_state(actor=SYSTEM).failure
    settings.DOCUMENT_AXIS = settings.DOCUMENT_AXIS | {"url": ""}
    assert flows.synchronise_axis_directory(is_whole=True, actor=SYSTEM, at=start + 5 * STEP) is None


@pytest.mark.django_db
def test_half_a_directory_is_doubted_and_odd_texts_are_cut() -> None:
    at = clock.now()
    many = [told(f"X{n}") for n in range(4)] + [told("Y", "a\x00b" + "x" * 900), told("Z", is_deleted=True)]
    actions.record_axis_directory(agencies=many, is_whole=True, actor=SYSTEM, at=at)
    with pytest.raises(AxisDirectoryDoubtful):
        actions.record_axis_directory(agencies=many[:2], is_whole=True, actor=SYSTEM, at=at + STEP)
    done = actions.record_axis_directory(agencies=many[1:], is_whole=True, actor=SYSTEM, at=at + STEP)
    assert done == AxisDirectoryResult(0, 0, 1)
    with pytest.raises(Forbidden):
        actions.record_axis_directory(agencies=many, is_whole=True, actor=Actor(kind=SYSTEM.kind.OFFICER), at=at)


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, get_account(actor.account_id or 0))
    return client


@pytest.mark.django_db
def test_the_operator_reads_it_now_and_sees_what_differs(axis: str) -> None:
    place: Place = exchange_place()
    with clock.travel(AT):
        operator, asker = browser(place.operator), browser(place.asker)
        assert "Chưa đọc danh bạ lần nào" in asker.get(PAGE).content.decode()
        assert asker.post(PAGE).status_code == 403
    actions.record_axis_directory(
        agencies=[told(place.world.commune.code, "Tên khác"), told("G15", "Bộ Tư pháp")], is_whole=True, actor=SYSTEM,
        at=AT,
    )  # fmt: skip
    with clock.travel(AT):
        page = operator.get(PAGE).content.decode()
        assert "Khác với danh bạ của tỉnh" in page
        assert "Tên khác" in page
        assert "Khác với danh bạ của tỉnh" not in asker.get(PAGE).content.decode()
        assert "Bộ Tư pháp" in asker.get(PAGE, {"q": "bo tu"}).content.decode()
        assert "Lịch sử trên trục" in asker.get(f"{PAGE}/co-quan/G15").content.decode()
        assert asker.get(f"{PAGE}/co-quan/G99").status_code == 404
        assert browser(place.world.officer("specialist")).get(PAGE).status_code == 403
    # Headers to the axis are signed with the moment: the real one.
    answer = browser(place.operator).post(PAGE, follow=True).content.decode()
    assert "Đã đọc danh bạ" in answer
