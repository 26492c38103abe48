"""Who may act for whom."""

from datetime import date, datetime

from tinhso.apps.accounts import permissions
from tinhso.apps.accounts.actions._accounts import locked
from tinhso.apps.accounts.data import MandateData
from tinhso.apps.accounts.enums import AccountKind, MandateBasis, SubjectKind
from tinhso.apps.accounts.events import MandateConfirmed, MandateGranted, MandateRevoked, RepresentationStarted
from tinhso.apps.accounts.models import Account, Mandate
from tinhso.apps.accounts.queries import mandate_data
from tinhso.apps.audit.actions import record
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.errors import Conflict, FieldError, Invalid, NotFound
from tinhso.lib.identifiers import IdentifierError, check_tax_code, parse_personal_id

# NĐ 69/2024: what a person does for another has legal effect, so it takes the full identity level.
_LEVEL_TO_REPRESENT = 2
# As the columns have it.
_LONGEST = {"principal_name": 200, "representative_name": 200, "document": 500}


@action
def grant_mandate(
    *, representative_personal_id: str, representative_name: str, document: str, valid_from: date, actor: Actor,
    at: datetime, valid_to: date | None = None,
) -> MandateData:  # fmt: skip
    """Lập ủy quyền trên Cổng: the signed-in person or organisation lets somebody act for it.

    Raises:
        Invalid: a value is missing or wrong; every problem is listed.
    """
    require(actor.kind is ActorKind.CITIZEN and actor.mandate_id is None)
    require(actor.assurance >= _LEVEL_TO_REPRESENT, "Lập ủy quyền cần tài khoản định danh điện tử mức 2.")
    assert actor.account_id is not None  # noqa: S101 - a citizen actor always has one
    principal = locked(actor.account_id)
    return _write(
        basis=MandateBasis.GRANTED, principal_subject=principal.subject,
        principal_id=principal.personal_id or principal.organisation_id, principal_name=principal.full_name,
        representative_personal_id=representative_personal_id, representative_name=representative_name,
        document=document, valid_from=valid_from, valid_to=valid_to, actor=actor, at=at,
    )  # fmt: skip


@action
def record_mandate(
    *, principal_subject: str, principal_id: str, principal_name: str, representative_personal_id: str,
    representative_name: str, document: str, valid_from: date, actor: Actor, at: datetime, valid_to: date | None = None,
) -> MandateData:  # fmt: skip
    """Ghi nhận văn bản ủy quyền từ giấy tờ xuất trình tại Bộ phận Một cửa.

    Raises:
        Invalid: a value is missing or wrong; every problem is listed.
    """
    require(permissions.can_record_mandate(actor))
    return _write(
        basis=MandateBasis.RECORDED, principal_subject=principal_subject, principal_id=principal_id,
        principal_name=principal_name, representative_personal_id=representative_personal_id,
        representative_name=representative_name, document=document, valid_from=valid_from, valid_to=valid_to,
        actor=actor, at=at,
    )  # fmt: skip


@action
def declare_mandate(
    *, principal_subject: str, principal_id: str, principal_name: str, document: str, valid_from: date, actor: Actor,
    at: datetime, valid_to: date | None = None,
) -> MandateData:  # fmt: skip
    """Khai nộp hồ sơ thay người khác: the representative names the paper, which reception checks before it counts.

    Raises:
        Invalid: a value is missing or wrong; every problem is listed.
    """
    require(actor.kind is ActorKind.CITIZEN and bool(actor.personal_id))
    require(actor.assurance >= _LEVEL_TO_REPRESENT, "Nộp hồ sơ thay người khác cần tài khoản định danh điện tử mức 2.")
    return _write(
        basis=MandateBasis.DECLARED, principal_subject=principal_subject, principal_id=principal_id,
        principal_name=principal_name, representative_personal_id=actor.personal_id, representative_name=actor.name,
        document=document, valid_from=valid_from, valid_to=valid_to, actor=actor, at=at,
    )  # fmt: skip


def _write(*, actor: Actor, at: datetime, **values: str | date | None) -> MandateData:
    mandate = Mandate(created_at=at, **{k: v.strip() if isinstance(v, str) else v for k, v in values.items()})
    if problems := _problems(mandate):
        raise Invalid(errors=problems)
    mandate.representative = Account.objects.filter(
        kind=AccountKind.CITIZEN, personal_id=mandate.representative_personal_id
    ).first()
    mandate.save(force_insert=True)
    event = MandateGranted(
        mandate_id=mandate.pk, basis=mandate.basis, representative_account_id=mandate.representative_id
    )
    record(event, subject=mandate, actor=actor, at=at)
    return mandate_data(mandate)


