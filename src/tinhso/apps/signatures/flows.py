"""Signing a paper: a person signs the freshly typeset file, then the agency seals it.

Both take the file's bytes and return the signed file's bytes; storing them is the caller's affair. Signing the same
bytes twice makes two valid files; the caller keeps one.
"""

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from tinhso.apps.signatures import actions, queries
from tinhso.apps.signatures.data import PaperNotSignable, SigningKeyData, SigningUnavailable
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.apps.signatures.providers import pkcs12
from tinhso.apps.signatures.rules import wording
from tinhso.kernel.actor import Actor
from tinhso.kernel.flows import flow
from tinhso.lib.typesetting import typeset

_PROVINCE_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
_MARK_TEMPLATE = "letters/signature-mark.typ"
# The library of PDF signatures is a quarter of the program's start and most processes never sign: see `_sign`.
_PERSON, _AGENCY = "person", "agency"


@flow
def sign_pdf(
    *, pdf: bytes, actor: Actor, at: datetime, organisation: str = "", reason: str = "Phê duyệt", place: str = "",
    picture_svg: str = "",
) -> bytes:  # fmt: skip
    """Sign a paper with the acting officer's own key (ký số của người có thẩm quyền).

    Nobody can sign in another's name: the key is the actor's. `picture_svg` is the officer's handwritten signature.

    Raises:
        PaperNotSignable: the file is not a freshly typeset paper with a place to sign.
        SigningKeyMissing: the officer has no key. Forbidden: the actor is not an officer.
    """
    key = actions.take_key(
        owner_kind=OwnerKind.PERSON, owner_id=actor.account_id or 0, common_name=actor.name, organisation=organisation,
        may_issue=settings.DEMO, actor=actor, at=at,
    )  # fmt: skip
    return _sign(_PERSON, pdf, key, actor, at, reason, place, picture_svg)


@flow
def seal_pdf(
    *, pdf: bytes, unit_id: int, organisation: str, actor: Actor, at: datetime, parent: str = "",
    reason: str = "Ban hành", place: str = "", picture_svg: str = "",
) -> bytes:  # fmt: skip
    """Seal a signed paper with the agency's key (ký số của cơ quan, tổ chức); it locks the file against any change.

    `organisation` is the agency's name as it stands on the seal, `parent` the agency above it.

    Raises:
        PaperNotSignable: the paper is not signed by a person yet, or is sealed already.
        SigningKeyMissing: the agency has no key. Forbidden: the actor has no right in that agency.
    """
    key = actions.take_key(
        owner_kind=OwnerKind.AGENCY, owner_id=unit_id, common_name=organisation, organisation=parent,
        may_issue=settings.DEMO, actor=actor, at=at,
    )  # fmt: skip
    return _sign(_AGENCY, pdf, key, actor, at, reason, place, picture_svg)


def _sign(
    role: str, pdf: bytes, key: SigningKeyData, actor: Actor, at: datetime, reason: str, place: str,
    picture_svg: str,
) -> bytes:  # fmt: skip
    from tinhso.apps.signatures.rules import signing
    from tinhso.apps.signatures.rules.paper import PaperError

    local = at.astimezone(_PROVINCE_TIME)
    sign = signing.sign_first if role == signing.PERSON else signing.seal_last
    try:
        signer = pkcs12.load_signer(queries.keys_folder(), key.path)
        picture = mark_picture(role, key.common_name, picture_svg)
        mark = signing.Mark(picture, reason, place)
        signed = sign(pdf, signer=signer, mark=mark, at=local, name=key.common_name)
    except PaperError as error:
        raise PaperNotSignable(wording.sentence("văn bản không ký được: " + "; ".join(error.reasons))) from error
    except pkcs12.KeyStoreError as error:
        raise SigningUnavailable(str(error)) from error
    actions.record_signature(
        key_id=key.id, digest_before=hashlib.sha256(pdf).hexdigest(), digest_after=hashlib.sha256(signed).hexdigest(),
        actor=actor, at=at,
    )  # fmt: skip
    return signed


@lru_cache(maxsize=256)
def mark_picture(role: str, name: str, picture_svg: str = "") -> bytes:
    """The one-page picture of a signature, the same on every paper of the signer; it is scaled into its place."""
    width, height = (34, 34) if role == _AGENCY else (52, 24)
    data = {
        "role": role, "width": width, "height": height, "name": name, "organisation": name,
        "image_svg": picture_svg or None,
    }  # fmt: skip
    return typeset(template=_MARK_TEMPLATE, data=data, root=Path(settings.CONTENT_DIR))
