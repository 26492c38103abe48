"""Role files: the ones we ship, and wrong ones."""

from pathlib import Path

import pytest

from tinhso.apps.accounts.content import RoleFileError, check_roles, load_roles
from tinhso.kernel.permissions import registry

GOOD = "role: {code}\nname: Tên\npurpose: Việc\npermissions: [case.view]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reader.yaml").write_text(GOOD.format(code="reader"))
    return tmp_path


def test_shipped_roles_are_the_ones_the_processes_name(project_root: Path) -> None:
    assert set(load_roles(project_root / "content" / "roles")) == {
        "one_stop_officer", "specialist", "division_head", "leader", "clerk", "unit_admin", "catalogue_admin",
        "auditor", "operator", "records_officer", "accountant", "collector",
    }  # fmt: skip


def test_shipped_roles_hold_only_known_permissions_and_agree_on_conflicts(project_root: Path) -> None:
    import tinhso.apps.accounts.permissions
    import tinhso.apps.archives.permissions
    import tinhso.apps.audit.permissions
    import tinhso.apps.calendars.permissions
    import tinhso.apps.cases.permissions
    import tinhso.apps.directory.permissions
    import tinhso.apps.payments.permissions
    import tinhso.apps.procedures.permissions  # noqa: F401 - each registers its permissions

    assert check_roles(project_root / "content" / "roles", known_permissions=registry) == []


def test_every_permission_of_work_belongs_to_some_role(project_root: Path) -> None:
    import tinhso.apps.calendars.permissions
    import tinhso.apps.cases.permissions
    import tinhso.apps.procedures.permissions  # noqa: F401 - each registers its permissions

    held = {p for role in load_roles(project_root / "content" / "roles").values() for p in role.permissions}
    # Submitting is a citizen's, and a machine client's by its token; vaults and events are a machine's: no officer's role.
    assert set(registry) - held == {"case.submit", "event.subscribe", "vault.read", "vault.verify"}


def test_who_does_not_work_on_cases_cannot_change_them(project_root: Path) -> None:
    roles = load_roles(project_root / "content" / "roles")
    # What is not the work on one case: reading, systems that were down, teams of a unit, dates and versions anew.
    apart = {
        "auditor": {"case.view", "case.view_register"},
        "operator": {"case.record_incident", "case.recompute"},
        "unit_admin": {"case.manage_work", "case.propose_reorganisation", "case.approve_reorganisation"},
        "catalogue_admin": {
            "case.recompute",
            "case.propose_version_move",
            "case.approve_version_move",
            "case.propose_reorganisation",
            "case.approve_reorganisation",
        },
    }
    for code, allowed in apart.items():
        changing = {p for p in roles[code].permissions if p.startswith("case.")} - allowed
        assert changing <= {"case.view", "case.view_register"}, code


def test_good_file_is_read(folder: Path) -> None:
    role = load_roles(folder)["reader"]
    assert (role.name, role.purpose, role.permissions, role.incompatible_with) == ("Tên", "Việc", ("case.view",), ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a\n", "phải là các cặp"),
        (GOOD.format(code="other"), "tên tệp phải là other.yaml"),
        ("role: wrong\nname: x\npurpose: y\n", "thiếu permissions"),
        (GOOD.format(code="wrong") + "power: all\n", "không hiểu power"),
        (GOOD.format(code="wrong").replace("[case.view]", "[]"), "ít nhất một quyền"),
        (GOOD.format(code="wrong").replace("[case.view]", "[a, a]"), "lặp lại"),
        (GOOD.format(code="wrong").replace("[case.view]", "case.view"), "danh sách"),
        (GOOD.format(code="wrong").replace("name: Tên", "name: 5"), "name phải là chữ"),
    ],
)
def test_wrong_file_is_named(folder: Path, text: str, problem: str) -> None:
    (folder / "wrong.yaml").write_text(text)
    with pytest.raises(RoleFileError, match=problem):
        load_roles(folder)
    assert any(problem in line for line in check_roles(folder, known_permissions={"case.view"}))


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RoleFileError, match="không có vai trò nào"):
        load_roles(tmp_path)


def test_unknown_permission_role_and_one_sided_conflict_are_named(folder: Path) -> None:
    (folder / "writer.yaml").write_text(
        GOOD.format(code="writer").replace("case.view", "case.fly") + "incompatible_with: [reader, nobody]\n"
    )
    found = "\n".join(check_roles(folder, known_permissions={"case.view"}))
    assert "không có quyền case.fly" in found
    assert "không có vai trò nobody" in found
    assert "reader không ghi là không đi cùng writer" in found


def test_reference_page_names_every_event(project_root: Path) -> None:
    from tinhso.apps.accounts import events  # noqa: F401 - registers the events
    from tinhso.kernel.events import registry as events_by_type

    page = (project_root / "docs" / "reference" / "roles.md").read_text()
    ours = [name for name, event in events_by_type.items() if event.__module__ == "tinhso.apps.accounts.events"]
    assert [name for name in ours if f"`{name}`" not in page] == []
