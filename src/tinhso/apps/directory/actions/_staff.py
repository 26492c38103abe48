"""Staff of units: who is registered, holds a post, lends authority to another post."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q

from tinhso.apps.audit.actions import record
from tinhso.apps.directory import queries
from tinhso.apps.directory.data import DelegationData, HoldingData, StaffData
from tinhso.apps.directory.events import (
    AppointmentEnded,
    AuthorityDelegated,
    DelegationEnded,
    StaffAppointed,
    StaffRegistered,
)
from tinhso.apps.directory.models import Delegation, Post, PostHolding, StaffMember, Unit
from tinhso.apps.directory.permissions import can_manage, can_register_staff
from tinhso.apps.directory.queries._staff import delegation_data, post_data, staff_data
from tinhso.kernel.actions import action, require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Conflict, FieldError, Invalid, NotFound


class StaffCodeTaken(Conflict):
    """Mã cán bộ này đã có người dùng."""


class PostClosed(Conflict):
    """Chức danh này không còn, hoặc đơn vị không hoạt động trong thời gian đó."""


class PostTaken(Conflict):
    """Chức danh này đang có người giữ trong thời gian đó."""


class AlreadyHoldsPost(Conflict):
    """Người này đã giữ chức danh này trong thời gian đó."""


class AlreadyDelegated(Conflict):
    """Hai chức danh này đã có ủy quyền trong thời gian đó."""


class AlreadyEnded(Conflict):
    """Việc này đã kết thúc từ trước."""


@action
def register_staff(*, code: str, full_name: str, actor: Actor, at: datetime) -> StaffData:
    """Ghi một cán bộ vào danh mục (staff member), before any post is given.

    Raises:
        Invalid: the code or the name is empty or too long.
        StaffCodeTaken: the code belongs to somebody else.
    """
    require(can_register_staff(actor))
    code, full_name = code.strip(), " ".join(full_name.split())
    errors = []
    if not 1 <= len(code) <= 30:
        errors.append(FieldError("code", "Mã cán bộ cần từ 1 đến 30 ký tự."))
    if not 1 <= len(full_name) <= 200:
        errors.append(FieldError("full_name", "Họ tên cần từ 1 đến 200 ký tự."))
    if errors:
        raise Invalid(errors=errors)
    row, created = StaffMember.objects.get_or_create(code=code, defaults={"full_name": full_name})
    if not created:
        raise StaffCodeTaken(f"Mã cán bộ {code} đã có người dùng.")

    record(StaffRegistered(staff_id=row.pk), subject=row, actor=actor, at=at)
    return staff_data(row)


@action
def appoint_staff(
    *,
    post_id: int,
    staff_id: int,
    valid_from: date,
    actor: Actor,
    at: datetime,
    valid_to: date | None = None,
    decision: str = "",
) -> HoldingData:
    """Bổ nhiệm, giao chức danh: a member of staff holds a post from a day on.

    Raises:
        PostClosed: the post or its unit does not exist then.
        PostTaken: a post of one holder has one.
        AlreadyHoldsPost: the same person holds it already.
    """
    post = _lock_post(post_id)
    require(can_manage(actor, post.unit_id))
    _check_period(valid_from, valid_to)
    unit = queries.get_unit(post.unit_id)
    if not post.is_open or not unit.is_valid_on(valid_from):
        raise PostClosed
    staff = StaffMember.objects.filter(pk=staff_id).first()
    if staff is None:
        raise queries.StaffNotFound
    meanwhile = PostHolding.objects.filter(_overlaps(valid_from, valid_to), post=post)
    if meanwhile.filter(staff=staff).exists():
        raise AlreadyHoldsPost
    if post.is_single and meanwhile.exists():
        raise PostTaken(f"Chức danh {post.title} của {unit.name} đang có người giữ trong thời gian đó.")

    row = PostHolding.objects.create(
        post=post, staff=staff, is_single=post.is_single, decision=decision, valid_from=valid_from, valid_to=valid_to
    )

    appointed = StaffAppointed(
        holding_id=row.pk, staff_id=staff.pk, post_id=post.pk, unit_id=post.unit_id, valid_from=valid_from,
        valid_to=valid_to,
    )  # fmt: skip
    record(appointed, subject=f"unit:{post.unit_id}", actor=actor, at=at)
    return HoldingData(row.pk, post_data(post), staff_data(staff), valid_from, valid_to)


@action
def end_appointment(*, holding_id: int, valid_to: date, actor: Actor, at: datetime) -> None:
    """Thôi giữ chức danh: `valid_to` is the last day in the post.

    Raises:
        NotFound: no such holding.
        AlreadyEnded: it ended on that day or before.
    """
    row = PostHolding.objects.select_related("post").filter(pk=holding_id).first()
    if row is None:
        raise NotFound
    post = _lock_post(row.post_id)
    require(can_manage(actor, post.unit_id))
    row.refresh_from_db(fields=["valid_to"])
    _check_period(row.valid_from, valid_to)
    if row.valid_to is not None and row.valid_to <= valid_to:
        raise AlreadyEnded(f"Người này đã thôi giữ chức danh từ {row.valid_to:%d/%m/%Y}.")

    row.valid_to = valid_to
    row.save(update_fields=["valid_to"])

    ended = AppointmentEnded(
        holding_id=row.pk, staff_id=row.staff_id, post_id=post.pk, unit_id=post.unit_id, valid_to=valid_to
    )
    record(ended, subject=f"unit:{post.unit_id}", actor=actor, at=at)


@action
def delegate_authority(
    *,
    from_post_id: int,
    to_post_id: int,
    document: str,
    valid_from: date,
    actor: Actor,
    at: datetime,
    valid_to: date | None = None,
    fields: Sequence[str] = (),
) -> DelegationData:
    """Ủy quyền bằng văn bản: lend the authority of a post to one in the same unit or below, for some fields or all.

    Raises:
        Invalid: no document, periods crossed, or the other post lies outside the unit.
        PostClosed: one of the posts does not exist any more.
        AlreadyDelegated: the same two posts have a delegation in that time.
    """
    giver = _lock_post(from_post_id)
    require(can_manage(actor, giver.unit_id))
    _check_period(valid_from, valid_to)
    if not document.strip():
        raise Invalid(errors=[FieldError("document", "Cần ghi số, ngày của văn bản ủy quyền.")])
    taker = Post.objects.filter(pk=to_post_id).first()
    if taker is None:
        raise NotFound
    if not (giver.is_open and taker.is_open):
        raise PostClosed
    if taker.pk == giver.pk or taker.unit_id not in queries.subtree_ids(giver.unit_id, valid_from):
        raise Invalid(
            errors=[FieldError("to_post_id", "Chỉ ủy quyền cho chức danh khác trong cùng đơn vị hoặc cấp dưới.")]
        )
    if Delegation.objects.filter(_overlaps(valid_from, valid_to), from_post=giver, to_post=taker).exists():
        raise AlreadyDelegated

    row = Delegation.objects.create(
        from_post=giver, to_post=taker, fields=sorted(set(fields)), document=document.strip(), valid_from=valid_from,
        valid_to=valid_to,
    )  # fmt: skip

    delegated = AuthorityDelegated(
        delegation_id=row.pk, from_post_id=giver.pk, to_post_id=taker.pk, unit_id=giver.unit_id,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    record(delegated, subject=f"unit:{giver.unit_id}", actor=actor, at=at)
    return delegation_data(row)


@action
def end_delegation(*, delegation_id: int, valid_to: date, actor: Actor, at: datetime) -> None:
    """Chấm dứt ủy quyền: `valid_to` is the last day it holds.

    Raises:
        NotFound: no such delegation.
        AlreadyEnded: it ended on that day or before.
    """
    row = Delegation.objects.filter(pk=delegation_id).first()
    if row is None:
        raise NotFound
    giver = _lock_post(row.from_post_id)
    require(can_manage(actor, giver.unit_id))
    row.refresh_from_db(fields=["valid_to"])
    _check_period(row.valid_from, valid_to)
    if row.valid_to is not None and row.valid_to <= valid_to:
        raise AlreadyEnded(f"Ủy quyền này đã hết hiệu lực từ {row.valid_to:%d/%m/%Y}.")

    row.valid_to = valid_to
    row.save(update_fields=["valid_to"])

    ended = DelegationEnded(delegation_id=row.pk, unit_id=giver.unit_id, valid_to=valid_to)
    record(ended, subject=f"unit:{giver.unit_id}", actor=actor, at=at)


def _lock_post(post_id: int) -> Post:
    """The post, with its unit's row locked: everything about the people of one unit happens one after another."""
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        raise NotFound
    Unit.objects.select_for_update(no_key=True).get(pk=post.unit_id)
    post.refresh_from_db()
    return post


def _check_period(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to < valid_from:
        raise Invalid(errors=[FieldError("valid_to", "Ngày kết thúc không được trước ngày bắt đầu.")])


def _overlaps(valid_from: date, valid_to: date | None) -> Q:
    begun = Q() if valid_to is None else Q(valid_from__lte=valid_to)
    return begun & (Q(valid_to__isnull=True) | Q(valid_to__gte=valid_from))
