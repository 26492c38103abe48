#!/usr/bin/env python3
"""Check the evidence of one exchanged message, with nothing of Tỉnh Số: this file and the package `cryptography`.

    python3 verify_message.py EVIDENCE.asice LOG.pem [--body FILE]

LOG.pem is the certificate of the key that seals the log, got beforehand from the exchange (`tinhso exchange public-key`).
`--body` also compares the body of the message, which the log keeps only the hash of; a body in the container is compared
anyway. With `openssl` on the machine and `--tsa ROOTS.pem` the time stamp is checked too. The exit code is 0 when
everything holds.
"""

import argparse
import base64
import hashlib
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# What the libraries raise at a container that is damaged, packed in another way, or holds other things than ours.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OverflowError, struct.error,
    UnsupportedAlgorithm, ValueError, TypeError, LookupError, AttributeError,
)  # fmt: skip


class Refused(Exception):
    """The evidence does not hold; the message says where."""


def verify(evidence: BinaryIO, log_pem: bytes, *, body: bytes | None = None, roots: Path | None = None) -> list[str]:
    """What holds of a file that somebody was given, sentence by sentence.

    Raises:
        Refused: something does not, or it is no evidence at all.
    """
    try:
        with zipfile.ZipFile(evidence) as archive:
            held = check(archive, log_pem, body=body)
            return held + (check_stamp(archive, roots) if roots else [])
    except _BROKEN as error:
        raise Refused(f"this is no evidence: {type(error).__name__}: {error}") from None


def check(archive: zipfile.ZipFile, log_pem: bytes, *, body: bytes | None = None) -> list[str]:
    """What holds, sentence by sentence.

    Raises:
        Refused: something does not.
    """
    line_bytes, seal_bytes = archive.read("message.json"), archive.read("seal.json")
    line, seal, proof = json.loads(line_bytes), json.loads(seal_bytes), json.loads(archive.read("proof.json"))
    log = x509.load_pem_x509_certificate(log_pem)
    _verify(log, archive.read("seal.sig"), seal_bytes, "the seal is not signed by the key of the log")
    held = [f"seal {seal['number']} of {seal['sealed_at']} is signed by the log"]
    current = hashlib.sha256(b"\0" + line_bytes).digest()
    for side, sibling in proof:
        other = bytes.fromhex(sibling)
        pair = other + current if side == "left" else current + other
        current = hashlib.sha256(b"\1" + pair).digest()
    if current.hex() != seal["root"] or not seal["first_id"] <= line["id"] <= seal["last_id"]:
        raise Refused("the message is not in the seal")
    held.append(f"line {line['id']} is in that seal, unchanged")
    for side in ("request", "response"):
        kept = archive.read(f"{side}.body") if f"{side}.body" in archive.namelist() else None
        held += _check_side(archive, line, side, body if body is not None and side == line["kind"] else kept)
    return held


def _check_side(archive: zipfile.ZipFile, line: dict, side: str, body: bytes | None) -> list[str]:
    if line[f"{side}_hash"] is None:
        return []
    wanted = bytes.fromhex(line[f"{side}_hash"])
    certificate = x509.load_pem_x509_certificate(archive.read(f"certificates/{line[f'{side}_key']}.pem"))
    if certificate.fingerprint(hashes.SHA256()).hex() != line[f"{side}_key"]:
        raise Refused(f"the certificate of the {side} is another one")
    _verify(certificate, bytes.fromhex(line[f"{side}_signature"]), wanted, f"the signature of the {side} is wrong")
    head = archive.read(f"{side}.head")
    if head.hex() != line[f"{side}_head"]:
        raise Refused(f"the head of the {side} is not the logged one")
    owner = certificate.subject.rfc4514_string()
    held = [f"the {side} is signed by {owner}"]
    if line[f"{side}_size"] == 0:
        body = b""
    if body is not None:
        of_head = hashlib.sha512(head).digest()
        found = hashlib.sha512(of_head + hashlib.sha512(body).digest()).digest() if body else of_head
        if found != wanted:
            raise Refused(f"the body is not that of the {side}")
        held.append(f"head and body are those of the {side}")
    return held


def _verify(certificate: x509.Certificate, signature: bytes, data: bytes, told: str) -> None:
    key = certificate.public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise Refused("a key is not Ed25519")
    try:
        key.verify(signature, data)
    except InvalidSignature:
        raise Refused(told) from None


def check_stamp(archive: zipfile.ZipFile, roots: Path) -> list[str]:
    """Whether the time stamp attests this very seal.

    Raises:
        Refused: there is none, or it does not.
    """
    names = set(archive.namelist())
    if "META-INF/timestamp.tst" not in names:
        raise Refused("there is no time stamp yet")
    manifest = archive.read("META-INF/ASiCManifest.xml")
    digest = hashlib.sha256(archive.read("seal.json")).digest()
    if base64.b64encode(digest) not in manifest:
        raise Refused("the manifest names another seal")
    with tempfile.TemporaryDirectory() as folder:
        token, data = Path(folder) / "token", Path(folder) / "data"
        token.write_bytes(archive.read("META-INF/timestamp.tst"))
        data.write_bytes(manifest)
        command = ["openssl", "ts", "-verify", "-token_in", "-in", token, "-data", data, "-CAfile", roots]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"the time stamp does not hold: {done.stderr.strip()[-200:]}")
    return ["the seal has a time stamp that holds"]


def main() -> int:
    """Check one file and say what holds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("evidence", type=Path)
    parser.add_argument("log", type=Path)
    parser.add_argument("--body", type=Path)
    parser.add_argument("--tsa", type=Path)
    options = parser.parse_args()
    try:
        body = options.body.read_bytes() if options.body else None
        with options.evidence.open("rb") as evidence:
            held = verify(evidence, options.log.read_bytes(), body=body, roots=options.tsa)
    except (Refused, OSError) as error:
        print(f"REFUSED: {error}")
        return 1
    print("\n".join(f"ok: {sentence}" for sentence in held))
    return 0


if __name__ == "__main__":
    sys.exit(main())
