"""Outside services of trust over HTTP: time stamps (RFC 3161), certificate status (OCSP), revocation lists."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

from tinhso.apps.signatures.data import SignerUnavailable
from tinhso.apps.signatures.providers.pkcs12 import roots_folder, write_durably
from tinhso.kernel.outbound import trusted

_CONNECT_SECONDS, _STATUS_SECONDS = 10.0, 20.0
_MOST_BYTES = 20 * 1_048_576


def ask_stamp(url: str, query: bytes, *, seconds: float) -> bytes:
    """The authority's response to a query (DER); whether it is a token, the rules judge.

    Raises:
        SignerUnavailable: no answer in time, or an error.
    """
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    return _fetch(
        lambda timeout: httpx.post(url, content=query, headers=headers, timeout=timeout, verify=trusted()), seconds
    )


def status_of(certificate: bytes, issuer: bytes) -> tuple[bytes | None, bytes | None]:
    """(OCSP response, revocation list) that tell of a certificate, DER; one of them, or none where it names neither.

    Raises:
        SignerUnavailable: it names some and none of them answers.
    """
    own, above = x509.load_der_x509_certificate(certificate), x509.load_der_x509_certificate(issuer)
    responders, lists = _responders(own), _lists(own)
    for url in responders:
        try:
            return _ask_status(url, own, above), None
        except SignerUnavailable:
            continue
    for url in lists:
        try:
            return None, read_list(_fetch(partial(_get, url), _STATUS_SECONDS))
        except SignerUnavailable:
            continue
    if responders or lists:
        raise SignerUnavailable("Nơi cấp chứng thư không cho biết tình trạng thu hồi; hệ thống sẽ hỏi lại.")
    return None, None


def believe_simulator(folder: Path, url: str) -> None:
    """Take the simulated authority's root among the believed ones; a demonstration only, each start has a new root."""
    pem = _fetch(lambda timeout: httpx.get(f"{url}/roots.pem", timeout=timeout, verify=trusted()), _STATUS_SECONDS)
    (root,) = x509.load_pem_x509_certificates(pem)
    mark = root.fingerprint(hashes.SHA256()).hex()[:16]
    target = roots_folder(folder) / f"simulator-{mark}.pem"
    if not target.exists():
        write_durably(target, root.public_bytes(serialization.Encoding.PEM))


def _ask_status(url: str, own: x509.Certificate, above: x509.Certificate) -> bytes:
    query = ocsp.OCSPRequestBuilder().add_certificate(own, above, hashes.SHA1())  # noqa: S303 - the identifier of RFC 6960
    body = query.build().public_bytes(serialization.Encoding.DER)
    headers = {"Content-Type": "application/ocsp-request"}
    found = _fetch(
        lambda timeout: httpx.post(url, content=body, headers=headers, timeout=timeout, verify=trusted()),
        _STATUS_SECONDS,
    )
    return read_status(found, own.serial_number)


def read_status(answer: bytes, serial: int) -> bytes:
    """The answer (DER), if it is one about the certificate of this number.

    Raises:
        SignerUnavailable: it is about another one, refuses, or cannot be read.
    """
    try:
        told = ocsp.load_der_ocsp_response(answer)
        if told.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL or told.serial_number != serial:
            raise SignerUnavailable("Nơi cấp chứng thư không trả lời về chứng thư này.")
    except ValueError as error:
        raise SignerUnavailable("Nơi cấp chứng thư trả lời không đúng định dạng.") from error
    return answer


def read_list(told: bytes) -> bytes:
    """A revocation list (DER), if it is one.

    Raises:
        SignerUnavailable: it is none.
    """
    try:
        x509.load_der_x509_crl(told)
    except ValueError as error:
        raise SignerUnavailable("Danh sách thu hồi không đúng định dạng.") from error
    return told


def _get(url: str, timeout: httpx.Timeout) -> httpx.Response:
    return httpx.get(url, timeout=timeout, verify=trusted())


def _fetch(call: Callable[[httpx.Timeout], httpx.Response], seconds: float) -> bytes:
    try:
        found = call(httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SignerUnavailable("Dịch vụ tin cậy không trả lời; hệ thống sẽ thử lại.") from error
    if found.status_code != httpx.codes.OK or len(found.content) > _MOST_BYTES:
        raise SignerUnavailable(f"Dịch vụ tin cậy báo lỗi {found.status_code}; hệ thống sẽ thử lại.")
    return found.content


def _responders(certificate: x509.Certificate) -> list[str]:
    try:
        told = certificate.extensions.get_extension_for_oid(ExtensionOID.AUTHORITY_INFORMATION_ACCESS).value
    except x509.ExtensionNotFound:
        return []
    assert isinstance(told, x509.AuthorityInformationAccess)  # noqa: S101 - the identifier says so
    chosen = (one for one in told if one.access_method == AuthorityInformationAccessOID.OCSP)
    return _addresses(one.access_location for one in chosen)


def _lists(certificate: x509.Certificate) -> list[str]:
    try:
        told = certificate.extensions.get_extension_for_oid(ExtensionOID.CRL_DISTRIBUTION_POINTS).value
    except x509.ExtensionNotFound:
        return []
    assert isinstance(told, x509.CRLDistributionPoints)  # noqa: S101 - the identifier says so
    return _addresses(name for point in told for name in point.full_name or ())


def _addresses(names: Iterable[x509.GeneralName]) -> list[str]:
    found = [str(name.value) for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return [url for url in found if url.startswith(("http://", "https://"))]
