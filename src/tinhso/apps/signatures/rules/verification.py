"""Whether the signatures of a PDF hold: acceptance rules stricter than the library's own bottom line.

The library judges some changes harmless that people would not: the value of a form field, the title, bytes appended at
the end. A file is accepted only when the last signature covers the whole file with nothing changed after it, every
revision between two signatures did nothing but fill our own signature fields, nothing in it can act, and each
certificate's path ends at a configured root.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto.cms import ContentInfo  # type: ignore[import-untyped]  # the library ships no types
from asn1crypto.crl import CertificateList  # type: ignore[import-untyped]  # the library ships no types
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule

from tinhso.apps.signatures.data import SignatureFact, Verdict
from tinhso.apps.signatures.enums import VerdictOutcome
from tinhso.apps.signatures.rules import paper, wording
from tinhso.apps.signatures.rules.signing import AGENCY, PERSON, run_now

# The library writes every failed path as a warning with a traceback; files people bring in fail every day, and the
# verdict says all of it.
for _name_of_logger in ("pyhanko.sign.validation", "pyhanko_certvalidator"):
    logging.getLogger(_name_of_logger).setLevel(logging.CRITICAL)

OUR_FIELDS = frozenset({PERSON, AGENCY})
MOST_SIGNATURES = 20


@dataclass(frozen=True, slots=True)
class Trust:
    """What the checker believes.

    `roots`, `intermediates`: PEM certificates one after another; intermediates help to reach a root and are not trusted
    by themselves (many real files carry the signer's certificate alone). `revocation_lists`: DER. `demo_mark`: words in
    the names of test authorities.
    """

    roots: bytes
    revocation_lists: tuple[bytes, ...] = ()
    demo_mark: str = ""
    intermediates: bytes = b""


def verify(content: bytes, *, trust: Trust, at: datetime) -> Verdict:
    """Judge a file; never raises on hostile input. `at` is the instant at which certificates must be valid."""
    try:
        reader = paper.open_paper(content)
        active = paper.find_active_content(reader, content)
        embedded = list(reader.embedded_regular_signatures)
        if len(embedded) > MOST_SIGNATURES:
            return _verdict(content, VerdictOutcome.UNREADABLE, ["Tệp có quá nhiều chữ ký."], [])
        if not embedded:
            return _verdict(content, VerdictOutcome.UNSIGNED, [], [])
        judged = [_judge(signature, trust=trust, at=at, last=signature is embedded[-1]) for signature in embedded]
    except paper.PaperError as error:
        return _verdict(content, VerdictOutcome.UNREADABLE, [wording.sentence(reason) for reason in error.reasons], [])
    except paper.BROKEN:
        return unreadable(content)
    return _conclude(content, judged, active=active, trust=trust)


def unreadable(content: bytes) -> Verdict:
    """The verdict on a file that could not be read to its end."""
    return _verdict(content, VerdictOutcome.UNREADABLE, [], [])


@dataclass(frozen=True, slots=True)
class _Judged:
    fact: SignatureFact
    changed: bool
    trusted: bool
    locks: bool


def _conclude(content: bytes, judged: Sequence[_Judged], *, active: list[str], trust: Trust) -> Verdict:
    facts = [item.fact for item in judged]
    sentences = [fact.sentence for fact in facts]
    if any(item.changed for item in judged):
        outcome = VerdictOutcome.CHANGED
    elif active:
        outcome = VerdictOutcome.CHANGED
        sentences.extend(wording.sentence(finding) for finding in active)
    elif not all(item.trusted for item in judged):
        outcome = VerdictOutcome.UNTRUSTED
    else:
        outcome = VerdictOutcome.ACCEPTED
        if not all(fact.timestamped for fact in facts):
            sentences.append(wording.TIME_IS_CLAIMED)
        if not all(fact.revocation_checked for fact in facts):
            sentences.append(wording.REVOCATION_UNKNOWN)
    demo = bool(trust.demo_mark) and any(trust.demo_mark in fact.issuer for fact in facts)
    if demo:
        sentences.append(wording.DEMO)
    sealed = outcome == VerdictOutcome.ACCEPTED and judged[-1].locks
    return _verdict(content, outcome, sentences, facts, sealed=sealed, demo=demo)


def _verdict(
    content: bytes, outcome: VerdictOutcome, sentences: Sequence[str], facts: Sequence[SignatureFact],
    *, sealed: bool = False, demo: bool = False,
) -> Verdict:  # fmt: skip
    return Verdict(
        ok=outcome == VerdictOutcome.ACCEPTED,
        outcome=outcome.value,
        headline=wording.HEADLINES[outcome],
        sentences=tuple(sentences),
        signatures=tuple(facts),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        sealed=sealed,
        demo=demo,
    )


def _judge(signature: EmbeddedPdfSignature, *, trust: Trust, at: datetime, last: bool) -> _Judged:
    checked = _revocation_is_known(signature, trust)
    status = run_now(async_validate_pdf_signature(signature, signer_validation_context=_context(trust, at, checked)))
    changes = [*_changes(status, last=last), *_hidden_bytes(signature)]
    distrust = _distrust(status, at=at)
    certificate, stamp = signature.signer_cert, status.timestamp_validity
    subject, issuer = certificate.subject.native, certificate.issuer.native
    is_seal = signature.field_name == AGENCY
    problems = (*changes, *distrust)
    fact = SignatureFact(
        field=signature.field_name,
        is_seal=is_seal,
        signer=_name(subject, "common_name"),
        organisation=_name(subject, "organization_name"),
        signed_at=signature.self_reported_timestamp if stamp is None else stamp.timestamp,
        ok=not problems,
        sentence="",
        problems=problems,
        issuer=_name(issuer, "common_name"),
        serial=f"{certificate.serial_number:x}",
        algorithm=f"{status.pkcs7_signature_mechanism} / {status.md_algorithm}",
        coverage=status.coverage.name if status.coverage else "",
        modification=status.modification_level.name if status.modification_level else "",
        certificate_valid_to=certificate.not_valid_after,
        revocation_checked=checked,
        timestamped=stamp is not None and stamp.valid and stamp.trusted,
    )
    return _Judged(
        fact=wording.with_sentence(fact),
        changed=bool(changes),
        trusted=not distrust,
        locks=is_seal and signature.docmdp_level == MDPPerm.NO_CHANGES,
    )


def _context(trust: Trust, at: datetime, revocation_is_known: bool) -> ValidationContext:
    rule = RevocationCheckingRule.CRL_REQUIRED if revocation_is_known else RevocationCheckingRule.CHECK_IF_DECLARED_SOFT
    return ValidationContext(
        trust_roots=_certificates(trust.roots),
        other_certs=_certificates(trust.intermediates),
        moment=at,
        allow_fetching=False,
        crls=list(trust.revocation_lists),
        revinfo_policy=CertRevTrustPolicy(
            RevocationCheckingPolicy(rule, RevocationCheckingRule.CHECK_IF_DECLARED_SOFT), retroactive_revinfo=True
        ),
    )


def _certificates(pem: bytes) -> list[Any]:
    return list(load_certs_from_pemder_data(pem)) if pem.strip() else []


def _revocation_is_known(signature: EmbeddedPdfSignature, trust: Trust) -> bool:
    """Whether a revocation list of the certificate's issuer is at hand."""
    issuer = signature.signer_cert.issuer
    return any(CertificateList.load(crl).issuer == issuer for crl in trust.revocation_lists)


def _hidden_bytes(signature: EmbeddedPdfSignature) -> list[str]:
    """The room left after the signature's own bytes is signed by nobody: it must be empty."""
    content = signature.pkcs7_content
    used = len(ContentInfo.load(content, strict=False).dump())
    return ["có dữ liệu lạ trong vùng chữ ký"] if content[used:].strip(b"\0") else []


def _changes(status: PdfSignatureStatus, *, last: bool) -> list[str]:
    """What was done to the file against this signature."""
    if not status.intact or not status.valid:
        return ["nội dung đã ký bị sửa"]
    if last:
        if status.coverage != SignatureCoverageLevel.ENTIRE_FILE or status.modification_level != ModificationLevel.NONE:
            return ["có phần được thêm vào hoặc sửa sau chữ ký cuối cùng"]
        return []
    if status.coverage not in (SignatureCoverageLevel.ENTIRE_REVISION, SignatureCoverageLevel.ENTIRE_FILE):
        return ["chữ ký không bao trùm hết nội dung lúc ký"]
    difference = status.diff_result
    if not isinstance(difference, DiffResult) or not status.docmdp_ok:
        return ["nội dung bị sửa sau khi ký"]
    if not difference.changed_form_fields <= OUR_FIELDS:
        return ["có ô biểu mẫu hoặc chữ ký lạ được thêm, sửa sau khi ký"]
    return []


def _distrust(status: PdfSignatureStatus, *, at: datetime) -> list[str]:
    """Why the signer's certificate is not believed."""
    if not status.intact or not status.valid or (status.bottom_line and status.trusted):
        return []  # a broken signature says nothing about its certificate
    certificate = status.signing_cert
    if status.revoked:
        return ["chứng thư đã bị thu hồi"]
    if at > certificate.not_valid_after:
        return [f"chứng thư đã hết hạn từ {wording.day(certificate.not_valid_after)}"]
    if at < certificate.not_valid_before:
        return ["chứng thư chưa có hiệu lực"]
    stamp = status.timestamp_validity
    if stamp is not None and not (stamp.valid and stamp.trusted):
        return ["dấu thời gian không do nơi được tin cậy cấp"]
    if status.trusted:
        return [] if _only_modification(status) else ["chữ ký không đạt yêu cầu kỹ thuật"]
    if isinstance(status.trust_problem_indic, AdESIndeterminate):
        return ["chứng thư không do nơi được tin cậy cấp"]
    return ["không xác định được nơi cấp chứng thư"]


def _only_modification(status: PdfSignatureStatus) -> bool:
    """The bottom line fails through later changes alone, which `_changes` reports in better words."""
    return not status.docmdp_ok and status.modification_level is not None


def _name(native: dict[str, Any], key: str) -> str:
    value = native.get(key, "")
    return " ".join(value) if isinstance(value, list) else str(value)
