"""Officers: creation, roles, locks, idleness, passwords."""

from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import accounts
from tests.factories.accounts import AT, PASSWORD, SINCE
from tests.factories.directory import CAM_THANH, KON_TUM, commune, small_directory
from tinhso.apps.accounts import actions, queries
from tinhso.apps.accounts.actions._accounts import UsernameTaken
from tinhso.apps.accounts.actions._roles import RolesConflict
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from tinhso.kernel.errors import Conflict, Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def units() -> tuple[int, int]:
    """Two communes, and with them the whole small province."""
    small_directory()
    return commune(CAM_THANH).id, commune(KON_TUM).id


def types_of(account_id: int) -> list[str]:
    return [entry.type for entry in entries_of(f"account:{account_id}")]


def test_new_officer_holds_nothing_and_the_log_says_so() -> None:
    account = accounts.officer(with_totp=False)
    actor = accounts.actor_of(account)
    assert (actor.kind, actor.grants, actor.unit_id) == (ActorKind.OFFICER, (), None)
    assert types_of(account.id) == ["account.created"]
    assert get_user_model().objects.get(pk=account.id).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("username", "full_name", "password", "path"),
    [
        ("", "Tên", PASSWORD, "username"),
        ("co dau cach", "Tên", PASSWORD, "username"),
        ("a" * 151, "Tên", PASSWORD, "username"),
        ("hop-le", " ", PASSWORD, "full_name"),
        ("hop-le", "Tên", "ngan", "password"),
        ("hop-le", "Tên", "password123", "password"),
        ("hop-le", "Tên", "toi la hop-le", "password"),
    ],
)
def test_unacceptable_officer_is_refused_with_the_place(
    username: str, full_name: str, password: str, path: str
) -> None:
    with pytest.raises(Invalid) as caught:
        actions.create_officer(username=username, full_name=full_name, password=password, actor=SYSTEM, at=AT)
    assert [error.path for error in caught.value.errors] == [path]
    assert get_user_model().objects.count() == 0


def test_names_are_taken_whatever_their_capitals() -> None:
    accounts.officer(username="hoa.nguyen")
    with pytest.raises(UsernameTaken):
        actions.create_officer(username="Hoa.Nguyen", full_name="Hoa", password=PASSWORD, actor=SYSTEM, at=AT)


def test_manager_creates_officers_in_her_units_only(units: tuple[int, int]) -> None:
    manager = accounts.actor_of(accounts.officer("unit_admin", units[0]))

    def create(unit_id: int | None, name: str) -> None:
        actions.create_officer(username=name, full_name="Mới", password=PASSWORD, unit_id=unit_id, actor=manager, at=AT)

    create(units[0], "moi-1")
    for unit_id in (units[1], None):
        with pytest.raises(Forbidden):
            create(unit_id, "moi-2")
    assert queries.find_account("moi-2") is None


def test_role_gives_its_permissions_in_the_unit_and_under_it(units: tuple[int, int]) -> None:
    account = accounts.officer("specialist", units[0], fields=["Hộ tịch"])
    actor = accounts.actor_of(account)
    assert actor.has("case.appraise", unit_id=units[0], field="Hộ tịch")
    assert not actor.has("case.appraise", unit_id=units[0], field="Đất đai")
    assert not actor.has("case.appraise", unit_id=units[1])
    assert not actor.has("case.approve")
    assert actor.unit_ids_for("case.view") > {units[0]}, "the commune's own offices are under it"
    assert types_of(account.id)[-1] == "account.role_assigned"


def test_role_at_the_top_reaches_every_unit(units: tuple[int, int]) -> None:
    top = small_directory()
    actor = accounts.actor_of(accounts.officer("auditor", top.id))
    assert actor.unit_ids_for("audit.view") >= set(units)


