"""Signing a paper: a person signs the freshly typeset file, then the agency seals it.

Both take the file's bytes and return the signed file's bytes; storing them is the caller's affair. Signing the same
bytes twice makes two valid files; the caller keeps one.
"""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from secrets import compare_digest
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import actions, permissions, queries
from tinhso.apps.signatures.data import (
    Answer,
    ChoiceData,
    DigestToSign,
    Progress,
    RemoteCertificate,
    SignerNotSet,
    SignerUnavailable,
    SigningKeyData,
    Started,
)
from tinhso.apps.signatures.enums import AnswerState, OwnerKind, RequestStatus, ServiceKind
from tinhso.apps.signatures.flows._handover import fetch_to_sign, return_signed
from tinhso.apps.signatures.flows._kept import end_all, take_signatures, told
from tinhso.apps.signatures.flows._strengthening import strengthen_papers
from tinhso.apps.signatures.models import SigningRequest
from tinhso.apps.signatures.providers import anchors, pkcs12
from tinhso.apps.signatures.providers.registry import connect
from tinhso.kernel.actions import require
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import DomainError, NotFound
from tinhso.kernel.flows import flow
from tinhso.lib.typesetting import typeset

__all__ = [
    "fetch_to_sign",
    "list_remote_certificates",
    "look_after_requests",
    "mark_picture",
    "poll_round",
    "refresh_revocation_lists",
    "register_signer",
    "return_signed",
    "seal_pdf",
    "send_prepared",
    "sign_pdf",
    "sign_step",
    "strengthen_papers",
    "take_webhook",
    "upload_picture",
]
_PROVINCE_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
_MOST_LINES = 16
_MARK_TEMPLATE = "letters/signature-mark.typ"
# The library of PDF signatures is a quarter of the program's start and most processes never sign: see `_sign`.
_PERSON, _AGENCY = "person", "agency"


@flow
def sign_pdf(
    *, pdf: bytes, actor: Actor, at: datetime, organisation: str = "", reason: str = "Phê duyệt", place: str = "",
    picture_svg: str = "",
) -> bytes:  # fmt: skip
    """Sign a paper with the acting officer's own key (ký số của người có thẩm quyền).

    Nobody can sign in another's name: the key is the actor's. `picture_svg` is the officer's handwritten signature.

    Raises:
        PaperNotSignable: the file is not a freshly typeset paper with a place to sign.
        SigningKeyMissing: the officer has no key. Forbidden: the actor is not an officer.
    """
    key = _key_of(
        owner_kind=OwnerKind.PERSON, owner_id=actor.account_id or 0, common_name=actor.name, organisation=organisation,
        actor=actor, at=at,
    )  # fmt: skip
    return _sign(_PERSON, pdf, key, actor, at, reason, place, picture_svg)


@flow
def seal_pdf(
    *, pdf: bytes, unit_id: int, organisation: str, actor: Actor, at: datetime, parent: str = "",
    reason: str = "Ban hành", place: str = "", picture_svg: str = "",
) -> bytes:  # fmt: skip
    """Seal a signed paper with the agency's key (ký số của cơ quan, tổ chức); it locks the file against any change.

    `organisation` is the agency's name as it stands on the seal, `parent` the agency above it.

    Raises:
        PaperNotSignable: the paper is not signed by a person yet, or is sealed already.
        SigningKeyMissing: the agency has no key. Forbidden: the actor has no right in that agency.
    """
    key = _key_of(
        owner_kind=OwnerKind.AGENCY, owner_id=unit_id, common_name=organisation, organisation=parent, actor=actor, at=at
    )
    return _sign(_AGENCY, pdf, key, actor, at, reason, place, picture_svg)


def _key_of(
    *, owner_kind: OwnerKind, owner_id: int, common_name: str, organisation: str, actor: Actor, at: datetime
) -> SigningKeyData:
    """The key in use, under the signer's own right; a transaction is opened only where one is still to be issued."""
    require(permissions.can_use_key(actor, owner_kind=owner_kind, owner_id=owner_id))
    known = queries.find_key(owner_kind=owner_kind, owner_id=owner_id, at=at)
    return known or actions.take_key(
        owner_kind=owner_kind, owner_id=owner_id, common_name=common_name, organisation=organisation,
        may_issue=settings.DEMO, actor=actor, at=at,
    )  # fmt: skip


