"""A hundred thousand notices fanned out to people with addresses, under quotas, and a round of them sent through a gateway
that takes everything at once: what the product itself costs."""

import time
from collections import Counter
from datetime import timedelta
from typing import Any
from unittest.mock import patch

_ROUND = 1_000
_PEOPLE = 5_000
_UNITS = 20


def measure(*, notices: int = 100_000, sent: int = 20_000) -> dict[str, Any]:
    """Tell `notices` notices in rounds of a thousand, then claim and record `sent` messages; everything in this process.

    The network is left out: a gateway's answer is made on the spot.
    """
    from tinhso.apps.notifications import actions, flows
    from tinhso.apps.notifications.data import Outcome, Told
    from tinhso.apps.notifications.enums import NoticeKind, NoticeSubject
    from tinhso.apps.notifications.models import Delivery
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now
    from tinhso.kernel.jobs import held

    people, units = _people()
    at = now().replace(hour=3)  # ten in the morning: no quiet hours
    started, before = time.perf_counter(), time.process_time()
    with held():
        for first in range(0, notices, _ROUND):
            told = [
                Told(
                    people[number % len(people)], f"H48.12-261008-{number:06d}", "Đã có kết quả, mời nhận.",
                    f"bench:{at:%H%M%S}:{number}", unit_id=units[number % len(units)],
                )
                for number in range(first, min(first + _ROUND, notices))
            ]  # fmt: skip
            actions.notify_many(
                told=told, kind=NoticeKind.RESULT, subject=NoticeSubject.CASE, source=f"bench:{at:%H%M%S}:{first}",
                actor=SYSTEM, at=at,
            )  # fmt: skip
    fanned, fanned_cpu = time.perf_counter() - started, time.process_time() - before
    taken = Outcome(taken=True, provider="a", provider_id="x", cost_vnd=350, segments=1)
    started, before, tried, rounds = time.perf_counter(), time.process_time(), 0, 0
    with patch.object(flows.sms, "send", lambda message, **_: taken), held():
        while tried < sent and (count := flows.send_due(at=at + timedelta(seconds=rounds), rounds=20)):
            tried, rounds = tried + count, rounds + 1
    spent, spent_cpu = time.perf_counter() - started, time.process_time() - before
    return {
        "notices": notices, "people": len(people), "fan_out_s": round(fanned, 1), "fan_out_cpu_s": round(fanned_cpu, 1),
        "fanned_per_s": round(notices / fanned), "sent": tried, "send_s": round(spent, 1), "send_cpu_s": round(spent_cpu, 1),
        "sent_per_s": round(tried / spent) if spent else 0,
        "states": dict(Counter(Delivery.objects.values_list("state", flat=True))),
    }  # fmt: skip


def _people() -> tuple[list[int], list[int]]:
    """Accounts with a proved phone, made for the measurement, and units that tell."""
    from tinhso.apps.accounts.models import Account
    from tinhso.apps.directory.models import Unit
    from tinhso.apps.notifications.models import Choice, Contact
    from tinhso.kernel.clock import now

    at = now()
    accounts = Account.objects.bulk_create(
        Account(kind="citizen", username=f"bench-{at:%H%M%S}-{number}", full_name="Người đo", created_at=at)
        for number in range(_PEOPLE)
    )
    Contact.objects.bulk_create(
        Contact(account=one, channel="sms", address=f"+8490{number:07d}", verified_at=at)
        for number, one in enumerate(accounts)
    )
    Choice.objects.bulk_create(Choice(account=one, order=["sms"], changed_at=at) for one in accounts)
    return [one.pk for one in accounts], list(Unit.objects.order_by("pk").values_list("pk", flat=True)[:_UNITS]) or [0]


def main() -> None:
    """Measure in the province of `TINHSO_DATA_DIR` and print; it leaves what it made behind."""
    import json

    from tinhso.config.bootstrap import setup

    setup()
    print(json.dumps(measure(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
