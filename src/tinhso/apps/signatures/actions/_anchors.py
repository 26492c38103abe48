"""What changes the roots the check believes."""

from collections.abc import Sequence
from datetime import date, datetime

from tinhso.apps.audit.actions import record
from tinhso.apps.signatures import permissions, queries
from tinhso.apps.signatures.data import TrustAnchorData
from tinhso.apps.signatures.events import TrustAnchorAdded
from tinhso.apps.signatures.providers import anchors
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor


@action
def add_trust_anchor(
    *, pem: bytes, name: str = "", trusted_from: date | None = None, trusted_to: date | None = None,
    crl: Sequence[str] = (), actor: Actor, at: datetime,
) -> TrustAnchorData:  # fmt: skip
    """Thêm một chứng thư gốc được tin cậy; the check believes it from the next file on. Added again, its note is renewed.

    Raises:
        TrustAnchorRefused: not one PEM certificate of an authority.
    """
    require(permissions.can_manage_keys(actor))
    added = anchors.add(queries.anchors_folder(), pem, name=name, since=trusted_from, until=trusted_to, crl=crl)
    event = TrustAnchorAdded(
        name=added.name, fingerprint=added.fingerprint, trusted_from=added.trusted_from, trusted_to=added.trusted_to
    )
    record(event, subject="trust_anchors", actor=actor, at=at)
    return added
