"""The keys that sign the QR codes of papers: files in `keys/papers/`, one pair of files a key.

`<id>.json` is public (who may see it: everybody), `<id>.key` is the secret (PEM). Only the newest key signs; older ones go on
checking the papers they signed until somebody takes their file away.
"""

import hashlib
import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tinhso.apps.signatures.data import PaperKeyData
from tinhso.apps.signatures.providers.pkcs12 import write_durably


def _folder(folder: Path) -> Path:
    return folder / "papers"


def read_all(folder: Path) -> list[PaperKeyData]:
    """Every key, oldest first; a key ends for signing where the next one begins."""
    known = _folder(folder)
    return list(_read_all(known, known.stat().st_mtime_ns)) if known.is_dir() else []


@lru_cache(maxsize=4)
def _read_all(folder: Path, _changed: int) -> tuple[PaperKeyData, ...]:
    rows = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")]
    rows.sort(key=lambda row: (row["since"], row["id"]))
    following = [row["since"] for row in rows[1:]] + [None]
    return tuple(
        PaperKeyData(
            row["id"], bytes.fromhex(row["public"]), datetime.fromisoformat(row["since"]),
            datetime.fromisoformat(end) if end else None,
        )
        for row, end in zip(rows, following, strict=True)
    )  # fmt: skip


def create(folder: Path, *, at: datetime) -> PaperKeyData:
    """Make a key that signs from `at` on; it is on disk, the public part last, when this returns."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    name = hashlib.sha256(public).digest()[:4].hex()  # as the format names keys
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_durably(_folder(folder) / f"{name}.key", pem)
    row = {"id": name, "public": public.hex(), "since": at.isoformat()}
    write_durably(_folder(folder) / f"{name}.json", json.dumps(row).encode())
    return PaperKeyData(name, public, at, None)


@lru_cache(maxsize=8)
def signer(folder: Path, name: str) -> Ed25519PrivateKey:
    """The secret of a key. Raises OSError where its file is not there."""
    key = serialization.load_pem_private_key((_folder(folder) / f"{name}.key").read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)  # noqa: S101 - we wrote it
    return key
