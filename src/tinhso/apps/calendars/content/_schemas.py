"""JSON Schemas of the calendar files, for editors that complete and underline (content/schemas/).

The reader in this package stays the authority: it also checks what a schema cannot say (years without days, swaps that
do not pair, hours that overlap).
"""

from typing import Any

from tinhso.lib.worktime import DayKind, Rule

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_FLAG: Schema = {"type": "boolean"}
_DAY: Schema = {"type": "string", "format": "date"}
_WEEKDAY: Schema = {"enum": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]}
_STRETCH: Schema = {"type": "string", "pattern": r"^\d\d:\d\d-\d\d:\d\d$"}
_HOURS: Schema = {"type": "array", "items": _STRETCH}
_KIND: Schema = {"enum": [kind.value for kind in DayKind]}


def _object(required: str, /, **properties: Schema) -> Schema:
    named = {name.rstrip("_"): schema for name, schema in properties.items()}
    return {"type": "object", "additionalProperties": False, "properties": named, "required": required.split()}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_BASIS = _object("document effective_from", document=_TEXT, article=_TEXT, effective_from=_DAY, confirmed=_FLAG)
_PERIOD = _object(
    "from week basis",
    from_=_DAY,
    week=_list(_object("days hours", days=_list(_WEEKDAY), hours=_HOURS)),
    basis=_BASIS,
    assumed=_FLAG,
)
_SPECIAL: dict[str, Schema] = {
    "date": _DAY, "kind": _KIND, "name": _TEXT, "hours": _HOURS, "replaces": _DAY, "made_up_on": _DAY,
}  # fmt: skip
_LOCAL_DAY = _object("date kind name basis", **_SPECIAL, basis=_BASIS, assumed=_FLAG)
_PUBLIC_DAY = _object("date kind name basis", **_SPECIAL, basis=_TEXT)


def schemas() -> dict[str, Schema]:
    """File name to schema: a working calendar, and a list of public days that calendars share."""
    rule = _object("basis", basis=_BASIS, assumed=_FLAG)
    same_day = _object(
        "cutoff basis", cutoff={"type": "string", "pattern": r"^\d\d:\d\d$"}, basis=_BASIS, assumed=_FLAG
    )
    rules = {kind.value: same_day if kind is Rule.SAME_DAY else rule for kind in Rule}
    calendar = _object(
        "key title units covers public_days office_hours reception_hours rules",
        key=_TEXT,
        title=_TEXT,
        units=_list(_TEXT),
        covers=_object("from to", from_=_DAY, to=_DAY),
        public_days=_TEXT,
        office_hours=_list(_PERIOD),
        reception_hours=_list(_PERIOD),
        local_days=_list(_LOCAL_DAY),
        rules=_object(" ".join(rules), **rules),
    )
    public_days = _object(
        "key title sources bases years",
        key=_TEXT,
        title=_TEXT,
        sources=_list(_TEXT),
        bases={"type": "object", "additionalProperties": _BASIS},
        years=_list(_object("year days", year={"type": "integer"}, announced=_FLAG, days=_list(_PUBLIC_DAY))),
    )
    return {
        f"{title}.schema.json": {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
        for title, schema in (("calendar", calendar), ("public-days", public_days))
    }
