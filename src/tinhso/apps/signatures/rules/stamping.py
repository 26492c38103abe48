"""Time stamps for papers that are signed already (PAdES B-T): the token goes into the room left in the last signature.

Nothing the signatures cover changes, so a locked paper stays locked. The last signature is the agency's seal, which covers
the person's: one token attests to both.
"""

import hashlib
from datetime import datetime

from asn1crypto import cms as asn1  # type: ignore[import-untyped]  # the library ships no types
from asn1crypto import tsp, x509
from cryptography.exceptions import UnsupportedAlgorithm

from tinhso.apps.signatures.data import Identity
from tinhso.apps.signatures.rules import cms, signing
from tinhso.apps.signatures.rules.paper import BROKEN, PaperError


def stamp_query(pdf: bytes) -> bytes:
    """What the time-stamp authority is asked (RFC 3161), DER. The nonce comes from the signature, so asking again is the same.

    Raises:
        PaperError: no signature, or it is stamped already.
    """
    signer = _signer(pdf)
    if _is_stamped(signer):
        raise PaperError(["chữ ký đã có dấu thời gian"])
    digest = hashlib.sha256(signer["signature"].native).digest()
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    nonce = int.from_bytes(hashlib.sha256(digest).digest()[:8], "big")
    return bytes(
        tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}).dump()
    )


def is_stamped(pdf: bytes) -> bool:
    """Whether the last signature has its time stamp."""
    return _is_stamped(_signer(pdf))


def put_stamp(pdf: bytes, response: bytes) -> tuple[bytes, datetime]:
    """The paper with the authority's token, and the instant it attests.

    Raises:
        PaperError: the answer is no token for this signature, or does not fit.
    """
    signer = _signer(pdf)
    try:
        token, attests = _fitting(response, hashlib.sha256(signer["signature"].native).digest())
    except PaperError:
        raise
    except (
        *BROKEN,
        UnsupportedAlgorithm,
    ) as error:  # parsed as it is asked for, so any part may turn out to be damaged
        raise PaperError(["nơi cấp dấu thời gian trả lời không đúng định dạng"]) from error
    attributes = b"\x31" + signer["signed_attrs"].dump()[1:]
    stamped = cms.assemble(attributes, signer["signature"].native, _identity(pdf, signer), time_stamp=token)
    return signing.embed(pdf, stamped), attests


def _fitting(response: bytes, expected: bytes) -> tuple[bytes, datetime]:
    """The token (DER) over what is expected, and the instant it attests."""
    answer = tsp.TimeStampResp.load(response)
    if answer["status"]["status"].native not in ("granted", "granted_with_mods"):
        raise PaperError(["nơi cấp dấu thời gian từ chối"])
    token = answer["time_stamp_token"]
    info = token["content"]["encap_content_info"]["content"].parsed
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != "sha256" or imprint["hashed_message"].native != expected:
        raise PaperError(["dấu thời gian không phải của chữ ký này"])
    if not _token_holds(token):
        raise PaperError(["dấu thời gian không có chữ ký đúng"])
    attests = info["gen_time"].native
    if not isinstance(attests, datetime):
        raise PaperError(["dấu thời gian không mang thời điểm"])
    return bytes(token.dump()), attests


def _identity(pdf: bytes, signer: asn1.SignerInfo) -> Identity:
    """The certificates in the signature, the signer's first."""
    start, stop = signing.room_of(pdf)
    data = cms.read(bytes.fromhex(pdf[start:stop].decode()))
    found = [one.chosen for one in data["certificates"]]
    serial = signer["sid"].chosen["serial_number"].native
    own = next((one for one in found if one.serial_number == serial), None)
    if own is None:
        raise PaperError(["chữ ký không kèm chứng thư của người ký"])
    return Identity(own.dump(), tuple(one.dump() for one in found if one is not own))


def _signer(pdf: bytes) -> asn1.SignerInfo:
    start, stop = signing.room_of(pdf)
    try:
        return cms.read(bytes.fromhex(pdf[start:stop].decode()))["signer_infos"][0]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise PaperError(["chữ ký trong tệp không đọc được"]) from error


def _is_stamped(signer: asn1.SignerInfo) -> bool:
    return any(one["type"].native == "signature_time_stamp_token" for one in signer["unsigned_attrs"] or ())


def _token_holds(token: asn1.ContentInfo) -> bool:
    """Whether the token's own signature is right and its certificate is for time stamps. Who is trusted, the check judges."""
    data = token["content"]
    signer = data["signer_infos"][0]
    wanted = signer["sid"].chosen["serial_number"].native
    found = [one.chosen for one in data["certificates"] or () if isinstance(one.chosen, x509.Certificate)]
    certificate = next((one for one in found if one.serial_number == wanted), None)
    if certificate is None or "time_stamping" not in (
        certificate.extended_key_usage_value.native if certificate.extended_key_usage_value else ()
    ):
        return False
    attributes = signer["signed_attrs"]
    digest = next((one["values"][0].native for one in attributes if one["type"].native == "message_digest"), b"")
    content = data["encap_content_info"]["content"].contents
    inner = bytes(data["encap_content_info"]["content"].parsed.dump())
    if digest not in {hashlib.sha256(inner).digest(), hashlib.sha256(content).digest()}:
        return False
    return cms.check_signature(b"\x31" + attributes.dump()[1:], signer["signature"].native, certificate.dump())
