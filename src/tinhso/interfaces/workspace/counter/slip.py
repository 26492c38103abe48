"""What stands on the counter's page: the person, the procedure, the answers, the papers (phiếu tiếp nhận tại quầy).

The page holds everything in one form and the server nothing: a file already stored comes back as a signed reference,
so that a page cannot name a file of somebody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.core import signing
from django.http import HttpRequest, QueryDict

from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.cases import queries
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.enums import ApplicantKind, Channel, Presence
from tinhso.apps.documents.data import StoredFileData
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.procedures.data import FeeLine, Package, RequiredDocument, UploadLimits, VersionData
from tinhso.apps.procedures.enums import DocumentMode
from tinhso.apps.vault.data import DocumentData
from tinhso.apps.vault.permissions import VaultPermission
from tinhso.interfaces.access.uploads import files_of
from tinhso.interfaces.ui.forms_post import attach, parse_post, uploads
from tinhso.interfaces.workspace.requests import actor_of, keep_upload
from tinhso.kernel import clock
from tinhso.kernel.errors import DomainError, FieldError, Invalid
from tinhso.lib import forms
from tinhso.lib.text import whole_number

PERSON = ("full_name", "personal_id", "birth_date", "phone", "address", "email", "organisation_name", "tax_code")
_SALT = "tinhso.workspace.counter"
_KEEP_FOR_S = 12 * 3600
_MOST_OFFERS = 3
VAULT = "vault:"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A stored file of a component, with the signed word that brings it back."""

    id: int
    name: str
    size: int
    token: str


@dataclass(slots=True)
class PaperLine:
    """One component on the page: how it is handed in."""

    key: str
    name: str
    copies: str
    needed: bool
    said: str
    database: str
    given: str
    files: list[KeptFile]
    error: str = ""
    offers: list[DocumentData] = field(default_factory=list)
    limits: UploadLimits = field(default_factory=UploadLimits)

    @property
    def asks(self) -> bool:
        """Whether something has to be handed in or shown."""
        return not self.said and not self.database

    @property
    def chosen(self) -> str:
        """The document of the vault that stands in, by its number; empty for any other way."""
        return self.given.removeprefix(VAULT) if self.given.startswith(VAULT) else ""