def test_role_holds_from_its_first_to_its_last_day(units: tuple[int, int]) -> None:
    account = accounts.officer()
    actions.assign_role(
        account_id=account.id, role="clerk", unit_id=units[0], valid_from=date(2026, 2, 1),
        valid_to=date(2026, 2, 10), actor=SYSTEM, at=AT,
    )  # fmt: skip

    def holds(day: int) -> bool:
        # 16:59 UTC is one minute to midnight in the province: the civil date decides, not the UTC one.
        at = AT.replace(month=2, day=day, hour=16, minute=59)
        return queries.get_actor(account.id, at=at).has("case.issue", unit_id=units[0])

    assert [day for day in range(1, 13) if holds(day)] == list(range(1, 11))
    midnight = AT.replace(month=2, day=10, hour=17, minute=0)
    assert not queries.get_actor(account.id, at=midnight).has("case.issue")


def test_ended_role_gives_nothing_the_next_day(units: tuple[int, int]) -> None:
    account = accounts.officer("clerk", units[0])
    assignment = queries.list_assignments(account.id)[0]
    actions.end_role(
        assignment_id=assignment.id, valid_to=date(2026, 1, 4), reason="Chuyển công tác", actor=SYSTEM, at=AT
    )
    assert accounts.actor_of(account).grants == ()
    assert queries.list_assignments(account.id, on=date(2026, 1, 5)) == []
    assert types_of(account.id)[-1] == "account.role_ended"
    with pytest.raises(Conflict):
        actions.end_role(assignment_id=assignment.id, valid_to=date(2026, 1, 4), reason="", actor=SYSTEM, at=AT)
    with pytest.raises(NotFound):
        actions.end_role(assignment_id=0, valid_to=SINCE, reason="", actor=SYSTEM, at=AT)


def test_roles_that_exclude_each_other_are_refused_in_any_unit(units: tuple[int, int]) -> None:
    account = accounts.officer("leader", units[0])
    with pytest.raises(RolesConflict, match="Chuyên viên không được giữ cùng Lãnh đạo cơ quan"):
        accounts.give_role(account, "specialist", units[1])
    with pytest.raises(Conflict, match="đang giữ vai trò đó"):
        accounts.give_role(account, "leader", units[0])
    accounts.give_role(account, "leader", units[1])


@pytest.mark.parametrize("change", [{"role": "emperor"}, {"account_id": 0}])
def test_unknown_role_or_account(units: tuple[int, int], change: dict[str, object]) -> None:
    values = {"account_id": accounts.officer().id, "role": "clerk"} | change
    with pytest.raises(NotFound):
        actions.assign_role(**values, unit_id=units[0], valid_from=SINCE, actor=SYSTEM, at=AT)  # type: ignore[arg-type]


def test_roles_are_for_officers_only(units: tuple[int, int]) -> None:
    with pytest.raises(Invalid, match="chỉ giao cho tài khoản cán bộ"):
        accounts.give_role(accounts.citizen(), "clerk", units[0])


@pytest.mark.parametrize(
    "change", [{"valid_to": date(2025, 6, 30)}, {"fields": []}], ids=["ends before start", "no field"]
)
def test_role_without_extent_is_refused(units: tuple[int, int], change: dict[str, object]) -> None:
    account = accounts.officer()
    with pytest.raises(Invalid):
        actions.assign_role(
            account_id=account.id, role="clerk", unit_id=units[0], valid_from=SINCE, actor=SYSTEM, at=AT, **change,  # type: ignore[arg-type]
        )  # fmt: skip


def test_nobody_gives_or_ends_roles_for_herself_or_elsewhere(units: tuple[int, int]) -> None:
    manager_account = accounts.officer("unit_admin", units[0])
    manager = accounts.actor_of(manager_account)
    own = queries.list_assignments(manager_account.id)[0]
    with pytest.raises(Forbidden, match="tự giao"):
        actions.assign_role(
            account_id=manager_account.id, role="leader", unit_id=units[0], valid_from=SINCE, actor=manager, at=AT
        )
    with pytest.raises(Forbidden, match="tự kết thúc"):
        actions.end_role(assignment_id=own.id, valid_to=SINCE, reason="", actor=manager, at=AT)
    other = accounts.officer()
    with pytest.raises(Forbidden):
        actions.assign_role(
            account_id=other.id, role="leader", unit_id=units[1], valid_from=SINCE, actor=manager, at=AT
        )


