"""What a computer takes along for the time without a line: forms, papers, communes, numbers (gói ngoại tuyến).

A form is drawn by the renderer of every other page, with every question on it: what depends on another answer is asked
as "if it applies". Conditions of papers and the fees go along as they are written; the page decides those it can
(`offline-cel.js`) and leaves the others to the officer. The server judges the answers when the slip comes in.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse

from tinhso.apps.cases import queries as cases
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.data import StoredFileData
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import Package, ProcedureSummary
from tinhso.apps.procedures.enums import DocumentMode, Level
from tinhso.apps.reception.data import DeviceData, NumberBlock, SlipTicket
from tinhso.apps.reception.queries import slip_code
from tinhso.interfaces.ui.forms import bind
from tinhso.interfaces.workspace.counter import choosing
from tinhso.interfaces.workspace.counter.slip import PERSON
from tinhso.interfaces.workspace.counter.views import own_province
from tinhso.kernel.actor import Actor
from tinhso.lib.forms import Field, FieldType, Form, Section
from tinhso.lib.qr import qr_svg

_DEVICE_SALT = "tinhso.workspace.offline.device"
_TICKET_SALT = "tinhso.workspace.offline.ticket"
_SCAN_SALT = "tinhso.workspace.offline.scan"
# Pictures of QR codes sent along; beyond these a slip carries its number alone, which does the same.
_PICTURES = 40
_IF_IT_APPLIES = "Chỉ khai nếu thuộc trường hợp này."


def device_word(device: DeviceData) -> str:
    """The signed word by which a computer says who it is."""
    return signing.dumps(device.id, salt=_DEVICE_SALT)


def read_device(word: str) -> int | None:
    """The computer behind a signed word; None when it is none of ours."""
    try:
        found = signing.loads(word, salt=_DEVICE_SALT)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None


def ticket_word(ticket: SlipTicket) -> str:
    """The signed word each slip brings back: who had prepared which computer when."""
    value = [ticket.device_id, ticket.officer_id, ticket.officer_name, ticket.prepared_at.isoformat()]
    return signing.dumps(value, salt=_TICKET_SALT)


def read_ticket(word: str) -> SlipTicket | None:
    """What was signed; None when it was not signed here."""
    try:
        device_id, officer_id, name, prepared_at = signing.loads(word, salt=_TICKET_SALT)
        return SlipTicket(device_id, officer_id, name, datetime.fromisoformat(prepared_at))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def scan_word(stored: StoredFileData) -> str:
    """The signed word by which a slip names a picture that has come in; a slip may wait long for a decision."""
    return signing.dumps([stored.id, stored.name, stored.size], salt=_SCAN_SALT)


def read_scan(word: str) -> tuple[int, str, int] | None:
    """File, name and size behind a signed word; None when it was not signed here."""
    try:
        file_id, name, size = signing.loads(word, salt=_SCAN_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return file_id, name, size


def numbers(block: NumberBlock, follow_url: str) -> dict[str, Any]:
    """The numbers the computer may give out, with the first pictures that lead to them."""
    pictures = {
        str(number): qr_svg(f"{follow_url}?ma={slip_code(block.series, number)}")
        for number in range(block.first, min(block.last, block.first + _PICTURES - 1) + 1)
    }
    return {"series": block.series, "first": block.first, "last": block.last, "pictures": pictures}


def procedures_for(actor: Actor, on: date) -> list[dict[str, Any]]:
    """The procedures this officer receives, complete enough to write a slip of each."""
    return [_procedure(item, on) for item in choosing.procedures_at(actor, on)]


def communes(actor: Actor, on: date) -> dict[str, Any]:
    """Where communes resolve: the choice, and the one of the desk."""
    own = choosing.own_commune(actor, on)
    found = [{"id": unit.id, "name": unit.name} for unit in directory.list_communes(on)]
    return {"communes": found, "own_commune": own.id if own else None}


def _procedure(item: ProcedureSummary, on: date) -> dict[str, Any]:
    version, package = procedures.get_package(item.code, on)
    return {
        "code": item.code,
        "version": version.id,
        "title": item.title,
        "name": package.facts.name,
        "limit": item.limit_label,
        "of_commune": package.facts.level == Level.COMMUNE,
        "html": _form(package.form, on),
        "prefill": {f.key: f.prefill.removeprefix("identity.") for f in package.form.fields if _known(f)},
        "papers": _papers(package),
        "shapes": _shapes(package.form.fields),
        "fees": [
            {"key": fee.key, "name": fee.name, "when": fee.when, "amount": fee.amount_vnd, "assumed": fee.assumed}
            for fee in package.fees
        ],
    }


def _known(field: Field) -> bool:
    return field.prefill.startswith("identity.") and field.prefill.removeprefix("identity.") in PERSON


def _form(form: Form, on: date) -> str:
    """The form with one empty row of each repeating group, which the page copies."""
    sections = tuple(_open_section(part) for part in form.sections)
    kept = {field.key for part in sections for field in part.fields}
    plain = replace(form, sections=sections, layers=_layers(form.layers, kept))
    rows: dict[str, Any] = {field.key: [{}] for field in plain.fields if field.type is FieldType.GROUP and field.repeat}
    context = cases.form_context(applicant={"kind": "person"}, channel="counter", today=on)
    bound = bind(plain, rows, context=context, province_code=own_province())
    return render_to_string("workspace/offline/_answers.html", {"bound": bound})


def _open_section(section: Section) -> Section:
    fields = tuple(_open(f, conditional=section.visible_when is not None) for f in section.fields if _is_asked(f))
    return replace(section, visible_when=None, fields=fields)


def _open(field: Field, *, conditional: bool) -> Field:
    conditional = conditional or field.visible_when is not None
    inner = tuple(_open(part, conditional=False) for part in field.fields if _is_asked(part))
    kept = {part.key for part in inner}
    return replace(
        field, visible_when=None, required_when=None, required=field.required and not conditional, fields=inner,
        layers=_layers(field.layers, kept), help=f"{field.help} {_IF_IT_APPLIES}".strip() if conditional else field.help,
    )  # fmt: skip


def _is_asked(field: Field) -> bool:
    """Files wait for the line; what is computed is computed by the server."""
    return field.computed is None and field.type is not FieldType.FILE


def _layers(layers: tuple[tuple[str, ...], ...], kept: set[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(key for key in layer if key in kept) for layer in layers)


def _shapes(fields: Iterable[Field]) -> dict[str, Any]:
    """How each answer is read from what was typed; what only the server computes is marked."""
    return {field.key: _shape(field) for field in fields}


def _shape(field: Field) -> Any:
    if field.computed is not None:
        return "computed"
    if field.type is FieldType.GROUP:
        return {"repeats": bool(field.repeat), "fields": _shapes(field.fields)}
    return _SHAPES.get(field.type, "text")


_SHAPES = {
    FieldType.NUMBER: "number",
    FieldType.MONEY: "money",
    FieldType.SEVERAL: "several",
    FieldType.ADDRESS: "address",
    FieldType.DECLARATION: "declaration",
    FieldType.DATE: "date",
    FieldType.FILE: "computed",
}


def _papers(package: Package) -> list[dict[str, Any]]:
    """The components to tick; what the state knows or the form declares is not asked for."""
    return [
        {
            "key": document.key,
            "name": document.name,
            "condition": document.condition,
            "copies": ", ".join(
                f"{n} {word}" for n, word in ((document.originals, "bản chính"), (document.copies, "bản sao")) if n
            ),
            "needed": document.required,
            "when": document.when,
        }
        for document in package.documents
        if document.replaced_by is None and document.mode not in {DocumentMode.DECLARE, DocumentMode.GENERATED}
    ]


def addresses() -> dict[str, str]:
    """The addresses the page's scripts call."""
    return {
        "prepare": reverse("workspace:offline:prepare"),
        "send": reverse("workspace:offline:send"),
        "scan": reverse("workspace:offline:scan"),
        "worker": reverse("workspace:offline:worker"),
        "scope": reverse("workspace:offline:page"),
        "alive": reverse("access:healthz"),
        "signIn": reverse("access:officer_sign_in"),
        "slips": reverse("workspace:offline:slips"),
    }
