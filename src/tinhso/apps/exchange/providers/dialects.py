"""How sources are asked and what their answers mean: one dialect a protocol, fields by the declaration of the source."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from tinhso.apps.exchange.data import AnswerField, AnswerUnreadable, Question, SourceAnswer, SourceField
from tinhso.apps.exchange.enums import Dialect, Outcome, SourceKind
from tinhso.lib.jsontext import read_json

_POPULATION = "http://dancuquocgia.bca"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_LOOK_UP = "037"  # MaTichHop of a look-up
_DATES = {"compact_date": "%Y%m%d", "slash_date": "%d/%m/%Y", "iso_date": "%Y-%m-%d"}
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Spoken:
    """A question in the words of a protocol, and how its answer is read into a plain value.

    `hear` gives None where the source knows nobody who fits.
    """

    body: bytes
    media_type: str
    accept: str
    hear: Callable[[bytes], Mapping[str, Any] | None]


def speak(question: Question) -> Spoken:
    """The question as its source's dialect has it."""
    return _SPEAKERS[question.source.dialect](question)


def understand(question: Question, status: int, content: bytes, hear: Callable[[bytes], Any]) -> SourceAnswer:
    """What an answer means. Not found is an answer; what is about somebody else, or cannot be read, is none.

    Raises:
        AnswerUnreadable: with the reason for the log of the look-up.
    """
    source = question.source
    if status in source.not_found:
        return SourceAnswer(Outcome.NOT_FOUND)
    if status >= 300:
        raise AnswerUnreadable(f"provider.{status}")
    said = hear(content)
    if said is None:
        return SourceAnswer(Outcome.MISMATCH if source.kind == SourceKind.VERIFY else Outcome.NOT_FOUND)
    if source.echo and str(at_path(said, source.echo) or "") != question.facts[source.identified_by]:
        raise AnswerUnreadable("answer.other_subject")
    if source.kind == SourceKind.VERIFY:
        where, yes = source.match
        told = at_path(said, where)
        if told is None:
            raise AnswerUnreadable("answer.malformed")
        return SourceAnswer(Outcome.MATCH if str(told) == yes else Outcome.MISMATCH)
    fields = tuple(found for one in source.gives if (found := read_field(one, said)) is not None)
    if not fields:
        raise AnswerUnreadable("answer.empty")
    return SourceAnswer(Outcome.FOUND, fields)


def at_path(value: Any, path: str) -> Any:
    """What stands at `MainInformation.NAME` or `Representatives.0.FULL_NAME`; None where nothing does."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def read_field(one: SourceField, said: Mapping[str, Any]) -> AnswerField | None:
    """One declared value, or None where the answer has none that can be read."""
    raw = at_path(said, one.path)
    if one.kind == "address":
        return _address(one, raw)
    if raw is None or isinstance(raw, Mapping | list):
        return None
    text = " ".join(str(raw).split())[:_LONGEST]
    if one.kind == "name":
        text = text.title() if text.isupper() else text
    elif one.kind == "date":
        day = _day(text, one.form)
        return AnswerField(one.key, one.label, day.isoformat(), f"{day:%d/%m/%Y}") if day else None
    elif one.values:
        text = one.values.get(text, "")
    return AnswerField(one.key, one.label, text, one.labels.get(text, text)) if text else None


def _address(one: SourceField, raw: Any) -> AnswerField | None:
    if not isinstance(raw, Mapping):
        return None
    value = {part: " ".join(str(at_path(raw, path) or "").split())[:300] for part, path in one.parts.items()}
    return AnswerField(one.key, one.label, value, value.get("detail", "")) if any(value.values()) else None


def _day(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, _DATES.get(form, "%Y-%m-%d")).date()  # noqa: DTZ007 - a civil date
    except ValueError:
        return None


def _spelled(fact: str, form: str) -> str:
    if form in _DATES:
        return date.fromisoformat(fact).strftime(_DATES[form])
    return fact.upper() if form == "upper" else fact


def _speak_json(question: Question) -> Spoken:
    asked = {place: _spelled(question.facts[fact], form) for place, (fact, form) in question.source.request.items()}
    return Spoken(json.dumps(asked, ensure_ascii=False).encode(), "application/json", "application/json", _hear_json)


def _hear_json(content: bytes) -> Mapping[str, Any]:
    try:
        said = read_json(content)
    except ValueError as error:
        raise AnswerUnreadable("answer.malformed") from error
    if not isinstance(said, dict):
        raise AnswerUnreadable("answer.malformed")
    return said


def _speak_population(question: Question) -> Spoken:
    facts = question.facts
    fields = {
        "MaYeuCau": question.message_id, "MaDVC": question.procedure_code, "MaTichHop": _LOOK_UP,
        "MaCanBo": question.user_id, "MaDonVi": question.unit_code, "TaiKhoan": question.client,
        "SoDinhDanh": facts["personal_id"], "HoVaTen": facts["full_name"].upper(),
    }  # fmt: skip
    inner = "".join(f"<d:{name}>{escape(value)}</d:{name}>" for name, value in fields.items())
    born = _spelled(facts["birth_date"], "compact_date")
    inner += f"<d:NgayThangNamSinh><d:NgayThangNam>{born}</d:NgayThangNam></d:NgayThangNamSinh>"
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_SOAP}" xmlns:d="{_POPULATION}"><s:Header/>'
        f"<s:Body><d:TraCuuThongTinCongDan>{inner}</d:TraCuuThongTinCongDan></s:Body></s:Envelope>"
    )
    return Spoken(body.encode(), "application/xml", "application/xml, text/xml", _hear_population)


def _hear_population(content: bytes) -> Mapping[str, Any] | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise AnswerUnreadable("answer.malformed") from error
    if root.getroottree().docinfo.internalDTD is not None or root.find(f".//{{{_POPULATION}}}Ket_Qua") is None:
        raise AnswerUnreadable("answer.malformed")
    person = root.find(f".//{{{_POPULATION}}}CongdanCollection/{{{_POPULATION}}}CongDan")
    if person is None:
        return None
    said = _tree(person)
    name = said.get("HoVaTen")
    if isinstance(name, Mapping):
        said["HoVaTen"] = " ".join(str(name[part]) for part in ("Ho", "ChuDem", "Ten") if name.get(part))
    return said


def _tree(node: Any) -> dict[str, Any]:
    """Elements as nested mappings of their local names; an element told twice counts once, as first told."""
    found: dict[str, Any] = {}
    for one in node.iterchildren(tag=etree.Element):
        found.setdefault(etree.QName(one).localname, _tree(one) if len(one) else (one.text or "").strip())
    return found


_SPEAKERS: dict[Dialect, Callable[[Question], Spoken]] = {
    Dialect.JSON: _speak_json,
    Dialect.POPULATION: _speak_population,
}
