"""A slip's way in: stored for good first, then made a case, or left with what an officer has to decide."""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.reception import actions, queries
from tinhso.apps.reception.data import SlipConflict, SlipContent, SlipInConflict
from tinhso.apps.reception.enums import ConflictKind
from tinhso.apps.reception.models import OfflineSlip
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError, Invalid
from tinhso.kernel.flows import flow


@flow
def settle(
    *,
    slip: OfflineSlip,
    content: SlipContent,
    accepted: frozenset[str] = frozenset(),
    by_sync_time: bool = False,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> OfflineSlip:
    """Make the slip a case, or write down what stands in the way; either is committed when this returns.

    Raises:
        SlipSettled; Forbidden; Invalid: a decision without its reason.
    """
    decided = bool(accepted) or by_sync_time
    if decided and not reason.strip():
        raise Invalid("Mời ghi lý do của quyết định này; lý do được giữ cùng hồ sơ.")
    try:
        return actions.settle_slip(
            slip_id=slip.pk, content=content, accepted=accepted, by_sync_time=by_sync_time, reason=reason, actor=actor,
            at=at,
        )  # fmt: skip
    except SlipInConflict as refusal:
        found = list(refusal.conflicts)
    except Invalid as refusal:
        sentences = queries.sentences_of(refusal, content, slip=slip)
        found = [SlipConflict(ConflictKind.CONTENT, sentence) for sentence in sentences]
    return actions.note_conflicts(slip_id=slip.pk, conflicts=found, actor=actor, at=at)


@flow
def refuse_for_now(*, slip: OfflineSlip, problem: DomainError, actor: Actor, at: datetime) -> OfflineSlip:
    """The slip cannot even be read as a case (its procedure is gone): what stands in the way, written down."""
    found: Sequence[SlipConflict] = [SlipConflict(ConflictKind.PROCEDURE_ENDED, problem.message)]
    return actions.note_conflicts(slip_id=slip.pk, conflicts=found, actor=actor, at=at)
