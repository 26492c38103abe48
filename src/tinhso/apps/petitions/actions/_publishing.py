"""Publishing question and answer without personal data, or saying why not."""

from datetime import datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.petitions import permissions, rules
from tinhso.apps.petitions.actions._common import lock, require_step, text_of
from tinhso.apps.petitions.data import HoldsPersonalData, PetitionMoved, Publication
from tinhso.apps.petitions.enums import PetitionAct
from tinhso.apps.petitions.events import AnswerPublished, PublicationTakenDown, PublicationWithheld
from tinhso.apps.petitions.models import Petition
from tinhso.apps.petitions.queries._one import known_traces
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import FieldError
from tinhso.lib.text import fold


@action
def publish_petition(*, petition_id: int, publication: Publication, actor: Actor, at: datetime) -> Petition:
    """Công khai phản ánh và trả lời, as the officer has written them for everybody.

    Raises:
        PetitionNotFound; PetitionMoved: published or withheld already. Invalid: something is not written.
        HoldsPersonalData: the sender could be known by it; every piece is named.
    """
    petition = lock(petition_id)
    require(permissions.can_publish(actor, petition))
    _require_undecided(petition, PetitionAct.PUBLISH)
    petition.public_title = text_of(publication.title, "Mời viết tiêu đề công khai.")[:200]
    petition.public_content = text_of(publication.content, "Mời viết nội dung phản ánh để công khai.")
    petition.public_answer = text_of(publication.answer, "Mời viết nội dung trả lời để công khai.")
    known = known_traces(petition)
    texts = {"title": petition.public_title, "content": petition.public_content, "answer": petition.public_answer}
    errors = [
        FieldError(name, f"Còn thông tin cá nhân: «{piece}». Mời lược bỏ.")
        for name, text in texts.items()
        for piece in rules.personal_traces(text, known)
    ]
    if errors:
        raise HoldsPersonalData(errors=errors)
    petition.public_search = fold(f"{petition.code} {' '.join(texts.values())} {petition.procedure_name}")
    petition.published_at = at
    petition.save(update_fields=["public_title", "public_content", "public_answer", "public_search", "published_at"])
    event = AnswerPublished(petition_id=petition.pk, unit_id=petition.handling_unit_id)
    record(event, subject=petition, actor=actor, at=at)
    return petition


@action
def withhold_publication(*, petition_id: int, reason: str, actor: Actor, at: datetime) -> Petition:
    """Quyết định không công khai, with the reason.

    Raises:
        PetitionNotFound; PetitionMoved: published or withheld already. Invalid: no reason.
    """
    petition = lock(petition_id)
    require(permissions.can_publish(actor, petition))
    _require_undecided(petition, PetitionAct.WITHHOLD)
    return _keep_back(petition, reason, PublicationWithheld, actor=actor, at=at)


@action
def take_down_publication(*, petition_id: int, reason: str, actor: Actor, at: datetime) -> Petition:
    """Gỡ nội dung đã công khai: nobody reads it any more; what was published stays in the file.

    Raises:
        PetitionNotFound; PetitionMoved: it is not published. Invalid: no reason.
    """
    petition = lock(petition_id)
    require(permissions.can_publish(actor, petition))
    require_step(PetitionAct.TAKE_DOWN, petition)
    if petition.published_at is None:
        raise PetitionMoved
    petition.published_at = None
    return _keep_back(petition, reason, PublicationTakenDown, actor=actor, at=at)


def _require_undecided(petition: Petition, act: PetitionAct) -> None:
    require_step(act, petition)
    if petition.published_at is not None or petition.withheld_at is not None:
        raise PetitionMoved


def _keep_back(
    petition: Petition,
    reason: str,
    kind: type[PublicationWithheld | PublicationTakenDown],
    *,
    actor: Actor,
    at: datetime,
) -> Petition:
    petition.withheld_reason = text_of(reason, "Mời ghi lý do; lý do được giữ trong nhật ký.")
    petition.withheld_at = at
    petition.save(update_fields=["withheld_reason", "withheld_at", "published_at"])
    event = kind(petition_id=petition.pk, unit_id=petition.handling_unit_id, reason=petition.withheld_reason)
    record(event, subject=petition, actor=actor, at=at)
    return petition
