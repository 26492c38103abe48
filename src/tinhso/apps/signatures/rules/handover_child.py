"""The judgement of a returned file as a process of its own: `python -m tinhso.apps.signatures.rules.handover_child`.

Reads one line of JSON, then the paper as given away, then the returned file; writes the problems as JSON.
"""

import base64
import json
import sys
from datetime import datetime
from typing import BinaryIO

from tinhso.apps.signatures.rules import child, handover
from tinhso.apps.signatures.rules.handover import Wanted
from tinhso.apps.signatures.rules.trust import Trust


def question(given: bytes, returned: bytes, *, role: str, wanted: Wanted, trust: Trust, at: datetime) -> bytes:
    """What the process reads."""
    head = {
        **child.trust_data(trust), "at": at.isoformat(), "role": role, "length": len(given), "user_id": wanted.user_id,
        "certificate": base64.b64encode(wanted.certificate).decode(),
    }  # fmt: skip
    return json.dumps(head).encode() + b"\n" + given + returned


def answer(output: bytes) -> list[str]:
    """The problems that the process wrote.

    Raises:
        ValueError: it died before it had an answer.
    """
    return [str(words) for words in json.loads(output)]


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Answer one question."""
    head = json.loads(source.readline())
    content = source.read()
    given, returned = content[: head["length"]], content[head["length"] :]
    wanted = Wanted(base64.b64decode(head["certificate"]), head["user_id"])
    found = handover.problems(
        given,
        returned,
        role=head["role"],
        wanted=wanted,
        trust=child.trust_of(head),
        at=datetime.fromisoformat(head["at"]),
    )
    target.write(json.dumps(found).encode())
    target.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
