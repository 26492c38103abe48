"""Making papers and signing results: typesetting and signatures happen with no transaction open."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import ConsultationClosed, LegReport
from tinhso.apps.cases.enums import LegStatus, MoveStatus, PaperKind, ResultStatus
from tinhso.apps.cases.models import Leg, Paper, Recomputation, Reorganisation, Result, SigningBatchLine
from tinhso.apps.cases.providers import ministries
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.data import PaperNotTypeset
from tinhso.apps.documents.enums import SignedBy
from tinhso.apps.documents.queries import get_letter, read_file
from tinhso.apps.procedures.data import LegRule
from tinhso.apps.signatures import flows as signatures
from tinhso.apps.signatures import queries as signature_queries
from tinhso.apps.signatures.actions import create_paper_key, keep_paper, want_archived
from tinhso.apps.signatures.data import PaperNotSignable, SigningKeyMissing
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.kernel.actions import lasting_facts
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.crash import crash
from tinhso.kernel.errors import DomainError, Forbidden
from tinhso.kernel.flows import flow

# What the agency answers for: the head signs and the seal closes it, as with a result.
_SEALED = (PaperKind.REVOCATION_DECISION, PaperKind.RESULT_EXTRACT, PaperKind.RESULT_DUPLICATE)


@flow
@lasting_facts()
def issue_paper(
    *, case_id: int, kind: PaperKind, subject_id: int = 0, officer: Actor, extra: dict[str, Any], at: datetime
) -> Paper:
    """Lập một giấy gửi người nộp (giấy tiếp nhận, phiếu bổ sung ...) once; asked again, the same paper is given.

    Raises:
        PaperNotTypeset: the template does not compile with these values.
    """
    paper = actions.begin_paper(
        case_id=case_id, kind=kind, subject_id=subject_id, officer=officer.name, officer_id=officer.account_id,
        actor=SYSTEM, at=at,
    )  # fmt: skip
    if paper.file_id is not None:
        return paper
    case = queries.case_as_filed(case_id)
    _ensure_paper_key(at)
    pdf = queries.paper_pdf(case, paper, base_url=settings.BASE_URL, extra=extra)
    sign = _signed_and_sealed if kind in _SEALED else _signed_by_officer
    pdf = sign(pdf, paper, at)
    name = f"{kind.value}-{case.code or case.pk}.pdf"
    stored = store_file(content=pdf, name=name, made_here=True, actor=SYSTEM, at=at)
    return actions.record_paper(paper_id=paper.pk, file_id=stored.id, actor=SYSTEM, at=at)


@flow
@lasting_facts()
def sign_result(*, result_id: int, at: datetime) -> Result | None:
    """Ký số và đóng dấu một kết quả đã phê duyệt: typeset with number and date, the approver signs, the agency seals.

    Where the key of one of them is far away, the flow ends with the request and is called again with the answer.
    Idempotent: a result that no longer waits is left alone. A paper that cannot be made or signed gives its number back
    to the book as cancelled and the proposal to the leader, with the reason; a store or key out of reach for now raises,
    so that the job is tried again.
    """
    result = Result.objects.select_related("case").get(pk=result_id)
    if result.status != ResultStatus.APPROVED:
        return None
    case = queries.case_as_filed(result.case_id)
    assert result.approved_by_id is not None and case.unit_id is not None  # noqa: S101, PT018 - approved, filed
    signer = accounts.get_actor(result.approved_by_id, at=at)
    # The agency that keeps the book the number came from: not the one that appraised, where another one decides.
    unit = directory.get_unit(result.book_entry.book.unit_id if result.book_entry else case.unit_id)
    parent = next((p.agency_name for p in directory.ancestors_of(unit.id) if p.kind.is_administrative), "")
    words = f"{result.name} số {result.number}, hồ sơ {case.code}"
    subject = queries.signing_subject(result)
    _ensure_paper_key(at)
    try:
        person = signatures.sign_step(
            subject=subject, role=OwnerKind.PERSON, owner_id=result.approved_by_id, description=words,
            make=lambda: queries.result_pdf(case, result, base_url=settings.BASE_URL), organisation=unit.agency_name,
            actor=signer, at=at,
        )  # fmt: skip
        signed = person.pdf
        if signed is None:  # the signer's answer starts this again
            return None
        crash("sign_result:after_person")
        sealed = signatures.sign_step(
            subject=subject, role=OwnerKind.AGENCY, owner_id=unit.id, description=words, make=lambda: signed,
            organisation=unit.agency_name, parent=parent, actor=SYSTEM, at=at,
        ).pdf  # fmt: skip
        if sealed is None:
            return None
        crash("sign_result:after_seal")
    except (PaperNotTypeset, PaperNotSignable, SigningKeyMissing, Forbidden) as error:
        return actions.record_result_failed(result_id=result_id, reason=error.message, actor=SYSTEM, at=at)
    stored = store_file(content=sealed, name=f"{result.key}-{case.code}.pdf", made_here=True, actor=SYSTEM, at=at)
    return actions.record_result_signed(result_id=result_id, file_id=stored.id, actor=SYSTEM, at=at)


@flow
def keep_signed(*, subject: str, file_id: int, signed_at: datetime, at: datetime) -> bool:
    """Đưa một văn bản đã ký, đóng dấu vào hàng chờ đóng dấu thời gian. False: unsigned, or of a made-up past.

    A demonstration lives a whole year in minutes: a stamp of today would belie its papers' dates.
    """
    if settings.DEMO and at - signed_at > timedelta(days=1):
        return False
    content = read_file(file_id)
    if b"/ByteRange" not in content:
        return False
    keep_paper(subject=subject, file_id=file_id, sha256=hashlib.sha256(content).hexdigest(), actor=SYSTEM, at=at)
    return True


@flow
def archive_results(*, case_id: int, at: datetime) -> None:
    """Yêu cầu dấu thời gian lưu trữ cho các kết quả còn hiệu lực của một hồ sơ đã kết thúc."""
    for result_id in queries.signed_results_of(case_id):
        want_archived(subject=f"result:{result_id}", actor=SYSTEM, at=at)


@flow
def approve_batch(*, batch_id: int, actor: Actor, at: datetime) -> None:
    """Phê duyệt từng kết quả của lượt ký, each in a transaction of its own; interrupted, it goes on with the rest.

    The instant is that of the consent; the leader's rights are those held now.
    """
    leader = accounts.get_actor(actor.account_id, at=at) if actor.account_id else actor
    for line in SigningBatchLine.objects.filter(batch_id=batch_id, done_at__isnull=True).order_by("position"):
        try:
            actions.approve_in_batch(line_id=line.pk, actor=leader, at=at)
        except DomainError as refusal:
            actions.record_batch_refusal(line_id=line.pk, reason=refusal.message, actor=leader, at=at)
    actions.finish_signing_batch(batch_id=batch_id, actor=leader, at=at)


@flow
def apply_incident_to_cases(*, incident_id: int, at: datetime) -> int:
    """Dừng hoặc tính tiếp thời hạn của mọi hồ sơ mà một sự cố chạm đến, and look for the cases it made late.

    Returns how many open cases were looked at. A batch is one transaction; interrupted, it goes on after the last one.
    """
    work = actions.start_incident_round(incident_id=incident_id, actor=SYSTEM, at=at)
    while work.finished_at is None:
        work = actions.apply_incident_batch(round_id=work.pk, actor=SYSTEM, at=at)
    for case_id in queries.late_cases_of_incident(incident_id):
        actions.find_late_cause(case_id=case_id, actor=SYSTEM, at=at)
    return work.examined


@flow
def recompute_open_deadlines(*, calendar_key: str, calendar_number: int, at: datetime) -> Recomputation | None:
    """Tính lại thời hạn của mọi hồ sơ đang giải quyết, batch by batch; an interrupted round goes on where it stopped.

    The first version of a calendar has nothing behind it to recompute: None.
    """
    if calendar_number == 1:
        return None
    work = actions.start_recomputation(calendar_key=calendar_key, calendar_number=calendar_number, actor=SYSTEM, at=at)
    while work.finished_at is None:
        work = actions.recompute_batch(recomputation_id=work.pk, actor=SYSTEM, at=at)
    return work


@flow
def move_cases(*, move_id: int, at: datetime) -> None:
    """Chuyển phiên bản từng hồ sơ, each in a transaction of its own; interrupted, it goes on with those not moved."""
    for line_id in queries.lines_to_move(move_id):
        actions.move_case(line_id=line_id, actor=SYSTEM, at=at)
    actions.finish_version_move(move_id=move_id, actor=SYSTEM, at=at)


@flow
def hand_over_cases(*, reorganisation_id: int, at: datetime) -> Reorganisation:
    """Bàn giao mọi hồ sơ của một đợt đã duyệt, batch by batch; interrupted, it goes on after the last case done."""
    work = Reorganisation.objects.get(pk=reorganisation_id)
    while work.status == MoveStatus.APPROVED:
        work = actions.hand_over_batch(reorganisation_id=work.pk, actor=SYSTEM, at=at)
    return work


def _ensure_paper_key(at: datetime) -> None:
    """The first paper of an installation makes the key of its QR codes."""
    if not signature_queries.list_paper_keys():
        create_paper_key(only_first=True, actor=SYSTEM, at=at)


def _signed_by_officer(pdf: bytes, paper: Paper, at: datetime) -> bytes:
    """The letter with the receiving officer's own signature, where its form asks for one and the officer has a key.

    Without a key the printed letter is signed by hand, as before.
    """
    if get_letter(paper.kind).signed_by != SignedBy.OFFICER or paper.issued_by_id is None:
        return pdf
    signer = accounts.get_actor(paper.issued_by_id, at=at)
    if signer.kind is not ActorKind.OFFICER:
        return pdf
    try:
        return signatures.sign_pdf(pdf=pdf, actor=signer, reason=paper.number, at=at)
    except SigningKeyMissing:
        return pdf


def _signed_and_sealed(pdf: bytes, paper: Paper, at: datetime) -> bytes:
    """A decision with its head's signature and the agency's seal, as a result has them.

    Without a key it is printed, signed and sealed by hand; it holds from the moment it was recorded either way.
    """
    assert paper.issued_by_id is not None  # noqa: S101 - the act that made it knows its officer
    unit = directory.get_unit(paper.book_entry.book.unit_id)
    parent = next((p.agency_name for p in directory.ancestors_of(unit.id) if p.kind.is_administrative), "")
    try:
        signer = accounts.get_actor(paper.issued_by_id, at=at)
        signed = signatures.sign_pdf(pdf=pdf, actor=signer, organisation=unit.agency_name, at=at)
        return signatures.seal_pdf(
            pdf=signed, unit_id=unit.id, organisation=unit.agency_name, parent=parent, actor=SYSTEM, at=at
        )
    except (PaperNotSignable, SigningKeyMissing, Forbidden):
        return pdf


@flow
def look_after_consultations(*, at: datetime) -> int:
    """Nhắc, kết thúc hoặc bỏ những lần lấy ý kiến đến lúc phải xem; returns how many were looked at.

    Each is an action of its own: one that was answered in the meantime does not hold the others up.
    """
    work: list[tuple[Callable[..., object], dict[str, object]]] = []
    work += [
        (actions.cancel_consultation, {"consultation_id": pk, "reason": "Hồ sơ đã giải quyết xong."})
        for pk in queries.consultations_left_over()
    ]
    work += [(actions.expire_consultation, {"consultation_id": pk}) for pk in queries.consultations_due(at)]
    work += [(actions.remind_consultation, {"consultation_id": pk}) for pk in queries.consultations_to_remind(at)]
    for act, arguments in work:
        try:
            act(**arguments, actor=SYSTEM, at=at)
        except ConsultationClosed:
            continue
    return len(work)


@flow
def send_leg(*, leg_id: int, at: datetime) -> Leg:
    """Chuyển một bước liên thông sang hệ thống của bộ; sent again, it is the same case there.

    A refusal is written on the leg. A system out of reach is written too and raises, so that the job is tried again.

    Raises:
        MinistryUnavailable: the system does not answer now.
    """
    leg, rule, answers = queries.message_of(leg_id, today=at.astimezone(PROVINCE_TIME).date())
    if leg.status != LegStatus.READY:
        return leg
    message = _message(leg, rule, answers, at)
    try:
        code = ministries.hand_over(leg.system, reference=f"{leg.parent.code}/{leg.key}", message=message)
    except (ministries.MinistryRefused, ministries.MinistryUnavailable) as error:
        actions.record_leg_held(leg_id=leg_id, reason=error.message, actor=SYSTEM, at=at)
        if isinstance(error, ministries.MinistryUnavailable):
            raise
        return leg
    return actions.record_leg_sent(leg_id=leg_id, external_code=code, actor=SYSTEM, at=at)


@flow
def send_ready_legs(*, at: datetime) -> None:
    """Chuyển mọi bước đang chờ sang hệ thống của bộ; what one system does not take holds no other up."""
    for leg_id in queries.legs_to_send():
        try:
            send_leg(leg_id=leg_id, at=at)
        except DomainError:  # written on the leg; the next round tries again
            continue


@flow
def ask_leg(*, leg_id: int, at: datetime) -> Leg:
    """Hỏi hệ thống của bộ về một bước, và ghi nhận điều nó báo (trạng thái, kết quả).

    Raises:
        MinistryUnavailable: the system does not answer now.
    """
    leg = Leg.objects.get(pk=leg_id)
    told = ministries.ask(leg.system, leg.external_code)
    file_id = None
    if told.content and leg.result_number != told.result_number:
        name = told.file_name or f"{leg.key}.pdf"
        file_id = store_file(content=told.content, name=name, actor=SYSTEM, at=at).id
    report = LegReport(
        national_status=told.national_status, reported_at=told.reported_at or at, taken_at=told.taken_at,
        finished_at=told.finished_at, note=told.note, result_name=told.result_name,
        result_number=told.result_number, result_fields=told.result_fields, file_id=file_id,
    )  # fmt: skip
    return actions.record_leg_report(leg_id=leg_id, report=report, actor=SYSTEM, at=at)


@flow
def withdraw_leg(*, leg_id: int, reason: str) -> None:
    """Báo hệ thống của bộ rằng người nộp rút hồ sơ liên thông.

    Raises:
        MinistryUnavailable: the system does not answer now.
    """
    leg = Leg.objects.get(pk=leg_id)
    ministries.withdraw(leg.system, leg.external_code, reason=reason)


def _message(leg: Leg, rule: LegRule, answers: dict[str, Any], at: datetime) -> dict[str, Any]:
    """A leg as the ministries' interface takes it (NoiHoSo)."""
    parent = leg.parent
    assert parent.unit_id is not None  # noqa: S101 - a filed case has its unit
    papers = [
        {
            "MaThanhPhanHoSo": key, "TenThanhPhanHoSo": before.result_name, "SoLuong": 1, "LoaiBan": 2,
            "GiayToDinhKem": [{"TenGiayTo": before.result_name, "SoKyHieu": before.result_number,
                               "HashTepTin": before.result_file.sha256 if before.result_file else ""}],
        }
        for key, before in queries.papers_for(leg, rule)
    ]  # fmt: skip
    return {
        "MaHoSo": parent.code, "MaTTHC": leg.procedure_code, "TenTTHC": leg.name, "ChuHoSo": parent.applicant_name,
        "LoaiDoiTuong": 0, "MaDonViTiepNhan": directory.get_unit(parent.unit_id).code,
        "NgayNop": ministries.stamp(parent.submitted_at or at), "NgayGui": ministries.stamp(at),
        "TenKetQua": rule.result, "DuLieu": answers, "ThanhPhanHoSo": papers,
        "ThongTinNguoiNop": {"HoTen": parent.applicant_name, "SoDinhDanh": parent.applicant_personal_id,
                             "SoDienThoai": str(parent.applicant.get("phone", ""))},
    }  # fmt: skip