def _sign(
    role: str, pdf: bytes, key: SigningKeyData, actor: Actor, at: datetime, reason: str, place: str,
    picture_svg: str,
) -> bytes:  # fmt: skip
    from tinhso.apps.signatures.rules import signing

    local = at.astimezone(_PROVINCE_TIME)
    sign = signing.sign_first if role == signing.PERSON else signing.seal_last
    with told():
        signer = pkcs12.load_signer(queries.keys_folder(), key.path)
        png = b"" if picture_svg else queries.picture_of(role, key.owner_id)
        mark = signing.Mark(mark_picture(role, key.common_name, picture_svg, png), reason, place)
        signed = sign(pdf, signer=signer, mark=mark, at=local, name=key.common_name)
    crash("sign:after_embed")
    actions.record_signature(
        key_id=key.id, digest_before=hashlib.sha256(pdf).hexdigest(), digest_after=hashlib.sha256(signed).hexdigest(),
        actor=actor, at=at,
    )  # fmt: skip
    return signed


@flow
def sign_step(
    *, subject: str, role: OwnerKind, owner_id: int, make: Callable[[], bytes], description: str, organisation: str,
    parent: str = "", actor: Actor, at: datetime,
) -> Progress:  # fmt: skip
    """Ký một bước của một văn bản (người ký, rồi cơ quan) bằng nơi ký của chủ thể, wherever the key is.

    `subject` names the paper for ever; `make` gives its bytes and is called when they are needed. A key at hand signs at
    once; for one far away a request is made and what stands in the way is returned. Call again at any time: nothing is
    asked or signed twice.

    Raises:
        PaperNotSignable, SigningKeyMissing, Forbidden: as `sign_pdf` and `seal_pdf`.
    """
    held = queries.find_request(subject=subject, role=role.value)
    if held is not None and held.status == RequestStatus.SIGNED:
        assert held.signed_file_id is not None  # noqa: S101 - a signed request has its file
        return Progress(read_file(held.signed_file_id), queries.request_data(held))
    if held is not None and held.status != RequestStatus.CHOSEN:
        return Progress(None, queries.request_data(held))
    choice = _choice(held, role, owner_id, at)
    if choice is None:
        return Progress(_sign_here(role, owner_id, make(), organisation, parent, actor, at))
    if held is None:
        paper = store_file(content=make(), name=f"{subject}-{role.value}.pdf".replace(":", "-"), actor=SYSTEM, at=at)
        crash("sign_step:after_paper")
        begun = actions.begin_request(
            subject=subject, role=role, owner_id=owner_id, choice_id=choice.id, description=description,
            paper_id=paper.id, actor=actor, at=at,
        )  # fmt: skip
        if begun.status != RequestStatus.CHOSEN:
            return Progress(None, begun)
        held = queries.find_request(subject=subject, role=role.value)
        assert held is not None  # noqa: S101 - it was begun above
    _prepare(held, choice, at)
    return Progress(None, queries.request_data(queries.find_request(subject=subject, role=role.value) or held))


def _choice(held: SigningRequest | None, role: OwnerKind, owner_id: int, at: datetime) -> ChoiceData | None:
    """The signer picked for this paper, else the owner's usual one; None: the key files of this server."""
    if held is not None and held.choice is not None:
        return queries.choice_data(held.choice)
    found = queries.list_choices(owner_kind=role.value, owner_id=owner_id, at=at)
    usual = found[0] if found else None
    return None if usual is None or usual.service.kind == ServiceKind.PKCS12 else usual


def _sign_here(
    role: OwnerKind, owner_id: int, pdf: bytes, organisation: str, parent: str, actor: Actor, at: datetime
) -> bytes:
    if role is OwnerKind.PERSON:
        return sign_pdf(pdf=pdf, actor=actor, organisation=organisation, at=at)
    return seal_pdf(pdf=pdf, unit_id=owner_id, organisation=organisation, parent=parent, actor=actor, at=at)


