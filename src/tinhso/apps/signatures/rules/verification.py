"""Whether the signatures of a PDF hold: acceptance rules stricter than the library's own bottom line.

A file is accepted only when every signature is intact; nothing was changed after the last one but stored evidence, and
every revision between two signatures did nothing but fill our own signature fields (`changes`); nothing in it can act or
be filled in; each certificate's path ends at a configured root, was valid at the instant that is proved, and is known not
to have been revoked (`trust`). What cannot be known is told as unknown, never as good.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.errors import DisallowedAlgorithmError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus

from tinhso.apps.signatures.data import SignatureFact, StampFact, Verdict
from tinhso.apps.signatures.enums import VerdictOutcome
from tinhso.apps.signatures.rules import changes, paper, trust, wording
from tinhso.apps.signatures.rules.signing import AGENCY, run_now
from tinhso.apps.signatures.rules.trust import Evidence, Trust
from tinhso.lib.identifiers import certificate_serial

__all__ = ["Trust", "unreadable", "verify"]

# The library writes every failed path as a warning with a traceback; files people bring in fail every day, and the
# verdict says all of it.
for _name_of_logger in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name_of_logger).setLevel(logging.CRITICAL)

MOST_SIGNATURES = 20
_WEAK = frozenset({"md2", "md4", "md5", "sha1"})


def verify(content: bytes, *, trust: Trust, at: datetime) -> Verdict:
    """Judge a file; never raises on hostile input. `at` is the present: what no time stamp proves is judged by it."""
    try:
        reader = paper.open_paper(content)
        active = paper.find_active_content(reader, content)
        embedded, stamps = list(reader.embedded_regular_signatures), list(reader.embedded_timestamp_signatures)
        if len(embedded) + len(stamps) > MOST_SIGNATURES:
            return _verdict(content, VerdictOutcome.UNREADABLE, ["Tệp có quá nhiều chữ ký."], [])
        if not embedded:
            return _verdict(content, VerdictOutcome.UNSIGNED, [], [])
        return _File(content, reader, embedded, stamps, at, trust).judge(active)
    except paper.PaperError as error:
        return _verdict(content, VerdictOutcome.UNREADABLE, [wording.sentence(reason) for reason in error.reasons], [])
    except paper.BROKEN:
        return unreadable(content)


def unreadable(content: bytes) -> Verdict:
    """The verdict on a file that could not be read to its end."""
    return _verdict(content, VerdictOutcome.UNREADABLE, [], [])


@dataclass(frozen=True, slots=True)
class _Judged:
    fact: SignatureFact
    changed: bool
    trusted: bool
    locks: bool


class _File:
    """One file being judged."""

    def __init__(
        self, content: bytes, reader: PdfFileReader, signatures: list[EmbeddedPdfSignature],
        stamps: list[EmbeddedPdfSignature], at: datetime, believed: Trust,
    ) -> None:  # fmt: skip
        self.content, self.reader, self.signatures, self.at, self.trust = content, reader, signatures, at, believed
        self.stamp_fields = frozenset(stamp.field_name for stamp in stamps)
        self.evidence: Evidence = trust.gather(believed, reader, [*signatures, *stamps])
        self.stamps: list[StampFact] = []
        # Instants proved by believed time stamps over the file, with the revision each stands in; latest first.
        self.proofs: list[tuple[int, datetime]] = []
        for stamp in reversed(stamps):
            self._read_stamp(stamp)

    def _read_stamp(self, stamp: EmbeddedPdfSignature) -> None:
        moment = self.proofs[-1][1] if self.proofs else self.at
        context = self.evidence.context(moment, revocation_required=False)
        authority = _name(stamp.signer_cert.subject.native, "common_name")
        try:
            status = run_now(async_validate_pdf_timestamp(stamp, context, skip_diff=True))
        except DisallowedAlgorithmError:
            self.stamps.append(StampFact(stamp.field_name, authority, None, intact=True, trusted=False))
            return
        whole = changes.covers_its_revision(stamp) and not changes.room_problems(stamp, self.content)
        intact = status.intact and status.valid and whole
        self.stamps.append(StampFact(stamp.field_name, authority, status.timestamp, intact, intact and status.trusted))
        if intact and status.trusted:
            self.proofs.append((stamp.signed_revision, status.timestamp))

    def judge(self, active: list[str]) -> Verdict:
        judged = [self._judge(signature) for signature in self.signatures]
        facts = [item.fact for item in judged]
        sentences = [fact.sentence for fact in facts]
        broken_stamp = not all(stamp.intact for stamp in self.stamps)
        unknown = list(dict.fromkeys(words for fact in facts for words in fact.unknown))
        if any(item.changed for item in judged) or broken_stamp:
            outcome = VerdictOutcome.CHANGED
            sentences.extend([wording.BROKEN_STAMP] if broken_stamp else [])
        elif active:
            outcome = VerdictOutcome.UNSAFE
        elif not all(item.trusted for item in judged):
            outcome = VerdictOutcome.UNTRUSTED
        elif unknown:
            outcome = VerdictOutcome.UNDETERMINED
        else:
            outcome = VerdictOutcome.ACCEPTED
        sentences.extend(wording.sentence(words) for words in [*active, *unknown])
        if outcome in (VerdictOutcome.ACCEPTED, VerdictOutcome.UNDETERMINED) and not all(
            fact.timestamped or any(stamp.trusted for stamp in self.stamps) for fact in facts
        ):
            sentences.append(wording.TIME_IS_CLAIMED)
        mark = self.trust.demo_mark
        demo = bool(mark) and any(mark in fact.issuer for fact in facts)
        if demo:
            sentences.append(wording.DEMO)
        sealed = outcome == VerdictOutcome.ACCEPTED and judged[-1].locks
        return _verdict(
            self.content, outcome, sentences, facts, sealed=sealed, demo=demo, stamps=tuple(self.stamps),
            revisions=self.reader.total_revisions,
        )  # fmt: skip

    def _judge(self, signature: EmbeddedPdfSignature) -> _Judged:
        problems = changes.room_problems(signature, self.content)
        try:
            status, moment, unknown = self._validate(signature)
        except DisallowedAlgorithmError:
            fact = _fact(signature, (*problems, "dùng thuật toán ký đã lỗi thời, làm giả được"))
            return _Judged(fact, changed=bool(problems), trusted=False, locks=False)
        found = changes.Findings(("nội dung đã ký bị sửa",))
        if status.intact and status.valid:
            last = signature is self.signatures[-1]
            found = changes.after(signature, self.reader, self.content, last=last, stamps=self.stamp_fields)
        problems += found.changes
        distrust = _distrust(status, at=moment)
        certificate, stamp = signature.signer_cert, status.timestamp_validity
        fact = _fact(
            signature, (*problems, *distrust), unknown=(*found.unknown, *unknown),
            signed_at=signature.self_reported_timestamp if stamp is None else stamp.timestamp,
            algorithm=f"{status.pkcs7_signature_mechanism} / {status.md_algorithm}",
            coverage=status.coverage.name if status.coverage else "", modification=found.level,
            revocation_checked=self.evidence.knows_revocation_of(certificate) and not unknown,
            timestamped=stamp is not None and stamp.valid and stamp.trusted, judged_at=moment,
            stamped_by=_name(stamp.signing_cert.subject.native, "common_name") if stamp is not None else "",
            path=_path(status),
            revocation=wording.revocation(status, known=self.evidence.knows_revocation_of(certificate), stale=bool(unknown)),
        )  # fmt: skip
        locks = fact.is_seal and signature.docmdp_level == MDPPerm.NO_CHANGES
        return _Judged(fact, changed=bool(problems), trusted=not distrust, locks=locks)

    def _validate(self, signature: EmbeddedPdfSignature) -> tuple[PdfSignatureStatus, datetime, tuple[str, ...]]:
        """The status of a signature, the instant its certificate was judged at, and what about it is unknown."""
        moment = min((at for revision, at in self.proofs if revision > signature.signed_revision), default=self.at)
        status = self._status(signature, moment, moment)
        stamp = status.timestamp_validity
        if not status.trusted and stamp is not None and stamp.valid and stamp.trusted and stamp.timestamp < moment:
            # Expired or revoked since: what counts is the instant the stamp proves.
            status = self._status(signature, stamp.timestamp, moment)
            moment = stamp.timestamp
        if status.trusted or status.revoked or not (status.intact and status.valid):
            return status, moment, ()
        without = self._status(signature, moment, moment, soft=True)
        if not without.trusted:
            return without, moment, ()
        known = self.evidence.knows_revocation_of(signature.signer_cert)
        return without, moment, (wording.REVOCATION_STALE if known else wording.REVOCATION_UNKNOWN,)

    def _status(
        self, signature: EmbeddedPdfSignature, moment: datetime, stamp_moment: datetime, *, soft: bool = False
    ) -> PdfSignatureStatus:
        return run_now(
            async_validate_pdf_signature(
                signature,
                signer_validation_context=self.evidence.context(moment, revocation_required=not soft),
                ts_validation_context=self.evidence.context(stamp_moment, revocation_required=False),
                skip_diff=True,
            )
        )


def _verdict(
    content: bytes, outcome: VerdictOutcome, sentences: Sequence[str], facts: Sequence[SignatureFact],
    *, sealed: bool = False, demo: bool = False, stamps: tuple[StampFact, ...] = (), revisions: int = 0,
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
        stamps=stamps,
        revisions=revisions,
    )


def _fact(
    signature: EmbeddedPdfSignature, problems: tuple[str, ...], *, unknown: tuple[str, ...] = (),
    signed_at: datetime | None = None, algorithm: str = "", coverage: str = "", modification: str = "",
    revocation_checked: bool = False, timestamped: bool = False, judged_at: datetime | None = None,
    stamped_by: str = "", path: tuple[str, ...] = (), revocation: str = "",
) -> SignatureFact:  # fmt: skip
    certificate = signature.signer_cert
    subject, issuer = certificate.subject.native, certificate.issuer.native
    return wording.with_sentence(
        SignatureFact(
            field=signature.field_name, is_seal=signature.field_name == AGENCY, signer=_name(subject, "common_name"),
            organisation=_name(subject, "organization_name"),
            signed_at=signed_at or signature.self_reported_timestamp, ok=not problems, sentence="", problems=problems,
            issuer=_name(issuer, "common_name"), serial=certificate_serial(certificate.serial_number),
            algorithm=algorithm or signature.md_algorithm, coverage=coverage, modification=modification,
            certificate_valid_to=certificate.not_valid_after, revocation_checked=revocation_checked,
            timestamped=timestamped, subject=certificate.subject.human_friendly,
            issuer_subject=certificate.issuer.human_friendly, path=path, revocation=revocation, stamped_by=stamped_by,
            judged_at=judged_at, certificate_valid_from=certificate.not_valid_before,
            format=str(signature.sig_object.get("/SubFilter", ""))[1:], revision=signature.signed_revision + 1,
            unknown=unknown,
        )
    )  # fmt: skip


def _path(status: PdfSignatureStatus) -> tuple[str, ...]:
    if status.validation_path is None:
        return ()
    return tuple(
        _name(one.subject.native, "common_name") for one in status.validation_path.iter_certs(include_root=True)
    )


def _distrust(status: PdfSignatureStatus, *, at: datetime) -> list[str]:
    """Why the signer's certificate is not believed."""
    if not status.intact or not status.valid:
        return []  # a broken signature says nothing about its certificate
    if status.md_algorithm in _WEAK or any(weak in status.pkcs7_signature_mechanism for weak in _WEAK):
        return ["dùng thuật toán ký đã lỗi thời, làm giả được"]
    stamp = status.timestamp_validity
    if status.trusted:
        if stamp is not None and not (stamp.valid and stamp.trusted):
            return ["dấu thời gian không do nơi được tin cậy cấp"]
        return []
    certificate = status.signing_cert
    if status.revoked:
        return ["chứng thư đã bị thu hồi"]
    if at > certificate.not_valid_after:
        return [f"chứng thư đã hết hạn từ {wording.day(certificate.not_valid_after)}"]
    if at < certificate.not_valid_before:
        return ["chứng thư chưa có hiệu lực"]
    if stamp is not None and not (stamp.valid and stamp.trusted):
        return ["dấu thời gian không do nơi được tin cậy cấp"]
    if isinstance(status.trust_problem_indic, AdESIndeterminate):
        return ["chứng thư không do nơi được tin cậy cấp"]
    return ["không xác định được nơi cấp chứng thư"]


def _name(native: dict[str, Any], key: str) -> str:
    value = native.get(key, "")
    return " ".join(value) if isinstance(value, list) else str(value)
