"""Writing the book. Entries are only added; a mistake is mended by another entry."""

from collections.abc import Sequence
from datetime import datetime

from tinhso.apps.payments import rules
from tinhso.apps.payments.data import Posting
from tinhso.apps.payments.models import LedgerEntry, LedgerPosting
from tinhso.kernel.actions import action
from tinhso.kernel.actor import Actor


@action(inner=True)
def post(
    *, key: str, kind: str, postings: Sequence[Posting], unit_id: int | None, note: str = "", actor: Actor, at: datetime
) -> LedgerEntry:
    """Ghi một bút toán kép: sides that sum to zero, once for each `key`. The act it belongs to is the record in the log.

    Postings of nothing are left out; an entry of nothing but those is kept empty, so that its key is taken.

    Raises:
        ValueError: the sides do not sum to zero (a programming error; the database would refuse it too).
        IntegrityError: an entry with this key exists.
    """
    rules.check_balance(postings)
    entry = LedgerEntry.objects.create(
        key=key, kind=kind, unit_id=unit_id, day=rules.civil_date(at), at=at, note=note[:200]
    )
    LedgerPosting.objects.bulk_create(
        LedgerPosting(entry=entry, account=side.account, order_id=side.order_id, amount_vnd=side.amount_vnd)
        for side in postings
        if side.amount_vnd
    )
    return entry
