"""Reading keys and checking files."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from tinhso.apps.signatures import permissions
from tinhso.apps.signatures.data import (
    ChoiceData,
    Identity,
    PaperClaim,
    PaperKeyData,
    PapersState,
    PaperVersionData,
    RequestData,
    ServiceData,
    SigningKeyData,
    TrustAnchorData,
    Verdict,
)
from tinhso.apps.signatures.enums import (
    OPEN_REQUESTS,
    OwnerKind,
    PaperLevel,
    RequestStatus,
    ServiceKind,
    VerdictOutcome,
)
from tinhso.apps.signatures.models import (
    KeptPaper,
    PaperVersion,
    SignerChoice,
    SigningKey,
    SigningRequest,
    SigningService,
)
from tinhso.apps.signatures.providers import anchors, paperkeys, pkcs12, sandbox
from tinhso.apps.signatures.queries._signers import (
    identity_of_pem as identity_of_pem,
)
from tinhso.apps.signatures.queries._signers import (
    list_papers_in_queue as list_papers_in_queue,
)
from tinhso.apps.signatures.queries._signers import (
    may_manage_signer as may_manage_signer,
)
from tinhso.apps.signatures.queries._signers import (
    picture_of as picture_of,
)
from tinhso.apps.signatures.queries._signers import (
    redrawn_picture as redrawn_picture,
)
from tinhso.apps.signatures.queries._signers import (
    requests_state as requests_state,
)
from tinhso.apps.signatures.queries._signers import (
    services_to_choose as services_to_choose,
)
from tinhso.apps.signatures.queries._signers import (
    signer_states as signer_states,
)
from tinhso.apps.signatures.rules import requests as wording
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor

if TYPE_CHECKING:
    from tinhso.apps.signatures.rules.trust import Trust

# A paper of ten pages takes about a second and 150 MB; a file of 20 MB made of many small parts some seconds.
_CHECK_SECONDS, _CHECK_MEGABYTES = 20, 1_024
# What a signer's program may add: a signature with its chain and a picture of the hand.
_PLUGIN_ADDRESS = "https://127.0.0.1:8987"
_MOST_SIGNATURE_BYTES = 5 * 1_048_576


def verify_pdf(content: bytes, *, at: datetime) -> Verdict:
    """Check the signatures of a file of our own store (kiểm tra chữ ký số của văn bản). Public: reads no case.

    Certificates must be valid at `at`; pass the present. Never raises on hostile content.
    """
    from tinhso.apps.signatures.rules import verification  # slow to import, and few processes check files

    return verification.verify(content, trust=_trust(), at=at)


def verify_upload(content: bytes, *, at: datetime) -> Verdict:
    """Check a file a stranger brings, in a process with limited memory and time; for the public page.

    Takes about half a second more than `verify_pdf`. A file that exhausts the limits is called unreadable.
    """
    from tinhso.apps.signatures.rules import child, verification  # slow to import, and few processes check files

    question = child.question(content, trust=_trust(), at=at)
    try:
        output = sandbox.run(child.__name__, question, seconds=_CHECK_SECONDS, megabytes=_CHECK_MEGABYTES)
        return child.answer(output)
    except (sandbox.SandboxError, ValueError):
        return verification.unreadable(content)


def why_not_returned(
    given: bytes, returned: bytes, *, role: str, certificate: Identity | None, user_id: str, at: datetime
) -> list[str]:
    """Why a file that came back from a signer's program is not the given paper signed; empty when it is.

    Judged as strangers' files are, in a process with limited memory and time.
    """
    from tinhso.apps.signatures.rules import handover, handover_child  # slow to import, and few processes need it

    if len(returned) > len(given) + _MOST_SIGNATURE_BYTES or not returned.startswith(given):
        return [handover.OTHER_DOCUMENT]
    wanted = handover.Wanted(certificate.certificate if certificate else b"", user_id)
    question = handover_child.question(given, returned, role=role, wanted=wanted, trust=_trust(), at=at)
    try:
        output = sandbox.run(handover_child.__name__, question, seconds=_CHECK_SECONDS, megabytes=_CHECK_MEGABYTES)
        return handover_child.answer(output)
    except (sandbox.SandboxError, ValueError):
        return ["tệp gửi lại không đọc được"]


def _trust() -> "Trust":
    from tinhso.apps.signatures.rules.trust import Period, Trust

    folder = keys_folder()
    known = [anchor for anchor in list_trust_anchors() if anchor.trusted_from or anchor.trusted_to]
    return Trust(
        roots=b"\n".join(file.read_bytes() for file in sorted(anchors_folder().glob("*.pem"))),
        periods=tuple(Period(anchor.fingerprint, anchor.trusted_from, anchor.trusted_to) for anchor in known),
        revocation_lists=tuple(pkcs12.read_revocation_lists(folder)),
        demo_mark=pkcs12.DEMO_MARK,
        intermediates=pkcs12.read_intermediates(folder),
    )


def list_trust_anchors() -> list[TrustAnchorData]:
    """The roots the check believes. Public: they are configuration, not secrets."""
    return anchors.read_all(anchors_folder())


def anchors_folder() -> Path:
    """Where the believed roots lie: the folder of the setting, else beside the keys."""
    return Path(settings.TRUST_DIR) if settings.TRUST_DIR else pkcs12.roots_folder(keys_folder())


def fetched_lists_folder() -> Path:
    """Where fetched revocation lists are kept."""
    return keys_folder() / "ca"


def technical_report(verdict: Verdict) -> dict[str, Any]:
    """Everything found out about a file's signatures, as JSON can carry it; the text it shows is left out."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(verdict), default=lambda value: value.isoformat()))
    plain.pop("text")
    return plain


