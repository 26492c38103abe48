"""Biểu mẫu trên trang (a form with its answers and errors, prepared for templates).

    bound = bind(form, raw_answers, context=context, errors=result.errors, autosave_url=url)
    {% include "ui/forms/_form.html" with bound=bound %}      inside the page's own <form method="post" …>

Templates receive only what is prepared here. What a person typed is shown as it was typed, right or wrong. Names of
inputs are the paths of answers (`members.0.full_name`); `forms_post.py` reads them back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tinhso.interfaces.ui.forms_inputs import attributes_of, example_of, template_of, typed, unit_of
from tinhso.lib.forms import AddressLookup, Field, FieldType, Form, Section, State, evaluate, row_name
from tinhso.lib.forms.answers import Surroundings

# With more options than this a list to open is shorter to pass over than a column of circles.
_MOST_RADIOS = 7


@dataclass(frozen=True, slots=True)
class BoundOption:
    """Một lựa chọn trên trang."""

    value: str
    label: str
    help: str
    id: str
    checked: bool


@dataclass(frozen=True, slots=True)
class BoundFile:
    """Một tệp đã đính kèm."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class BoundAddress:
    """Ba phần của địa chỉ; `offered` is the province whose communes are in the list."""

    provinces: tuple[BoundOption, ...]
    communes: tuple[BoundOption, ...]
    province: str
    commune: str
    detail: str
    offered: str


@dataclass(frozen=True, slots=True)
class BoundRow:
    """Một dòng của nhóm."""

    index: int
    title: str
    fields: tuple["BoundField", ...]
    error: str


@dataclass(frozen=True, slots=True)
class BoundField:
    """Một trường trên trang, sẵn sàng để vẽ."""

    field: Field
    path: str
    template: str
    value: str
    error: str
    visible: bool
    required: bool
    autosave_url: str
    attributes: Mapping[str, str]
    options: tuple[BoundOption, ...] = ()
    files: tuple[BoundFile, ...] = ()
    address: BoundAddress | None = None
    rows: tuple[BoundRow, ...] = ()
    row_name: str = ""
    checked: bool = False
    autofocus: bool = False

    @property
    def id(self) -> str:
        return "field-" + self.path.replace(".", "-")

    @property
    def name(self) -> str:
        return self.path

    @property
    def is_optional(self) -> bool:
        """Marked on the page: a word on what may be left out is read, a star on what may not is not."""
        return not self.required and self.field.type not in {FieldType.GROUP, FieldType.DECLARATION}

    @property
    def has_help(self) -> bool:
        return bool(self.field.help or self.example or self.field.legal_name)

    @property
    def example(self) -> str:
        return example_of(self.field)

    @property
    def unit(self) -> str:
        return unit_of(self.field)

    @property
    def described_by(self) -> str:
        return f"{self.id}-help {self.id}-error" if self.has_help else f"{self.id}-error"

    @property
    def can_add(self) -> bool:
        return self.field.repeat is not None and len(self.rows) < self.field.repeat.max

    @property
    def can_attach(self) -> bool:
        return len(self.files) < self.field.max_files

    @property
    def accept(self) -> str:
        return ",".join(self.field.accept)

    def walk(self) -> list["BoundField"]:
        """This field and the fields of its rows."""
        return [self, *(inner for row in self.rows for inner in row.fields)]


@dataclass(frozen=True, slots=True)
class BoundSection:
    """Một phần trên trang."""

    section: Section
    visible: bool
    fields: tuple[BoundField, ...]
    # What the page puts before the questions of this section: rendered by a template of its own.
    before: str = ""

    @property
    def id(self) -> str:
        return f"section-{self.section.key}"


