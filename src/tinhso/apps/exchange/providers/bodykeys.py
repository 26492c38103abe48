"""Keys of kept message bodies: one for each last day, in a file of its own. Without the file nothing of that day opens again.

Apart from the database on purpose: what a copy of the database still holds after the day is not readable with it.
"""

import contextlib
import os
import secrets
from datetime import date
from pathlib import Path

from tinhso.kernel.secondcopy import KEYS, ask_for_second_copy
from tinhso.lib.sealed import SealBroken, new_key, unwrap_key, wrap_key

_NAME = "{day}.key"


def seal(folder: Path, content: bytes, *, until: date, bound_to: str) -> bytes:
    """The content sealed with the key of its last day; the key is made by whoever comes first."""
    return wrap_key(content, with_key=_key(folder, until, make=True), bound_to=bound_to.encode())


def unseal(folder: Path, sealed: bytes, *, until: date, bound_to: str) -> bytes:
    """The content.

    Raises:
        SealBroken: its key is gone, or it was changed.
    """
    return unwrap_key(sealed, with_key=_key(folder, until, make=False), bound_to=bound_to.encode())


def forget(folder: Path, *, before: date) -> int:
    """Remove the keys of days before this one. Returns how many."""
    gone = [file for file in folder.glob("*.key") if file.stem < before.isoformat()]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _key(folder: Path, day: date, *, make: bool) -> bytes:
    file = folder / _NAME.format(day=day.isoformat())
    if make and not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = folder / f".{secrets.token_hex(8)}"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(new_key().hex())
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key holds
            os.link(partial, file)
        partial.unlink()
        ask_for_second_copy(KEYS)
    try:
        return bytes.fromhex(file.read_text())
    except OSError as error:
        raise SealBroken(f"no key for {day}") from error
