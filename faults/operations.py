"""What people and machines ask of the product, each kind with its key, its answer, and what must be the same again.

An operation is asked until it is acknowledged, always with the same key. `facts` goes into the oracle's log before the
first try; what `send` gives goes there after the answer, and a second asking must give the same.
"""

import hashlib
import hmac
import json
import random
import struct
import uuid
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from faults.client import Answer, BrokenError, Client

PROCEDURE, UNIT = "2.000635", "21025"
_BANK_SECRET = b"demo-secret-not-for-production"
_BANK_ACCOUNT = "0510000000001"
_ECHO = "/r1/VN/GOV/FAULTS/peer/echo/say"
# How much chance decides between the kinds of one client, beside how far each is beside its share.
_CHANCE = 0.3
_PERSON = {
    "kind": "person", "full_name": "Nguyễn Thị Ví Dụ", "personal_id": "051190000019", "phone": "0900000007",
}  # fmt: skip
_ANSWERS = {
    "requester_kind": "person", "full_name": "Nguyễn Thị Ví Dụ", "personal_id": "051190000019",
    "residence": {"province_code": "51", "commune_code": "21025", "detail": "Tổ dân phố 3"}, "phone": "+84900000007",
    "on_behalf": "no", "event": "birth", "relation": "Bản thân", "subject_name": "Nguyễn Thị Ví Dụ",
    "subject_birth": "1990-05-12", "subject_sex": "female", "subject_ethnicity": "Kinh",
    "subject_nationality": "Việt Nam", "subject_personal_id": "051190000019", "father_name": "Nguyễn Văn Mẫu",
    "mother_name": "Phạm Thị Mẫu", "registered_at": "Ủy ban nhân dân xã Tịnh Mẫu, tỉnh Quảng Ngãi",
    "registered_on": "1990-06", "copies": 2, "commitment": True,
}  # fmt: skip


class WrongAnswerError(Exception):
    """The product answered, and not as it must."""


@dataclass
class Town:
    """What the operations know of each other: all cases, those that wait for an officer, those that were received."""

    lock: Any
    known: deque[str] = field(default_factory=lambda: deque(maxlen=4_000))
    submitted: deque[str] = field(default_factory=lambda: deque(maxlen=4_000))
    received: deque[str] = field(default_factory=lambda: deque(maxlen=4_000))

    def take(self, of: "deque[str]") -> str | None:
        with self.lock:
            return of.popleft() if of else None

    def any_of(self, of: "deque[str]", dice: random.Random) -> str | None:
        with self.lock:
            return of[dice.randrange(len(of))] if of else None


@dataclass
class Operation:
    """One operation of a kind; `op` is its key, known to nobody else."""

    kind: str
    op: str
    facts: dict[str, Any]


def expect(answer: Answer, *statuses: int) -> Answer:
    """The answer, when its status is one of these."""
    if answer.status not in statuses:
        raise WrongAnswerError(f"{answer.status}: {answer.body[:400].decode(errors='replace')}")
    return answer


