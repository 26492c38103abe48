"""What the check believes: roots with the time they are believed for, and evidence that nothing was revoked.

A certificate is judged at the instant a believed time stamp proves, else at present. Evidence of revocation is taken from
the file (its security store, the signature's own archive) and from what the installation has fetched beforehand; the check
itself never goes out to a network.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto.crl import CertificateList  # type: ignore[import-untyped]  # the library ships no types
from asn1crypto.ocsp import OCSPResponse  # type: ignore[import-untyped]  # the library ships no types
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule

_ARCHIVAL = "adobe_revocation_info_archival"
_MOST_EVIDENCE = 500


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when a root is believed; `fingerprint` is the SHA-256 of its certificate in hexadecimal digits."""

    fingerprint: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """What the checker believes.

    `roots`, `intermediates`: PEM certificates one after another; intermediates help to reach a root and are not trusted
    by themselves (many real files carry the signer's certificate alone). `revocation_lists`: DER. `demo_mark`: words in
    the names of test authorities. `periods`: roots believed for a time only; others for as long as they are valid.
    """

    roots: bytes
    revocation_lists: tuple[bytes, ...] = ()
    demo_mark: str = ""
    intermediates: bytes = b""
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything at hand to judge certificates with, parsed once a file."""

    trust: Trust
    roots: tuple[Any, ...]
    others: tuple[Any, ...]
    lists: tuple[Any, ...]
    answers: tuple[Any, ...]

    def context(self, moment: datetime, *, revocation_required: bool) -> ValidationContext:
        """The library's rules of judging certificates at `moment`."""
        soft = RevocationCheckingRule.CHECK_IF_DECLARED_SOFT
        rule = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED if revocation_required else soft
        return ValidationContext(
            trust_roots=[root for root in self.roots if self._is_believed(root, moment)],
            other_certs=list(self.others),
            moment=moment,
            allow_fetching=False,
            crls=list(self.lists),
            ocsps=list(self.answers),
            revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy(rule, soft), retroactive_revinfo=True),
        )

    def knows_revocation_of(self, certificate: Any) -> bool:
        """Whether some list or answer about this certificate is at hand, fresh or not."""
        if any(found.issuer == certificate.issuer for found in self.lists):
            return True
        return any(_serials(answer) & {certificate.serial_number} for answer in self.answers)

    def _is_believed(self, root: Any, moment: datetime) -> bool:
        mark = root.sha256.hex()
        for period in self.trust.periods:
            if period.fingerprint == mark:
                return (period.since is None or period.since <= moment) and (
                    period.until is None or moment <= period.until
                )
        return True


def gather(trust: Trust, reader: PdfFileReader, signatures: Iterable[EmbeddedPdfSignature]) -> Evidence:
    """The installation's evidence and the file's own."""
    lists = readable_lists(trust.revocation_lists)
    answers: list[Any] = []
    others = certificates(trust.intermediates)
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        pass
    else:
        lists += [CertificateList.load(ref.get_object().data) for ref in store.crls[:_MOST_EVIDENCE]]
        answers += [OCSPResponse.load(ref.get_object().data) for ref in store.ocsps[:_MOST_EVIDENCE]]
        others += list(store.load_certs())[:_MOST_EVIDENCE]
    for signature in signatures:
        for attribute in signature.signer_info["signed_attrs"]:
            if attribute["type"].native == _ARCHIVAL:
                archived = attribute["values"][0]
                lists += list(archived["crl"] or ())
                answers += list(archived["ocsp"] or ())
    return Evidence(trust, tuple(certificates(trust.roots)), tuple(others), tuple(lists), tuple(answers))


def readable_lists(contents: Iterable[bytes]) -> list[Any]:
    """The installation's revocation lists that can be read.

    They come over plain HTTP and are parsed as they are asked for: one that was damaged on its way must not stand in the way
    of every check. What it said is then unknown, as if it had not come.
    """
    found = []
    for content in contents:
        try:
            one = CertificateList.load(content)
            told = one["tbs_cert_list"]
            _ = (
                one.issuer.hashable,
                told["this_update"].native,
                told["next_update"].native,
                told["crl_extensions"].native,
            )
            _ = one["signature_algorithm"].native, one["signature"].native
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
            continue
        found.append(one)
    return found


def certificates(pem: bytes) -> list[Any]:
    """The certificates of PEM text; none of empty text."""
    return list(load_certs_from_pemder_data(pem)) if pem.strip() else []


def _serials(answer: Any) -> set[int]:
    if not isinstance(answer, OCSPResponse) or answer["response_status"].native != "successful":
        return set()
    found = answer.basic_ocsp_response["tbs_response_data"]["responses"]
    return {one["cert_id"]["serial_number"].native for one in found}
