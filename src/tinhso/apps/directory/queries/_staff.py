"""Reading posts, their holders and delegations. Who works where is shown to those who may see it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects

from tinhso.apps.directory import rules
from tinhso.apps.directory.data import DelegationData, HoldingData, PostData, StaffData
from tinhso.apps.directory.enums import PostRank
from tinhso.apps.directory.models import Delegation, Post, PostHolding, StaffMember
from tinhso.apps.directory.permissions import can_view_staff
from tinhso.apps.directory.queries._units import resolving_unit_of
from tinhso.kernel.actions import require
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import NotFound
from tinhso.kernel.prepared import Prepared
from tinhso.lib.text import sort_key


class StaffNotFound(NotFound):
    """Không có cán bộ này trong danh mục."""


def valid_on(on: date) -> Q:
    """Rows whose closed period contains the day."""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on))


def _whole_holdings(condition: Q) -> QuerySet[PostHolding]:
    return PostHolding.objects.filter(condition).select_related("post", "staff").order_by("post__rank", "post_id", "id")


_POSTS_OF = Prepared(lambda staff_id, on: _whole_holdings(Q(staff_id=staff_id) & valid_on(on)), staff_id=int, on=date)
_LEADER = Prepared(
    lambda unit_id: Post.objects.filter(unit_id=unit_id, rank=PostRank.LEADER).order_by("id")[:1], unit_id=int
)
_DELEGATED = Prepared(  # asked on every officer's request, and nearly always nothing
    lambda staff_id, on: Delegation.objects.filter(
        Q(to_post_id__in=PostHolding.objects.filter(valid_on(on), staff_id=staff_id).values("post_id")) & valid_on(on)
    ).order_by("valid_from", "id"),
    staff_id=int, on=date,
)  # fmt: skip


def list_posts(unit_id: int) -> list[PostData]:
    """The posts of a unit that can be filled, highest first (chức danh)."""
    return [post_data(row) for row in Post.objects.filter(unit_id=unit_id, is_open=True).order_by("rank", "id")]


def list_posts_of(unit_ids: Iterable[int]) -> list[PostData]:
    """The posts of several units that can be filled, by unit, highest first."""
    rows = Post.objects.filter(unit_id__in=set(unit_ids), is_open=True).order_by("unit_id", "rank", "id")
    return [post_data(row) for row in rows]


def get_post(unit_id: int, key: str) -> PostData | None:
    """A post of a unit by its key (`chairman`, `division_head` ...), or None."""
    row = Post.objects.filter(unit_id=unit_id, key=key).first()
    return None if row is None else post_data(row)


def get_staff(staff_id: int) -> StaffData:
    """One member of staff by id: inner reference for letters and accounts.

    Raises:
        StaffNotFound: no such person.
    """
    row = StaffMember.objects.filter(pk=staff_id).first()
    if row is None:
        raise StaffNotFound
    return staff_data(row)


def find_staff(code: str) -> StaffData | None:
    """A member of staff by staff code (mã cán bộ), or None."""
    row = StaffMember.objects.filter(code=code).first()
    return None if row is None else staff_data(row)


def list_staff(*, actor: Actor, unit_id: int, on: date) -> list[HoldingData]:
    """Who works in a unit on a day, highest post first, then by name (given names count last, as written).

    Raises:
        Forbidden: the actor may not see staff of that unit.
    """
    require(can_view_staff(actor, unit_id))
    return _holdings(Q(post__unit_id=unit_id) & valid_on(on))


def holders_of(post_id: int, on: date) -> list[HoldingData]:
    """Who holds a post on a day: inner reference for assignments and letters."""
    return _holdings(Q(post_id=post_id) & valid_on(on))


def holdings_of(staff_id: int, on: date) -> list[HoldingData]:
    """The posts a member of staff holds on a day, highest first."""
    return _in_order(_POSTS_OF.all(staff_id=staff_id, on=on))


def holdings_on(
    on: date, *, staff_ids: Iterable[int] | None = None, unit_ids: Iterable[int] | None = None
) -> list[HoldingData]:
    """Every post held on a day, of some people or in some very units: inner reference for what follows from posts."""
    condition = valid_on(on)
    if staff_ids is not None:
        condition &= Q(staff_id__in=set(staff_ids))
    if unit_ids is not None:
        condition &= Q(post__unit_id__in=set(unit_ids))
    return _holdings(condition)


def list_delegations(*, actor: Actor, unit_id: int, on: date) -> list[DelegationData]:
    """Delegations given by posts of a unit that hold on a day (ủy quyền).

    Raises:
        Forbidden: the actor may not see staff of that unit.
    """
    require(can_view_staff(actor, unit_id))
    return _delegations(Q(from_post__unit_id=unit_id) & valid_on(on))


def delegations_to(staff_id: int, on: date, field: str | None = None) -> list[DelegationData]:
    """Delegations a member of staff may act under on a day, for a field when given."""
    found = _delegation_values(_DELEGATED.all(staff_id=staff_id, on=on))
    return [d for d in found if field is None or not d.fields or field in d.fields]


def signing_capacity(*, staff_id: int, unit_id: int, on: date, field: str | None = None) -> tuple[str, ...]:
    """The lines above a signature in the name of a unit (quyền hạn, chức vụ của người ký, NĐ 30/2020/NĐ-CP).

    `("CHỦ TỊCH",)`, `("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")` or `("TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG")`; empty when the person
    holds no post there that could sign.
    """
    resolving = resolving_unit_of(unit_id)
    leader_row = _LEADER.first(unit_id=resolving.id)
    leader = None if leader_row is None else post_data(leader_row)
    holdings = holdings_of(staff_id, on)
    for holding in holdings:
        if holding.post.unit_id == resolving.id and holding.post.rank <= PostRank.DEPUTY_LEADER:
            return rules.signature_lines(holding.post, leader)
    for delegation in delegations_to(staff_id, on, field):
        if delegation.from_post.unit_id == resolving.id:
            return rules.signature_lines(delegation.to_post, leader, is_delegated=True)
    return ()


def _holdings(condition: Q) -> list[HoldingData]:
    return _in_order(_whole_holdings(condition))


def _in_order(rows: Iterable[PostHolding]) -> list[HoldingData]:
    found = [
        HoldingData(
            id=row.pk,
            post=post_data(row.post),
            staff=staff_data(row.staff),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in rows
    ]
    return sorted(found, key=lambda h: (h.post.rank, sort_key(h.staff.full_name)))


def _delegations(condition: Q) -> list[DelegationData]:
    return _delegation_values(list(Delegation.objects.filter(condition).order_by("valid_from", "id")))


def _delegation_values(rows: list[Delegation]) -> list[DelegationData]:
    # Nearly always nothing: the posts are read when there is something.
    prefetch_related_objects(rows, "from_post", "to_post")
    return [delegation_data(row) for row in rows]


def post_data(row: Post) -> PostData:
    """The value of one row."""
    return PostData(row.pk, row.unit_id, row.key, row.title, PostRank(row.rank), row.is_single)


def staff_data(row: StaffMember) -> StaffData:
    """The value of one row."""
    return StaffData(row.pk, row.code, row.full_name)


def delegation_data(row: Any) -> DelegationData:
    """The value of one row with both posts at hand."""
    return DelegationData(
        id=row.pk,
        from_post=post_data(row.from_post),
        to_post=post_data(row.to_post),
        fields=tuple(row.fields),
        document=row.document,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
