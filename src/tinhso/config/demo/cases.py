"""Cases of the demo province over the past year, lived through the real actions under a moved clock.

Everything about a case is drawn from the seed and the case's number, so the same seed and day give the same province,
however many processes play it. What happens at one one-stop unit is played in the order of time by one process, so that
case codes, book numbers and the log read as they would have; no two processes meet in one counter or one book.
"""

import heapq
import itertools
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context
from typing import Any

import click
from django.db import connection, connections
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tinhso.apps.cases.queries import count_filed
from tinhso.apps.directory import queries as directory
from tinhso.config.bootstrap import spare_collector
from tinhso.config.demo.beside import live_beside
from tinhso.config.demo.life import OWN_CASES, Life
from tinhso.config.demo.money import Till
from tinhso.config.demo.stage import Stage, Step
from tinhso.kernel.actions import lasting_facts
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import DomainError
from tinhso.kernel.jobs import held

# The case numbers that one process plays, each with the instant its case begins.
Share = list[tuple[datetime, int]]


def missing_cases(wanted: int) -> int:
    """How many cases are still to be made so that the province has `wanted`."""
    return max(wanted - count_filed(), 0)


def load_cases(count: int, *, seed: int, processes: int = 1) -> None:
    """Make `count` more cases. Progress is shown; each case's steps end where the present begins.

    Raises:
        SystemExit: a process failed; what it said stands above. The cases made so far stay.
    """
    if count == 0:
        return
    directory.begin_request()  # the directory does not change while this runs: read it once
    try:
        with lasting_facts():
            stage = Stage(seed=seed, count=count)
            first = count_filed()  # people go on where an earlier load ended
            shares = _shares(stage, range(first, first + count), processes)
            if len(shares) > 1:
                _play_apart(stage, shares)
            else:
                with _progress(count) as show:
                    filed = itertools.count(1)
                    _play(stage, shares[0], tell=lambda: show(next(filed)))
            live_beside(stage)
    finally:
        directory.end_request()


def _shares(stage: Stage, numbers: range, processes: int) -> list[Share]:
    """The cases shared out: all of one one-stop unit to one process, the largest first to whoever has least."""
    places: dict[int, Share] = defaultdict(list)
    for number in numbers:
        life = Life(stage, number)
        places[life.one_stop.id].append((life.begins_at, number))
    shares: list[Share] = [[] for _ in range(min(max(processes, 1), len(places)))]
    for _, cases in sorted(places.items(), key=lambda item: (-len(item[1]), item[0])):
        min(shares, key=len).extend(cases)
    return shares


def _play(stage: Stage, share: Share, *, tell: Callable[[], Any]) -> None:
    """Live the cases of a share, step by step in the order of time; `tell` is called for each case filed."""
    queue: list[tuple[datetime, int, Iterator[tuple[datetime, Step]] | None, Step | None]]
    queue = [(at, number, None, None) for at, number in share]
    heapq.heapify(queue)
    spare_collector()
    till = Till(stage)
    with quick_commits():
        while queue and queue[0][0] <= stage.start:
            at, number, life, step = heapq.heappop(queue)
            if life is None or step is None:
                life = Life(stage, number, till).play()
                at, step = next(life)
                tell()
            try:
                with travel(at), held() as waiting:
                    step(at)
                    stage.after(at, waiting, whole=number < OWN_CASES)
            except DomainError as refusal:
                # One life that the rules end early is no reason to leave the province without all the others.
                click.echo(f"      bỏ qua phần còn lại của hồ sơ mẫu {number}: {refusal.message}", err=True)
                continue
            following = next(life, None)
            if following is not None:
                heapq.heappush(queue, (following[0], number, life, following[1]))
        with held():
            till.close()


def _play_apart(stage: Stage, shares: list[Share]) -> None:
    """Live each share in a process of its own; they inherit the stage, and end when this process has gone."""
    connections.close_all()  # a connection cannot be shared with children
    apart = get_context("fork")
    filed = apart.Value("l", 0)
    parent = os.getpid()

    def work(share: Share) -> None:
        def count() -> None:
            if os.getppid() != parent:
                raise SystemExit(1)
            with filed.get_lock():
                filed.value += 1

        _play(stage, share, tell=count)

    workers = [apart.Process(target=work, args=(share,), daemon=True) for share in shares]
    for worker in workers:
        worker.start()
    with _progress(sum(len(share) for share in shares)) as show:
        while any(worker.is_alive() for worker in workers) and not any(worker.exitcode for worker in workers):
            show(filed.value)
            time.sleep(0.2)
        show(filed.value)
    if any(worker.exitcode for worker in workers):
        for worker in workers:
            worker.terminate()
        raise SystemExit("Một tiến trình tạo hồ sơ mẫu đã dừng vì lỗi; hồ sơ đã tạo được giữ lại.")


@contextmanager
def _progress(count: int) -> Iterator[Callable[[int], None]]:
    """A line that grows, or in a log a line for every twentieth; the block tells how many cases are filed."""
    columns = (TextColumn("      {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("hồ sơ", total=count)
        told = 0

        def tell(filed: int) -> None:
            nonlocal told
            progress.update(task, completed=filed)
            if not progress.console.is_terminal and filed * 20 // max(count, 1) > told:
                told = filed * 20 // count
                click.echo(f"      {filed}/{count} hồ sơ")

        yield tell


@contextmanager
def quick_commits() -> Iterator[None]:
    """Do not wait for the disk at each commit: a power cut may cost the latest play cases, never a part of one."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
