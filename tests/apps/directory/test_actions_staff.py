from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tests.factories.directory import (
    AT,
    CAM_THANH,
    KON_TUM,
    appointed,
    commune,
    department,
    small_content,
    small_directory,
)
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.directory import actions, queries
from tinhso.apps.directory.data import PostData, StaffData
from tinhso.apps.directory.models import Delegation, Post, PostHolding
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 5)


def post(unit_gso: str, key: str) -> PostData:
    found = queries.get_post(commune(unit_gso).id, key)
    assert found is not None
    return found


def person(code: str = "CB000900", name: str = "Nguyễn Văn Thử") -> StaffData:
    return actions.register_staff(code=code, full_name=name, actor=SYSTEM, at=AT)


def manager_of(*gso_codes: str) -> Actor:
    return Actor(ActorKind.OFFICER, grants=(Grant("directory.manage", frozenset(commune(c).id for c in gso_codes)),))


@pytest.fixture(autouse=True)
def _units(db: None) -> None:
    small_directory()


def test_register_staff() -> None:
    staff = actions.register_staff(code=" CB000001 ", full_name="Lê  Thị   Mới", actor=SYSTEM, at=AT)
    assert queries.find_staff("CB000001") == staff == queries.get_staff(staff.id)
    assert staff.full_name == "Lê Thị Mới"
    assert [e.payload for e in entries_of(f"staffmember:{staff.id}")] == [{"staff_id": staff.id}]  # no name in the log
    with pytest.raises(actions.StaffCodeTaken, match="CB000001"):
        actions.register_staff(code="CB000001", full_name="Người khác", actor=SYSTEM, at=AT)


def test_register_staff_says_what_is_wrong() -> None:
    with pytest.raises(Invalid) as refused:
        actions.register_staff(code=" ", full_name="x" * 201, actor=SYSTEM, at=AT)
    assert [e.path for e in refused.value.errors] == ["code", "full_name"]
    with pytest.raises(Forbidden):
        actions.register_staff(code="CB1", full_name="A", actor=Actor(ActorKind.OFFICER), at=AT)
    assert actions.register_staff(code="CB1", full_name="A", actor=manager_of(KON_TUM), at=AT).code == "CB1"


def test_appoint_and_end() -> None:
    leader, staff = post(CAM_THANH, "leader"), person()
    holding = actions.appoint_staff(
        post_id=leader.id, staff_id=staff.id, valid_from=date(2025, 7, 1), decision="12/QĐ-UBND", actor=SYSTEM, at=AT
    )
    assert [(h.staff, h.post) for h in queries.holders_of(leader.id, TODAY)] == [(staff, leader)]
    assert queries.holders_of(leader.id, date(2025, 6, 30)) == []

    actions.end_appointment(holding_id=holding.id, valid_to=date(2026, 1, 31), actor=SYSTEM, at=AT)
    assert queries.holders_of(leader.id, date(2026, 1, 31))
    assert not queries.holders_of(leader.id, date(2026, 2, 1))
    types = [e.type for e in entries_of(f"unit:{leader.unit_id}")]
    assert types == ["unit.established", "staff.appointed", "staff.appointment_ended"]

    with pytest.raises(actions.AlreadyEnded, match="31/01/2026"):
        actions.end_appointment(holding_id=holding.id, valid_to=date(2026, 3, 1), actor=SYSTEM, at=AT)
    actions.end_appointment(holding_id=holding.id, valid_to=date(2026, 1, 15), actor=SYSTEM, at=AT)  # earlier still
    with pytest.raises(Invalid):
        actions.end_appointment(holding_id=holding.id, valid_to=date(2025, 1, 1), actor=SYSTEM, at=AT)
    with pytest.raises(NotFound):
        actions.end_appointment(holding_id=0, valid_to=TODAY, actor=SYSTEM, at=AT)


def test_a_single_post_has_one_holder_at_a_time() -> None:
    first = appointed(commune(), "leader")
    second = person()
    with pytest.raises(actions.PostTaken, match="Chủ tịch của Phường Cẩm Thành"):
        actions.appoint_staff(post_id=first.post.id, staff_id=second.id, valid_from=TODAY, actor=SYSTEM, at=AT)
    actions.end_appointment(holding_id=first.id, valid_to=date(2026, 1, 4), actor=SYSTEM, at=AT)
    actions.appoint_staff(post_id=first.post.id, staff_id=second.id, valid_from=TODAY, actor=SYSTEM, at=AT)
    assert [h.staff.id for h in queries.holders_of(first.post.id, TODAY)] == [second.id]


