"""The acts an officer may do on a case now, each with what its form needs (việc làm được trên hồ sơ)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.data import AccountData, MandateData
from tinhso.apps.cases import queries
from tinhso.apps.cases.data import OFFICER_REASONS
from tinhso.apps.cases.enums import ResultOutcome
from tinhso.apps.procedures.data import Package, WorkflowStep
from tinhso.apps.procedures.enums import StepKind
from tinhso.interfaces.ui.forms import BoundForm, bind
from tinhso.interfaces.workspace.cases import consultation_acts, life_desk
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import FieldError

# Key of the domain → path of the address.
SLUGS = {
    "receive": "tiep-nhan",
    "supplement": "yeu-cau-bo-sung",
    "refuse-intake": "tu-choi",
    "answer-supplement": "nhan-bo-sung",
    "forward": "chuyen",
    "return": "tra-lai",
    "propose": "trinh",
    "approve": "ky",
    "assign": "phan-cong",
    "deliver": "tra-ket-qua",
    "withdraw": "rut",
    "suspend": "tam-dung",
    "resume": "tinh-tiep",
    "duty": "nghia-vu-tai-chinh",
    "duty-paid": "da-nop-nghia-vu",
    "duty-notice": "thong-bao-thue",
    "assess": "xac-dinh-khoan-thu",
    "extend": "hen-lai",
    **consultation_acts.SLUGS,
}
SLUGS |= life_desk.SLUGS
KEYS = {slug: key for key, slug in SLUGS.items()}


@dataclass(frozen=True, slots=True)
class Desk:
    """One act: its button, its form, and what is wrong with what was just sent."""

    key: str
    slug: str
    label: str
    shortcut: str
    primary: bool
    template: str
    error: str = ""
    values: Mapping[str, str] = field(default_factory=lambda: defaultdict(str))
    candidates: list[AccountData] = field(default_factory=list)
    next_step: str = ""
    draft: BoundForm | None = None
    components: list[Any] = field(default_factory=list)
    sections: list[Any] = field(default_factory=list)
    units: list[Any] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)
    may_grant: bool = True
    mandate: MandateData | None = None

    @property
    def is_open(self) -> bool:
        """Shown open: it has just been refused and keeps what was typed."""
        return bool(self.error)


def desks(
    *,
    actor: Actor,
    case: Any,
    now: datetime,
    asked: Sequence[Any] = (),
    failed: str = "",
    error: str = "",
    errors: list[FieldError] | None = None,
    values: Mapping[str, str] | None = None,
    answers: dict[str, Any] | None = None,
) -> list[Desk]:
    """The acts for this officer; `failed` names the one just refused, with what was typed into it."""
    package = queries.get_package(case)
    found = []
    acts = queries.available_actions(actor=actor, case=case)
    opinions = queries.consultation_actions(actor=actor, case=case, asked=asked)
    turns = queries.life_actions(actor=actor, case=case)
    for available in (*acts, *opinions, *queries.clock_actions(actor=actor, case=case, now=now), *turns):
        mine = available.key == failed
        if available in opinions:
            needs = consultation_acts.needs(
                available.key, case=case, package=package, actor=actor, asked=asked, now=now
            )
        else:
            needs = _needs(available.key, case, package, now, answers if mine else None, (errors or []) if mine else [])
        found.append(
            Desk(
                key=available.key, slug=SLUGS[available.key], label=available.label, shortcut=available.shortcut,
                primary=available.primary, template=f"workspace/cases/_act_{available.key.replace('-', '_')}.html",
                error=error if mine else "", values=defaultdict(str, values or {}) if mine else defaultdict(str), **needs,
            )
        )  # fmt: skip
    return found


def _needs(
    key: str, case: Any, package: Package, now: datetime, answers: dict[str, Any] | None, errors: list[FieldError]
) -> dict[str, Any]:
    on = now.astimezone(PROVINCE_TIME).date()
    if key == "receive" and case.mandate_id is not None:
        return {"mandate": accounts.get_mandate(case.mandate_id)}
    if key == "forward":
        step = package.workflow.after(case.step_key)
        if step is None:
            return {}
        unit_id = _unit_of(step, case, package, now)
        people = queries.candidates_for_step(case, kind=step.kind, unit_id=unit_id, now=now) if unit_id else []
        return {"candidates": list(people) if step.kind == StepKind.APPRAISAL else [], "next_step": step.name}
    if key == "assign":
        people = queries.candidates_for_step(case, kind=case.step_kind, unit_id=case.step_unit_id, now=now)
        return {"candidates": list(people)}
    if key == "resume":
        return {"components": [p for p in case.pauses.all() if p.ended_at is None and p.incident_id is None]}
    if key == "suspend":
        return {"components": [(str(reason), str(reason.label)) for reason in OFFICER_REASONS]}
    if key == "answer-supplement":
        return {"components": queries.asked_papers(case, on=on)}
    if key == "propose":
        form = package.draft
        bound = None
        if form is not None:
            context = queries.form_context(applicant=case.applicant, channel=case.channel, today=on)
            bound = bind(form, answers or {}, context=context, errors=errors)
        step = package.workflow.after(case.step_key)
        return {
            "draft": bound,
            "next_step": step.name if step else "",
            "may_grant": package.result_for(ResultOutcome.GRANT) is not None,
        }
    return life_desk.needs(key, case, package, on, answers, errors)


def _unit_of(step: WorkflowStep, case: Any, package: Package, now: datetime) -> int | None:
    """Where the next step lies, to offer the people who work there."""
    unit = queries.unit_of_step(case, package, step, on=now.astimezone(PROVINCE_TIME).date())
    return unit.id if unit else None
