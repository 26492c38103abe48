"""The generated reference pages say what the code says."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tinhso.config import reference
from tinhso.config.commands.docs import command
from tinhso.config.paths import CONTENT
from tinhso.config.reference_settings import SETTINGS
from tinhso.kernel import actions, events, flows, permissions

RENEW = "run `tinhso docs build` and commit the page"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    reference.load_everything()
    return reference.pages(CONTENT)


@pytest.mark.parametrize("name", ["events.md", "permissions.md", "actions.md", "settings.md", "metrics.md"])
def test_page_is_not_stale(pages: dict[str, str], name: str, project_root: Path) -> None:
    stored = (project_root / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert stored == pages[name], RENEW


def test_every_setting_is_explained_and_none_is_invented() -> None:
    assert reference.settings_in_source() == set(SETTINGS), "complete src/tinhso/config/reference_settings.py"


def test_everything_registered_is_on_its_page(pages: dict[str, str]) -> None:
    for event in events.registry.values():
        if event.__module__.startswith("tinhso."):
            assert f"`{event.type}`" in pages["events.md"]
    for permission in permissions.registry.values():
        if type(permission).__module__.startswith("tinhso."):
            assert f"`{permission}`" in pages["permissions.md"]
    for function in [*actions.registry.values(), *flows.registry.values()]:
        if function.__module__.startswith("tinhso."):
            assert f"### `{function.__name__}(" in pages["actions.md"]
    for setting in SETTINGS:
        assert f"`{setting}`" in pages["settings.md"]


def test_command_writes_stale_pages_once_and_tells_them_apart(tmp_path: Path) -> None:
    first = CliRunner().invoke(command, ["build", "--check", "--folder", str(tmp_path)])
    assert (first.exit_code, first.output.count("cũ:")) == (1, 5)
    written = CliRunner().invoke(command, ["build", "--folder", str(tmp_path)])
    assert (written.exit_code, written.output.count("đã viết:")) == (0, 5)
    (tmp_path / "events.md").write_text("x")
    again = CliRunner().invoke(command, ["build", "--check", "--folder", str(tmp_path)])
    assert (again.exit_code, again.output) == (1, "cũ: events.md\n")
    CliRunner().invoke(command, ["build", "--folder", str(tmp_path)])
    fresh = CliRunner().invoke(command, ["build", "--check", "--folder", str(tmp_path)])
    assert (fresh.exit_code, fresh.output) == (0, "✓ Các trang tham chiếu đều mới\n")