def _prepare(request: SigningRequest, choice: ChoiceData, at: datetime) -> None:
    """Open the room for the signature and keep both halves; a program that takes files gets empty fields."""
    from tinhso.apps.signatures.rules import signing

    assert request.paper_id is not None  # noqa: S101 - a request begins with its paper
    pdf = read_file(request.paper_id)
    if choice.service.kind == ServiceKind.PLUGIN:
        with told():
            given = signing.with_fields(pdf) if request.role == OwnerKind.PERSON else pdf
        stored = store_file(content=given, name=f"cho-ky-{request.uuid}.pdf", made_here=True, actor=SYSTEM, at=at)
        actions.record_prepared(request_id=request.pk, prepared_id=stored.id, attributes=b"", actor=SYSTEM, at=at)
        return
    if choice.identity is None:
        raise SignerNotSet(f"Nơi ký “{choice.service.name}” chưa có chứng thư của người ký.")
    opening = signing.prepare_first if request.role == OwnerKind.PERSON else signing.prepare_seal
    reason = "Phê duyệt" if request.role == OwnerKind.PERSON else "Ban hành"
    with told():
        png = queries.picture_of(request.role, request.owner_id)
        mark = signing.Mark(mark_picture(request.role, choice.common_name, "", png), reason, "")
        opened = opening(
            pdf, identity=choice.identity, mark=mark, name=choice.common_name, at=at.astimezone(_PROVINCE_TIME)
        )
    stored = store_file(content=opened.pdf, name=f"cho-ky-{request.uuid}.pdf", actor=SYSTEM, at=at)
    crash("sign_step:after_hash")
    actions.record_prepared(
        request_id=request.pk, prepared_id=stored.id, attributes=opened.attributes, actor=SYSTEM, at=at
    )


@flow
def send_prepared(*, choice_id: int, at: datetime) -> int:
    """Gửi các văn bản đã chuẩn bị tới nơi ký trong một lượt: one consent for up to 200. Returns how many went.

    Raises:
        SignerUnavailable: the service does not answer now; called again, the same round is sent under the same name.
    """
    sent = 0
    while (round_id := actions.claim_round(choice_id=choice_id, actor=SYSTEM, at=at)) is not None:
        crash("send:after_claim")
        papers = queries.round_requests(round_id)
        choice = queries.choice_data(papers[0].choice) if papers and papers[0].choice else None
        if choice is None:
            return sent
        handle = ""
        if choice.service.kind != ServiceKind.PLUGIN:
            try:
                started = _start(choice, papers, reference=round_id.hex, at=at)
            except DomainError as error:
                if isinstance(error, SignerUnavailable):
                    actions.give_round_back(round_id=round_id, actor=SYSTEM, at=at)
                    raise
                end_all(papers, RequestStatus.FAILED, error.message, at)
                continue
            crash("send:after_start")
            handle = started.handle
            if started.answer.state is AnswerState.SIGNED:
                take_signatures(papers, started.answer, at)
                sent += len(papers)
                continue
        actions.record_sent(round_id=round_id, handle=handle, actor=SYSTEM, at=at)
        sent += len(papers)
    return sent


def _start(choice: ChoiceData, papers: list[SigningRequest], *, reference: str, at: datetime) -> Started:
    digests = [DigestToSign(paper.description, hashlib.sha256(bytes(paper.attributes)).digest()) for paper in papers]
    words = papers[0].description if len(papers) == 1 else f"Ký {len(papers)} văn bản"
    return connect(choice.service, folder=queries.keys_folder()).start(
        user_id=choice.user_id, credential_id=choice.credential_id, digests=digests, description=words,
        reference=reference, at=at,
    )  # fmt: skip


@flow
def poll_round(*, round_id: UUID, at: datetime) -> None:
    """Hỏi nơi ký về một lượt và ghi nhận câu trả lời: signatures are embedded, checked and kept one by one.

    Raises:
        SignerUnavailable: the service does not answer now.
    """
    asked = _begin_asking(round_id, at)
    if asked is not None:
        _take_answer(asked[0], _ask(*asked), at)


