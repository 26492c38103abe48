"""A procedure complete enough to run: limits by case, process, fees, form, templates, scenarios."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tinhso.apps.procedures.data._facts import Basis, ProcedureFacts, RequiredDocument, ResultType, UploadLimits
from tinhso.apps.procedures.data._linked import Group
from tinhso.apps.procedures.data._workflow import Workflow
from tinhso.apps.procedures.enums import AfterSupplement, FeeTime
from tinhso.lib.forms import Form
from tinhso.lib.worktime import Limit

MOUNTAIN = "mountain"  # the area of communes in which some laws give more time


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A limit of a package and the case it is for; the first rule whose `when` holds applies.

    `limit` is what holds in this province; where the province has shortened it, `national` is what the law gives.
    `mountain` is the limit in mountain, border and island communes, where the law has another one.
    """

    key: str
    name: str
    limit: Limit
    when: str = ""
    basis: Basis | None = None
    assumed: bool = False
    national: Limit | None = None
    national_basis: Basis | None = None
    mountain: Limit | None = None
    mountain_basis: Basis | None = None

    def limit_in(self, area: str) -> Limit:
        """What holds in an area (`mountain`, or an empty string)."""
        return self.mountain if area == MOUNTAIN and self.mountain else self.limit

    def basis_in(self, area: str) -> Basis | None:
        """By what right."""
        return self.mountain_basis if area == MOUNTAIN and self.mountain else self.basis


@dataclass(frozen=True, slots=True)
class Policies:
    """Rules of the clock that differ between procedures.

    `supplement_days` are calendar days for the applicant; `extensions` is how often the date may be put off (hẹn lại);
    `second_limit` counts from the payment of a financial duty, None where the rest of the first limit goes on;
    `supplement_by_head`: at appraisal the head of the division signs the notice, the specialist proposes it.
    """

    after_supplement: AfterSupplement = AfterSupplement.RESUME
    last_hour_tomorrow: bool = False
    supplement_days: int = 30
    supplement_by_head: bool = False
    extensions: int = 1
    second_limit: Limit | None = None
    basis: Basis | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class FeeReduction:
    """A discount or an exemption (giảm, miễn): so many per cent off while `when` holds, between two days.

    `evidence` names the component that proves it; without that paper in the file there is no reduction.
    """

    key: str
    name: str
    percent: int
    when: str = ""
    evidence: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    basis: Basis | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A fee or charge of a package: CEL condition and CEL amount in đồng; the best reduction that holds is taken."""

    key: str
    name: str
    kind: str
    amount_vnd: str
    when: str = ""
    collected: FeeTime = FeeTime.AT_RECEPTION
    basis: Basis | None = None
    assumed: bool = False
    reductions: tuple[FeeReduction, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class LookupRule:
    """A question that a case of this procedure may put to a data source of the exchange (hỏi nguồn dữ liệu).

    `about` says which field of the form holds each fact that is asked (`personal_id: carer_personal_id`); `fills` which
    fields take which values of the answer (`permanent_address: residence`). `check` is a source that only verifies,
    which officers are offered first. `section` is the part of the form where the applicant meets it.
    """

    key: str
    name: str
    source: str
    section: str
    about: Mapping[str, str]
    fills: Mapping[str, str] = field(default_factory=dict)
    check: str = ""
    when: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One computed fee of one case, in đồng."""

    name: str
    amount_vnd: int
    basis: Basis | None
    assumed: bool
    key: str = ""
    kind: str = ""
    collected: FeeTime = FeeTime.AT_RECEPTION
    words: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """A procedure complete enough to run: facts, form, process, fees, templates (gói thủ tục).

    `draft` asks the specialist what is to stand in the result beside the applicant's answers (nội dung dự thảo kết quả);
    None when the result says nothing else.
    `letters` maps paths relative to the content root to template texts, the shared ones included, so that a running
    case typesets from exactly the version it started with. A result's template is at `folder / result.template`.
    """

    facts: ProcedureFacts
    effective_from: date
    limits: tuple[LimitRule, ...]
    policies: Policies
    documents: tuple[RequiredDocument, ...]
    results: tuple[ResultType, ...]
    fees: tuple[FeeRule, ...]
    workflow: Workflow
    form: Form
    folder: str
    letters: Mapping[str, str]
    draft: Form | None = None
    # Key of the address field whose commune is competent (địa điểm quyết định thẩm quyền); empty: the applicant says.
    routed_by: str = ""
    # A linked group has no process of its own: its legs are procedures with theirs.
    group: Group | None = None
    uploads: UploadLimits = field(default_factory=UploadLimits)
    lookups: tuple[LookupRule, ...] = ()

    @property
    def code(self) -> str:
        return self.facts.code

    def limit(self, key: str) -> LimitRule:
        """The limit with this key; KeyError when there is none."""
        for rule in self.limits:
            if rule.key == key:
                return rule
        raise KeyError(key)

    def lookup(self, key: str) -> LookupRule | None:
        """The question with this key."""
        return next((rule for rule in self.lookups if rule.key == key), None)

    def upload_limits(self, key: str = "") -> UploadLimits:
        """What holds for a file of this component; of a file answer of the form without one."""
        own = next((document.uploads for document in self.documents if document.key == key), UploadLimits())
        return own.or_else(self.uploads)

    def result_for(self, outcome: str) -> ResultType | None:
        """The first result of an outcome."""
        return next((result for result in self.results if result.outcome == outcome), None)


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """One thing that happens in a scenario, at an aware instant."""

    verb: str
    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """An executable example an official can read (kịch bản)."""

    file: str
    name: str
    unit: str
    applicant: Mapping[str, Any]
    answers: Mapping[str, Any]
    documents: tuple[str, ...]
    channel: str
    steps: tuple[ScenarioStep, ...]
    expect: Mapping[str, Any]