def test_delegation_lends_the_rights_of_the_post_for_its_fields(units: tuple[int, int]) -> None:
    from tests.factories.directory import appointed
    from tinhso.apps.directory.actions import delegate_authority

    chairman = appointed(commune(CAM_THANH), "leader")
    deputy = appointed(commune(CAM_THANH), "deputy_leader", name="Lê Văn Phó")
    accounts.officer("leader", units[0], staff_id=chairman.staff.id)
    account = accounts.officer(staff_id=deputy.staff.id)
    assert not accounts.actor_of(account).has("case.approve")

    delegate_authority(
        from_post_id=chairman.post.id, to_post_id=deputy.post.id, fields=["Hộ tịch"], document="12/QĐ-UBND",
        valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 31), actor=SYSTEM, at=AT,
    )  # fmt: skip
    actor = accounts.actor_of(account)
    assert actor.has("case.approve", unit_id=units[0], field="Hộ tịch")
    assert not actor.has("case.approve", field="Đất đai")
    assert not accounts.actor_of(account, at=AT + timedelta(days=40)).has("case.approve")


def test_locked_account_is_nobody_until_unlocked() -> None:
    account = accounts.officer()
    with pytest.raises(Invalid):
        actions.lock_account(account_id=account.id, reason=" ", actor=SYSTEM, at=AT)
    actions.lock_account(account_id=account.id, reason="Nghi lộ mật khẩu", actor=SYSTEM, at=AT)
    assert accounts.actor_of(account) == ANONYMOUS
    assert queries.get_account(account.id).lock_reason == "Nghi lộ mật khẩu"
    with pytest.raises(Conflict):
        actions.lock_account(account_id=account.id, reason="lần nữa", actor=SYSTEM, at=AT)
    actions.unlock_account(account_id=account.id, reason="Đã đổi mật khẩu", actor=SYSTEM, at=AT)
    assert accounts.actor_of(account).kind is ActorKind.OFFICER
    with pytest.raises(Conflict):
        actions.unlock_account(account_id=account.id, reason="", actor=SYSTEM, at=AT)
    assert types_of(account.id)[-2:] == ["account.locked", "account.unlocked"]


def test_manager_touches_only_accounts_wholly_in_her_units(units: tuple[int, int]) -> None:
    manager = accounts.actor_of(accounts.officer("unit_admin", units[0]))
    mine, elsewhere = accounts.officer("clerk", units[0]), accounts.officer("clerk", units[1])
    actions.lock_account(account_id=mine.id, reason="Nghỉ dài ngày", actor=manager, at=AT)
    calls = [
        lambda: actions.lock_account(account_id=elsewhere.id, reason="x", actor=manager, at=AT),
        lambda: actions.set_password(account_id=elsewhere.id, password=PASSWORD, actor=manager, at=AT),
        lambda: actions.enrol_totp(account_id=elsewhere.id, secret="A" * 32, actor=manager, at=AT),
    ]
    for call in calls:
        with pytest.raises(Forbidden):
            call()


def test_officer_lists_follow_the_managers_units(units: tuple[int, int]) -> None:
    manager = accounts.actor_of(accounts.officer("unit_admin", units[0], full_name="A Quản"))
    accounts.officer("clerk", units[0], full_name="B Trong")
    accounts.officer("clerk", units[1], full_name="C Ngoài")
    accounts.officer(full_name="D Chưa giao")
    names = [account.full_name for account in queries.list_officers(actor=manager, at=AT)]
    assert names == ["A Quản", "B Trong", "D Chưa giao"]
    assert [a.full_name for a in queries.list_officers(actor=manager, at=AT, unit_id=units[0])] == ["A Quản", "B Trong"]
    assert len(queries.list_officers(actor=SYSTEM, at=AT)) == 4
    for actor, unit_id in [(manager, units[1]), (ANONYMOUS, None)]:
        with pytest.raises(Forbidden):
            queries.list_officers(actor=actor, at=AT, unit_id=unit_id)


