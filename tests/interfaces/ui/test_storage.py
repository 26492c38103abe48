"""Collected static files: every name in them leads to a file, and no module is loaded under two names."""

import re
from pathlib import Path
from typing import Any

from django.core.management import call_command

HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


def test_modules_import_each_other_by_their_hashed_names(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "tinhso.interfaces.ui.storage.HashedStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    modules = [path for path in tmp_path.glob("*/*.js") if HASHED.search(path.name)]
    assert len(modules) >= 7
    imports = [
        (module, name)
        for module in modules
        for name in re.findall(r'^import .* from "(.*)";', module.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert imports
    for module, name in imports:
        assert HASHED.search(name), f"{module.name} imports {name}"
        assert (module.parent / name).is_file()


def test_what_a_style_sheet_names_is_there(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "tinhso.interfaces.ui.storage.HashedStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    sheet = next(path for path in (tmp_path / "ui").glob("theme.*.css"))
    fonts = re.findall(r'url\("(\.\./vendor/[^"]+)"\)', sheet.read_text(encoding="utf-8"))
    assert len(fonts) == 4
    assert all((sheet.parent / name).is_file() for name in fonts)
