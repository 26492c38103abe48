"""Counting the log, alarms that open and close by themselves, figures for anybody."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.exchange import ASKER, AT, PROVIDER, SERVICE, SMALL, registry
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.exchange import actions, queries, rules
from tinhso.apps.exchange.data import AlarmNotFound, Thresholds
from tinhso.apps.exchange.enums import AlarmKind, Grain
from tinhso.apps.exchange.models import Alarm, MessageSeal, Service, Traffic, Usage
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.errors import Forbidden
from tinhso.lib.histogram import counted
from tinhso.lib.xroad import parse_target

pytestmark = pytest.mark.django_db
TIMEOUT = "Server.ServerProxy.ServiceFailed.Timeout"
DENIED = "Server.ServerProxy.AccessDenied"
_ADD = """
INSERT INTO exchange_message (at, kind, exchange_id, message_id, client, service, method, purpose, user_id, issue,
  represented, request_head, request_key, response_key, error, status, duration_us, request_size, response_size)
SELECT %s, kind, gen_random_uuid(), 'm', %s, %s, 'GET', '', '', '', '', '', '', '', %s, %s, %s, 10, 100
FROM generate_series(1, %s), unnest(ARRAY['request', 'response']) kind
"""


def log(
    at: datetime, count: int = 1, *, client: str = ASKER, service: str = SERVICE, error: str = "", status: int = 200,
    milliseconds: int = 12,
) -> None:  # fmt: skip
    """Exchanges in the log, as the gateway's writer leaves them."""
    with connection.cursor() as cursor:
        values = [at, client, service, error, None if error else status, milliseconds * 1_000, count]
        cursor.execute(_ADD, values)


@pytest.fixture
def published(db: None) -> dict[str, Any]:
    value = registry("http://provider.test")
    actions.publish_registry(value=value, actor=SYSTEM, at=AT)
    return value


def gather() -> None:
    while actions.gather_traffic(actor=SYSTEM, at=AT, portion=7):
        pass


def test_every_line_is_counted_once_whatever_the_portions(published: dict[str, Any]) -> None:
    log(AT, 3)
    log(AT + timedelta(minutes=4), 2, client=SMALL, milliseconds=900)
    gather()
    log(AT + timedelta(hours=20), 4, error=TIMEOUT)
    log(AT + timedelta(hours=20), 2, status=503)
    log(AT, 5, service="TEST/GOV/G01/dancu/made-up", error="Server.ServerProxy.UnknownService")
    gather()
    gather()
    days = Traffic.objects.filter(grain=Grain.DAY, client="").order_by("service", "start")
    assert [(row.service, row.calls, row.errors, row.refused) for row in days] == [
        ("", 5, 5, 0), (SERVICE, 5, 0, 0), (SERVICE, 6, 4, 2),
    ]  # fmt: skip
    assert days[1].histogram == counted([12_000] * 3 + [900_000] * 2)
    seen = queries.dashboard(actor=SYSTEM, at=AT + timedelta(hours=20), period=queries.Period.DAY, service=SERVICE)
    assert (seen.whole.calls, seen.whole.failed, seen.whole.refused, len(seen.points)) == (11, 4, 2, 24)
    assert [(one.name, one.calls) for one in seen.parts] == [(ASKER, 9), (SMALL, 2)]
    assert (seen.points[-1].calls, seen.points[-1].failed, sum(one.calls for one in seen.points)) == (6, 6, 11)
    assert seen.errors == ((TIMEOUT, 4), ("HTTP 5xx", 2))
    of_client = queries.dashboard(actor=SYSTEM, at=AT, period=queries.Period.MONTH, clients=[SMALL])
    assert (of_client.whole.calls, [one.name for one in of_client.parts]) == (2, [SERVICE])
    with pytest.raises(Forbidden):
        queries.dashboard(actor=ANONYMOUS, at=AT, period=queries.Period.DAY)
    assert actions.forget_traffic(actor=SYSTEM, at=AT + timedelta(days=10)) > 0
    assert not Traffic.objects.filter(grain=Grain.SLOT).exists()


def test_a_dashboard_asks_the_same_for_few_and_for_many(published: dict[str, Any]) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            queries.dashboard(actor=SYSTEM, at=AT, period=queries.Period.DAY)
        return len(caught)

    few = asked()
    for hour in range(24):
        log(AT - timedelta(hours=hour), 2)
    gather()
    assert asked() == few == 1


def test_figures_for_anybody_name_no_client_and_hide_what_is_not_published(published: dict[str, Any]) -> None:
    log(AT, 3, client=ASKER)
    log(AT, 1, client=SMALL)
    log(AT, 2, service=f"{PROVIDER}/dead", error=TIMEOUT)
    gather()
    Service.objects.filter(code="dead").update(is_published=False)
    found = queries.daily_figures(first=date(2026, 3, 2), last=date(2026, 3, 2))
    assert [(one.service, one.name, one.calls, one.errors) for one in found] == [
        ("", "Dịch vụ khác", 2, 2), (SERVICE, "xac-nhan", 4, 0)
    ]  # fmt: skip
    assert found[1].median_ms is not None
    assert 10 <= found[1].median_ms <= 15
    assert queries.daily_figures(first=date(2026, 3, 3), last=date(2026, 3, 9)) == []


