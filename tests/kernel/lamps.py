"""A made-up domain for the tests of the kernel: lamps that are lit, on the table of idempotency keys."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from tinhso.apps.audit.actions import record
from tinhso.apps.audit.models import IdempotencyKey
from tinhso.kernel.actions import action
from tinhso.kernel.actor import Actor
from tinhso.kernel.events import Event
from tinhso.kernel.flows import flow

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class LampKindled(Event):
    """A lamp was lit."""

    type: ClassVar[str] = "test.lamp_kindled"
    lamp: str
    kindled_at: datetime
    oil_until: date | None = None
    helpers: tuple[str, ...] = ()
    notes: dict[str, Any] | None = None


def lamps() -> list[str]:
    """The lamps that are lit, by name."""
    return sorted(IdempotencyKey.objects.filter(scope="lamp").values_list("key", flat=True))


@action
def kindle(*, lamp: str, actor: Actor, at: datetime, fails: bool = False) -> str:
    """Thắp đèn."""
    IdempotencyKey.objects.create(scope="lamp", key=lamp, request_digest="", created_at=at)
    record(LampKindled(lamp=lamp, kindled_at=at), subject=f"lamp:{lamp}", actor=actor, at=at)
    if fails:
        raise ValueError(lamp)
    return lamp


@action(inner=True)
def trim(*, lamp: str, actor: Actor, at: datetime) -> str:
    """Tỉa bấc đèn."""
    return f"trimmed {lamp}"


@action
def kindle_both(
    *, first: str, second: str, actor: Actor, at: datetime, second_fails: bool = False, swallow: bool = False
) -> str:
    """Thắp hai đèn; they join this transaction."""
    kindle(lamp=first, actor=actor, at=at)
    try:
        kindle(lamp=second, actor=actor, at=at, fails=second_fails)
    except ValueError:
        if not swallow:
            raise
    return trim(lamp=first, actor=actor, at=at)


@flow
def ask_neighbour(*, lamp: str) -> str:
    """Hỏi mượn lửa."""
    return f"fire for {lamp}"
