"""The state authority's signing program on an officer's machine: `python -m tinhso.simulators.signing.desktop`.

Takes the message the page sends over the local WebSocket (JSON with FileName and FileUploadHandler) from standard input,
fetches the paper, signs it, sends it back in the field `uploadfile` and writes the callback's JSON to standard output. It
is a client like any other: it has no session and knows of the paper what the two addresses give. The key is a PKCS#12 file;
the real program has it in a token.
"""

import asyncio
import json
import sys
from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from asn1crypto import keys, x509  # type: ignore[import-untyped]  # the library ships no types
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tinhso.simulators.signing.state import Subscriber
from tinhso.simulators.trust import Authority

_SECONDS = 60.0
_OK, _REFUSED, _FAILED = 0, 14, 28
_FIELD, _ROOM = "person", 16_384


def answer(message: str, key: SimpleSigner, *, field: str = _FIELD) -> dict[str, Any]:
    """What the program does with one message, and its callback: Status 0, or an error's number with a sentence."""
    try:
        asked = json.loads(message)
        paper = httpx.get(str(asked["FileName"]), timeout=_SECONDS)
        if paper.status_code != httpx.codes.OK:
            return _callback(_FAILED, f"Không tải được văn bản: máy chủ trả lời {paper.status_code}.")
        signed = sign(paper.content, key, field=field)
        return give_back(str(asked["FileUploadHandler"]), signed, headers=_headers(asked))
    except (ValueError, KeyError, TypeError, httpx.HTTPError) as error:
        return _callback(_FAILED, f"Không ký được: {type(error).__name__}.")


def key_of(holder: Subscriber, authority: Authority) -> SimpleSigner:
    """The token of a simulated subscriber."""
    der = serialization.Encoding.DER
    secret = holder.key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # the library's gap
    store.register(x509.Certificate.load(authority.issuing.public_bytes(der)))
    certificate = x509.Certificate.load(holder.certificate.public_bytes(der))
    return SimpleSigner(certificate, keys.PrivateKeyInfo.load(secret), cert_registry=store)


def give_back(address: str, content: bytes, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Send a file to the upload handler; its answer as the callback tells it to the page."""
    files = {"uploadfile": ("van-ban.signed.pdf", content, "application/pdf")}
    found = httpx.post(address, files=files, headers=headers, timeout=_SECONDS)
    try:
        told = found.json()
    except ValueError:
        return _callback(_FAILED, f"Máy chủ trả lời {found.status_code} không đúng định dạng.")
    if not isinstance(told, dict) or told.get("Status") != _OK:
        return _callback(_REFUSED, str(told.get("Message", "")) if isinstance(told, dict) else "")
    return _callback(_OK, "", str(told.get("FileName", "")), str(told.get("FileServer", "")))


def sign(pdf: bytes, key: SimpleSigner, *, field: str = _FIELD) -> bytes:
    """The paper with one more signature in the empty field of that name, or in a field of its own."""
    return asyncio.run(_sign(pdf, key, field))


async def _sign(pdf: bytes, key: SimpleSigner, field: str) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    metadata = signers.PdfSignatureMetadata(
        field_name=field, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256", name=key.subject_name
    )
    output = await signers.PdfSigner(metadata, signer=key).async_sign_pdf(writer, bytes_reserved=_ROOM)
    output.seek(0)
    return bytes(output.read())


def _headers(asked: dict[str, Any]) -> dict[str, str]:
    token = str(asked.get("JWTToken") or "")
    return {"Authorization": f"Bearer {token}"} if token else {}


def _callback(status: int, message: str, name: str = "", server: str = "") -> dict[str, Any]:
    return {
        "Status": status, "Message": message, "FileName": name, "FileServer": server, "DocumentNumber": "",
        "DocumentDate": "", "CustomSignatureText": "",
    }  # fmt: skip


def main() -> int:
    """Read one message, write one callback."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--key", type=Path, required=True, help="PKCS#12 file of the signer")
    parser.add_argument("--password-file", type=Path)
    parser.add_argument("--field", default=_FIELD, help="empty field to sign in, or the name of a new one")
    chosen = parser.parse_args()
    password = chosen.password_file.read_bytes().strip() if chosen.password_file else None
    key = SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]  # the library's gap
        pfx_file=str(chosen.key), passphrase=password
    )
    if key is None:
        return 2
    told = answer(sys.stdin.read(), key, field=chosen.field)
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    return 0 if told["Status"] == _OK else 1


if __name__ == "__main__":
    sys.exit(main())
