"""Playing a scenario with several processes: each has one-stop units of its own and lives their days act by act; in the
evening they wait for each other while the rounds of the clock run."""

import heapq
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing import get_context
from threading import BrokenBarrierError
from typing import Any

import click
from django.db import connection, connections

from tinhso.apps.audit.queries import get_entry
from tinhso.config.bootstrap import spare_collector
from tinhso.config.demo.cases import quick_commits
from tinhso.config.demo.stage import Step
from tinhso.config.replay import rounds
from tinhso.config.replay.exchange import Exchanger
from tinhso.config.replay.life import ReplayLife
from tinhso.config.replay.stage import ReplayStage, Spent, run_followed
from tinhso.config.supervisor import die_with_parent
from tinhso.kernel.clock import PROVINCE_TIME, travel
from tinhso.kernel.errors import DomainError
from tinhso.kernel.jobs import followed, waiting_jobs

# The numbers that one process plays, each with the instant its life begins.
Share = list[tuple[datetime, int]]
_MICROSECOND = 1_000_000


@dataclass
class Tally:
    """What a process has done, for all to see while it works."""

    filed: Any
    acts: Any
    exchanged: Any
    ended_early: Any


@dataclass(frozen=True)
class Outcome:
    """What a run has done and what it took; `spent`: of all processes."""

    filed: int
    acts: int
    exchanged: int
    ended_early: int
    seconds: float
    spent: Spent


def shares_of(stage: ReplayStage, count: int, processes: int) -> list[Share]:
    """The lives shared out: all of one one-stop unit to one process, the largest first to whoever has least."""
    places: dict[int, Share] = defaultdict(list)
    for number in range(count):
        life = ReplayLife(stage, number)
        places[life.one_stop.id].append((life.begins_at, number))
    found: list[Share] = [[] for _ in range(min(max(processes, 1), len(places)))]
    for _, lives in sorted(places.items(), key=lambda item: (-len(item[1]), item[0])):
        min(found, key=len).extend(lives)
    return found


def play(
    stage: ReplayStage, count: int, *, share: float, processes: int, tell: Callable[[Tally, date], None]
) -> Outcome:
    """Live `count` lives and that share of the exchanges; done already, they are passed over.

    Raises:
        SystemExit: a process failed; what it said stands above. What is done stays done.
    """
    began = time.monotonic()
    spent: Spent = Counter()
    resumed_on = _unfinished(stage, spent)
    shares = shares_of(stage, count, processes)
    connections.close_all()  # a connection cannot be shared with children
    apart = get_context("fork")
    tally = Tally(*(apart.Value("l", 0) for _ in range(4)))
    meeting, results = apart.Barrier(len(shares) + 1), apart.SimpleQueue()
    parent = os.getpid()

    def work(place: int) -> None:
        # Ended at once, not in order: what is open is rolled back and lived again, and a killed parent may have taken the
        # lock of the meeting with it, for which an orderly end would wait for ever.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        die_with_parent(parent)  # or it waits for an evening that never comes
        worker = _Worker(stage, shares[place], tally)
        exchanger = Exchanger(stage.scenario, place=place, places=len(shares), share=share)
        try:
            with quick_commits():
                worker.take_up(resumed=resumed_on is not None)
                for day in stage.scenario.days():
                    worker.live(day, exchanger)
                    meeting.wait()
                    meeting.wait()  # until the evening is over
            exchanger.close()
        except BaseException:
            meeting.abort()
            raise
        results.put(worker.spent)

    workers = [apart.Process(target=work, args=(place,), daemon=True) for place in range(len(shares))]
    for worker in workers:
        worker.start()
    try:
        _evenings(stage, meeting, spent, resumed_on, tell=lambda day: tell(tally, day))
        for _ in workers:
            spent.update(results.get())
    except BrokenBarrierError:
        raise SystemExit("Một tiến trình đã dừng vì lỗi; những gì đã làm được giữ lại, chạy lại để tiếp tục.") from None
    finally:
        for worker in workers:
            worker.join(timeout=5)
            worker.terminate()
    rounds.seal(spent, all_of_it=True)
    return Outcome(
        tally.filed.value, tally.acts.value, tally.exchanged.value, tally.ended_early.value,
        time.monotonic() - began, spent,
    )  # fmt: skip


def _evenings(
    stage: ReplayStage, meeting: Any, spent: Spent, resumed_on: date | None, *, tell: Callable[[date], None]
) -> None:
    """What this process does while the others live: in the evening the rounds of the clock, by day the seals."""
    for day in stage.scenario.days():
        meeting.wait()
        if resumed_on is None or day >= resumed_on:
            rounds.evening(stage, day, spent)
        tell(day)
        meeting.wait()
        rounds.seal(spent)


