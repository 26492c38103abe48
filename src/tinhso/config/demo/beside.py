"""What goes on beside the ordinary cases: linked cases, the hall, petitions, the traces of daily work.

Made once for a province, in one process after the cases, so that the number of processes changes nothing.
"""

import heapq
import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime

import click

from tinhso.apps.cases.models import Label, Leg
from tinhso.apps.petitions.models import Petition
from tinhso.apps.reception.models import Queue
from tinhso.config.demo.desk import desk_acts
from tinhso.config.demo.hall import hall_acts
from tinhso.config.demo.linked import linked_lives
from tinhso.config.demo.messages import reach_people
from tinhso.config.demo.money import money_acts
from tinhso.config.demo.petitions import petition_lives
from tinhso.config.demo.stage import Stage, Step
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import DomainError
from tinhso.kernel.jobs import held

Acts = Iterator[tuple[datetime, Step]]


def live_beside(stage: Stage) -> None:
    """Make what the province has not got yet."""
    if not Leg.objects.exists():
        _play(stage, (life.play() for life in linked_lives(stage)), linked=True)
    if not Petition.objects.exists():
        _play(stage, petition_lives(stage))
    if not Label.objects.exists():
        _play(stage, [desk_acts(stage)])
    if not Queue.objects.exists():
        _play(stage, [hall_acts(stage)])
    _play(stage, [money_acts(stage)])
    with held():  # after what was lived in the past: nobody is told of it now
        reach_people(stage, stage.start)


def _play(stage: Stage, lives: Iterable[Acts], *, linked: bool = False) -> None:
    """Every act in the order of time. A life ends where an act is refused: the others go on."""
    order = itertools.count()
    queue: list[tuple[datetime, int, Step, Acts]] = []

    def push(life: Acts) -> None:
        following = next(life, None)
        if following is not None:
            heapq.heappush(queue, (following[0], next(order), following[1], life))

    for life in lives:
        push(life)
    while queue:
        at, _, step, life = heapq.heappop(queue)
        if at > stage.start:
            continue
        try:
            with travel(at), held() as waiting:
                step(at)
                stage.after(at, waiting, linked=linked)
        except DomainError as refusal:
            click.echo(f"      bỏ qua một việc mẫu: {refusal.message}", err=True)
            continue
        push(life)
