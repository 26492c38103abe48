"""What a simulated system remembers: cases handed over, how far they are, and how it is to behave."""

import base64
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
STAMP = "%Y%m%d%H%M%S"
TOKEN_SECONDS = 600
# A one-page PDF, enough to be a paper: the real systems send theirs signed.
_PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


class Behaviour(StrEnum):
    """What a tester may ask of a system."""

    NORMAL = ""
    DOWN = "down"
    SILENT = "silent"  # takes the message, and nobody acknowledges it
    REFUSE = "refuse"
    SUPPLEMENT = "supplement"


@dataclass(frozen=True, slots=True)
class System:
    """One ministry's system: the prefix of its codes, and what its legs give."""

    key: str
    name: str
    prefix: str


SYSTEMS = {
    "justice": System("justice", "Hệ thống đăng ký, quản lý hộ tịch (Bộ Tư pháp)", "G15.01"),
    "police": System("police", "Hệ thống của Bộ Công an", "G01.02"),
    "insurance": System("insurance", "Hệ thống của Bảo hiểm xã hội", "G24.03"),
}


@dataclass
class Held:
    """A case one system holds."""

    code: str
    reference: str
    message: dict[str, Any]
    received: float
    status: int = 1
    taken_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime | None = None
    note: str = ""
    number: str = ""
    fixed: bool = False  # moved by the tester: time no longer moves it

    def result(self) -> dict[str, Any] | None:
        """What the case has given, once it is finished."""
        if self.status not in {9, 10}:
            return None
        given: dict[str, Any] = {}
        if "HoTenMe" in self.message.get("DuLieu", {}):
            # The population register answers a birth with the child's number.
            mark = int(sha256(self.reference.encode()).hexdigest()[:8], 16)
            given["SoDinhDanh"] = f"051226{mark % 1_000_000:06d}"
        return {
            "TenGiayTo": self.message.get("TenKetQua", ""),
            "SoKyHieu": self.number,
            "NgayCap": stamp(self.finished_at),
            "DuLieu": given,
            "TepTin": {"TenTep": f"{self.code}.pdf", "NoiDung": base64.b64encode(_PAGE).decode()},
        }


@dataclass
class State:
    """Every system's memory; nothing of it outlives the process."""

    clients: dict[str, str]
    tokens: dict[str, float] = field(default_factory=dict)
    held: dict[str, dict[str, Held]] = field(default_factory=lambda: {key: {} for key in SYSTEMS})
    behaviour: dict[str, Behaviour] = field(default_factory=lambda: dict.fromkeys(SYSTEMS, Behaviour.NORMAL))
    take_after: float = 5.0
    finish_after: float = 40.0

    def issue_token(self, client_id: str, secret: str) -> str | None:
        """A bearer token for a known client."""
        if self.clients.get(client_id) != secret:
            return None
        token = secrets.token_urlsafe(24)
        self.tokens[token] = time.monotonic() + TOKEN_SECONDS
        return token

    def knows(self, token: str) -> bool:
        """Whether a token holds."""
        return self.tokens.get(token, 0.0) > time.monotonic()

    def take_in(self, system: str, message: dict[str, Any]) -> Held:
        """A case handed over; the same reference is the same case."""
        reference = str(message.get("MaThamChieu", ""))
        for known in self.held[system].values():
            if known.reference == reference:
                return known
        count = len(self.held[system]) + 1
        code = f"{SYSTEMS[system].prefix}-{present():%y%m%d}-{count:04d}"
        self.held[system][code] = Held(code, reference, message, time.monotonic())
        return self.held[system][code]

    def look(self, system: str, code: str) -> Held | None:
        """A case as far as it has come by now."""
        found = self.held[system].get(code)
        if found is not None and not found.fixed:
            self._age(found, self.behaviour[system])
        return found

    def move(
        self, system: str, code: str, status: int, *, at: datetime, note: str = "", number: str = ""
    ) -> Held | None:
        """The tester puts a case at a status at an instant of his choosing."""
        found = self.held[system].get(code)
        if found is None:
            return None
        found.fixed, found.status, found.updated_at, found.note = True, status, at, note
        if found.taken_at is None and status not in {1, 3}:
            found.taken_at = at
        if status in {3, 8, 9, 10}:
            found.finished_at = at
            found.number = number or found.number or f"{len(self.held[system]):02d}/{at:%Y}"
        return found

    def _age(self, found: Held, behaviour: Behaviour) -> None:
        passed = time.monotonic() - found.received
        at = present()
        if behaviour is Behaviour.SILENT or passed < self.take_after or found.status in {3, 7, 8, 10}:
            return
        if found.taken_at is None:
            found.status, found.taken_at, found.updated_at = 2, at, at
        if behaviour is Behaviour.REFUSE and found.status in {2, 4}:
            found.status, found.finished_at, found.note = 3, at, "Thông tin kê khai không khớp dữ liệu."
        elif behaviour is Behaviour.SUPPLEMENT and found.status in {2, 4}:
            found.status, found.updated_at, found.note = 5, at, "Mời bổ sung giấy tờ chứng minh nơi ở."
        elif behaviour is Behaviour.NORMAL and passed >= self.finish_after and found.status != 9:
            found.status, found.finished_at, found.updated_at, found.note = 9, at, at, ""
            found.number = found.number or f"{found.code.rsplit('-', 1)[1].lstrip('0')}/{at:%Y}"
        elif found.status == 2 and passed >= self.take_after + (self.finish_after - self.take_after) / 2:
            found.status, found.updated_at = 4, at


def present() -> datetime:
    """The instant now, in Vietnam's time."""
    return datetime.fromtimestamp(time.time(), ZONE)


def stamp(at: datetime | None) -> str | None:
    """An instant as it goes over the wire."""
    return at.astimezone(ZONE).strftime(STAMP) if at else None


def read_stamp(text: str) -> datetime:
    """The instant of a wire stamp; now for an empty one."""
    return datetime.strptime(text, STAMP).replace(tzinfo=ZONE) if text else present()
