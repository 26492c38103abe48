"""JSON Schemas of the files an official writes, for editors that complete and underline (content/schemas/).

The reader in this package stays the authority: it also checks what a schema cannot say (sums of hours, names in
expressions, codes that exist).
"""

from enum import Enum
from typing import Any

from tinhso.apps.procedures.content._facts import CODE
from tinhso.apps.procedures.content._linked_scenarios import EXPECTED, EXPECTED_OF_LEG, LINKED_VERBS
from tinhso.apps.procedures.content._reader import KEY, SLUG
from tinhso.apps.procedures.content._scenarios import EXPECTATIONS, UNITS, VERBS
from tinhso.apps.procedures.enums import (
    AfterSupplement,
    Asked,
    DocumentMode,
    FeeKind,
    FeeTime,
    Level,
    NoScan,
    OnlineService,
    Outcome,
    Silence,
    StepKind,
    StepUnit,
    Subject,
)
from tinhso.lib.worktime import LimitUnit

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "null"]}
WORDS: Schema = {"type": "array", "items": {"type": "string"}}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
DAY: Schema = {"type": ["string", "null"], "format": "date"}
CEL: Schema = {"type": "string", "description": "Biểu thức CEL trên answers, applicant, today, channel"}
_UNITS = "|".join(unit.value for unit in LimitUnit if unit is not LimitUnit.SAME_DAY)
LIMIT: Schema = {"type": "string", "pattern": rf"^(same_day|\d+([.,]\d+)? ({_UNITS}))$"}


def _choice(kind: type[Enum]) -> Schema:
    return {"enum": [member.value for member in kind]}


def _pattern(expression: str) -> Schema:
    return {"type": "string", "pattern": f"^({expression})$"}


def _object(required: str = "", /, **properties: Schema) -> Schema:
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**schema, "required": required.split()} if required else schema


def _list(items: Schema, at_least: int = 0) -> Schema:
    return {"type": "array", "items": items, **({"minItems": at_least} if at_least else {})}


BASIS: Schema = {
    "anyOf": [{"type": "string"}, _object("document", document=TEXT, article=TEXT, effective_from=DAY)],
    "description": "Căn cứ pháp lý: văn bản, điều, ngày có hiệu lực",
}
KEYED = _pattern(KEY.pattern)
_NAMED = {StepUnit.DEPARTMENT, StepUnit.COMMUNE_OF}
PLACE: Schema = {
    "anyOf": [
        {"enum": [unit.value for unit in StepUnit if unit not in _NAMED]},
        {
            **_object("", **{unit.value: KEYED if unit in _NAMED else {"const": True} for unit in StepUnit},
                      inside=KEYED),
            "minProperties": 1, "maxProperties": 2,
        },
    ],
    "description": "Nơi làm: quan hệ với hồ sơ (one_stop, division, resolving…), hoặc department: <khóa sở>",
}  # fmt: skip
LEGAL = _object("document", document=TEXT, title=TEXT, issued_on=DAY, effective_from=DAY, assumed=FLAG)
DECISION = _object("number", number=TEXT, issued_by=TEXT, issued_on=DAY, effective_from=DAY, basis=BASIS)
CHANNELS = _object(online=_choice(OnlineService), counter=FLAG, postal=FLAG)
REPLACEMENT = _object("database", database=TEXT, basis=BASIS, assumed=FLAG, lookup=KEYED)
UPLOADS: Schema = {
    **_object("", most_mb={"type": "integer", "minimum": 1}, most_pages={"type": "integer", "minimum": 1}),
    "minProperties": 1, "description": "Giới hạn một tệp tải lên: số MB, số trang",
}  # fmt: skip
_DOCUMENT: dict[str, Schema] = {
    "key": KEYED, "name": TEXT, "mode": _choice(DocumentMode), "originals": COUNT, "copies": COUNT, "form": TEXT,
    "when": CEL, "condition": TEXT, "group": TEXT, "required": FLAG, "code": TEXT, "note": TEXT,
    "basis": BASIS, "assumed": FLAG, "no_scan": _choice(NoScan), "uploads": UPLOADS,
}  # fmt: skip
_RESULT: dict[str, Schema] = {
    "key": KEYED, "name": TEXT, "code": TEXT, "template": TEXT, "number_format": TEXT, "book": TEXT,
    "outcome": _choice(Outcome), "copy_of": KEYED, "copy_when": CEL, "copy_title": CEL,
}  # fmt: skip
_ABOUT: dict[str, Schema] = {
    "code": _pattern(CODE.pattern), "name": TEXT, "short_name": TEXT, "field": TEXT, "level": _choice(Level),
    "agency": TEXT, "processed_by": TEXT, "subjects": _list(_choice(Subject)), "channels": CHANNELS,
    "own_portal_from": DAY, "everyday_words": WORDS, "essential": FLAG, "note": TEXT, "sources": WORDS,
    "effective_from": DAY,
}  # fmt: skip


