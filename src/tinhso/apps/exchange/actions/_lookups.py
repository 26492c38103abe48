"""Look-ups of data sources: the intent is in the log before the question leaves, the outcome after."""

from datetime import datetime

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.exchange.data import Question, SourceAnswer
from tinhso.apps.exchange.enums import Outcome
from tinhso.apps.exchange.models import Lookup
from tinhso.kernel.actions import action
from tinhso.kernel.actor import Actor


@action(inner=True)
def begin_lookup(*, question: Question, purpose: str, actor: Actor, at: datetime) -> Lookup:
    """Ghi lượt hỏi dữ liệu trước khi hỏi, with the reading of personal data it is. The caller has checked the right."""
    source = question.source
    named = [f"{source.key}.{one.key}" for one in source.gives] or [f"{source.key}.match"]
    entry = record_disclosure(
        subject=f"lookup:{question.message_id}", purpose=purpose, fields=named, actor=actor, at=at
    )
    return Lookup.objects.create(
        entry_id=entry.id, message_id=question.message_id, source=source.key, source_name=source.name,
        holder=source.holder, service=source.service, about=source.about,
        subject_id=question.facts[source.identified_by],
        fields=[one.label for one in source.gives] or ["Khớp hay không khớp với nội dung khai"], purpose=purpose[:500],
        basis=source.basis, issue=question.issue, asked_at=at,
    )  # fmt: skip


@action(inner=True)
def finish_lookup(*, message_id: str, answer: SourceAnswer, actor: Actor, at: datetime) -> Lookup:
    """Ghi nguồn đã trả lời thế nào; told twice, the first word stays."""
    row = Lookup.objects.select_for_update().get(message_id=message_id)
    if row.outcome == Outcome.ASKED:
        _end(row, answer, at)
    return row


@action(inner=True)
def close_lookup(*, message_id: str, answer: SourceAnswer, actor: Actor, at: datetime) -> bool:
    """Đóng một lượt hỏi chưa có trả lời. False where it has one by now."""
    row = Lookup.objects.select_for_update().filter(message_id=message_id, outcome=Outcome.ASKED).first()
    if row is not None:
        _end(row, answer, at)
    return row is not None


def _end(row: Lookup, answer: SourceAnswer, at: datetime) -> None:
    row.outcome, row.error = answer.outcome, answer.error[:120]
    row.request_id, row.request_hash = answer.request_id[:60], answer.request_hash[:100]
    row.answered_at, row.duration_ms = at, int(answer.seconds * 1000)
    row.save(update_fields=["outcome", "error", "request_id", "request_hash", "answered_at", "duration_ms"])