def paper_claim(
    *, code: str, kind: str, number: str, issued_on: date | None, issuer: str, holder: str
) -> PaperClaim:  # fmt: skip
    """What the QR of a paper is to say; `holder` is the full name, which does not go into the code."""
    from tinhso.apps.signatures.rules import papercode

    mark = papercode.name_mark(code, holder)
    return PaperClaim(code, kind, number, issued_on, issuer, papercode.short_name(holder), mark)


def paper_address(claim: PaperClaim, *, base_url: str) -> str:
    """The address in the QR of a paper, in capitals, with the signed facts; without a key yet, the plain address."""
    from tinhso.apps.signatures.rules import papercode

    keys = list_paper_keys()
    if not keys:
        return f"{base_url}/kiem-tra/{claim.code}"
    secret = paperkeys.signer(keys_folder(), keys[-1].id)
    payload = papercode.build(claim, public_key=keys[-1].public, sign=secret.sign)
    return f"{base_url.upper()}/KT/{claim.code.upper()}/{payload}"


def read_paper_address(code: str, payload: str) -> PaperClaim | None:
    """What a QR says, if it was signed here for this code; None for anything altered or signed elsewhere."""
    from tinhso.apps.signatures.rules import papercode

    named = papercode.key_of(payload)
    key = next((key for key in list_paper_keys() if key.id == named), None)
    return None if key is None else papercode.read(code.lower(), payload, public_key=key.public)


def list_paper_keys() -> list[PaperKeyData]:
    """The keys of QR codes, oldest first. Public."""
    return paperkeys.read_all(keys_folder())


def find_key(*, owner_kind: str, owner_id: int, at: datetime) -> SigningKeyData | None:
    """The key in use of a person or an agency, or None. For signing; the caller has checked who may."""
    key = SigningKey.objects.filter(
        owner_kind=owner_kind, owner_id=owner_id, revoked_at__isnull=True, valid_from__lte=at, valid_to__gt=at
    ).first()
    return as_data(key) if key else None


def list_keys(*, actor: Actor, owner_kind: str = "", owner_id: int | None = None) -> list[SigningKeyData]:
    """Keys, newest first, for those who manage them."""
    require(permissions.can_manage_keys(actor))
    keys = SigningKey.objects.order_by("-id")
    if owner_kind:
        keys = keys.filter(owner_kind=owner_kind)
    if owner_id is not None:
        keys = keys.filter(owner_id=owner_id)
    return [as_data(key) for key in keys]


def as_data(key: SigningKey) -> SigningKeyData:
    """A key as others see it."""
    return SigningKeyData(
        id=key.id, owner_kind=key.owner_kind, owner_id=key.owner_id, common_name=key.common_name,
        organisation=key.organisation, serial=key.serial, certificate_pem=key.certificate_pem, path=key.path,
        valid_from=key.valid_from, valid_to=key.valid_to, revoked_at=key.revoked_at,
    )  # fmt: skip


def keys_folder() -> Path:
    """Where the key files, the test authority and the trusted roots lie."""
    return Path(settings.DATA_DIR) / "keys"


