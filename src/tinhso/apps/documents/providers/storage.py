"""The port behind which sealed content lies. A name is given once and its bytes never change: nothing is overwritten."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

DISK, S3 = "disk", "s3"


class Blob(Protocol):
    """One stored content, opened."""

    size: int

    def read_at(self, offset: int, length: int) -> bytes:
        """These bytes; fewer at the end. Raises: OSError."""

    def close(self) -> None:
        """Let go of it."""


class Storage(Protocol):
    """A place for blobs."""

    def keep(self, name: str, source: Path) -> None:
        """Keep a finished local file under this name, durably; afterwards the local file may be gone. Raises: OSError."""

    def open(self, name: str) -> Blob:
        """Raises: OSError, FileNotFoundError."""

    def delete(self, name: str) -> None:
        """Forget it; what is not there is forgotten already. Raises: OSError."""

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Every name with when it was last written. Raises: OSError."""


def storage_of(place: str, options: dict[str, Any]) -> Storage:
    """The store of this name with these settings (`FILES` of the settings module)."""
    if place == S3:
        from tinhso.apps.documents.providers.s3 import S3Options, S3Storage

        return S3Storage(S3Options(**options["s3"]))
    from tinhso.apps.documents.providers.disk import DiskStorage

    return DiskStorage(Path(options["folder"]))