def test_officers_are_found_without_walking_through_the_citizens(units: tuple[int, int]) -> None:
    manager = accounts.actor_of(accounts.officer("unit_admin", units[0]))
    get_user_model().objects.bulk_create(
        get_user_model()(kind="citizen", username=f"citizen-{n}", full_name="Nguyễn Văn A", created_at=AT)
        for n in range(1500)
    )
    with CaptureQueriesContext(connection) as asked, connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_account")
        queries.list_officers(actor=manager, at=AT)
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked[-1]['sql']}")
        plan = cursor.fetchone()[0][0]["Plan"]
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 10, "citizens lie in some thirty blocks"


def test_whom_a_case_may_be_given_to(units: tuple[int, int]) -> None:
    top = small_directory()
    accounts.officer("specialist", units[0], full_name="B Mọi lĩnh vực")
    accounts.officer("specialist", units[0], full_name="A Hộ tịch", fields=["Hộ tịch"])
    accounts.officer("specialist", top.id, full_name="C Toàn tỉnh")
    accounts.officer("specialist", units[1], full_name="Nơi khác")
    locked = accounts.officer("specialist", units[0], full_name="Bị khóa")
    actions.lock_account(account_id=locked.id, reason="x", actor=SYSTEM, at=AT)

    def names(field: str | None) -> list[str]:
        found = queries.officers_holding("case.appraise", unit_id=units[0], at=AT, field=field)
        return [account.full_name for account in found]

    assert names(None) == ["A Hộ tịch", "B Mọi lĩnh vực", "C Toàn tỉnh"]
    assert names("Đất đai") == ["B Mọi lĩnh vực", "C Toàn tỉnh"]


def test_password_change_by_self_and_by_others(units: tuple[int, int]) -> None:
    account = accounts.officer("clerk", units[0])
    actions.set_password(account_id=account.id, password="Cau-Vong-Sau-Mua-1", actor=accounts.actor_of(account), at=AT)
    assert get_user_model().objects.get(pk=account.id).check_password("Cau-Vong-Sau-Mua-1")
    with pytest.raises(Invalid):
        actions.set_password(account_id=account.id, password="ngan", actor=SYSTEM, at=AT)
    with pytest.raises(Forbidden):
        actions.set_password(
            account_id=account.id, password=PASSWORD, actor=accounts.actor_of(accounts.officer()), at=AT
        )
    with pytest.raises(Forbidden, match="Chỉ tài khoản cán bộ"):
        actions.set_password(account_id=accounts.citizen().id, password=PASSWORD, actor=SYSTEM, at=AT)
    with pytest.raises(Forbidden, match="Chỉ tài khoản cán bộ"):
        actions.enrol_totp(account_id=accounts.citizen().id, secret="A" * 32, actor=SYSTEM, at=AT)


def test_totp_secret_is_not_stored_in_the_clear() -> None:
    from allauth.mfa.models import Authenticator

    account = accounts.officer()
    stored = Authenticator.objects.get(user_id=account.id)
    assert accounts.TOTP_SECRET not in str(stored.data)
    actions.enrol_totp(account_id=account.id, secret="A" * 32, actor=SYSTEM, at=AT)
    assert Authenticator.objects.filter(user_id=account.id).count() == 1, "the new one replaces the old"


def test_idle_officers_are_locked_after_45_days() -> None:
    old, fresh, signed_in = accounts.officer(), accounts.officer(at=AT + timedelta(days=30)), accounts.officer()
    person = accounts.citizen()
    get_user_model().objects.filter(pk=signed_in.id).update(last_login=AT + timedelta(days=40))
    later = AT + timedelta(days=46)
    assert actions.lock_idle_accounts(actor=SYSTEM, at=later) == 1
    assert not queries.get_account(old.id).is_active
    assert all(queries.get_account(a.id).is_active for a in (fresh, signed_in, person))
    assert actions.lock_idle_accounts(actor=SYSTEM, at=later) == 0
    with pytest.raises(Forbidden):
        actions.lock_idle_accounts(actor=Actor(kind=ActorKind.OFFICER, account_id=old.id), at=later)


def test_officer_enrols_her_own_second_factor(units: tuple[int, int]) -> None:
    account = accounts.officer("clerk", units[0], with_totp=False)
    assert not queries.has_second_factor(account.id)
    actions.enrol_totp(account_id=account.id, secret="A" * 32, actor=accounts.actor_of(account), at=AT)
    assert queries.has_second_factor(account.id)


