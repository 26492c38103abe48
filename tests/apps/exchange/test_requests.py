"""A request for access from asking to the right, by role and state; windows of maintenance."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories.exchange import AT, PROVIDER
from tests.factories.exchange_place import NATIONAL, ON, Place, exchange_place
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange import actions, jobs, queries
from tinhso.apps.exchange.data import (
    Denied,
    MaintenanceNotFound,
    OwnRequest,
    RegistryInvalid,
    RequestDecided,
    RequestNotFound,
    RequestOpen,
)
from tinhso.apps.exchange.enums import RequestKind, RequestStatus
from tinhso.apps.exchange.models import AccessRequest
from tinhso.apps.notifications.queries import list_notices
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden
from tinhso.lib.xroad import parse_target

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db: None) -> Place:
    return exchange_place()


def test_from_asking_to_the_right(place: Place) -> None:
    number = actions.ask_access(**place.asked())
    seen = queries.get_request(number, actor=place.owner)
    assert (seen.fields, seen.purpose, seen.is_open) == (("code", "status"), "Đối chiếu hồ sơ", True)
    assert seen.due_at == AT + timedelta(days=14)
    assert queries.count_to_decide(actor=place.owner) == 1
    assert queries.count_to_decide(actor=place.world.officer("leader")) == 0
    right_id = actions.approve_access(request_id=number, quota_per_day=50, actor=place.owner, at=AT)
    registry = queries.read_registry()
    right = registry.right(place.client, place.shared, method="GET", path="/people/7", on=ON)
    assert not isinstance(right, Denied)
    assert (right.id, right.quota_per_day, right.valid_to) == (right_id, 50, date(2027, 3, 1))
    done = queries.get_request(number, actor=place.asker)
    assert (done.status, done.right_id, done.decided_by_name) == (RequestStatus.APPROVED, right_id, place.owner.name)
    assert [entry.type for entry in entries_of(f"exchange-request:{number}")] == [
        "exchange.access_asked", "exchange.access_approved"
    ]  # fmt: skip
    assert entries_of("exchange", types=["exchange.access_granted"])[-1].payload["right_id"] == right_id
    with pytest.raises(RequestDecided):
        actions.refuse_access(request_id=number, reason="x", actor=place.owner, at=AT)


def test_who_may_ask_see_and_decide(place: Place) -> None:
    stranger = place.world.officer("unit_admin", place.world.other_commune)
    for actor in (stranger, place.operator, place.owner, place.world.officer("specialist"), SYSTEM):
        with pytest.raises(Forbidden):
            actions.ask_access(**place.asked(actor=actor))
    number = actions.ask_access(**place.asked())
    deciders: list[tuple[Actor, bool]] = [
        (place.operator, True), (place.owner, True), (place.asker, False), (place.world.officer("leader"), False),
        (place.world.officer("auditor"), False),
    ]  # fmt: skip
    for actor, may in deciders:
        if may:
            with pytest.raises(RegistryInvalid, match="lý do"):
                actions.refuse_access(request_id=number, reason=" ", actor=actor, at=AT)
        else:
            with pytest.raises(Forbidden):
                actions.approve_access(request_id=number, actor=actor, at=AT)
    with pytest.raises(RequestNotFound):
        queries.get_request(number, actor=place.world.officer("leader"))
    assert [one.pk for one in queries.list_requests(actor=place.operator)] == [number]
    actions.refuse_access(request_id=number, reason="Chưa đủ căn cứ", actor=place.operator, at=AT)
    assert queries.list_requests(actor=place.asker, status=RequestStatus.SUBMITTED) == []
    with pytest.raises(RequestNotFound):
        actions.approve_access(request_id=0, actor=place.operator, at=AT)


def test_who_asked_does_not_decide(place: Place) -> None:
    both = Actor(
        kind=place.asker.kind, account_id=place.asker.account_id, name=place.asker.name,
        grants=place.asker.grants + place.operator.grants,
    )  # fmt: skip
    number = actions.ask_access(**place.asked(service=NATIONAL, path="/**", method="*"))
    assert queries.count_to_decide(actor=both) == 0
    for act in (actions.approve_access, actions.refuse_access):
        with pytest.raises(OwnRequest):
            act(request_id=number, reason="x", actor=both, at=AT)
    with pytest.raises(Forbidden):
        actions.approve_access(request_id=number, actor=place.owner, at=AT)
    actions.approve_access(request_id=number, actor=place.operator, at=AT)


def test_withdrawing_opens_the_way_for_another(place: Place) -> None:
    number = actions.ask_access(**place.asked())
    with pytest.raises(RequestOpen):
        actions.ask_access(**place.asked())
    with pytest.raises(Forbidden):
        actions.withdraw_access(request_id=number, actor=place.owner, at=AT)
    actions.withdraw_access(request_id=number, reason="Nhầm", actor=place.asker, at=AT)
    with pytest.raises(RequestDecided):
        actions.withdraw_access(request_id=number, actor=place.asker, at=AT)
    actions.ask_access(**place.asked())


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("fields", {"fields": [" "]}), ("purpose", {"purpose": " "}), ("document", {"document": ""}),
    ("volume_per_day", {"volume_per_day": 0}), ("valid_from", {"valid_from": date(2026, 3, 1)}),
    ("valid_to", {"valid_to": date(2026, 3, 1)}), ("valid_to", {"valid_to": date(2036, 3, 1)}),
    ("path", {"path": "/all"}), ("safeguards", {"kind": RequestKind.SPECIAL}),
    ("kind", {"kind": RequestKind.AUTOMATIC, "service": NATIONAL, "path": "/**", "method": "*"}),
    ("service", {"service": parse_target(f"{PROVIDER}/ended").service, "path": "/**", "method": "*"}),
    ("renews", {"renews": 987_654}),
]  # fmt: skip


def test_what_is_wrong_is_told_by_field(place: Place) -> None:
    for name, wrong in WRONG:
        with pytest.raises(RegistryInvalid) as refused:
            actions.ask_access(**place.asked(**wrong))
        assert [error.path for error in refused.value.errors] == [name]
    assert not AccessRequest.objects.exists()


def test_a_right_near_its_end_is_renewed(place: Place) -> None:
    first = actions.ask_access(**place.asked(kind=RequestKind.AUTOMATIC, valid_to=ON + timedelta(days=30)))
    right_id = actions.approve_access(request_id=first, actor=place.owner, at=AT)
    with pytest.raises(RegistryInvalid, match="nối tiếp"):
        actions.ask_access(**place.asked(renews=right_id, valid_to=ON + timedelta(days=20)))
    again = place.asked(renews=right_id, valid_from=ON + timedelta(days=31), valid_to=date(2027, 3, 1))
    number = actions.ask_access(**again)
    actions.approve_access(request_id=number, actor=place.owner, at=AT)
    registry = queries.read_registry()
    for day in (30, 31):
        on = ON + timedelta(days=day)
        assert not isinstance(registry.right(place.client, place.shared, method="GET", path="/people/7", on=on), Denied)
    with pytest.raises(RegistryInvalid, match="sắp hết hạn"):
        actions.ask_access(**place.asked(renews=right_id, at=AT + timedelta(days=31), valid_from=date(2026, 5, 1)))


def test_maintenance_is_announced_followed_and_cancelled(place: Place) -> None:
    start = AT + timedelta(days=1)
    given = {
        "service": place.shared, "starts_at": start, "ends_at": start + timedelta(hours=2), "reason": "Nâng cấp",
        "actor": place.owner, "at": AT,
    }  # fmt: skip
    for actor in (place.asker, place.world.officer("leader")):
        with pytest.raises(Forbidden):
            actions.announce_maintenance(**(given | {"actor": actor}))
    number = actions.announce_maintenance(**given)
    for name, wrong in (
        ("reason", {"reason": " ", "starts_at": start + timedelta(hours=3), "ends_at": start + timedelta(hours=4)}),
        ("ends_at", {"ends_at": start}),
        ("ends_at", {"starts_at": start + timedelta(days=9), "ends_at": start + timedelta(days=13)}),
        ("starts_at", {"starts_at": start - timedelta(hours=1), "ends_at": start + timedelta(minutes=1)}),
    ):
        with pytest.raises(RegistryInvalid) as refused:
            actions.announce_maintenance(**(given | wrong))
        assert [error.path for error in refused.value.errors] == [name]
    assert [one.pk for one in queries.upcoming_windows(actor=place.asker, at=start)] == [number]
    actions.cancel_maintenance(maintenance_id=number, actor=place.operator, at=start)
    assert queries.upcoming_windows(actor=place.asker, at=start) == ()
    with pytest.raises(MaintenanceNotFound):
        actions.cancel_maintenance(maintenance_id=number, actor=place.operator, at=start)


def test_a_provider_is_found_by_words_without_marks(place: Place) -> None:
    other = place.world.other_commune
    found = queries.list_services(actor=place.asker, at=AT, text=f"tra cuu {other.name}")
    assert [one.id for one in found] == [place.shared]
    page = queries.get_service_page(found[0].pk, actor=place.asker, at=AT)
    assert page.provider_unit_id == other.id
    assert (page.may_try("GET", "/people/*"), page.may_try("POST", "/people")) == (True, False)
    members = queries.list_members(actor=place.asker, at=AT, text="co quan g01")
    assert [(one.systems, one.services) for one in members] == [(1, 10)]
    assert directory.get_unit(other.id).name in queries.get_member_page(
        found[0].member_pk, actor=place.asker, at=AT
    ).row.name  # fmt: skip
    with pytest.raises(Forbidden):
        queries.list_services(actor=place.world.officer("specialist"), at=AT)


def test_both_sides_are_told(place: Place, drain_jobs: Any) -> None:
    def told(actor: Actor) -> list[tuple[str, str]]:
        return [(one.code, str(one.kind)) for one in list_notices(actor=actor)[0] if one.subject == "exchange"]

    with travel(AT):
        number = actions.ask_access(**place.asked())
        drain_jobs()
        assert told(place.owner) == told(place.operator) == [(f"request-{number}", "access")]
        assert told(place.asker) == []
        actions.refuse_access(request_id=number, reason="Chưa đủ", actor=place.owner, at=AT)
        again = actions.ask_access(**place.asked(valid_to=ON + timedelta(days=40)))
        actions.approve_access(request_id=again, actor=place.owner, at=AT)
        drain_jobs()
        assert {code for code, _ in told(place.asker)} == {f"request-{number}", f"request-{again}"}
        start = AT + timedelta(days=1)
        actions.announce_maintenance(
            service=place.shared, starts_at=start, ends_at=start + timedelta(hours=1), reason="Nâng cấp",
            actor=place.owner, at=AT,
        )  # fmt: skip
        drain_jobs()
        service = queries.service_pk(place.shared)
        assert told(place.asker)[0] == (f"service-{service}", "maintenance")
        assert told(place.world.officer("unit_admin", place.world.other_commune)) == []
        jobs.remind()
        assert told(place.asker)[0] == (f"service-{service}", "expiring")
        late = actions.ask_access(**place.asked(volume_per_day=5))
        with travel(AT + timedelta(days=14)):
            jobs.remind()
        assert told(place.owner)[0] == (f"request-{late}", "access")
