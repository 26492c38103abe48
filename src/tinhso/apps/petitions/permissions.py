"""Rights over petitions: role × unit subtree. Who sits in an office of a unit acts for the unit."""

from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions.models import Petition
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.permissions import Permission


class PetitionPermission(Permission):
    """Quyền đối với phản ánh, kiến nghị."""

    VIEW = "petition.view"
    RECEIVE = "petition.receive"
    ANSWER = "petition.answer"
    APPROVE = "petition.approve"
    PUBLISH = "petition.publish"


def units_held(actor: Actor, permission: PetitionPermission) -> frozenset[int]:
    """The units for which the actor holds a right: those of his grants, and the unit whose office he sits in."""
    own = actor.unit_ids_for(permission)
    return own | {directory.resolving_unit_of(unit_id).id for unit_id in own}


def can_send(actor: Actor) -> bool:
    """Whether the actor may send (gửi): citizens with an identity, and anybody who leaves a contact."""
    if actor.kind is ActorKind.CITIZEN:
        return actor.assurance >= 1
    return actor.kind is ActorKind.ANONYMOUS


def is_sender(actor: Actor, petition: Petition) -> bool:
    """Whether the actor is the person who sent it, signed in."""
    return (
        actor.kind is ActorKind.CITIZEN
        and actor.account_id is not None
        and actor.assurance >= 1
        and petition.account_id == actor.account_id
    )


def can_receive(actor: Actor, petition: Petition) -> bool:
    """Whether the actor may take up, refuse, ask and pass on: at the unit or the centre that receives for it."""
    return _holds(actor, PetitionPermission.RECEIVE, petition, at_intake=True)


def can_answer(actor: Actor, petition: Petition) -> bool:
    """Whether the actor may draft the answer: at the handling unit (soạn trả lời)."""
    return _holds(actor, PetitionPermission.ANSWER, petition)


def can_approve(actor: Actor, petition: Petition) -> bool:
    """Whether the actor may approve the answer or send it back (duyệt trả lời)."""
    return _holds(actor, PetitionPermission.APPROVE, petition)


def can_publish(actor: Actor, petition: Petition) -> bool:
    """Whether the actor may publish, withhold, or take down (công khai)."""
    return _holds(actor, PetitionPermission.PUBLISH, petition, at_intake=True)


def _holds(actor: Actor, permission: PetitionPermission, petition: Petition, *, at_intake: bool = False) -> bool:
    if not actor.has(permission):
        return False
    held = units_held(actor, permission)
    return petition.handling_unit_id in held or (at_intake and petition.intake_unit_id in held)