def _unfinished(stage: ReplayStage, spent: Spent) -> date | None:
    """Run what a killed run has left in the queue; the day it had reached, None for a fresh start."""
    for job in waiting_jobs():
        entry = job.arguments.get("entry_id")
        if entry is None:
            continue
        at = get_entry(entry).at
        with travel(at), followed() as more:
            run_followed(stage, [job], at, whole=stage.all_whole, spent=spent)
            run_followed(stage, more, at, whole=stage.all_whole, spent=spent)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(updated_at) FROM cases_case WHERE code IS NOT NULL")
        reached = cursor.fetchone()[0]
    return reached.astimezone(PROVINCE_TIME).date() if reached else None


class _Worker:
    """One process: its lives, in the order of time."""

    def __init__(self, stage: ReplayStage, share: Share, tally: Tally) -> None:
        self.stage, self.tally = stage, tally
        self.queue: list[tuple[datetime, int, ReplayLife | None, Iterator[tuple[datetime, Step]] | None, Step | None]]
        self.queue = [(at, number, None, None, None) for at, number in share]
        heapq.heapify(self.queue)
        self.known: dict[str, tuple[int, frozenset[int]]] = {}
        self.spent: Spent = Counter()
        spare_collector()

    def take_up(self, *, resumed: bool) -> None:
        """Learn from the database which acts of which lives are done: an act is known by its instant in the log."""
        if not resumed:
            return
        numbers = [number for _, number, *_ in self.queue]
        persons = [self.stage.names.citizen(number).personal_id for number in numbers]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.applicant_personal_id, c.id, array_agg((extract(epoch FROM e.at) * 1000000)::bigint)"
                " FROM cases_case c JOIN audit_entry e ON e.stream = 'case:' || c.id"
                " WHERE c.applicant_personal_id = ANY(%s) GROUP BY 1, 2",
                [persons],
            )
            self.known = {person: (case_id, frozenset(instants)) for person, case_id, instants in cursor.fetchall()}

    def live(self, day: date, exchanger: Exchanger) -> None:
        """Everything of a day: what people and officers do, the calls to other systems, the tills at its end."""
        latest = None
        while self.queue and self.queue[0][0] <= self.stage.start and _civil(self.queue[0][0]) <= day:
            latest = self._next()
        began = time.process_time_ns()
        exchanger.play(day)
        with self.tally.exchanged.get_lock():
            self.tally.exchanged.value += exchanger.done
        exchanger.done = 0
        self.spent["exchange"] += time.process_time_ns() - began
        if latest is not None:
            with travel(latest):
                self.stage.close_tills(latest)

    def _next(self) -> datetime:
        at, number, life, acts, step = heapq.heappop(self.queue)
        if life is None or acts is None or step is None:
            life = ReplayLife(self.stage, number)
            acts = life.play()
            at, step = next(acts)
            self._count(self.tally.filed)
        try:
            if not self._is_done(life, at, step):
                self._act(life, at, step)
        except DomainError as refusal:
            # The rules may end a life early; all the others go on.
            click.echo(f"      hồ sơ {number} dừng ở {step.__name__}: {refusal.message}", err=True)
            self._count(self.tally.ended_early)
            return at
        following = next(acts, None)
        if following is not None:
            heapq.heappush(self.queue, (following[0], number, life, acts, following[1]))
        return at

    def _act(self, life: ReplayLife, at: datetime, step: Step) -> None:
        began = time.process_time_ns()
        with travel(at), followed() as waiting:
            step(at)
            self.spent[f"act {step.__name__.strip('_')}"] += time.process_time_ns() - began
            run_followed(self.stage, waiting, at, whole=self.stage.is_whole(life.number), spent=self.spent)
        self._count(self.tally.acts)

    def _is_done(self, life: ReplayLife, at: datetime, step: Step) -> bool:
        """Whether an earlier run has done this; if not, the life goes on from here."""
        known = self.known.get(life.personal_id) if self.known else None
        if known is None:
            return False
        case_id, instants = known
        instant = round(at.timestamp() * _MICROSECOND)
        # A payment stands in its order's stream; that something came after it tells as much.
        if instant in instants or (step == life.pay and instant < max(instants)):
            return True
        life.resume(case_id)
        del self.known[life.personal_id]
        return False

    def _count(self, what: Any) -> None:
        with what.get_lock():
            what.value += 1


def _civil(at: datetime) -> date:
    return at.astimezone(PROVINCE_TIME).date()


def parts(spent: Spent) -> Iterable[tuple[str, float]]:
    """Processor seconds by part, the largest first."""
    return [(part, nanoseconds / 1e9) for part, nanoseconds in spent.most_common()]