def _begin_asking(round_id: UUID, at: datetime) -> tuple[list[SigningRequest], ChoiceData] | None:
    papers = [one for one in queries.round_requests(round_id) if one.status == RequestStatus.WAITING]
    choice = queries.choice_data(papers[0].choice) if papers and papers[0].choice else None
    if choice is None or choice.service.kind == ServiceKind.PLUGIN:
        return None
    return (papers, choice) if actions.record_poll(round_id=round_id, actor=SYSTEM, at=at) else None


def _ask(papers: list[SigningRequest], choice: ChoiceData) -> Answer:
    """The call alone: it knows no database, so it may run in a thread."""
    return connect(choice.service, folder=queries.keys_folder()).poll(papers[0].handle)


def _take_answer(papers: list[SigningRequest], answer: Answer, at: datetime) -> None:
    crash("poll:after_answer")
    if answer.state is AnswerState.SIGNED:
        take_signatures(papers, answer, at)
    elif answer.state is not AnswerState.WAITING:
        end_all(papers, RequestStatus(answer.state.value), answer.reason, at)


@flow
def take_webhook(
    *, service_key: str, account: str, transaction: str, signatures: dict[str, bytes], at: datetime
) -> None:
    """Nhận kết quả ký do dịch vụ tự gửi về (webhook của SmartCA), so that nobody waits for the next asking. May come twice.

    The message carries no proof of its sender, so nothing is taken on its word: a signature counts when it is right for its
    paper and certificate; for anything else, a refusal too, the service itself is asked.

    Raises:
        NotFound: no such service, or another partner's account.
    """
    service = queries.get_service(service_key)
    if (
        service is None
        or service.kind != ServiceKind.SMARTCA
        or not compare_digest(service.account.encode(), account.encode("utf-8", "replace"))
    ):
        raise NotFound("Không có dịch vụ ký số này.")
    papers = [one for one in queries.round_requests(_round_of(transaction)) if one.status == RequestStatus.WAITING]
    papers = [one for one in papers if one.choice is not None and one.choice.service.key == service_key]
    if not papers:
        return
    names = json.loads(papers[0].handle).get("files", [])
    found = tuple(signatures.get(str(name), b"") for name in names)
    take_signatures(papers, Answer(AnswerState.SIGNED, found), at, only_right_ones=True)
    poll_round(round_id=_round_of(transaction), at=at)


def _round_of(transaction: str) -> UUID:
    """A round by the name it was sent under; none of ours for anything else."""
    try:
        return UUID(hex=transaction)
    except ValueError:
        return UUID(int=0)


@flow
def look_after_requests(*, at: datetime) -> None:
    """Gửi, hỏi và kết thúc mọi yêu cầu ký đang mở. What one service does not answer holds no other up."""
    for choice_id in queries.choices_to_send():
        with suppress(DomainError):
            send_prepared(choice_id=choice_id, at=at)
    begun = [_begin_asking(round_id, at) for round_id in queries.rounds_waiting()]
    asked = [one for one in begun if one is not None]
    if asked:
        # One service may hold the line for minutes; the others are taken as they answer.
        with ThreadPoolExecutor(max_workers=min(len(asked), _MOST_LINES)) as pool:
            lines = {pool.submit(_ask, *one): one[0] for one in asked}
            for line in as_completed(lines):
                with suppress(DomainError):
                    _take_answer(lines[line], line.result(), at)
    for request_id in queries.overdue_requests(at):
        actions.record_answer(
            request_id=request_id, status=RequestStatus.EXPIRED, reason="", signed_file_id=None, digest_after="",
            actor=SYSTEM, at=at,
        )  # fmt: skip


@flow
def list_remote_certificates(*, service_key: str, user_id: str) -> list[RemoteCertificate]:
    """Hỏi nơi ký về các chứng thư của một thuê bao, before a choice is recorded.

    Raises:
        SignerNotSet, SignerUnavailable, SignerRefused: as the words say.
    """
    service = queries.get_service(service_key)
    if service is None:
        raise SignerNotSet
    return connect(service, folder=queries.keys_folder()).list_certificates(user_id)


