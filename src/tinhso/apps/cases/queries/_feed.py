"""What other systems are told of cases: which case, how far, by when. No name, no answer, no free text, no officer."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases import events
from tinhso.apps.cases.models import Case
from tinhso.apps.directory import queries as directory
from tinhso.kernel.events import Event, Publication, publishes

# What goes out of each event's payload besides the case, its procedure and its unit. What is not named stays inside.
_SHOWN: dict[type[Event], tuple[str, ...]] = {
    events.CaseSubmitted: ("channel",),
    events.CaseReceived: ("limit", "received_at", "due_at"),
    events.IntakeRefused: (),
    events.SupplementRequested: ("stage", "requested_at", "answer_until"),
    events.SupplementAnswered: ("stage", "answered_at", "due_at"),
    events.StepEntered: ("step", "due_at"),
    events.CaseReturned: ("from_step", "to_step"),
    events.ClockSuspended: ("since", "expected_until"),
    events.ClockResumed: ("until", "due_at"),
    events.FinancialDutyBegan: ("since",),
    events.FinancialDutyEnded: ("until", "limit", "due_at"),
    events.DeadlineExtended: ("number", "amount", "decided_at", "old_due_at", "new_due_at"),
    events.DeadlineRecomputed: ("before_at", "after_at"),
    events.ResultSigned: ("number",),
    events.ResultReplaced: ("number", "by_number"),
    events.ResultRevoked: ("number", "decision"),
    events.CaseResolved: ("outcome", "resolved_at", "lateness"),
    events.ResultDelivered: ("method",),
    events.CaseWithdrawn: (),
    events.CaseStopped: (),
    events.CaseReopened: ("from_status", "to_status", "clock", "reopened_at"),
}
_BY_TYPE = {kind.type: shown for kind, shown in _SHOWN.items()}


@publishes(*_SHOWN)
def publications(entries: Sequence[EntryData]) -> Iterator[Publication]:
    """The public shapes of events of cases (sự kiện công bố của hồ sơ).

    A case without a code is told to nobody: papers handed over at a counter have none until they are received.
    """
    ids = {int(entry.payload["case_id"]) for entry in entries}
    found = {
        case.pk: case
        for case in Case.objects.filter(pk__in=ids, code__isnull=False).only(
            "code", "procedure_code", "unit_id", "intake_unit_id", "desk_unit_ids"
        )
    }
    codes: dict[int, str] = {}
    for entry in entries:
        case = found.get(int(entry.payload["case_id"]))
        if case is None or case.unit_id is None:
            continue
        if case.unit_id not in codes:
            codes[case.unit_id] = directory.get_unit(case.unit_id).code
        yield Publication(
            entry_id=entry.id,
            subject=case.code or "",
            procedure=case.procedure_code,
            unit_ids=tuple(sorted({case.unit_id, case.intake_unit_id or case.unit_id, *case.desk_unit_ids})),
            data={
                "case": case.code, "procedure": case.procedure_code, "unit": codes[case.unit_id],
                **{name: _told(name, entry.payload.get(name)) for name in _BY_TYPE[entry.type]},
            },
        )  # fmt: skip


def _told(name: str, value: Any) -> Any:
    # The log keeps instants with the offset they were given; other systems get all of them in UTC.
    if isinstance(value, str) and value and name.endswith(("_at", "since", "until")):
        return datetime.fromisoformat(value).astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value
