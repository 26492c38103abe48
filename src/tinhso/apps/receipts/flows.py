"""Making receipts: typesetting, sealing and the provider, with no transaction open.

Killed at any point, the next round goes on: the number is on the draft, a provider is asked what it has issued before it
is asked to issue, and the same facts give the same XML.
"""

import hashlib
from contextlib import suppress
from datetime import date, datetime

from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.data import PaperNotTypeset
from tinhso.apps.receipts import actions, queries, rules
from tinhso.apps.receipts.data import OWN, ProviderAnswer, ProviderRefused, ReceiptFacts
from tinhso.apps.receipts.enums import ReceiptStatus
from tinhso.apps.receipts.models import Receipt
from tinhso.apps.receipts.providers.registry import connect
from tinhso.apps.signatures import flows as signatures
from tinhso.apps.signatures import queries as signature_queries
from tinhso.apps.signatures.actions import create_paper_key
from tinhso.apps.signatures.data import PaperNotSignable, SigningKeyMissing
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import DomainError, Forbidden
from tinhso.kernel.flows import flow


@flow
def issue_receipt(*, receipt_id: int, at: datetime) -> Receipt:
    """Lập, đóng dấu và lưu một biên lai đã có số (hoặc xin số của nhà cung cấp). Asked again, nothing happens twice.

    What stands in the way is written on the draft, which waits for the next round.

    Raises:
        Unavailable: the provider, the store or the signing key is out of reach now; the job tries again.
    """
    one = Receipt.objects.get(pk=receipt_id)
    if one.status != ReceiptStatus.DRAFT:
        return one
    try:
        if one.provider != OWN and one.number is None:
            answer = _from_provider(one)
            crash("issue_receipt:after_provider")
            actions.record_provider_number(receipt_id=one.pk, answer=answer, actor=SYSTEM, at=at)
        facts = queries.facts_of(one.pk)
        xml = rules.receipt_xml(facts)
        pdf = _sealed(one.pk, one.unit_id, facts, xml, at)
    except DomainError as error:
        actions.record_receipt_failed(receipt_id=one.pk, reason=error.message, actor=SYSTEM, at=at)
        if isinstance(error, (ProviderRefused, PaperNotTypeset, PaperNotSignable, SigningKeyMissing, Forbidden)):
            one.refresh_from_db()
            return one
        raise
    if pdf is None:
        return one
    name = f"bien-lai-{facts.series}-{facts.number}"
    stored = store_file(content=pdf, name=f"{name}.pdf", made_here=True, actor=SYSTEM, at=at)
    crash("issue_receipt:after_store")
    return actions.record_issued(receipt_id=one.pk, file_id=stored.id, xml=xml.decode(), actor=SYSTEM, at=at)


@flow
def finish_drafts(*, at: datetime) -> int:
    """Lập nốt những biên lai đang dở; one that cannot be made holds no other up. Returns how many were looked at."""
    waiting = queries.drafts_to_make()
    for receipt_id in waiting:
        with suppress(DomainError):  # written on the draft; the next round tries again
            issue_receipt(receipt_id=receipt_id, at=at)
    return len(waiting)


@flow
def tell_provider_cancelled(*, receipt_id: int) -> None:
    """Báo nhà cung cấp hủy biên lai ta đã hủy.

    Raises:
        ReceiptProviderUnavailable: no answer now; the job tries again.
    """
    one = Receipt.objects.get(pk=receipt_id)
    if one.provider == OWN or one.number is None:
        return
    answer = ProviderAnswer(one.series, one.number, one.provider_reference)
    connect(one.provider).cancel(answer, uuid=str(one.uuid), reason=one.end_reason)


@flow
def reconcile_month(*, month: date, at: datetime) -> dict[tuple[int, str], list[str]]:
    """Đối soát biên lai của một tháng với từng nhà cung cấp; what does not agree is written in the log, in sentences."""
    start, end = queries.month_bounds(month)
    found: dict[tuple[int, str], list[str]] = {}
    for unit_id, provider in queries.provider_units(start=start, end=end):
        ours = queries.used_numbers(unit_id=unit_id, provider=provider, start=start, end=end)
        try:
            told = rules.compare(ours, connect(provider).list_used(start.date(), end.date()))
        except DomainError as error:
            told = [error.message]
        actions.record_reconciled(
            unit_id=unit_id, month=month, provider=provider, compared=len(ours), differences=told, actor=SYSTEM, at=at
        )
        found[unit_id, provider] = told
    return found


def _from_provider(one: Receipt) -> ProviderAnswer:
    """The number of a receipt: asked for first, because the answer to an earlier wish may have been lost."""
    provider = connect(one.provider)
    known = provider.find(str(one.uuid))
    return known if known is not None else provider.issue(queries.facts_of(one.pk))


def _sealed(receipt_id: int, unit_id: int, facts: ReceiptFacts, xml: bytes, at: datetime) -> bytes | None:
    """The sealed paper; None while the seal is asked for elsewhere, whose answer the next round finds."""
    if not signature_queries.list_paper_keys():
        create_paper_key(only_first=True, actor=SYSTEM, at=at)
    unit = directory.get_unit(unit_id)
    digest = hashlib.sha256(xml).hexdigest()
    return signatures.sign_step(
        subject=f"receipt:{receipt_id}", role=OwnerKind.AGENCY, owner_id=unit_id,
        make=lambda: queries.receipt_pdf(facts, xml_sha256=digest), organisation=unit.agency_name,
        description=f"{facts.template_name} {facts.series} số {facts.number}", parent=facts.agency_parent, actor=SYSTEM,
        at=at,
    ).pdf  # fmt: skip
