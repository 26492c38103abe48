"""The papers of a draft: what to hand in, what the state has already (giấy tờ kèm theo)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.enums import Presence
from tinhso.apps.procedures.data import RequiredDocument, UploadLimits
from tinhso.apps.procedures.enums import DocumentMode
from tinhso.apps.vault.data import DocumentData
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.access.uploads import files_of
from tinhso.interfaces.portal.drafts.shared import stages
from tinhso.interfaces.portal.requests import actor_of, is_fragment, keep_upload, text_of
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import DomainError

_HELD = {Presence.UPLOADED, Presence.VAULT}
_MOST_OFFERS = 3
_SAID = {
    DocumentMode.DECLARE: "Bạn vừa khai ở bước trước, không phải nộp bản giấy.",
    DocumentMode.GENERATED: "Hệ thống tự lập.",
    DocumentMode.PRESENT: "Mang theo để đối chiếu khi nhận kết quả hoặc khi được mời.",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """One component on the page; `said` explains why nothing need be handed in."""

    key: str
    name: str
    copies: str
    form: str
    required: bool
    database: str
    said: str
    files: list[Any]
    error: str
    offers: list[DocumentData]
    limits: UploadLimits
    evidence: Any = None
    lookup: str = ""

    @property
    def asks(self) -> bool:
        """Whether the person has to bring something."""
        return not self.database and (not self.said or bool(self.offers or self.files))


def slots_of(case: Any, *, actor: Actor | None = None, wrong: str = "", error: str = "") -> list[Slot]:
    """The components that apply to the draft as it is answered now (thành phần hồ sơ).

    With `actor` each shows what the holder's vault offers instead of an upload.
    """
    attached = list(case.documents.all())
    needed = queries.needed_documents(case, today=clock.today())
    offers = queries.vault_offers(actor=actor, case=case, documents=needed, on=clock.today()) if actor else {}
    package = queries.get_package(case)
    evidence = queries.lookups.evidence_of(case, needed, on=clock.today())
    may_ask = (
        queries.lookups.own_keys(actor=actor, case=case, on=clock.today())
        if actor and actor.assurance >= 2
        else frozenset()
    )
    taken = {file.vault_document_id for file in attached}
    return [
        Slot(
            key=document.key,
            name=document.name,
            copies=_copies(document),
            form=document.form,
            required=document.required,
            database=document.replaced_by.database if document.replaced_by else "",
            said=_SAID.get(document.mode, ""),
            files=[file for file in attached if file.key == document.key and file.presence in _HELD],
            error=error if document.key == wrong else "",
            offers=[offer for offer in offers.get(document.key, []) if offer.id not in taken][:_MOST_OFFERS],
            limits=package.upload_limits(document.key),
            evidence=evidence.get(document.key),
            lookup=_lookup_of(document, may_ask),
        )
        for document in needed
    ]


@citizen(level=1)
@require_safe
def documents(request: HttpRequest, case_id: int) -> HttpResponse:
    """Every component with its place to attach."""
    case = queries.get_draft(actor=actor_of(request), case_id=case_id)
    return _page(request, case, slots_of(case, actor=actor_of(request)))


@citizen(level=1)
@require_POST
def upload(request: HttpRequest, case_id: int, key: str) -> HttpResponse:
    """Attach files to one component; what cannot be taken is told beside it, the rest is kept."""
    actor = actor_of(request)
    limits = queries.get_package(queries.get_draft(actor=actor, case_id=case_id)).upload_limits(key)
    sent_files = files_of(request).getlist("files")
    error = "" if sent_files else "Chọn tệp trước khi đính kèm."
    for sent in sent_files:
        try:
            stored = keep_upload(sent, actor, limits)
            actions.attach_to_draft(
                case_id=case_id, key=key, presence=Presence.UPLOADED, file_id=stored.id, file_name=stored.name,
                actor=actor, at=clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            error = f"{sent.name}: {refusal.message}"
    return _answer(request, case_id, key, error)


@citizen(level=2)
@require_POST
def take_from_vault(request: HttpRequest, case_id: int, key: str) -> HttpResponse:
    """Let a document of one's own vault stand for a component: nothing is uploaded, nothing copied."""
    actor = actor_of(request)
    queries.get_draft(actor=actor, case_id=case_id)
    error = ""
    try:
        actions.reuse_in_draft(
            case_id=case_id, key=key, uuid=text_of(request.POST, "giay-to", 40), actor=actor, at=clock.now()
        )
    except DomainError as refusal:
        error = refusal.message
    return _answer(request, case_id, key, error)


@citizen(level=1)
@require_POST
def remove(request: HttpRequest, case_id: int, document_id: int) -> HttpResponse:
    """Take one file away."""
    actor = actor_of(request)
    case = queries.get_draft(actor=actor, case_id=case_id)
    key = next((document.key for document in case.documents.all() if document.pk == document_id), "")
    actions.remove_from_draft(case_id=case_id, document_id=document_id, actor=actor, at=clock.now())
    return _answer(request, case_id, key, "")


def _answer(request: HttpRequest, case_id: int, key: str, error: str) -> HttpResponse:
    """The changed component for a script, the whole page for a browser without one."""
    case = queries.get_draft(actor=actor_of(request), case_id=case_id)
    slots = slots_of(case, actor=actor_of(request), wrong=key, error=error)
    if is_fragment(request):
        slot = next((slot for slot in slots if slot.key == key), None)
        status = 422 if error else 200
        return render(request, "portal/drafts/_slot.html", {"case": case, "slot": slot, "swap": True}, status=status)
    if error:
        return _page(request, case, slots, status=422)
    return redirect(reverse("portal:draft_documents", args=[case_id]) + f"#giay-to-{key}")


def _page(request: HttpRequest, case: Any, slots: list[Slot], *, status: int = 200) -> HttpResponse:
    context = {
        "section": "my_cases",
        "case": case,
        "title": queries.get_package(case).facts.title,
        "stages": stages(case.pk, 2),
        "asked": [slot for slot in slots if slot.asks],
        "spared": [slot for slot in slots if not slot.asks],
        "errors": [{"message": slot.error, "target": f"tep-{slot.key}"} for slot in slots if slot.error],
    }
    return render(request, "portal/drafts/documents.html", context, status=status)


def _lookup_of(document: RequiredDocument, may_ask: frozenset[str]) -> str:
    """The question that can be put now so that this paper is confirmed at once; empty where there is none."""
    wanted = document.replaced_by.lookup if document.replaced_by else ""
    return wanted if wanted in may_ask else ""


def _copies(document: RequiredDocument) -> str:
    parts = [(document.originals, "bản chính"), (document.copies, "bản sao")]
    return ", ".join(f"{count} {name}" for count, name in parts if count)
