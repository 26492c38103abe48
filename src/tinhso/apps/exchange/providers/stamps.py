"""Time stamps (RFC 3161) for seals."""

import hashlib
import secrets
from datetime import datetime

import httpx
from asn1crypto import tsp  # type: ignore[import-untyped]  # the library ships no types

from tinhso.apps.exchange.data import StampUnavailable
from tinhso.kernel.outbound import trusted

_CONNECT_SECONDS = 10.0


def ask_stamp(url: str, data: bytes, *, seconds: float) -> tuple[bytes, datetime]:
    """The authority's token over the data (DER), and the instant it attests.

    Raises:
        StampUnavailable: no answer in time, or none that fits the question.
    """
    digest, nonce = hashlib.sha256(data).digest(), secrets.randbits(63)
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    query = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}).dump()
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    timeout = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
    try:
        answer = httpx.post(url, content=query, headers=headers, timeout=timeout, verify=trusted()).raise_for_status()
    except httpx.HTTPError as error:
        raise StampUnavailable from error
    return read_stamp(answer.content, digest=digest, nonce=nonce)


def read_stamp(answer: bytes, *, digest: bytes, nonce: int) -> tuple[bytes, datetime]:
    """The token (DER) in an authority's answer to this very question, and the instant it attests.

    Raises:
        StampUnavailable: it grants nothing, cannot be read, or answers another question.
    """
    try:
        told = tsp.TimeStampResp.load(answer)
        if told["status"]["status"].native not in {"granted", "granted_with_mods"}:
            raise StampUnavailable
        token = told["time_stamp_token"]
        info = token["content"]["encap_content_info"]["content"].parsed
        fits = info["message_imprint"]["hashed_message"].native == digest and info["nonce"].native == nonce
        attested = info["gen_time"].native
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise StampUnavailable from error
    if not fits or not isinstance(attested, datetime):
        raise StampUnavailable("Nơi cấp dấu thời gian trả lời cho một nội dung khác.")
    return bytes(token.dump()), attested