class Asker:
    """One client: draws operations of its kinds and sends them."""

    def __init__(self, client: Client, town: Town, dice: random.Random, kinds: Sequence[str]) -> None:
        self.client, self.town, self.dice, self.kinds = client, town, dice, kinds

    def draw(self, lead: Callable[[str], float]) -> Operation | None:
        """The next operation, by chance and rather of a kind that others are ahead of; None when there is none now."""
        order = sorted(self.kinds, key=lambda kind: lead(kind) + self.dice.uniform(0, _CHANCE))
        return next((made for kind in order if (made := self._make(kind)) is not None), None)

    def _make(self, kind: str) -> Operation | None:
        op = uuid.UUID(int=self.dice.getrandbits(128), version=4).hex
        facts: dict[str, Any] = {}
        if kind == "message":
            code = self.town.any_of(self.town.known, self.dice)
            if code is None:
                return None
            facts = {"code": code}
        elif kind == "payment":
            code = self.town.take(self.town.received)
            if code is None:
                return None
            facts = {"code": code, "amount": 16_000}
        elif kind == "move":
            code = self.town.take(self.town.submitted)
            if code is None:
                return None
            facts = {"code": code}
        elif kind == "bank":
            facts = {"amount": self.dice.randrange(1, 900) * 1_000}
        elif kind == "upload":
            facts = {"sha256": hashlib.sha256(_picture(op)).hexdigest()}
        return Operation(kind, op, facts)

    def send(self, operation: Operation) -> dict[str, Any]:
        """Ask once; what was acknowledged.

        Raises:
            BrokenError: no answer. WrongAnswerError: a wrong one.
        """
        found: dict[str, Any] = getattr(self, f"_{operation.kind}")(operation)
        return found

    def followed(self, operation: Operation, answer: dict[str, Any]) -> None:
        """What others may do after it."""
        with self.town.lock:
            if operation.kind == "submit":
                self.town.known.append(answer["code"])
                self.town.submitted.append(answer["code"])
            elif operation.kind == "move":
                self.town.received.append(operation.facts["code"])

    def _submit(self, operation: Operation) -> dict[str, Any]:
        body = {
            "procedure": PROCEDURE, "unit": UNIT, "applicant": _PERSON, "documents": [],
            "answers": {**_ANSWERS, "purpose": f"Phép thử {operation.op}"},
        }  # fmt: skip
        answer = expect(self.client.post_json("/api/v1/cases", body, Idempotency_Key=operation.op), 201).json()
        return {"code": answer["code"]}

    def _message(self, operation: Operation) -> dict[str, Any]:
        path = f"/api/v1/cases/{operation.facts['code']}/messages"
        answer = self.client.post_json(path, {"text": f"Tin {operation.op}"}, Idempotency_Key=operation.op)
        return {"id": expect(answer, 201).json()["id"]}

    def _upload(self, operation: Operation) -> dict[str, Any]:
        content, mark = _picture(operation.op), f"faults{operation.op}"
        body = (
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{operation.op}.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        ).encode() + content + f"\r\n--{mark}--\r\n".encode()  # fmt: skip
        kind = f"multipart/form-data; boundary={mark}"
        answer = expect(self.client.ask("POST", "/api/v1/files", body, Content_Type=kind), 201).json()
        return {"sha256": answer["sha256"], "size": answer["size"]}

    def _bank(self, operation: Operation) -> dict[str, Any]:
        return self._told(operation, f"Chuyen khoan {operation.op}")

    def _payment(self, operation: Operation) -> dict[str, Any]:
        return self._told(operation, f"CT {operation.facts['code'].replace('.', '')}")

    def _told(self, operation: Operation, content: str) -> dict[str, Any]:
        """The bank tells of a transfer. What was told before is answered as known; to the bank that is the same."""
        told = {
            "id": operation.op, "account": _BANK_ACCOUNT, "amount": operation.facts["amount"], "content": content,
            "at": datetime.now(UTC).isoformat(),  # noqa: TID251 - the bank's clock, not the product's
        }  # fmt: skip
        raw = json.dumps(told).encode()
        signature = hmac.new(_BANK_SECRET, raw, "sha256").hexdigest()
        answer = self.client.ask(
            "POST", "/thanh-toan/ngan-hang", raw, Content_Type="application/json", X_Signature=signature
        )
        result = expect(answer, 200).json()["result"]
        if result not in {"transfer", "known"}:
            raise WrongAnswerError(f"the bank was answered {result}")
        return {"taken": True}

    def _exchange(self, operation: Operation) -> dict[str, Any]:
        answer = expect(
            self.client.ask("POST", _ECHO, operation.op.encode() * 8, X_Road_Id=operation.op, X_Road_UserId="VN0511"),
            200,
        )
        if answer.body != operation.op.encode() * 8:
            raise WrongAnswerError("the exchange gave back something else")
        # Asked twice it is two exchanges, each with a number of its own; what the provider answered is the same.
        return {"body": hashlib.sha256(answer.body).hexdigest()[:16]}

    def _move(self, operation: Operation) -> dict[str, Any]:
        path = f"/can-bo/ho-so/{operation.facts['code']}/viec/tiep-nhan"
        answer = expect(self.client.post_form(path, {}), 302)
        where = answer.headers["location"]
        if "dang-nhap" in where or "khoa-man-hinh" in where:
            raise BrokenError("signed out")
        return {"received": True}


class Writer(Asker):
    """A citizen who types: one draft, and in it a number that grows with every save."""

    def __init__(self, client: Client, town: Town, dice: random.Random) -> None:
        super().__init__(client, town, dice, ("draft",))
        self.draft, self.number = "", 0

    def begin(self) -> None:
        """Open a draft."""
        found = expect(self.client.post_form(f"/thu-tuc/{PROCEDURE}/bat-dau", {}), 302)
        self.draft = found.headers["location"].rstrip("/").rsplit("/", 1)[1]

    def _make(self, kind: str) -> Operation | None:
        self.number += 1
        op = uuid.UUID(int=self.dice.getrandbits(128), version=4).hex
        return Operation(kind, op, {"draft": self.draft, "number": self.number})

    def _draft(self, operation: Operation) -> dict[str, Any]:
        path = f"/ho-so/soan/{operation.facts['draft']}/luu"
        expect(self.client.post_form(path, {"purpose": f"Lần {operation.facts['number']}"}), 200)
        return {"saved": operation.facts["number"]}


def _picture(op: str) -> bytes:
    """A picture of one row of points that nobody else has."""
    points = bytes.fromhex(op)
    row = zlib.compress(b"\0" + points)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", len(points), 1, 8, 0, 0, 0, 0)), (b"IDAT", row), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