class Mistake(Protocol):
    """An error at a path, whichever layer found it."""

    @property
    def path(self) -> str: ...
    @property
    def message(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ErrorLink:
    """Một dòng trong tổng hợp lỗi (`target` is the id of the input)."""

    message: str
    target: str


@dataclass(frozen=True, slots=True)
class BoundForm:
    """Cả biểu mẫu trên trang."""

    form: Form
    sections: tuple[BoundSection, ...]
    errors: tuple[ErrorLink, ...]
    autosave_url: str
    state: State

    def walk(self) -> list[BoundField]:
        """Every field of the visible sections, rows included."""
        return [inner for part in self.sections if part.visible for field in part.fields for inner in field.walk()]

    def find(self, path: str) -> BoundField | None:
        return next(
            (field for part in self.sections for top in part.fields for field in top.walk() if field.path == path), None
        )

    @property
    def shown(self) -> str:
        """Paths on the page, so that what was not on it is neither lost nor taken for unanswered."""
        return " ".join(field.path for field in self.walk() if field.visible)

    @property
    def wrong(self) -> str:
        """Paths with an error on the page."""
        return " ".join(field.path for field in self.walk() if field.visible and field.error)


def bind(
    form: Form,
    answers: Mapping[str, Any],
    *,
    context: Mapping[str, Any],
    errors: Sequence[Mistake] = (),
    autosave_url: str = "",
    only: Sequence[str] = (),
    province_code: str = "",
    autofocus: str = "",
    before: Mapping[str, str] | None = None,
) -> BoundForm:
    """Chuẩn bị biểu mẫu cho trang (join a form, what was typed so far and what is wrong with it).

    `only`: keys of the sections on this page, all unless told. `province_code`: offered first in empty addresses.
    `autofocus`: path of the input the page opens on, such as the first of a row just added. `before`: rendered HTML that
    stands above the questions of a section, by its key.
    """
    binder = _Binder(form, answers, context, errors, autosave_url, province_code, autofocus)
    parts = (part for part in form.sections if not only or part.key in only)
    sections = tuple(binder.section(part, (before or {}).get(part.key, "")) for part in parts)
    return BoundForm(form, sections, binder.links(sections), autosave_url, binder.state)


class _Binder:
    def __init__(
        self,
        form: Form,
        answers: Mapping[str, Any],
        context: Mapping[str, Any],
        errors: Sequence[Mistake],
        autosave_url: str,
        province_code: str,
        autofocus: str,
    ) -> None:
        self.form, self.answers, self.errors = form, answers, errors
        self.surroundings = Surroundings.of(context)
        self.state = evaluate(form, answers, context={**context, "lookup": self.surroundings.lookup})
        self.messages: dict[str, str] = {}
        for error in errors:
            self.messages.setdefault(error.path, error.message)
        self.autosave_url, self.province_code, self.autofocus = autosave_url, province_code, autofocus

    def section(self, section: Section, before: str) -> BoundSection:
        fields = tuple(self.field(field, field.key, self.answers.get(field.key)) for field in section.fields)
        return BoundSection(section, self.state.sections[section.key], fields, before)

    def field(self, field: Field, path: str, raw: Any) -> BoundField:
        value = self.state.computed.get(path) if field.computed else raw
        visible = self.state.visible.get(path, False)
        return BoundField(
            field=field,
            path=path,
            template=template_of(field, most_radios=_MOST_RADIOS),
            value=typed(field, value),
            error=self.messages.get(path, ""),
            visible=visible,
            required=self.state.required.get(path, field.required),
            autosave_url=self.autosave_url,
            attributes=attributes_of(field),
            options=_options(field, path, value),
            files=_files(field, value),
            address=self.address(field, raw) if field.type is FieldType.ADDRESS and visible else None,
            rows=self.rows(field, path, raw) if field.type is FieldType.GROUP and visible else (),
            row_name=row_name(field),
            checked=value is True,
            autofocus=path == self.autofocus,
        )

    def rows(self, group: Field, path: str, raw: Any) -> tuple[BoundRow, ...]:
        if group.repeat is None:
            row = raw if isinstance(raw, Mapping) else {}
            inner = tuple(self.field(part, f"{path}.{part.key}", row.get(part.key)) for part in group.fields)
            return (BoundRow(0, "", inner, ""),)
        given = raw if isinstance(raw, list) else []
        return tuple(self.row(group, f"{path}.{index}", index, item) for index, item in enumerate(given))

    def row(self, group: Field, path: str, index: int, raw: Any) -> BoundRow:
        values = raw if isinstance(raw, Mapping) else {}
        fields = tuple(self.field(inner, f"{path}.{inner.key}", values.get(inner.key)) for inner in group.fields)
        title = f"{group.item_label or group.label} {index + 1}"
        return BoundRow(index, title, fields, self.messages.get(path, ""))

    def address(self, field: Field, raw: Any) -> BoundAddress:
        parts = raw if isinstance(raw, Mapping) else {}
        province, commune, detail = (_text(parts.get(part)) for part in ("province_code", "commune_code", "detail"))
        province = province or self.province_code
        provinces: tuple[BoundOption, ...] = ()
        communes: tuple[BoundOption, ...] = ()
        if (lookup := self.surroundings.lookup) is not None:
            provinces, communes = self._units(lookup, field, province, commune)
        return BoundAddress(provinces, communes, province, commune, detail, province)

    def _units(
        self, lookup: AddressLookup, field: Field, province: str, commune: str
    ) -> tuple[tuple[BoundOption, ...], tuple[BoundOption, ...]]:
        day = self.surroundings.day(field.as_of)
        provinces = [BoundOption(code, name, "", "", code == province) for code, name in lookup.provinces(day)]
        communes = [
            BoundOption(code, name, "", "", code == commune)
            for code, name, owner in lookup.communes(day)
            if owner == province
        ]
        return tuple(provinces), tuple(communes)

    def links(self, sections: Sequence[BoundSection]) -> tuple[ErrorLink, ...]:
        """One link an error, to the input where it is put right; errors of fields not on the page have no target."""
        targets: dict[str, tuple[str, str]] = {}
        for field in (field for part in sections for field in part.fields):
            targets[field.path] = (field.id, "")
            for row in field.rows:
                # A sentence that stands beside its row needs no number; in the summary it does.
                before = f"{row.title}: " if row.title else ""
                targets[f"{field.path}.{row.index}"] = (f"{field.id}-{row.index}", before)
                targets |= {inner.path: (inner.id, before) for inner in row.fields}
        found = ((error.message, *targets.get(error.path, ("", ""))) for error in self.errors)
        return tuple(ErrorLink(before + message, target) for message, target, before in found)


def _options(field: Field, path: str, value: Any) -> tuple[BoundOption, ...]:
    base = "field-" + path.replace(".", "-")
    chosen = value if isinstance(value, list) else [value]
    return tuple(
        BoundOption(option.value, option.label, option.help, f"{base}-{index}", option.value in chosen)
        for index, option in enumerate(field.options)
    )


def _files(field: Field, value: Any) -> tuple[BoundFile, ...]:
    if field.type is not FieldType.FILE or not isinstance(value, list):
        return ()
    found = [item for item in value if isinstance(item, Mapping) and item.get("id")]
    return tuple(
        BoundFile(str(item["id"]), str(item.get("name") or item["id"]), int(item.get("size") or 0)) for item in found
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