def secret_file(service_key: str) -> Path:
    """Where the secret of a service is kept."""
    return keys_folder() / "services" / f"{service_key}.secret"


def service_data(service: SigningService) -> ServiceData:
    """A service with its secret, for the flow that calls it."""
    file = secret_file(service.key)
    return ServiceData(
        key=service.key, kind=service.kind, name=service.name, base_url=service.base_url, account=service.account,
        secret=file.read_text().strip() if file.exists() else "", options=dict(service.options),
    )  # fmt: skip


def get_service(key: str) -> ServiceData | None:
    """A service by its key. For operators' commands; the caller has checked who may."""
    service = SigningService.objects.filter(key=key).first()
    return service_data(service) if service else None


def list_services(*, actor: Actor) -> list[ServiceData]:
    """Every service declared, for those who manage them."""
    require(permissions.can_manage_keys(actor))
    return [service_data(service) for service in SigningService.objects.order_by("key")]


def choice_data(choice: SignerChoice) -> ChoiceData:
    """A choice as flows use it."""
    parsed = x509.load_pem_x509_certificates(choice.certificates_pem.encode()) if choice.certificates_pem else []
    ders = [one.public_bytes(serialization.Encoding.DER) for one in parsed]
    return ChoiceData(
        id=choice.pk, owner_kind=choice.owner_kind, owner_id=choice.owner_id, service=service_data(choice.service),
        user_id=choice.user_id, credential_id=choice.credential_id, common_name=choice.common_name,
        identity=Identity(ders[0], tuple(ders[1:])) if ders else None, valid_from=choice.valid_from, valid_to=choice.valid_to,
    )  # fmt: skip


def list_choices(*, owner_kind: str, owner_id: int, at: datetime) -> list[ChoiceData]:
    """With what an owner may sign at an instant, the usual one first. The caller has checked who asks."""
    found = SignerChoice.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), owner_kind=owner_kind, owner_id=owner_id, valid_from__lte=at
    )
    return [choice_data(choice) for choice in found.select_related("service").order_by("-valid_from", "-id")]


def list_all_choices(*, actor: Actor) -> list[ChoiceData]:
    """Every choice there is, newest first, for those who manage them."""
    require(permissions.can_manage_keys(actor))
    return [choice_data(choice) for choice in SignerChoice.objects.select_related("service").order_by("-id")]


def request_data(request: SigningRequest) -> RequestData:
    """A request as pages see it."""
    service = request.choice.service if request.choice else None
    name, kind = (service.name, service.kind) if service else ("máy chủ", "pkcs12")
    status = RequestStatus(request.status)
    return RequestData(
        id=request.pk, uuid=str(request.uuid), subject=request.subject, role=request.role, status=status,
        service_name=name, service_kind=kind, description=request.description,
        sentence=wording.sentence(status, service=name, kind=kind, reason=request.reason),
        signed_file_id=request.signed_file_id, asked_at=request.asked_at, expires_at=request.expires_at,
        reason=request.reason,
    )  # fmt: skip


def find_request(*, subject: str, role: str) -> SigningRequest | None:
    """The newest request for a paper that was not given up, or None. For flows."""
    found = SigningRequest.objects.filter(subject=subject, role=role).exclude(status=RequestStatus.CANCELLED)
    return found.select_related("choice__service").order_by("-id").first()


def requests_of(subjects: Sequence[str]) -> dict[str, RequestData]:
    """The newest request of each subject, by subject; the caller has checked who may see the papers."""
    found = SigningRequest.objects.filter(subject__in=list(subjects)).exclude(status=RequestStatus.CANCELLED)
    return {one.subject: request_data(one) for one in found.select_related("choice__service").order_by("id")}


def rounds_waiting() -> list[UUID]:
    """Rounds whose signer has not answered. For the job that asks."""
    found = SigningRequest.objects.filter(status=RequestStatus.WAITING, round__isnull=False)
    found = found.exclude(choice__service__kind="plugin").order_by("round")
    return [name for name in found.values_list("round", flat=True).distinct() if name]


def choices_to_send() -> list[int]:
    """Choices with prepared papers that were not sent. For the job that sends."""
    found = SigningRequest.objects.filter(status=RequestStatus.PREPARED, choice__isnull=False)
    return [pk for pk in found.order_by("choice").values_list("choice_id", flat=True).distinct() if pk]


