"""Facts of a procedure: read from a package, from the shipped catalogue, from the stored JSON. One shape for all."""

import re

from tinhso.apps.procedures.content._reader import ContentError, Reader
from tinhso.apps.procedures.data import (
    Basis,
    Channels,
    Decision,
    FeeFact,
    LegalDocument,
    LimitFact,
    ProcedureFacts,
    Replacement,
    RequiredDocument,
    ResultType,
    UploadLimits,
)
from tinhso.apps.procedures.enums import DocumentMode, Level, NoScan, OnlineService, Outcome, Subject

# National code, a province's adaptation of it (3.000527.H61), or the older long form (1.008377.000.00.00.H13).
CODE = re.compile(r"[1-9]\.\d{6}(\.\d{3}\.\d{2}\.\d{2})?(\.H\d{2})?")


def read_basis(reader: Reader, key: str = "basis") -> Basis | None:
    """Legal basis of a value: a mapping, or just the document number."""
    if not reader.has(key):
        return None
    value = reader.raw(key)
    if isinstance(value, str):
        return Basis(document=value.strip())
    inner = Reader(value, file=reader.file, path=reader.at(key), problems=reader.problems)
    basis = Basis(
        document=inner.text("document", required=True),
        article=inner.text("article"),
        effective_from=inner.day("effective_from"),
    )
    inner.close()
    return basis


def read_legal_document(reader: Reader) -> LegalDocument:
    document = LegalDocument(
        document=reader.text("document", required=True),
        title=reader.text("title"),
        issued_on=reader.day("issued_on"),
        effective_from=reader.day("effective_from"),
        assumed=reader.flag("assumed"),
    )
    reader.close()
    return document


def read_decision(owner: Reader) -> Decision | None:
    if not owner.has("decision"):
        return None
    reader = owner.group("decision")
    decision = Decision(
        number=reader.text("number", required=True),
        issued_by=reader.text("issued_by"),
        issued_on=reader.day("issued_on"),
        effective_from=reader.day("effective_from"),
        basis=read_basis(reader),
    )
    reader.close()
    return decision


def read_channels(owner: Reader) -> Channels:
    reader = owner.group("channels")
    channels = Channels(
        online=reader.choice("online", OnlineService, default=OnlineService.NONE).value,
        counter=reader.flag("counter", default=True),
        postal=reader.flag("postal"),
    )
    reader.close()
    return channels


def read_document(reader: Reader) -> RequiredDocument:
    replaced_by = None
    if reader.has("replaced_by"):
        inner = reader.group("replaced_by")
        replaced_by = Replacement(
            database=inner.text("database", required=True), basis=read_basis(inner), assumed=inner.flag("assumed"),
            lookup=inner.text("lookup"),
        )  # fmt: skip
        inner.close()
    document = RequiredDocument(
        key=reader.key(),
        name=reader.text("name", required=True),
        mode=reader.choice("mode", DocumentMode, default=DocumentMode.SUBMIT),
        originals=reader.integer("originals", default=0) or 0,
        copies=reader.integer("copies", default=0) or 0,
        form=reader.text("form"),
        when=reader.text("when"),
        condition=reader.text("condition"),
        group=reader.text("group"),
        required=reader.flag("required", default=True),
        code=reader.text("code"),
        note=reader.text("note"),
        replaced_by=replaced_by,
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
        no_scan=reader.choice("no_scan", NoScan, default=NoScan.NONE),
        uploads=read_uploads(reader),
    )
    reader.close()
    return document


def read_uploads(owner: Reader) -> UploadLimits:
    """Limits of one uploaded file: of the whole procedure, or narrower or wider of one component."""
    if not owner.has("uploads"):
        return UploadLimits()
    reader = owner.group("uploads")
    limits = UploadLimits(
        most_mb=reader.integer("most_mb", default=None, minimum=1),
        most_pages=reader.integer("most_pages", default=None, minimum=1),
    )
    if limits == UploadLimits():
        reader.problem("", "phải có most_mb (số MB) hoặc most_pages (số trang)")
    reader.close()
    return limits


def read_result(reader: Reader) -> ResultType:
    result = ResultType(
        key=reader.key(),
        name=reader.text("name", required=True),
        code=reader.text("code"),
        template=reader.text("template"),
        number_format=reader.text("number_format"),
        book=reader.text("book"),
        outcome=reader.choice("outcome", Outcome, default=Outcome.GRANT),
        copy_of=reader.text("copy_of"),
        copy_title=reader.text("copy_title"),
        copy_when=reader.text("copy_when"),
    )
    reader.close()
    return result


def _read_limit_fact(reader: Reader) -> LimitFact:
    limit = LimitFact(
        name=reader.text("name"),
        limit=reader.limit("limit"),
        text=reader.text("text"),
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
    )
    if limit.limit is None and not limit.text:
        reader.problem("limit", "phải có thời hạn hoặc lời diễn giải (text)")
    reader.close()
    return limit


def _read_fee_fact(reader: Reader) -> FeeFact:
    fee = FeeFact(
        name=reader.text("name"),
        amount_vnd=reader.integer("amount_vnd"),
        per=reader.text("per"),
        note=reader.text("note"),
        basis=read_basis(reader),
        assumed=reader.flag("assumed"),
    )
    reader.close()
    return fee


def read_subjects(reader: Reader) -> tuple[str, ...]:
    subjects = reader.texts("subjects")
    for subject in subjects:
        if subject not in Subject.values:
            reader.problem("subjects", f"“{subject}” không có trong danh sách: {', '.join(Subject.values)}")
    return subjects


def read_code(reader: Reader) -> str:
    code = reader.text("code", required=True)
    if code and not CODE.fullmatch(code):
        reader.problem("code", f"“{code}” không phải mã thủ tục (ví dụ 1.013225 hoặc 3.000527.H61)")
    return code


def read_facts(reader: Reader) -> ProcedureFacts:
    """Facts in the shape of the catalogue; problems go to the reader, the caller closes it."""
    facts = ProcedureFacts(
        code=read_code(reader),
        name=reader.text("name", required=True),
        field=reader.text("field", required=True),
        level=reader.choice("level", Level, default=Level.OTHER, required=True).value,
        short_name=reader.text("short_name"),
        agency=reader.text("agency"),
        processed_by=reader.text("processed_by"),
        decision=read_decision(reader),
        subjects=read_subjects(reader),
        channels=read_channels(reader),
        own_portal_from=reader.day("own_portal_from"),
        limits=reader.many("limits", _read_limit_fact),
        documents=reader.many("documents", read_document),
        results=reader.many("results", read_result),
        fees=reader.many("fees", _read_fee_fact),
        legal_basis=reader.many("legal_basis", read_legal_document),
        everyday_words=reader.texts("everyday_words"),
        essential=reader.flag("essential"),
        note=reader.text("note"),
        locality=reader.text("locality"),
        sources=reader.texts("sources"),
    )
    check_keys(reader, "documents", [document.key for document in facts.documents])
    return facts


def check_keys(reader: Reader, path: str, keys: list[str]) -> None:
    """Every key once."""
    for key in sorted({key for key in keys if key and keys.count(key) > 1}):
        reader.problem(path, f"khóa “{key}” dùng hai lần")


def facts_from_json(value: object, *, file: str = "") -> ProcedureFacts:
    """Facts from their stored JSON (`to_json`)."""
    reader = Reader(value, file=file, path="", problems=[])
    facts = read_facts(reader)
    reader.close()
    if reader.problems:
        raise ContentError(reader.problems)
    return facts
