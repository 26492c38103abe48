"""The check of a stranger's file as a process of its own: `python -m tinhso.apps.signatures.rules.child`.

Reads one line of JSON (the trust and the instant), then the file, from standard input; writes the verdict as JSON. Whoever
starts it limits its memory and time, so that a file made to exhaust the parser costs that process only.
"""

import base64
import json
import sys
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, BinaryIO

from tinhso.apps.signatures.data import SignatureFact, StampFact, Verdict
from tinhso.apps.signatures.rules import looks, shown
from tinhso.apps.signatures.rules.trust import Period, Trust
from tinhso.apps.signatures.rules.verification import verify

_INSTANTS = ("signed_at", "certificate_valid_to", "certificate_valid_from", "judged_at")
_LISTS = ("problems", "path", "unknown")


def question(content: bytes, *, trust: Trust, at: datetime) -> bytes:
    """What the process reads."""
    return json.dumps({"at": at.isoformat(), **trust_data(trust)}).encode() + b"\n" + content


def trust_data(trust: Trust) -> dict[str, Any]:
    """What is believed, as JSON can carry it."""
    return {
        "roots": _text(trust.roots),
        "intermediates": _text(trust.intermediates),
        "revocation_lists": [_text(crl) for crl in trust.revocation_lists],
        "demo_mark": trust.demo_mark,
        "periods": [[period.fingerprint, _spelled(period.since), _spelled(period.until)] for period in trust.periods],
    }


def trust_of(head: dict[str, Any]) -> Trust:
    """What `trust_data` was made of."""
    return Trust(
        roots=_bytes(head["roots"]),
        intermediates=_bytes(head["intermediates"]),
        revocation_lists=tuple(_bytes(crl) for crl in head["revocation_lists"]),
        demo_mark=head["demo_mark"],
        periods=tuple(Period(mark, _instant(since), _instant(until)) for mark, since, until in head["periods"]),
    )


def answer(output: bytes) -> Verdict:
    """The verdict that the process wrote.

    Raises:
        ValueError: it died before it had one.
    """
    value: dict[str, Any] = json.loads(output)
    facts = []
    for fact in value.pop("signatures"):
        instants = {name: _instant(fact[name]) for name in _INSTANTS}
        facts.append(SignatureFact(**{**fact, **instants, **{name: tuple(fact[name]) for name in _LISTS}}))
    stamps = tuple(StampFact(**{**stamp, "at": _instant(stamp["at"])}) for stamp in value.pop("stamps"))
    return Verdict(**{**value, "sentences": tuple(value["sentences"]), "signatures": tuple(facts), "stamps": stamps})


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Answer one question."""
    head = json.loads(source.readline())
    content = source.read()
    verdict = verify(content, trust=trust_of(head), at=datetime.fromisoformat(head["at"]))
    verdict = replace(looks.seen(content, verdict), text=shown.text_of(content))
    target.write(json.dumps(asdict(verdict), default=datetime.isoformat).encode())
    target.flush()


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _spelled(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