def test_other_posts_have_many_holders_but_each_once() -> None:
    deputy = appointed(commune(), "deputy_leader")
    appointed(commune(), "deputy_leader", name="Phạm Văn Hai")
    assert len(queries.holders_of(deputy.post.id, TODAY)) == 2
    with pytest.raises(actions.AlreadyHoldsPost):
        actions.appoint_staff(
            post_id=deputy.post.id,
            staff_id=deputy.staff.id,
            valid_from=TODAY,
            valid_to=date(2026, 2, 1),
            actor=SYSTEM,
            at=AT,
        )


def test_the_database_refuses_two_holders_even_without_the_action() -> None:
    held = appointed(commune(), "leader")
    other = person()
    with pytest.raises(IntegrityError, match="post_holding_single_post"), transaction.atomic():
        PostHolding.objects.create(post_id=held.post.id, staff_id=other.id, is_single=True, valid_from=TODAY)


def test_appointments_that_cannot_be() -> None:
    leader, staff = post(CAM_THANH, "leader"), person()
    with pytest.raises(actions.PostClosed):  # the ward did not exist yet
        actions.appoint_staff(post_id=leader.id, staff_id=staff.id, valid_from=date(2025, 6, 30), actor=SYSTEM, at=AT)
    with pytest.raises(Invalid):
        actions.appoint_staff(
            post_id=leader.id, staff_id=staff.id, valid_from=TODAY, valid_to=date(2026, 1, 4), actor=SYSTEM, at=AT
        )
    with pytest.raises(queries.StaffNotFound):
        actions.appoint_staff(post_id=leader.id, staff_id=0, valid_from=TODAY, actor=SYSTEM, at=AT)
    with pytest.raises(NotFound):
        actions.appoint_staff(post_id=0, staff_id=staff.id, valid_from=TODAY, actor=SYSTEM, at=AT)
    with pytest.raises(Forbidden):
        actions.appoint_staff(post_id=leader.id, staff_id=staff.id, valid_from=TODAY, actor=manager_of(KON_TUM), at=AT)
    Post.objects.filter(pk=leader.id).update(is_open=False)
    with pytest.raises(actions.PostClosed):
        actions.appoint_staff(post_id=leader.id, staff_id=staff.id, valid_from=TODAY, actor=SYSTEM, at=AT)
    assert not PostHolding.objects.exists()


def test_delegate_and_end() -> None:
    ward = commune()
    economy = queries.division_of(ward.id, "economy")
    assert economy is not None
    chairman, head = appointed(ward, "leader"), appointed(economy, "division_head", name="Võ Thị Trưởng")
    assert queries.signing_capacity(staff_id=head.staff.id, unit_id=ward.id, on=TODAY) == ()

    delegation = actions.delegate_authority(
        from_post_id=chairman.post.id, to_post_id=head.post.id, document="05/QĐ-UBND ngày 02/01/2026",
        fields=["Chứng thực", "Chứng thực"], valid_from=TODAY, actor=manager_of(CAM_THANH), at=AT,
    )  # fmt: skip

    assert delegation.fields == ("Chứng thực",)
    assert queries.list_delegations(actor=SYSTEM, unit_id=ward.id, on=TODAY) == [delegation]
    assert queries.delegations_to(head.staff.id, TODAY, "Chứng thực") == [delegation]
    assert queries.delegations_to(head.staff.id, TODAY, "Hộ tịch") == []
    lines = queries.signing_capacity(staff_id=head.staff.id, unit_id=ward.id, on=TODAY, field="Chứng thực")
    assert lines == ("TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG")

    with pytest.raises(actions.AlreadyDelegated):
        actions.delegate_authority(
            from_post_id=chairman.post.id, to_post_id=head.post.id, document="06/QĐ-UBND", valid_from=TODAY,
            actor=SYSTEM, at=AT,
        )  # fmt: skip
    actions.end_delegation(delegation_id=delegation.id, valid_to=date(2026, 2, 28), actor=SYSTEM, at=AT)
    assert queries.delegations_to(head.staff.id, date(2026, 3, 1)) == []
    with pytest.raises(actions.AlreadyEnded, match="28/02/2026"):
        actions.end_delegation(delegation_id=delegation.id, valid_to=date(2026, 2, 28), actor=SYSTEM, at=AT)
    with pytest.raises(NotFound):
        actions.end_delegation(delegation_id=0, valid_to=TODAY, actor=SYSTEM, at=AT)
    types = [e.type for e in entries_of(f"unit:{ward.id}")]
    assert types[-2:] == ["authority.delegated", "authority.delegation_ended"]