def test_manager_unlocks_in_her_units_only(units: tuple[int, int]) -> None:
    manager = accounts.actor_of(accounts.officer("unit_admin", units[0]))
    for unit_id, allowed in [(units[0], True), (units[1], False)]:
        account = accounts.officer("clerk", unit_id)
        actions.lock_account(account_id=account.id, reason="x", actor=SYSTEM, at=AT)
        if allowed:
            actions.unlock_account(account_id=account.id, reason="y", actor=manager, at=AT)
        else:
            with pytest.raises(Forbidden):
                actions.unlock_account(account_id=account.id, reason="y", actor=manager, at=AT)
        assert queries.get_account(account.id).is_active is allowed


def test_role_whose_file_was_taken_away_gives_nothing(units: tuple[int, int]) -> None:
    from tinhso.apps.accounts.models import RoleAssignment

    account = accounts.officer("clerk", units[0])
    RoleAssignment.objects.filter(account_id=account.id).update(role="gone")
    assert accounts.actor_of(account).grants == ()
    assert queries.list_assignments(account.id)[0].role_name == "gone"


def test_delegation_outside_the_lenders_fields_lends_nothing(units: tuple[int, int]) -> None:
    from tests.factories.directory import appointed
    from tinhso.apps.directory.actions import delegate_authority

    leader = appointed(commune(CAM_THANH), "leader")
    deputy = appointed(commune(CAM_THANH), "deputy_leader", name="Lê Văn Phó")
    accounts.officer("leader", units[0], staff_id=leader.staff.id, fields=["Đất đai", "Hộ tịch"])
    account = accounts.officer(staff_id=deputy.staff.id)
    delegate_authority(
        from_post_id=leader.post.id, to_post_id=deputy.post.id, fields=["Karaoke"], document="12/QĐ-UBND",
        valid_from=date(2026, 1, 1), actor=SYSTEM, at=AT,
    )  # fmt: skip
    assert accounts.actor_of(account).grants == ()


def test_delegation_of_every_field_lends_the_lenders_own(units: tuple[int, int]) -> None:
    from tests.factories.directory import appointed
    from tinhso.apps.directory.actions import delegate_authority

    leader = appointed(commune(CAM_THANH), "leader")
    deputy = appointed(commune(CAM_THANH), "deputy_leader", name="Lê Văn Phó")
    accounts.officer("leader", units[0], staff_id=leader.staff.id, fields=["Đất đai"])
    account = accounts.officer(staff_id=deputy.staff.id)
    delegate_authority(
        from_post_id=leader.post.id, to_post_id=deputy.post.id, document="12/QĐ-UBND",
        valid_from=date(2026, 1, 1), actor=SYSTEM, at=AT,
    )  # fmt: skip
    actor = accounts.actor_of(account)
    assert actor.has("case.approve", field="Đất đai")
    assert not actor.has("case.approve", field="Hộ tịch")


def test_names_by_number() -> None:
    account = accounts.officer(full_name="Lê Thị Hoa")
    assert queries.account_names([account.id, 0]) == {account.id: "Lê Thị Hoa"}


def test_no_superuser_and_no_staff_flag_exists() -> None:
    user = get_user_model()
    assert not hasattr(user.objects, "create_superuser")
    assert {"is_staff", "is_superuser", "groups", "user_permissions"} & {
        f.name for f in user._meta.get_fields()
    } == set()
    account = user.objects.get(pk=accounts.officer(full_name="Lê Thị Hoa").id)
    assert (account.get_full_name(), account.get_short_name()) == ("Lê Thị Hoa", "Hoa")
    assert account.is_officer
    assert not account.is_citizen


def test_an_account_without_a_password_cannot_be_signed_in_with() -> None:
    made = actions.create_officer(username="moi.tao", full_name="Mới Tạo", password=None, actor=SYSTEM, at=AT)
    account = get_user_model().objects.get(pk=made.id)
    assert not account.has_usable_password()
    assert account.password_set_at is None
    assert not account.check_password("")
