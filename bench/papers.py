"""Papers: typesetting, signing by a person and sealing by an agency, checking."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bench.tables import table

_SAMPLE = "demo/attachment.typ"


def measure(content: Path, *, papers: int) -> dict[str, Any]:
    """Rates in papers a second, one process."""
    from tinhso.apps.accounts import queries as accounts
    from tinhso.apps.cases import queries as cases
    from tinhso.apps.cases.models import Result
    from tinhso.apps.directory import queries as directory
    from tinhso.apps.signatures import flows
    from tinhso.apps.signatures.queries import verify_pdf
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    lived = Result.objects.filter(status="signed", approved_by_id__isnull=False).select_related("case").order_by("id")
    result = lived.first()
    if result is None or result.case.unit_id is None or result.approved_by_id is None:
        raise SystemExit("the demo province has no signed result to measure with")
    case = cases.case_as_filed(result.case_id)
    base = "http://localhost"
    signer, unit = accounts.get_actor(result.approved_by_id, at=clock.now()), directory.get_unit(result.case.unit_id)
    sheet = cases.result_pdf(case, result, base_url=base)
    name = unit.agency_name

    def sign(pdf: bytes) -> bytes:
        return flows.sign_pdf(pdf=pdf, actor=signer, organisation=name, at=clock.now())

    def seal(pdf: bytes) -> bytes:
        return flows.seal_pdf(pdf=pdf, unit_id=unit.id, organisation=name, actor=SYSTEM, at=clock.now())

    signed = sign(sheet)
    sealed = seal(signed)
    verdict = verify_pdf(sealed, at=clock.now())
    if not verdict.ok:
        raise SystemExit(f"the measured paper does not verify: {verdict.sentences}")
    return {
        "papers": papers, "procedure": result.case.procedure_code, "bytes": len(sheet), "sealed_bytes": len(sealed),
        "typeset": _rate(papers, lambda: cases.result_pdf(case, result, base_url=base)),
        "sign": _rate(papers, lambda: sign(sheet)),
        "seal": _rate(papers, lambda: seal(signed)),
        "whole": _rate(papers, lambda: seal(sign(cases.result_pdf(case, result, base_url=base)))),
        "whole_per_core": _per_core(papers, lambda: seal(sign(cases.result_pdf(case, result, base_url=base)))),
        "core": _core(sheet, papers=papers),
        "verify": _rate(max(papers // 3, 3), lambda: verify_pdf(sealed, at=clock.now())),
        "check_ms": _check(sealed, times=max(papers // 3, 20)),
    }  # fmt: skip


def _core(sheet: bytes, *, papers: int) -> dict[str, float]:
    """Papers signed and sealed in a second of one core with RSA-2048: ours, the library as it comes, the raw key alone."""
    from asn1crypto import x509 as parsed
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    from tinhso.apps.signatures.flows import mark_picture
    from tinhso.apps.signatures.rules import signing
    from tinhso.kernel import clock

    key, at = _rsa_key(clock.now()), clock.now()
    person, agency = (signing.Mark(mark_picture(role, "Đo tốc độ", "", b""), "Ký", "") for role in ("person", "agency"))

    def ours() -> bytes:
        return signing.seal_last(
            signing.sign_first(sheet, signer=key, mark=person, at=at), signer=key, mark=agency, at=at
        )

    certificate = parsed.Certificate.load(key.identity.certificate)
    library = _library_signer(key, certificate, SimpleCertificateStore())

    def theirs() -> bytes:
        return _signed_by_library(_signed_by_library(sheet, library, "a"), library, "b")

    return {
        "ours": _per_core(papers, ours),
        "library": _per_core(max(papers // 10, 3), theirs),
        "raw_key": _per_core(papers, lambda: (key.sign(sheet[:96]), key.sign(sheet[96:192]))),
    }


def _check(sealed: bytes, *, times: int) -> dict[str, float]:
    """Milliseconds in which 95 of 100 checks of one paper end: ours, ours of a stranger's file, the library alone."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    from tinhso.apps.signatures import queries
    from tinhso.kernel import clock

    trust = queries._trust()  # noqa: SLF001 - the library is given exactly what our check believes

    def library() -> None:
        from tinhso.apps.signatures.rules.trust import certificates

        reader = PdfFileReader(BytesIO(sealed))
        for signature in reader.embedded_regular_signatures:
            context = ValidationContext(trust_roots=certificates(trust.roots), crls=list(trust.revocation_lists))
            validate_pdf_signature(signature, context)

    return {
        "ours": _p95(times, lambda: queries.verify_pdf(sealed, at=clock.now())),
        "ours_confined": _p95(max(times // 4, 5), lambda: queries.verify_upload(sealed, at=clock.now())),
        "library": _p95(times, library),
    }


def _p95(count: int, work: Callable[[], object]) -> float:
    work()
    took = []
    for _ in range(count):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return round(sorted(took)[int(len(took) * 0.95) - 1] * 1000, 1)


def _rsa_key(at: datetime) -> Any:
    from tinhso.apps.signatures.data import Identity
    from tinhso.apps.signatures.providers.pkcs12 import OpenedKey

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Khóa đo tốc độ")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(at).not_valid_after(at + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    return OpenedKey(Identity(certificate.public_bytes(serialization.Encoding.DER)), key)


def _library_signer(key: Any, certificate: Any, store: Any) -> Any:
    from asn1crypto import keys
    from pyhanko.sign.signers import SimpleSigner

    der = serialization.Encoding.DER
    secret = key.key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SimpleSigner(
        signing_cert=certificate, signing_key=keys.PrivateKeyInfo.load(secret), cert_registry=store,
    )  # fmt: skip


def _signed_by_library(pdf: bytes, signer: Any, field: str) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    metadata = signers.PdfSignatureMetadata(
        field_name=field, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    box = fields.SigFieldSpec(field, on_page=0, box=(100, 100, 200, 150))
    written = signers.sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer=signer, new_field_spec=box, bytes_reserved=16_384
    )
    return bytes(written.getbuffer())


def _per_core(count: int, work: Callable[[], object]) -> float:
    """How many in a second of processor time: other work on the machine does not count."""
    work()
    started = time.process_time()
    for _ in range(count):
        work()
    return round(count / (time.process_time() - started), 1)


def _rate(count: int, work: Callable[[], object]) -> float:
    work()
    started = time.perf_counter()
    for _ in range(count):
        work()
    return round(count / (time.perf_counter() - started), 1)


def tell(found: dict[str, Any], _: dict[str, Any]) -> str:
    """This part of the report."""
    return (
        f"### Papers\n\nThe result of a case of {found['procedure']} ({found['bytes'] / 1024:.0f} KiB typeset,"
        f" {found['sealed_bytes'] / 1024:.0f} KiB signed and sealed), one process, {found['papers']} times; signing and"
        " sealing include their rows in the log.\n\n"
        + table(
            ["typeset/s", "signed/s", "sealed/s", "typeset, signed and sealed/s", "checked/s"],
            [(found["typeset"], found["sign"], found["seal"], found["whole"], found["verify"])],
        )
        + "\n\nPapers a second of one core (processor time), two RSA-2048 signatures each, without database and disk; the"
        " last column adds typesetting, the log and P-256 keys.\n\n"
        + table(
            ["ours", "the library as it comes", "the raw key alone", "ours, typeset and logged"],
            [(found["core"]["ours"], found["core"]["library"], found["core"]["raw_key"], found["whole_per_core"])],
        )
        + "\n\nChecking that paper, milliseconds in which 95 of 100 checks end: our rules; the same for a stranger's file, in"
        " a process of its own that also reads the text; the library's own verdict, which accepts more.\n\n"
        + table(
            ["ours p95", "a stranger's file p95", "the library alone p95"],
            [(found["check_ms"]["ours"], found["check_ms"]["ours_confined"], found["check_ms"]["library"])],
        )
    )
