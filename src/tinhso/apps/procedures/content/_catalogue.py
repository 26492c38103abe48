"""The shipped catalogue: compact YAML by sector, legal documents by number, life events, everyday words.

A sector file gives what its procedures share at the top (field, level, agency, source, as_of); a procedure says only
what differs. `legal` lists document numbers whose titles and dates stand once in `legal-documents.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tinhso.apps.procedures.content._facts import read_facts
from tinhso.apps.procedures.content._reader import ContentError, Reader, load_yaml
from tinhso.apps.procedures.data import (
    LegalDocument,
    LifeEvent,
    Problem,
    ProcedureFacts,
    Synonym,
    Synonyms,
    to_json,
)

FOLDER = "catalogue"
SPECIAL = frozenset({"legal-documents.yaml", "life-events.yaml", "synonyms.yaml"})
SHARED = ("field", "level", "agency", "processed_by", "subjects", "channels", "essential")


@dataclass(frozen=True, slots=True)
class CuratedEntry:
    """Facts of the shipped catalogue, the file they stand in and the day from which they are known to hold."""

    facts: ProcedureFacts
    file: str
    effective_from: date


def load_catalogue(root: Path) -> tuple[tuple[CuratedEntry, ...], list[Problem]]:
    """Every procedure of `content/catalogue`, in code order; problems with file and path."""
    problems: list[Problem] = []
    documents = load_legal_documents(root, problems)
    entries: dict[str, CuratedEntry] = {}
    for path in sorted((root / FOLDER).glob("*.yaml")):
        if path.name in SPECIAL:
            continue
        value = load_yaml(path, root=root, problems=problems)
        for entry in _read_sector(Reader(value, file=_name(path, root), path="", problems=problems), documents):
            if entry.facts.code in entries:
                first = entries[entry.facts.code].file
                problems.append(Problem(entry.file, entry.facts.code, f"thủ tục này đã có trong {first}"))
            entries[entry.facts.code] = entry
    return tuple(entries[code] for code in sorted(entries)), problems


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _read_sector(reader: Reader, documents: Mapping[str, LegalDocument]) -> list[CuratedEntry]:
    shared = {key: reader.raw(key) for key in SHARED if reader.has(key)}
    source, as_of = reader.text("source", required=True), reader.day("as_of", required=True)
    entries = []
    for item in reader.each("procedures", required=True):
        value = item.rest()
        effective_from = item.day("effective_from") or as_of or date.min
        value.pop("effective_from", None)
        expanded = Reader(
            _expand(shared | value, source, documents), file=reader.file, path=str(value.get("code") or item.path),
            problems=reader.problems,
        )  # fmt: skip
        facts = read_facts(expanded)
        expanded.close()
        for number in value.get("legal") or []:
            if number not in documents:
                expanded.problem("legal", f"“{number}” không có trong {FOLDER}/legal-documents.yaml")
        entries.append(CuratedEntry(facts, reader.file, effective_from))
    reader.close()
    return entries


def _expand(value: dict[str, Any], source: str, documents: Mapping[str, LegalDocument]) -> dict[str, Any]:
    """The compact spelling made whole: keys of documents and results, decision and database given as plain text."""
    whole = dict(value)
    if isinstance(whole.get("decision"), str):
        whole["decision"] = {"number": whole["decision"]}
    whole["sources"] = [source, *whole.get("sources", [])]
    whole["legal_basis"] = [to_json(documents[number]) for number in whole.pop("legal", []) if number in documents]
    for kind, stem in (("documents", "document"), ("results", "result")):
        items = whole.get(kind)
        if isinstance(items, list):
            whole[kind] = [_expand_item(item, f"{stem}_{n}") for n, item in enumerate(items, start=1)]
    return whole


def _expand_item(item: Any, key: str) -> Any:
    if isinstance(item, str):
        item = {"name": item}
    if not isinstance(item, Mapping):
        return item
    replaced = item.get("replaced_by")
    return {
        "key": key,
        **item,
        **({"replaced_by": {"database": replaced, "assumed": True}} if isinstance(replaced, str) else {}),
    }


def load_legal_documents(root: Path, problems: list[Problem]) -> dict[str, LegalDocument]:
    """The legal documents of the catalogue by number."""
    path = root / FOLDER / "legal-documents.yaml"
    reader = Reader(load_yaml(path, root=root, problems=problems), file=_name(path, root), path="", problems=problems)
    documents = {}
    reader.text("source")
    for item in reader.each("documents", required=True):
        document = LegalDocument(
            document=item.text("document", required=True),
            title=item.text("title"),
            issued_on=item.day("issued_on"),
            effective_from=item.day("effective_from"),
            assumed=item.flag("assumed"),
        )
        item.close()
        if document.document in documents:
            item.problem("document", f"“{document.document}” viết hai lần")
        documents[document.document] = document
    reader.close()
    return documents


def load_life_events(root: Path) -> tuple[tuple[LifeEvent, ...], list[Problem]]:
    """The occasions of `life-events.yaml` in its order."""
    problems: list[Problem] = []
    path = root / FOLDER / "life-events.yaml"
    reader = Reader(load_yaml(path, root=root, problems=problems), file=_name(path, root), path="", problems=problems)
    events = []
    for item in reader.each("events", required=True):
        events.append(
            LifeEvent(
                key=item.slug(),
                name=item.text("name", required=True),
                icon=item.text("icon"),
                codes=item.texts("procedures", required=True),
            )
        )
        item.close()
    reader.close()
    return tuple(events), problems


def load_synonyms(root: Path) -> tuple[Synonyms, list[Problem]]:
    """The everyday vocabulary of `synonyms.yaml`."""
    problems: list[Problem] = []
    path = root / FOLDER / "synonyms.yaml"
    value = load_yaml(path, root=root, problems=problems)
    synonyms = read_synonyms(Reader(value, file=_name(path, root), path="", problems=problems))
    return synonyms, problems


def read_synonyms(reader: Reader) -> Synonyms:
    """A vocabulary from its file or its stored JSON."""
    entries = []
    for item in reader.each("entries"):
        entry = Synonym(item.texts("say", required=True), item.text("mean"), item.texts("codes"))
        if not entry.mean and not entry.codes:
            item.problem("", "phải có mean (nghĩa trong danh mục) hoặc codes (mã thủ tục)")
        item.close()
        entries.append(entry)
    synonyms = Synonyms(tuple(entries), reader.texts("ignore"))
    reader.close()
    return synonyms


def synonyms_from_json(value: object) -> Synonyms:
    """A vocabulary from its stored JSON.

    Raises:
        ContentError: the value is not a vocabulary; every problem is listed.
    """
    reader = Reader(value, file=f"{FOLDER}/synonyms.yaml", path="", problems=[])
    synonyms = read_synonyms(reader)
    if reader.problems:
        raise ContentError(reader.problems)
    return synonyms