@flow
def upload_picture(*, owner_kind: OwnerKind, owner_id: int, content: bytes, actor: Actor, at: datetime) -> None:
    """Nhận ảnh chữ ký tay của người ký, hoặc ảnh con dấu của cơ quan; it is drawn anew in the colour NĐ 30/2020 asks for.

    Raises:
        PictureNotUsable: no picture of ink on paper. Forbidden: the picture is somebody else's.
    """
    require(queries.may_manage_signer(actor, owner_kind=owner_kind.value, owner_id=owner_id, own_too=True))
    drawn = queries.redrawn_picture(content, role=owner_kind.value)
    stored = store_file(content=drawn, name=f"{owner_kind.value}-{owner_id}.png", made_here=True, actor=SYSTEM, at=at)
    actions.set_picture(owner_kind=owner_kind, owner_id=owner_id, file_id=stored.id, actor=actor, at=at)


@flow
def register_signer(
    *, owner_kind: OwnerKind, owner_id: int, service_key: str, user_id: str, certificate: bytes, actor: Actor,
    at: datetime,
) -> ChoiceData:  # fmt: skip
    """Ghi nơi ký của một người hoặc một cơ quan từ bây giờ; a service that keeps keys is asked for the certificate.

    `certificate`: a PEM file, for a program on the signer's machine, whose certificate nobody else can show.

    Raises:
        SignerNotSet: no such service, or it knows no certificate of the subscriber. Invalid: no certificate in the file.
    """
    require(queries.may_manage_signer(actor, owner_kind=owner_kind.value, owner_id=owner_id))
    service = queries.get_service(service_key)
    if service is None:
        raise SignerNotSet
    chosen = None
    if certificate:
        chosen = RemoteCertificate("", queries.identity_of_pem(certificate))
    elif service.kind not in {ServiceKind.PLUGIN, ServiceKind.PKCS12}:
        listed = connect(service, folder=queries.keys_folder()).list_certificates(user_id)
        if not listed:
            raise SignerNotSet(f"{service.name} không có chứng thư nào của thuê bao này.")
        chosen = listed[0]
    elif service.kind == ServiceKind.PLUGIN and not user_id:
        raise SignerNotSet("Phần mềm ký trên máy cần tệp chứng thư hoặc số định danh ghi trong chứng thư.")
    return actions.choose_signer(
        owner_kind=owner_kind, owner_id=owner_id, service_key=service_key, user_id=user_id, certificate=chosen,
        valid_from=at, valid_to=None, actor=actor, at=at,
    )  # fmt: skip


@lru_cache(maxsize=256)
def mark_picture(role: str, name: str, picture_svg: str, picture_png: bytes) -> bytes:
    """The one-page picture of a signature, the same on every paper of the signer; it is scaled into its place."""
    width, height = (34, 34) if role == _AGENCY else (52, 24)
    data = {
        "role": role, "width": width, "height": height, "name": name, "organisation": name,
        "image_svg": picture_svg or None, "image_png": list(picture_png) or None,
    }  # fmt: skip
    return typeset(template=_MARK_TEMPLATE, data=data, root=Path(settings.CONTENT_DIR), beside=settings.BASE_DIR)


@flow
def refresh_revocation_lists(*, actor: Actor, at: datetime) -> list[str]:
    """Tải các danh sách thu hồi của nơi được tin cậy, so that a check needs no network; what fails keeps its old list.

    Returns the addresses that gave nothing. Only addresses of configured roots are asked, never one out of a file.
    """
    from tinhso.apps.signatures.rules.trust import readable_lists

    require(permissions.can_manage_keys(actor))
    addresses = {address for anchor in queries.list_trust_anchors() for address in anchor.crl}

    def fetched(address: str) -> bool:
        folder = queries.fetched_lists_folder()
        return anchors.fetch_list(address, folder, is_readable=lambda told: bool(readable_lists([told])))

    return [address for address in sorted(addresses) if not fetched(address)]