def test_an_alarm_opens_once_is_looked_after_and_closes_by_itself(published: dict[str, Any]) -> None:
    log(AT, 6, service=f"{PROVIDER}/dead", error=TIMEOUT)
    gather()
    assert actions.watch_exchange(actor=SYSTEM, at=AT) == (1, 0)
    assert actions.watch_exchange(actor=SYSTEM, at=AT + timedelta(minutes=1)) == (0, 0)
    (alarm,) = queries.list_alarms(actor=SYSTEM)
    assert (alarm.kind, alarm.subject) == (AlarmKind.DEAD, f"{PROVIDER}/dead")
    assert queries.count_alarms() == 1
    with pytest.raises(Forbidden):
        actions.acknowledge_alarm(alarm_id=alarm.pk, actor=ANONYMOUS, at=AT)
    actions.acknowledge_alarm(alarm_id=alarm.pk, actor=SYSTEM, at=AT)
    assert queries.count_alarms() == 0
    with pytest.raises(AlarmNotFound):
        actions.acknowledge_alarm(alarm_id=alarm.pk, actor=SYSTEM, at=AT)
    assert actions.watch_exchange(actor=SYSTEM, at=AT + timedelta(hours=1))[1] == 1
    assert Alarm.objects.get(pk=alarm.pk).closed_at == AT + timedelta(hours=1)
    told = [entry.type for entry in entries_of("exchange-alarms") if entry.payload["alarm_id"] == alarm.pk]
    assert told == ["exchange.alarm_opened", "exchange.alarm_acknowledged", "exchange.alarm_closed"]


def test_alarms_are_silent_in_maintenance(published: dict[str, Any]) -> None:
    log(AT, 30, error=TIMEOUT)
    gather()
    actions.announce_maintenance(
        service=parse_target(SERVICE).service, starts_at=AT, ends_at=AT + timedelta(hours=1), reason="Nâng cấp",
        actor=SYSTEM, at=AT,
    )  # fmt: skip
    assert queries.findings(at=AT) == []
    actions.cancel_maintenance(maintenance_id=queries.upcoming_windows(actor=SYSTEM, at=AT)[0].pk, actor=SYSTEM, at=AT)
    assert [one.kind for one in queries.findings(at=AT)] == [AlarmKind.DEAD]


@pytest.fixture
def kinds(published: dict[str, Any]) -> Callable[[datetime], set[AlarmKind]]:
    return lambda at: {one.kind for one in queries.findings(at=at)}


def test_what_else_deserves_an_alarm(published: dict[str, Any], kinds: Callable[[datetime], set[AlarmKind]]) -> None:
    assert kinds(AT) == set()
    log(AT, 1)
    assert kinds(AT + timedelta(minutes=11)) == {AlarmKind.UNSEALED}
    last = queries.settled_up_to()
    MessageSeal.objects.create(
        number=1, first_id=1, last_id=last, size=1, root=b"", previous_head=b"", head=b"", key="", signature=b"",
        sealed_at=AT,
    )  # fmt: skip
    assert kinds(AT + timedelta(hours=4)) == {AlarmKind.UNSTAMPED}
    actions.make_missing_keys(actor=SYSTEM, at=AT)
    assert AlarmKind.CERTIFICATE in kinds(AT + timedelta(days=701))
    right = next(one for rows in queries.read_registry().rights.values() for one in rows if one.quota_per_day)
    Usage.objects.create(day=date(2026, 3, 2), right_id=right.id, client=ASKER, service=SERVICE, calls=2)
    assert AlarmKind.QUOTA not in kinds(AT)
    Usage.objects.update(calls=3)
    assert AlarmKind.QUOTA in kinds(AT)
    for differences, wanted in ((["$.name: thiếu"], True), ([], False)):
        at = AT + timedelta(minutes=1 if wanted else 2)
        actions.record_contract_check(
            service=parse_target(SERVICE).service, origin="demand", method="GET", path="/", status=200,
            differences=differences, actor=SYSTEM, at=at,
        )  # fmt: skip
        assert (AlarmKind.CONTRACT in kinds(at)) is wanted


LIMITS = Thresholds(15, 20, 20, 5_000, 5, 30, 10, 180, 80)


@given(
    answered=st.integers(0, 60), failed=st.integers(0, 60), refused=st.integers(0, 60), denied=st.integers(0, 60),
    milliseconds=st.sampled_from([5, 4_000, 9_000]),
)  # fmt: skip
def test_what_a_client_does_wrong_never_alarms(
    answered: int, failed: int, refused: int, denied: int, milliseconds: int
) -> None:
    refused = min(refused, answered)

    def found(denied: int) -> list[rules.Finding]:
        types = {TIMEOUT: failed, DENIED: denied, "Server.ServerProxy.ServiceFailed.Maintenance": denied}
        return list(
            rules.service_findings(
                "s", calls=answered + failed + 2 * denied, refused=refused, error_types=types,
                histogram=counted([milliseconds * 1_000] * answered), thresholds=LIMITS,
            )
        )  # fmt: skip

    assert [one.kind for one in found(denied)] == [one.kind for one in found(0)]
    seen = {one.kind for one in found(denied)}
    assert (AlarmKind.DEAD in seen) is (failed >= 5 and answered == 0)
    many = answered + failed >= 20 and (failed + refused) * 5 >= answered + failed
    assert (AlarmKind.ERRORS in seen) is (many and AlarmKind.DEAD not in seen)


@given(st.integers(-100, 100), st.integers(1, 90))
def test_a_right_is_renewed_only_in_the_last_days_before_its_end(left: int, days: int) -> None:
    on = date(2026, 3, 2)
    assert rules.can_renew(valid_to=on + timedelta(days=left), on=on, days=days) is (0 <= left <= days)
    assert not rules.can_renew(valid_to=None, on=on, days=days)
