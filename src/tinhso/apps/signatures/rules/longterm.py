"""Evidence that outlives certificates (PAdES B-LT, B-LTA): a security store, and time stamps over the whole file.

Both are appended revisions; every byte that was there stays. The library writes them, without its habit of noting the time
in the document's properties, which would be a change of the paper.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, cast

from asn1crypto import crl as asn1_crl  # type: ignore[import-untyped]  # the library ships no types
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import tsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from tinhso.apps.signatures.rules import paper, signing, trust
from tinhso.apps.signatures.rules.paper import PaperError

_STAMP_ROOM = 32_768
_LONGEST_CHAIN = 8


class _Writer(IncrementalPdfFileWriter):
    """Appends what it is told and nothing else."""

    def _update_meta(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate and those above it as far as they are known, DER. `kind`: signer, stamp."""

    kind: str
    certificates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What goes into the store: certificates, OCSP responses and revocation lists, DER."""

    certificates: tuple[bytes, ...] = ()
    answers: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()


def chains(pdf: bytes, *, known: bytes) -> list[Chain]:
    """The chains of every signer and time-stamp authority in the file. `known`: PEM of further authorities.

    Raises:
        PaperError: the file cannot be read.
    """
    reader = paper.open_paper(pdf)
    with paper.reading():
        others = trust.certificates(known)
        found = []
        for signature in reader.embedded_signatures:
            held = [*signature.other_embedded_certs, *others]
            kind = "stamp" if signature.sig_object_type == "/DocTimeStamp" else "signer"
            found.append(_chain(kind, signature.signer_cert, held))
            token = _token(signature)
            if token is not None:
                beside = [one.chosen for one in token["certificates"]]
                found.append(_chain("stamp", _stamper_of(token), [*beside, *others]))
    return list(dict.fromkeys(found))


def add_evidence(pdf: bytes, evidence: Evidence) -> bytes:
    """The file with one more revision: the security store with an entry for the last signature or stamp.

    Raises:
        PaperError: there is no signature, or the file cannot be read.
    """
    reader = paper.open_paper(pdf)
    with paper.reading():
        last = _last(reader)
        writer = _Writer(BytesIO(pdf))
        DocumentSecurityStore.supply_dss_in_writer(
            writer, last.pkcs7_content.hex().encode("ascii"),
            certs=[x509.Certificate.load(one) for one in evidence.certificates],
            ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in evidence.answers],
            crls=[asn1_crl.CertificateList.load(one) for one in evidence.lists],
        )  # fmt: skip
        return _written(writer, pdf)


def has_evidence(pdf: bytes) -> bool:
    """Whether the file has a security store."""
    return "/DSS" in paper.open_paper(pdf).root


def put_document_stamp(pdf: bytes, ask: Callable[[bytes], bytes]) -> tuple[bytes, datetime, datetime]:
    """The file with a time stamp over all of it: the file, the instant it attests, the end of the authority's certificate.

    `ask` sends a query of RFC 3161 (DER) and gives the response.

    Raises:
        PaperError: the file cannot be read, or the answer is no token for it. What `ask` raises goes through.
    """
    number = sum(1 for _ in paper.open_paper(pdf).embedded_timestamp_signatures) + 1
    sender = _Sender(ask)
    stamper = PdfTimeStamper(sender, field_name=f"archive-stamp-{number}", readable_field_name="Dấu thời gian lưu trữ")
    try:
        output = signing.run_now(
            stamper.async_timestamp_pdf(_Writer(BytesIO(pdf)), "sha256", bytes_reserved=_STAMP_ROOM)
        )
    except (TimestampRequestError, *paper.BROKEN) as error:
        raise PaperError(["nơi cấp dấu thời gian trả lời không đúng"]) from error
    output.seek(0)
    stamped = bytes(output.read())
    if not stamped.startswith(pdf):
        raise PaperError(["dấu thời gian làm thay đổi tệp"])
    stamp = list(paper.open_paper(stamped).embedded_timestamp_signatures)[-1]
    with paper.reading():
        attests: datetime = stamp.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
        return stamped, attests, stamp.signer_cert.not_valid_after


def stamp_ends(pdf: bytes) -> datetime | None:
    """When the certificate of the latest time stamp ends: before it the file needs the next one. None: no time stamp."""
    reader = paper.open_paper(pdf)
    with paper.reading():
        over_all = list(reader.embedded_timestamp_signatures)
        if over_all:
            return cast("datetime", over_all[-1].signer_cert.not_valid_after)
        token = _token(_last(reader))
        return None if token is None else cast("datetime", _stamper_of(token).not_valid_after)


class _Sender(TimeStamper):
    """The library's view of an authority somebody else talks to."""

    def __init__(self, ask: Callable[[bytes], bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library's gap
        self._ask = ask

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._ask(req.dump()))


def _token(signature: EmbeddedPdfSignature) -> Any:
    """The time stamp inside a signature (signed data), or None."""
    for one in signature.signer_info["unsigned_attrs"] or ():
        if one["type"].native == "signature_time_stamp_token":
            return one["values"][0]["content"]
    return None


def _stamper_of(token: Any) -> x509.Certificate:
    """The certificate of a time-stamp authority in its token."""
    info = token["signer_infos"][0]
    serial = info["sid"].chosen["serial_number"].native
    return next(one.chosen for one in token["certificates"] if one.chosen.serial_number == serial)


def _chain(kind: str, certificate: x509.Certificate, known: list[x509.Certificate]) -> Chain:
    found = [certificate]
    while found[-1].issuer != found[-1].subject and len(found) < _LONGEST_CHAIN:
        above = next((one for one in known if one.subject == found[-1].issuer), None)
        if above is None:
            break
        found.append(above)
    return Chain(kind, tuple(one.dump() for one in found))


def _last(reader: PdfFileReader) -> EmbeddedPdfSignature:
    held = list(reader.embedded_signatures)
    if not held:
        raise PaperError(["tệp không có chữ ký"])
    return cast("EmbeddedPdfSignature", held[-1])


def _written(writer: _Writer, before: bytes) -> bytes:
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]  # the library's gap
    after = out.getvalue()
    if not after.startswith(before):
        raise PaperError(["bằng chứng làm thay đổi tệp"])
    return after
