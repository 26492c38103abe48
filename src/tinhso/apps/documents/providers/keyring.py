"""Key-encryption keys in a folder of their own, apart from the database: `<number>-<fingerprint>.key`, 64 hexadecimal digits.

The highest number seals what is new; the others still open what they sealed. `address.key` makes the names of blobs. A key
is written whole or not at all, and never changed.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from tinhso.kernel.secondcopy import KEYS, ask_for_second_copy
from tinhso.lib.sealed import KEY_BYTES, new_key, unwrap_key, wrap_key

_ADDRESS = "address.key"


class KeyMissing(OSError):
    """The key-encryption key that sealed this is not in the folder of keys."""


class KeyRing:
    """The keys of one folder; read once, and again when a key is asked for that was not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys: dict[str, bytes] = {}
        self._address = b""

    @property
    def active(self) -> str:
        """The id of the key that seals what is new; the first one is made when there is none."""
        if not self._keys and not self._read():
            self.add()
        return max(self._keys)

    def ids(self) -> list[str]:
        """Every key, oldest first."""
        self._read()
        return sorted(self._keys)

    def add(self) -> str:
        """Make the next key; returns its id."""
        self._read()
        key = new_key()
        number = max((int(known.partition("-")[0]) for known in self._keys), default=0) + 1
        key_id = f"{number:04d}-{_fingerprint(key)}"
        _write_once(self.folder / f"{key_id}.key", key)
        self._read()
        return key_id

    def retire(self, key_id: str) -> None:
        """Remove a key; what it sealed never opens again."""
        (self.folder / f"{key_id}.key").unlink(missing_ok=True)
        self._keys.pop(key_id, None)

    def wrap(self, data_key: bytes, *, bound_to: str) -> tuple[bytes, str]:
        """A data key sealed with the active key, and that key's id."""
        key_id = self.active
        return wrap_key(data_key, with_key=self._keys[key_id], bound_to=bound_to.encode()), key_id

    def unwrap(self, wrapped: bytes, key_id: str, *, bound_to: str) -> bytes:
        """The data key.

        Raises:
            KeyMissing: the key with this id is not in the folder. SealBroken: it does not open.
        """
        if key_id not in self._keys:
            self._read()
        if key_id not in self._keys:
            raise KeyMissing(f"no key {key_id} in {self.folder}")
        return unwrap_key(wrapped, with_key=self._keys[key_id], bound_to=bound_to.encode())

    def address(self, sha256: str) -> str:
        """The keyed digest a content is called by where the store can see it: proves nothing to whoever only guesses."""
        if not self._address:
            path = self.folder / _ADDRESS
            if not path.exists():
                _write_once(path, new_key())
            self._address = _read_key(path)
        return hmac.new(self._address, bytes.fromhex(sha256), hashlib.sha256).hexdigest()

    def _read(self) -> bool:
        for path in self.folder.glob("[0-9]*-*.key"):
            if path.stem not in self._keys:
                key = _read_key(path)
                if path.stem.partition("-")[2] != _fingerprint(key):
                    raise KeyMissing(f"{path} is not the key its name says")
                self._keys[path.stem] = key
        return bool(self._keys)


@lru_cache(maxsize=8)
def key_ring(folder: Path) -> KeyRing:
    """The ring of a folder, kept in this process."""
    return KeyRing(folder)


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"tinhso file key\0" + key).hexdigest()[:8]


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError as error:
        raise KeyMissing(f"{path} is not a key") from error
    if len(key) != KEY_BYTES:
        raise KeyMissing(f"{path} is not a key of {KEY_BYTES} bytes")
    return key


def _write_once(path: Path, key: bytes) -> None:
    """Write a key durably; when another process was first, its key holds."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    ask_for_second_copy(KEYS)