def _about_a_procedure() -> dict[str, Schema]:
    """The keys of procedure.yaml, which the main file of a linked group shares."""
    variant = _object("limit", limit=LIMIT, basis=BASIS, assumed=FLAG)
    limit = _object(
        "key limit", key=KEYED, name=TEXT, when=CEL, limit=LIMIT, basis=BASIS, assumed=FLAG, national=variant,
        mountain=variant,
    )  # fmt: skip
    policies = _object(
        after_supplement=_choice(AfterSupplement), last_hour_tomorrow=FLAG,
        supplement_days={"type": "integer", "minimum": 1}, extensions=COUNT, second_limit=LIMIT, basis=BASIS,
        supplement_by_head=FLAG, assumed=FLAG,
    )  # fmt: skip
    named: Schema = {"type": "object", "additionalProperties": KEYED, "minProperties": 1}
    lookup = _object(
        "key name source section about", key=KEYED, name=TEXT, source=KEYED, check=KEYED, section=KEYED, about=named,
        fills=named, when=CEL, purpose=TEXT,
    )  # fmt: skip
    return {
        **_ABOUT,
        "decision": DECISION,
        "lookups": _list(lookup),
        "limits": _list(limit, 1),
        "policies": policies,
        "routed_by": TEXT,
        "uploads": UPLOADS,
        "documents": _list(_object("key name", **_DOCUMENT, replaced_by=REPLACEMENT)),
        "results": _list(_object("key name", **_RESULT), 1),
        "legal_basis": _list(LEGAL, 1),
    }


_REQUIRED = "code name field level agency effective_from limits results legal_basis sources"


def procedure_schema() -> Schema:
    """procedure.yaml of a package."""
    return _object(_REQUIRED, **_about_a_procedure())


def group_schema() -> Schema:
    """group.yaml of a linked group (nhóm liên thông)."""
    texts: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
    leg = _object(
        "key name procedure agency limit", key=KEYED, name=TEXT, procedure=_pattern(CODE.pattern), agency=TEXT,
        limit=LIMIT, after=WORDS, when=CEL, system=TEXT, result=TEXT, answers=texts, documents=texts, receives=texts,
        basis=BASIS, assumed=FLAG,
    )  # fmt: skip
    rules = _object(
        "", acknowledge=LIMIT, supplement=LIMIT, stop_after=LIMIT, cutoff={"type": "string", "pattern": r"^\d{1,2}:\d{2}$"},
        basis=BASIS, assumed=FLAG,
    )  # fmt: skip
    return _object(f"{_REQUIRED} legs", **_about_a_procedure(), legs=_list(leg, 1), rules=rules)


def workflow_schema() -> Schema:
    """workflow.yaml of a package."""
    number = {"type": ["number", "string"]}
    hours = {"anyOf": [number, {"type": "object", "additionalProperties": number}]}
    consultation = _object(
        "key name unit limit", key=KEYED, name=TEXT, unit=PLACE, question=TEXT, limit=LIMIT, silence=_choice(Silence),
        asked=_choice(Asked), required=FLAG, pauses_clock=FLAG, when=CEL, basis=BASIS, assumed=FLAG,
    )  # fmt: skip
    step = _object(
        "key kind role unit", key=KEYED, name=TEXT, kind=_choice(StepKind), role=TEXT, unit=PLACE, hours=hours,
        counted=FLAG, when=CEL, parallel=_list(consultation), basis=BASIS, assumed=FLAG,
    )  # fmt: skip
    return _object("steps", version=COUNT, division=TEXT, basis=BASIS, assumed=FLAG, steps=_list(step, 1))


def fees_schema() -> Schema:
    """fees.yaml of a package."""
    day = {"type": "string", "format": "date"}
    reduction = _object(
        "key name percent", key=KEYED, name=TEXT, percent={"type": "integer", "minimum": 1, "maximum": 100}, when=CEL,
        evidence=TEXT, valid_from=day, valid_to=day, basis=BASIS, assumed=FLAG,
    )  # fmt: skip
    fee = _object(
        "key name kind amount_vnd", key=KEYED, name=TEXT, kind=_choice(FeeKind), when=CEL,
        amount_vnd={"type": ["integer", "string"]}, collected=_choice(FeeTime), reductions=_list(reduction), valid_from=day,
        valid_to=day, basis=BASIS, assumed=FLAG,
    )  # fmt: skip
    return _object("fees", version=COUNT, fees=_list(fee))


