"""Time-stamp tokens (RFC 3161)."""

import hashlib
import secrets
from datetime import datetime

from asn1crypto import algos, cms, core, tsp, x509  # type: ignore[import-untyped]  # the library ships no types
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from tinhso.simulators.trust.authority import Authority

_POLICY = "1.3.6.1.4.1.0.3161"


def answer(request: bytes, *, authority: Authority, at: datetime) -> bytes:
    """The response to a query, DER; a rejection for what is no query."""
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        imprint = asked["message_imprint"]
        _ = imprint["hashed_message"].native, asked["nonce"].native
    except (ValueError, TypeError, KeyError):
        status = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["bad request"]})
        # The library has no answer without a token, so the sequence around the status is written here.
        return bytes(core.Sequence(contents=status.dump()).dump())
    info = tsp.TSTInfo(
        {
            "version": "v1", "policy": _POLICY, "message_imprint": imprint,
            "serial_number": secrets.randbits(64), "gen_time": at.replace(microsecond=0),
            "accuracy": {"seconds": 1}, "ordering": False,
            **({"nonce": asked["nonce"]} if asked["nonce"].native is not None else {}),
        }
    )  # fmt: skip
    token = _token(info, authority, at, with_certificates=bool(asked["cert_req"].native))
    return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def _token(info: tsp.TSTInfo, authority: Authority, at: datetime, *, with_certificates: bool) -> cms.ContentInfo:
    key, certificate = authority.stamper
    der = certificate.public_bytes(serialization.Encoding.DER)
    parsed = x509.Certificate.load(der)
    content = info.dump()
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    reference = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(der).digest()})
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": at.replace(microsecond=0)})]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [reference]})]}),
        ]
    )  # fmt: skip
    signature = key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {"issuer_and_serial_number": {"issuer": parsed.issuer, "serial_number": parsed.serial_number}}
            ),
            "digest_algorithm": sha256, "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_rsa"}, "signature": signature,
        }
    )  # fmt: skip
    issuing = x509.Certificate.load(authority.issuing.public_bytes(serialization.Encoding.DER))
    data = cms.SignedData(
        {
            "version": "v3", "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            **({"certificates": [parsed, issuing]} if with_certificates else {}),
            "signer_infos": [signer],
        }
    )  # fmt: skip
    return cms.ContentInfo({"content_type": "signed_data", "content": data})