@dataclass
class Slip:
    """The whole page as it was sent."""

    request: HttpRequest
    version: VersionData | None = None
    person: dict[str, str] = field(default_factory=dict)
    kind: str = ApplicantKind.PERSON
    channel: str = Channel.COUNTER
    unit: str = ""
    key: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)
    seen: str = ""

    @property
    def data(self) -> QueryDict:
        return self.request.POST

    @property
    def package(self) -> Package:
        assert self.version is not None  # noqa: S101 - asked only once a procedure is chosen
        assert self.version.package is not None  # noqa: S101 - get_package gave it
        return self.version.package

    @property
    def today(self) -> date:
        return clock.today()

    @property
    def unit_id(self) -> int | None:
        return whole_number(self.unit)

    @property
    def applicant(self) -> dict[str, str]:
        """The person in the shape of the domain."""
        found = {name: value for name, value in self.person.items() if value}
        found["kind"] = self.kind
        if "birth_date" in found:
            found["birth_date"] = _iso(found["birth_date"])
        return found

    @property
    def context(self) -> dict[str, Any]:
        return queries.form_context(applicant=self.applicant, channel=self.channel, today=self.today)

    @cached_property
    def known(self) -> dict[str, Any]:
        """The names that the package's conditions may use, from the answers so far."""
        return queries.variables(self.package, self.answers, self.context)

    @cached_property
    def offers(self) -> Mapping[str, list[DocumentData]]:
        """What the vault of the person at the counter holds for the papers asked; recorded before it is shown.

        Once for what is shown: the page brings the word back that this very list was recorded.
        """
        actor = actor_of(self.request)
        if not actor.has(VaultPermission.CONSULT):
            return {}
        holder_id, found = queries.counter_offers(
            applicant=self.applicant, procedure_code=self.package.code, documents=self.documents(), on=self.today
        )
        if holder_id is None or not found:
            return {}
        fields = sorted({f"document:{one.id}" for offered in found.values() for one in offered})
        self.seen = signing.dumps([actor.account_id, holder_id, self.package.code, fields], salt=_SALT)
        if _plain(self.data.get("_seen", "")) != _plain(self.seen):
            record_disclosure(
                subject=f"vault:{holder_id}", purpose=f"Tiếp nhận tại quầy: {self.package.facts.title}", fields=fields,
                actor=actor, at=clock.now(),
            )  # fmt: skip
        return found

    def documents(self) -> list[RequiredDocument]:
        """The components that apply to what is answered so far."""
        return list(procedures.applicable_documents(self.package, self.known))

    def fees(self) -> list[FeeLine] | None:
        """What it costs; None while the answers do not tell yet."""
        try:
            evidence = {one.key for one in self.documents() if self.kept(one.key) or self.data.get(f"_doc.{one.key}")}
            return procedures.compute_fees(self.package, self.known, evidence=evidence)
        except Invalid:
            return None

    def limit(self) -> Any:
        """How long it takes; None while the answers do not tell yet."""
        try:
            return procedures.choose_limit(self.package, self.known)
        except Invalid:
            return None

    def papers(self) -> list[PaperLine]:
        """The components as lines of the page."""
        wrong = {e.path.removeprefix("documents."): e.message for e in self.errors if e.path.startswith("documents.")}
        return [self.paper(document, wrong.get(document.key, "")) for document in self.documents()]

    def paper(self, document: RequiredDocument, error: str = "") -> PaperLine:
        """One component as a line of the page."""
        said = {
            DocumentMode.DECLARE: "Kê khai trên mẫu",
            DocumentMode.GENERATED: "Hệ thống tự lập",
        }.get(document.mode, "")
        parts = [(document.originals, "bản chính"), (document.copies, "bản sao")]
        return PaperLine(
            key=document.key, name=document.name, copies=", ".join(f"{n} {word}" for n, word in parts if n),
            needed=queries.is_needed(document, channel=self.channel), said=said,
            database=document.replaced_by.database if document.replaced_by else "",
            given=self.data.get(f"_doc.{document.key}", ""), files=self.kept(document.key), error=error,
            offers=self.offers.get(document.key, [])[:_MOST_OFFERS], limits=self.limits(document.key),
        )  # fmt: skip

    def kept(self, key: str) -> list[KeptFile]:
        """The stored files that came back with the page for a component."""
        return [found for token in self.data.getlist(f"_kept.{key}") if (found := self._read(token)) is not None]

    def limits(self, key: str) -> UploadLimits:
        """How heavy and how long a file of this component may be."""
        return UploadLimits() if self.version is None else self.package.upload_limits(key)

    def keep(self, stored: StoredFileData) -> KeptFile:
        """A stored file as the page brings it back."""
        account_id = actor_of(self.request).account_id
        return KeptFile(stored.id, stored.name, stored.size, kept_word(account_id, stored.id, stored.name, stored.size))

    def _read(self, token: str) -> KeptFile | None:
        try:
            owner, file_id, name, size = signing.loads(token, salt=_SALT, max_age=_KEEP_FOR_S)
        except signing.BadSignature:
            return None
        return KeptFile(file_id, name, size, token) if owner == actor_of(self.request).account_id else None

    def store_uploads(self) -> None:
        """Keep the files sent with the page, so that they survive a page that has to be put right."""
        data = self.data.copy()
        sent_files = files_of(self.request)
        for name in sent_files:
            if not name.startswith("_file."):
                continue
            key = name.removeprefix("_file.")
            for upload in sent_files.getlist(name):
                try:
                    stored = keep_upload(upload, actor_of(self.request), self.limits(key))
                    data.appendlist(f"_kept.{key}", self.keep(stored).token)
                except DomainError as refusal:
                    self.errors.append(FieldError(f"documents.{key}", f"{upload.name}: {refusal.message}"))
        self.request.POST = data  # type: ignore[assignment]  # the same values and the files just kept

    def handed_in(self) -> list[DocumentInput]:
        """The components in the shape of the domain: what is declared or known to the state stands there too."""
        given: list[DocumentInput] = []
        for line in self.papers():
            if line.database:
                given.append(DocumentInput(key=line.key, presence=Presence.DATABASE))
            elif line.said:
                given.append(DocumentInput(key=line.key, presence=Presence.DECLARED))
            given += [
                DocumentInput(key=line.key, presence=Presence.UPLOADED, file_id=file.id, name=file.name)
                for file in line.files
            ]
            if line.asks and line.chosen:
                given.append(DocumentInput(key=line.key, presence=Presence.VAULT, vault=line.chosen))
            if line.asks and not line.files and line.given in {Presence.PAPER, Presence.SHOWN}:
                given.append(DocumentInput(key=line.key, presence=line.given))
        return given