def test_delegations_that_cannot_be() -> None:
    leader, elsewhere = post(CAM_THANH, "leader"), post(KON_TUM, "leader")
    deputy = post(CAM_THANH, "deputy_leader")

    def delegate(
        giver: PostData = leader, taker: PostData = deputy, document: str = "1/QĐ", actor: Actor = SYSTEM
    ) -> None:
        actions.delegate_authority(
            from_post_id=giver.id, to_post_id=taker.id, document=document, valid_from=TODAY, actor=actor, at=AT
        )

    for wrong in ({"taker": elsewhere}, {"taker": leader}, {"document": " "}):
        with pytest.raises(Invalid):
            delegate(**wrong)  # type: ignore[arg-type]  # one wrong value at a time
    with pytest.raises(Forbidden):
        delegate(actor=manager_of(KON_TUM))
    with pytest.raises(NotFound):
        delegate(taker=replace(deputy, id=0))
    Post.objects.filter(pk=deputy.id).update(is_open=False)
    with pytest.raises(actions.PostClosed):
        delegate()
    assert not Delegation.objects.exists()


def test_who_signs_how() -> None:
    ward, construction = commune(), department("construction")
    leader, deputy = appointed(ward, "leader"), appointed(ward, "deputy_leader", name="Phạm Văn Hai")
    director = appointed(construction, "leader", name="Đỗ Văn Giám")
    one_stop = queries.one_stop_of(ward.id)
    assert one_stop is not None
    assert queries.signing_capacity(staff_id=leader.staff.id, unit_id=ward.id, on=TODAY) == ("CHỦ TỊCH",)
    # asked from the one-stop centre, the commune signs
    lines = queries.signing_capacity(staff_id=deputy.staff.id, unit_id=one_stop.id, on=TODAY)
    assert lines == ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert queries.signing_capacity(staff_id=director.staff.id, unit_id=construction.id, on=TODAY) == ("GIÁM ĐỐC",)
    assert queries.signing_capacity(staff_id=director.staff.id, unit_id=ward.id, on=TODAY) == ()


def test_a_delegation_of_another_unit_does_not_sign_here() -> None:
    ward, elsewhere = commune(), commune(KON_TUM)
    economy = queries.division_of(elsewhere.id, "economy")
    assert economy is not None
    chairman, head = appointed(elsewhere, "leader"), appointed(economy, "division_head", name="Võ Thị Trưởng")
    actions.delegate_authority(
        from_post_id=chairman.post.id, to_post_id=head.post.id, document="05/QĐ-UBND", valid_from=TODAY, actor=SYSTEM,
        at=AT,
    )  # fmt: skip
    assert queries.signing_capacity(staff_id=head.staff.id, unit_id=ward.id, on=TODAY) == ()
    assert queries.signing_capacity(staff_id=head.staff.id, unit_id=elsewhere.id, on=TODAY) != ()


def test_staff_lists_are_for_those_who_may_see_them() -> None:
    ward = commune()
    appointed(ward, "deputy_leader", name="Đinh Văn Ba")
    appointed(ward, "deputy_leader", name="Bùi Thị Hai")
    appointed(ward, "leader", name="Võ Văn Nhất")
    viewer = Actor(ActorKind.OFFICER, grants=(Grant("directory.view", frozenset({ward.id})),))
    names = [h.staff.full_name for h in queries.list_staff(actor=viewer, unit_id=ward.id, on=TODAY)]
    assert names == ["Võ Văn Nhất", "Bùi Thị Hai", "Đinh Văn Ba"]
    with pytest.raises(Forbidden):
        queries.list_staff(actor=viewer, unit_id=commune(KON_TUM).id, on=TODAY)
    with pytest.raises(Forbidden):
        queries.list_delegations(actor=viewer, unit_id=commune(KON_TUM).id, on=TODAY)
    with pytest.raises(queries.StaffNotFound):
        queries.get_staff(0)
    assert queries.find_staff("nobody") is None
    assert queries.get_post(ward.id, "nothing") is None


def test_holdings_of_a_person() -> None:
    ward = commune()
    holding = appointed(ward, "deputy_leader")
    centre = queries.one_stop_of(ward.id)
    assert centre is not None
    director = queries.get_post(centre.id, "one_stop_director")
    assert director is not None
    actions.appoint_staff(post_id=director.id, staff_id=holding.staff.id, valid_from=TODAY, actor=SYSTEM, at=AT)
    assert [h.post.title for h in queries.holdings_of(holding.staff.id, TODAY)] == ["Phó Chủ tịch", "Giám đốc"]


def test_small_content_has_no_past() -> None:
    assert small_content().successions == ()