def round_requests(round_id: UUID) -> list[SigningRequest]:
    """The papers of a round in the order they were asked. For flows."""
    found = SigningRequest.objects.filter(round=round_id, status__in=OPEN_REQUESTS)
    return list(found.select_related("choice__service").order_by("position"))


def overdue_requests(at: datetime) -> list[int]:
    """Requests whose time is over. For the job that ends them."""
    found = SigningRequest.objects.filter(status=RequestStatus.WAITING, expires_at__lt=at)
    return list(found.order_by("id").values_list("pk", flat=True))


def list_handed_over(*, actor: Actor, at: datetime) -> list[RequestData]:
    """What this officer may sign, or have sealed, with the program on the own machine; the oldest first."""
    found = _handed_over(actor, at).select_related("choice__service").order_by("id")
    return [request_data(one) for one in found[:200]]


def _handed_over(actor: Actor, at: datetime) -> QuerySet[SigningRequest]:
    return SigningRequest.objects.filter(
        Q(role=OwnerKind.PERSON, owner_id=actor.account_id or 0)
        | Q(role=OwnerKind.AGENCY, owner_id__in=actor.unit_ids_for(permissions.ISSUE)),
        status=RequestStatus.WAITING, choice__service__kind=ServiceKind.PLUGIN, expires_at__gt=at,
    )  # fmt: skip


def plugin_address(actor: Actor, *, at: datetime) -> str:
    """Where the browser finds the program on the officer's machine: the service's address, else the maker's own."""
    found = _handed_over(actor, at).exclude(choice__service__base_url="").order_by("id")
    base = found.values_list("choice__service__base_url", flat=True).first() or _PLUGIN_ADDRESS
    return base.rstrip("/").replace("http", "ws", 1)


def known_authorities() -> bytes:
    """Every authority the installation knows, PEM: the believed roots and those between. For chains."""
    return pkcs12.read_roots(keys_folder()) + b"\n" + pkcs12.read_intermediates(keys_folder())


def why_not_better(before: bytes, after: bytes, *, at: datetime) -> str:
    """Why a paper with more evidence is not to take the place of the one before; empty when it may.

    What was accepted must still be accepted: a stamp of an authority nobody here believes would make a good paper doubtful.
    """
    old, new = verify_pdf(before, at=at), verify_pdf(after, at=at)
    if new.outcome == VerdictOutcome.ACCEPTED or (old.outcome == new.outcome and old.sealed == new.sealed):
        return ""
    words = "; ".join(problem for fact in new.signatures for problem in (*fact.problems, *fact.unknown)) or new.headline
    return f"Bản có thêm bằng chứng không được công nhận: {words}"


def subject_of_digest(sha256: str) -> str:
    """Of which kept paper a file of this digest is or was a version; empty: of none."""
    found = PaperVersion.objects.filter(sha256=sha256).select_related("paper").first()
    return found.paper.subject if found else ""


def current_file_of(subject: str) -> int | None:
    """The newest file of a kept paper, or None."""
    return KeptPaper.objects.filter(subject=subject).values_list("file_id", flat=True).first()


def newest_versions(digests: Collection[str]) -> dict[str, PaperVersionData]:
    """The newest file of each kept paper that was ever one of these, by the digest asked for; for who holds older copies."""
    asked = PaperVersion.objects.filter(sha256__in=digests).values_list("sha256", "paper_id")
    papers = {paper_id for _, paper_id in asked}
    rows = PaperVersion.objects.filter(paper__in=papers).order_by("paper_id", "number")
    newest = {
        row.paper_id: PaperVersionData(row.file_id, row.sha256, PaperLevel(row.level), row.made_at) for row in rows
    }
    return {sha256: newest[paper_id] for sha256, paper_id in asked}


def papers_state() -> PapersState:
    """How the queue of time stamps stands, for the page of operation; numbers only."""
    counted = dict(KeptPaper.objects.values_list("level").annotate(Count("id")))
    waiting = KeptPaper.objects.filter(due_at__isnull=False).exclude(level=PaperLevel.ARCHIVED)
    failing = waiting.exclude(failure="").values_list("failure").annotate(count=Count("id")).order_by("-count")[:10]
    return PapersState(
        levels=tuple((level, int(counted.get(level.value, 0))) for level in PaperLevel), waiting=waiting.count(),
        failing=tuple((str(words), int(count)) for words, count in failing),
        oldest_waiting=waiting.aggregate(first=Min("kept_at"))["first"], configured=bool(settings.TIME_STAMPS["url"]),
    )  # fmt: skip
