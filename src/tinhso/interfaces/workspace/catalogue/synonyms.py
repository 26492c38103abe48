"""The everyday vocabulary of search, written as people write lists (từ ngữ thường dùng).

One line a group: what people say, separated by commas, an arrow, then the catalogue's words or codes of procedures.
"""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tinhso.apps.procedures import actions, queries
from tinhso.apps.procedures.data import Synonyms
from tinhso.apps.procedures.permissions import ProcedurePermission
from tinhso.interfaces.access.policy import officer
from tinhso.interfaces.workspace.requests import actor_of, page
from tinhso.kernel import clock
from tinhso.kernel.errors import FieldError, Invalid

_CODE = re.compile(r"\d+\.\d{6}(\.[A-Z0-9]+)*")


@officer(ProcedurePermission.MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """The whole vocabulary in one text; published, it is in use at once."""
    number, published = queries.get_synonyms()
    if request.method == "GET":
        return _page(request, number, write(published or Synonyms()), ", ".join(published.ignore if published else ()))
    text, ignored = request.POST.get("entries", "")[:200_000], request.POST.get("ignore", "")[:5_000]
    try:
        value = read(text, ignored)
        done = actions.publish_synonyms(value=value, actor=actor_of(request), at=clock.now())
    except Invalid as refusal:
        return _page(request, number, text, ignored, errors=refusal.errors or [FieldError("", refusal.message)])
    messages.success(request, f"Đã công bố bộ từ ngữ số {done}." if done else "Không có gì thay đổi.")
    return redirect("workspace:catalogue:synonyms")


def write(synonyms: Synonyms) -> str:
    """The vocabulary as lines."""
    return "\n".join(
        f"{', '.join(entry.say)} → {', '.join([entry.mean] if entry.mean else list(entry.codes))}"
        for entry in synonyms.entries
    )


def read(text: str, ignored: str) -> dict[str, Any]:
    """Lines back into the vocabulary's own shape.

    Raises:
        Invalid: a line without an arrow, with its number.
    """
    entries, errors = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        said, arrow, meant = line.replace("->", "→").partition("→")
        words = _parts(said)
        if not arrow or not words or not meant.strip():
            errors.append(FieldError("", f"Dòng {number}: viết «từ dân gian, từ khác → từ trong danh mục»."))
            continue
        targets = _parts(meant)
        entry: dict[str, Any] = {"say": words}
        if all(_CODE.fullmatch(target) for target in targets):
            entry["codes"] = targets
        else:
            entry["mean"] = meant.strip()
        entries.append(entry)
    if errors:
        raise Invalid(errors=errors)
    return {"entries": entries, "ignore": _parts(ignored)}


def _parts(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split(",") if part.strip()]


def _page(
    request: HttpRequest, number: int, entries: str, ignore: str, *, errors: list[FieldError] | None = None
) -> HttpResponse:
    context = {
        "number": number,
        "entries": entries,
        "ignore": ignore,
        "errors": [{"message": error.message, "target": "entries"} for error in errors or []],
    }
    status = 422 if errors else 200
    return page(request, "workspace/catalogue/synonyms.html", context, place="catalogue", status=status)
