"""Third-party browser files, published by exact name from `node_modules`.

A whole package folder would publish hundreds of files nobody asks for (Bootstrap alone: 32 style sheets, 6 MB of maps),
and hashing them would cost seconds at every start. So each file is named here, with the name it is served under.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

_FONT = "@fontsource/be-vietnam-pro/files/be-vietnam-pro"

PUBLISHED = {
    "vendor/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "vendor/bootstrap.min.css.map": "bootstrap/dist/css/bootstrap.min.css.map",
    "vendor/be-vietnam-pro/latin-400.woff2": f"{_FONT}-latin-400-normal.woff2",
    "vendor/be-vietnam-pro/latin-600.woff2": f"{_FONT}-latin-600-normal.woff2",
    "vendor/be-vietnam-pro/vietnamese-400.woff2": f"{_FONT}-vietnamese-400-normal.woff2",
    "vendor/be-vietnam-pro/vietnamese-600.woff2": f"{_FONT}-vietnamese-600-normal.woff2",
}


def node_modules() -> Path:
    """Folder that `npm ci` fills (thư mục gói trình duyệt)."""
    return Path(settings.NODE_MODULES_DIR)


class PackageStorage(FileSystemStorage):
    """Reads a published name from the package file behind it."""

    def path(self, name: str) -> str:
        return str(node_modules() / PUBLISHED[name.replace("\\", "/")])


class PackageFinder(BaseFinder):
    """Finds the files of `PUBLISHED`; absent packages are simply not found, as with any other finder."""

    def __init__(self, app_names: object = None, *args: object, **kwargs: object) -> None:
        self.storage = PackageStorage(location=node_modules())
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: object) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: object) -> str | list[str] | None:  # type: ignore[override]
        """Full path of a published file; a list when all matches are asked for."""
        found = PUBLISHED.get(path)
        full = str(node_modules() / found) if found and (node_modules() / found).is_file() else None
        if find_all:
            return [full] if full else []
        return full

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, PackageStorage]]:
        """Every published name with the storage that opens it."""
        for name in PUBLISHED:
            if not matches_patterns(name, list(ignore_patterns or [])) and Path(self.storage.path(name)).is_file():
                yield name, self.storage
