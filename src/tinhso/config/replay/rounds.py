"""The rounds of the clock, under the moved clock: once a day each, after the counters have closed.

In life many of them run every minute; a day that is lived in a second or two has one evening. What needs the outside
world (lists of revoked certificates, other systems' answers) is left to its own tests.
"""

import time
from datetime import date, datetime, timedelta

from tinhso.apps.audit import actions as audit
from tinhso.apps.cases import jobs as cases
from tinhso.apps.exchange import actions as exchange
from tinhso.apps.exchange import jobs as exchange_jobs
from tinhso.apps.notifications import jobs as notifications
from tinhso.apps.receipts import jobs as receipts
from tinhso.config.replay.stage import ReplayStage, Spent, run_followed
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME, now, travel
from tinhso.kernel.jobs import followed

_BATCH = 10_000  # rows under one seal
# (hour, minute) of the evening or of the night that follows, and what runs then.
_ROUNDS = (
    ((17, 30), cases.remind_of_dates),
    ((17, 35), cases.watch_consultations),
    ((17, 40), receipts.finish_receipts),
    ((17, 45), notifications.send_waiting),
    ((17, 50), exchange_jobs.gather_traffic),
    ((25, 10), exchange_jobs.make_partitions),
    ((25, 15), cases.stop_unanswered),
    ((25, 50), cases.begin_retention),
    ((26, 35), notifications.forget),
)


def evening(stage: ReplayStage, day: date, spent: Spent) -> None:
    """The evening of a day and the night after it; `spent` gathers processor time by round."""
    midnight = datetime.combine(day, datetime.min.time(), PROVINCE_TIME)
    for (hour, minute), work in _ROUNDS:
        began = time.process_time_ns()
        at = min(midnight + timedelta(hours=hour, minutes=minute), stage.start)
        with travel(at), followed() as waiting:
            work()
            run_followed(stage, waiting, at, whole=stage.all_whole)
        spent[f"round {work.__name__}"] += time.process_time_ns() - began


def seal(spent: Spent, *, all_of_it: bool = False) -> None:
    """Seal whole batches of both logs; at the end `all_of_it`. A seal bears the time of its making."""
    began = time.process_time_ns()
    at = now()  # not the moved clock: the log's rows say when they were really written
    for work in (audit.seal_entries, exchange.seal_messages):
        while work(actor=SYSTEM, at=at) == _BATCH or (all_of_it and work(actor=SYSTEM, at=at)):
            pass
    spent["seals"] += time.process_time_ns() - began