def kept_word(account_id: int | None, file_id: int, name: str, size: int) -> str:
    """The signed word by which this officer's page brings a stored file back."""
    return signing.dumps([account_id, file_id, name, size], salt=_SALT)


def read(request: HttpRequest) -> Slip:
    """The page as it was sent, or an empty one."""
    if request.method != "POST":
        return Slip(request, key=uuid4().hex)
    data = request.POST
    slip = Slip(
        request,
        person={name: data.get(f"_a.{name}", "").strip()[:400] for name in PERSON},
        kind=data.get("_a.kind", ApplicantKind.PERSON),
        channel=data.get("_channel", Channel.COUNTER),
        unit=data.get("_unit", ""),
        key=data.get("_key", "")[:100] or uuid4().hex,
    )
    if slip.channel not in {Channel.COUNTER, Channel.POSTAL}:
        slip.channel = Channel.COUNTER
    return slip


def choose(slip: Slip, code: str, *, fresh: bool) -> None:
    """Put a procedure on the page; a freshly chosen one gets its answers filled from the person.

    Raises:
        ProcedureNotFound, ProcedureNotInForce, ProcedureNotRunHere: with the sentence for the officer.
    """
    slip.version, package = procedures.get_package(code, slip.today)
    if fresh:
        identity = {**slip.applicant, "organisation_id": slip.person.get("tax_code", "")}
        slip.answers = forms.initial(package.form, identity=identity)
        return
    slip.answers = parse_post(package.form, slip.data, previous=_previous(slip))
    for path, found in uploads(package.form, files_of(slip.request)).items():
        try:
            stored = [keep_upload(upload, actor_of(slip.request), package.upload_limits()) for upload in found]
        except DomainError as refusal:
            slip.errors.append(FieldError(f"answers.{path}", refusal.message))
            continue
        attach(slip.answers, path, [_reference(file) for file in stored])


def remember(slip: Slip) -> str:
    """The answers that a page cannot carry in inputs (references of files), signed."""
    return signing.dumps([actor_of(slip.request).account_id, slip.answers], salt=_SALT, compress=True)


def _previous(slip: Slip) -> dict[str, Any]:
    try:
        owner, answers = signing.loads(slip.data.get("_before", ""), salt=_SALT, max_age=_KEEP_FOR_S)
    except signing.BadSignature:
        return {}
    return answers if owner == actor_of(slip.request).account_id and isinstance(answers, dict) else {}


def _plain(token: str) -> Any:
    """What a signed word says; None for a word that is not ours."""
    try:
        return signing.loads(token, salt=_SALT, max_age=_KEEP_FOR_S)
    except signing.BadSignature:
        return None


def _reference(file: StoredFileData) -> dict[str, Any]:
    return {
        "id": str(file.id), "name": file.name, "size": file.size, "media_type": file.media_type, "sha256": file.sha256,
    }  # fmt: skip


def _iso(text: str) -> str:
    """`12/05/1990` or `12051990` as ISO; anything else is left for the domain to refuse."""
    digits = text.replace("/", "").replace("-", "").replace(".", "").replace(" ", "")
    if len(digits) == 8 and whole_number(digits) is not None and not text[:5].count("-"):
        return f"{digits[4:]}-{digits[2:4]}-{digits[:2]}"
    return text
