"""What the catalogue's pages show of a procedure, in the words of the person who reads (trình bày thủ tục)."""

from dataclasses import dataclass
from datetime import date

from tinhso.apps.procedures.data import Basis, FeeFact, LimitFact, ProcedureFacts, RequiredDocument, VersionData
from tinhso.apps.procedures.enums import DocumentMode, Level, OnlineService, Subject
from tinhso.interfaces.ui.formats import format_date, format_money

_SUBJECTS = dict(Subject.choices)
_ONLINE = {
    OnlineService.FULL.value: ("Nộp trực tuyến toàn trình", "ok"),
    OnlineService.PARTIAL.value: ("Nộp trực tuyến một phần", "info"),
}
_MODES = {
    DocumentMode.SUBMIT: "Nộp",
    DocumentMode.PRESENT: "Xuất trình để đối chiếu",
    DocumentMode.DECLARE: "Khai ngay trên trang này",
    DocumentMode.GENERATED: "Hệ thống tự lập",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One value and where it comes from; an assumed one carries a mark."""

    label: str
    value: str
    basis: str = ""
    note: str = ""
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """One component of the file as the list shows it."""

    name: str
    mode: str
    copies: str
    condition: str
    form: str
    note: str
    basis: str
    database: str
    assumed: bool
    is_conditional: bool


@dataclass(frozen=True, slots=True)
class ProcedurePage:
    """Everything the procedure page says."""

    code: str
    title: str
    legal_name: str
    field: str
    level: str
    agency: str
    online: str
    online_tone: str
    accepts_online: bool
    subjects: str
    channels: tuple[str, ...]
    limits: tuple[Line, ...]
    fees: tuple[Line, ...]
    results: tuple[str, ...]
    papers: tuple[Paper, ...]
    conditional: tuple[Paper, ...]
    spared: tuple[Paper, ...]
    legal_basis: tuple[Line, ...]
    decision: str
    effective_from: date
    processed_by: str
    note: str
    sources: tuple[str, ...]
    has_assumed: bool

    @property
    def shortest(self) -> str:
        """The limits in one line for the tile."""
        return " hoặc ".join(dict.fromkeys(line.value for line in self.limits)) or "Theo văn bản quy định"

    @property
    def cost(self) -> str:
        """The fees in one line for the tile."""
        if not self.fees:
            return "Miễn phí"
        values = list(dict.fromkeys(line.value for line in self.fees))
        return " hoặc ".join(values) if len(values) <= 2 else "Tùy trường hợp, xem bên dưới"


def present(version: VersionData, on: date) -> ProcedurePage:
    """The procedure page of one version on one day."""
    facts = version.facts
    online, tone = _ONLINE.get(facts.channels.online, ("Chưa nộp trực tuyến", "mute"))
    papers = [_paper(document) for document in facts.documents]
    limits = tuple(_limit(limit) for limit in facts.limits)
    fees = tuple(_fee(fee) for fee in facts.fees)
    assumed = any(line.assumed for line in (*limits, *fees)) or any(paper.assumed for paper in papers)
    return ProcedurePage(
        code=facts.code,
        title=facts.title,
        legal_name=facts.name if facts.name != facts.title else "",
        field=facts.field,
        level=Level(facts.level).label if facts.level in Level.values else facts.level,
        agency=facts.agency,
        online=online,
        online_tone=tone,
        accepts_online=version.accepts_online(on),
        subjects=", ".join(_SUBJECTS.get(subject, subject) for subject in facts.subjects),
        channels=_channels(facts),
        limits=limits,
        fees=fees,
        results=tuple(result.name for result in facts.results if result.outcome == "grant"),
        papers=tuple(paper for paper in papers if not paper.database and not paper.is_conditional),
        conditional=tuple(paper for paper in papers if not paper.database and paper.is_conditional),
        spared=tuple(paper for paper in papers if paper.database),
        legal_basis=tuple(
            Line(document.document, document.title, _since(document.effective_from), assumed=document.assumed)
            for document in facts.legal_basis
        ),
        decision=facts.decision.number if facts.decision else "",
        effective_from=version.effective_from,
        processed_by=facts.processed_by,
        note=facts.note,
        sources=facts.sources,
        has_assumed=assumed,
    )


def _since(day: date | None) -> str:
    return f"có hiệu lực từ {format_date(day)}" if day else ""


def _basis(basis: Basis | None) -> str:
    if basis is None:
        return ""
    since = _since(basis.effective_from)
    return f"{basis.label()}, {since}" if since else basis.label()


def _limit(limit: LimitFact) -> Line:
    value = limit.limit.label() if limit.limit else limit.text
    note = limit.text if limit.limit else ""
    return Line(limit.name, value, _basis(limit.basis), note, assumed=limit.assumed)


def _fee(fee: FeeFact) -> Line:
    if fee.amount_vnd is None:
        value = fee.note or "Theo mức quy định"
        return Line(fee.name, value, _basis(fee.basis), assumed=fee.assumed)
    amount = format_money(fee.amount_vnd) if fee.amount_vnd else "Miễn phí"
    value = f"{amount}/{fee.per}" if fee.per and fee.amount_vnd else amount
    return Line(fee.name, value, _basis(fee.basis), fee.note, assumed=fee.assumed)


def _paper(document: RequiredDocument) -> Paper:
    copies = []
    if document.originals:
        copies.append(f"{document.originals} bản chính")
    if document.copies:
        copies.append(f"{document.copies} bản sao")
    replaced = document.replaced_by
    return Paper(
        name=document.name,
        mode=_MODES[document.mode],
        copies=", ".join(copies),
        condition=document.condition or document.group,
        form=document.form,
        note=document.note,
        basis=_basis(replaced.basis if replaced and replaced.basis else document.basis),
        database=replaced.database if replaced else "",
        assumed=document.assumed or bool(replaced and replaced.assumed),
        is_conditional=bool(document.when or document.condition or document.group) or not document.required,
    )


def _channels(facts: ProcedureFacts) -> tuple[str, ...]:
    ways = []
    if facts.channels.online != OnlineService.NONE:
        ways.append("trực tuyến")
    if facts.channels.counter:
        ways.append("tại Bộ phận Một cửa")
    if facts.channels.postal:
        ways.append("qua bưu chính công ích")
    return tuple(ways)