def _problems(mandate: Mandate) -> list[FieldError]:
    problems = []
    for path, text in [
        ("principal_name", "Hãy nhập tên người hoặc tổ chức được đại diện."),
        ("representative_name", "Hãy nhập họ tên người đại diện."),
        ("document", "Hãy ghi số, ngày và nơi chứng thực văn bản ủy quyền."),
    ]:
        value = getattr(mandate, path)
        if not value:
            problems.append(FieldError(path, text))
        elif len(value) > _LONGEST[path]:
            problems.append(FieldError(path, "Nội dung này quá dài."))
    problems += _id_problems(mandate)
    if mandate.valid_to is not None and mandate.valid_to < mandate.valid_from:
        problems.append(FieldError("valid_to", "Ngày hết hạn phải sau ngày bắt đầu."))
    return problems


def _id_problems(mandate: Mandate) -> list[FieldError]:
    problems = []
    try:
        mandate.representative_personal_id = parse_personal_id(mandate.representative_personal_id).value
    except IdentifierError as error:
        problems.append(FieldError("representative_personal_id", str(error)))
    try:
        if mandate.principal_subject == SubjectKind.PERSON:
            mandate.principal_id = parse_personal_id(mandate.principal_id).value
        elif mandate.principal_subject in SubjectKind.values:
            mandate.principal_id = check_tax_code(mandate.principal_id)
        else:
            problems.append(FieldError("principal_subject", "Hãy chọn cá nhân, doanh nghiệp hoặc tổ chức."))
    except IdentifierError as error:
        problems.append(FieldError("principal_id", str(error)))
    if not problems and mandate.principal_id == mandate.representative_personal_id:
        problems.append(FieldError("principal_id", "Không ai cần giấy ủy quyền để tự làm việc của mình."))
    return problems


def _mandate(mandate_id: int) -> Mandate:
    mandate = Mandate.objects.select_for_update(of=("self",)).filter(pk=mandate_id).first()
    if mandate is None:
        raise NotFound("Không tìm thấy văn bản đại diện này.")
    return mandate


@action
def confirm_mandate(*, mandate_id: int, actor: Actor, at: datetime) -> MandateData:
    """Xác nhận đã kiểm tra văn bản ủy quyền của một đại diện tự khai.

    Raises:
        Conflict: it was confirmed or granted before, or it no longer holds.
    """
    mandate = _mandate(mandate_id)
    require(permissions.can_record_mandate(actor))
    if mandate.basis != MandateBasis.DECLARED or mandate.revoked_at is not None:
        raise Conflict("Văn bản đại diện này không còn chờ kiểm tra.")
    mandate.basis = MandateBasis.RECORDED
    mandate.save(update_fields=["basis"])
    record(MandateConfirmed(mandate_id=mandate_id), subject=mandate, actor=actor, at=at)
    return mandate_data(mandate)


@action
def revoke_mandate(*, mandate_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Chấm dứt đại diện, by the principal, by the representative, or by an officer who records it.

    Raises:
        Conflict: it has ended already.
        Invalid: an officer gives no reason.
    """
    mandate = _mandate(mandate_id)
    party = _is_party(actor, mandate)
    require(party or permissions.can_record_mandate(actor))
    if not party and not reason.strip():
        raise Invalid(errors=[FieldError("reason", "Hãy ghi lý do và giấy tờ làm căn cứ chấm dứt.")])
    if mandate.revoked_at is not None:
        raise Conflict("Việc đại diện này đã chấm dứt từ trước.")
    mandate.revoked_at, mandate.revoked_reason = at, reason.strip()[:300]
    mandate.save(update_fields=["revoked_at", "revoked_reason"])
    record(MandateRevoked(mandate_id=mandate_id, reason=mandate.revoked_reason), subject=mandate, actor=actor, at=at)


def _is_party(actor: Actor, mandate: Mandate) -> bool:
    if actor.kind is not ActorKind.CITIZEN or actor.account_id is None:
        return False
    if actor.personal_id in {mandate.principal_id, mandate.representative_personal_id} - {""}:
        return True
    account = locked(actor.account_id)
    return bool(account.organisation_id) and account.organisation_id == mandate.principal_id


@action
def start_representation(*, mandate_id: int, actor: Actor, at: datetime) -> MandateData:
    """Bắt đầu làm việc với tư cách người đại diện; the mandate must name this person and hold today.

    Raises:
        NotFound: no mandate in force lets this person act.
    """
    require(actor.kind is ActorKind.CITIZEN and actor.account_id is not None)
    require(actor.assurance >= _LEVEL_TO_REPRESENT, "Làm thay người khác cần tài khoản định danh điện tử mức 2.")
    mandate = (
        Mandate.objects.valid_on(at.astimezone(PROVINCE_TIME).date())
        .filter(pk=mandate_id, representative_personal_id=actor.personal_id)
        .exclude(representative_personal_id="")
        .first()
    )
    if mandate is None:
        raise NotFound("Không có văn bản đại diện nào còn hiệu lực cho bạn.")
    assert actor.account_id is not None  # noqa: S101 - required above
    account = locked(actor.account_id)
    event = RepresentationStarted(account_id=account.pk, mandate_id=mandate_id)
    record(event, subject=account, actor=actor, at=at)
    return mandate_data(mandate)