def scenario_schema() -> Schema:
    """scenarios/*.yaml of a package."""
    moment = {"type": "object", "properties": {"at": TEXT}, "required": ["at"]}
    step = {
        "type": "object", "additionalProperties": False, "minProperties": 1, "maxProperties": 1,
        "properties": dict.fromkeys(sorted(VERBS), moment),
    }  # fmt: skip
    anything: Schema = {"type": "object"}
    expected: dict[str, Schema] = {name: {} for name in sorted(EXPECTATIONS)}
    expect = _object("", **expected)
    return _object(
        "name unit steps", name=TEXT, note=TEXT, unit={"enum": sorted(UNITS)}, applicant=anything, answers=anything,
        documents=WORDS, channel={"enum": ["online", "counter", "postal"]}, steps=_list(step, 1), expect=expect,
    )  # fmt: skip


def linked_scenario_schema() -> Schema:
    """scenarios/*.yaml of a linked group."""
    moment = {"type": "object", "properties": {"at": TEXT, "leg": TEXT}, "required": ["at"]}
    step = {
        "type": "object", "additionalProperties": False, "minProperties": 1, "maxProperties": 1,
        "properties": dict.fromkeys(sorted(LINKED_VERBS), moment),
    }  # fmt: skip
    anything: Schema = {"type": "object"}
    of_leg: dict[str, Schema] = {name: {} for name in sorted(EXPECTED_OF_LEG)}
    expected: dict[str, Schema] = {name: {} for name in sorted(EXPECTED - {"legs"})}
    legs: Schema = {"type": "object", "additionalProperties": _object("", **of_leg)}
    return _object(
        "name note steps", name=TEXT, note=TEXT, unit={"enum": sorted(UNITS)}, applicant=anything, answers=anything,
        documents=WORDS, channel={"enum": ["online", "counter", "postal"]}, steps=_list(step, 1),
        expect=_object("", **expected, legs=legs),
    )  # fmt: skip


def catalogue_schema() -> Schema:
    """A sector file of the shipped catalogue."""
    limit = _object(name=TEXT, limit=LIMIT, text=TEXT, basis=BASIS, assumed=FLAG)
    fee = _object(
        name=TEXT,
        amount_vnd={"type": ["integer", "null"], "minimum": 0},
        per=TEXT,
        note=TEXT,
        basis=BASIS,
        assumed=FLAG,
    )
    replaced = {"anyOf": [{"type": "string"}, REPLACEMENT]}
    document = {"anyOf": [{"type": "string"}, _object("name", **_DOCUMENT, replaced_by=replaced)]}
    result = {"anyOf": [{"type": "string"}, _object("name", **_RESULT)]}
    procedure = _object(
        "code name limits", **_ABOUT, decision={"anyOf": [{"type": "string"}, DECISION]}, limits=_list(limit, 1),
        fees=_list(fee), documents=_list(document), results=_list(result), legal=WORDS,
    )  # fmt: skip
    shared = {
        name: _ABOUT[name] for name in ("field", "level", "agency", "processed_by", "subjects", "channels", "essential")
    }
    return _object("source as_of procedures", **shared, source=TEXT, as_of=DAY, procedures=_list(procedure, 1))


def legal_documents_schema() -> Schema:
    """catalogue/legal-documents.yaml."""
    return _object("documents", source=TEXT, documents=_list(LEGAL, 1))


def life_events_schema() -> Schema:
    """catalogue/life-events.yaml."""
    event = _object("key name procedures", key=_pattern(SLUG.pattern), name=TEXT, icon=TEXT, procedures=WORDS)
    return _object("events", events=_list(event, 1))


def synonyms_schema() -> Schema:
    """catalogue/synonyms.yaml."""
    entry = {
        **_object("say", say=_list({"type": "string"}, 1), mean=TEXT, codes=WORDS),
        "anyOf": [{"required": ["mean"]}, {"required": ["codes"]}],
    }
    return _object(entries=_list(entry), ignore=WORDS)


def schemas() -> dict[str, Schema]:
    """Every schema by the name of its file in content/schemas/."""
    made = {
        "procedure": procedure_schema(), "workflow": workflow_schema(), "fees": fees_schema(),
        "scenario": scenario_schema(), "catalogue": catalogue_schema(), "legal-documents": legal_documents_schema(),
        "life-events": life_events_schema(), "synonyms": synonyms_schema(), "group": group_schema(),
        "linked-scenario": linked_scenario_schema(),
    }  # fmt: skip
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {f"{name}.schema.json": {**dialect, "title": name, **schema} for name, schema in made.items()}
