"""What the simulated portal remembers: cases told to it, cases filed on it, and how it is to behave."""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tinhso.lib.national import Dossier, Progress, WireError

Wire = dict[str, Any]
OK, UNKNOWN_SERVICE, NOT_FOUND, EXISTS, BAD_DATA, NO_SESSION = "0", "1", "2", "3", "4", "-1"


class Behaviour(StrEnum):
    """What a tester may ask of the portal."""

    NORMAL = ""
    SLOW = "slow"  # answers after a while
    DOWN = "down"  # 503 to everything
    WRONG = "wrong"  # a page where an answer should be
    LOST = "lost"  # does what it is asked, and the answer is lost
    DUPLICATE = "duplicate"  # hands every new case over twice, also after it was acknowledged
    DISORDER = "disorder"  # hands new cases over with the newest first
    REFUSE = "refuse"  # finds fault with every case


LABELS = {
    Behaviour.NORMAL: "Hoạt động bình thường",
    Behaviour.SLOW: "Chậm: trả lời sau vài giây",
    Behaviour.DOWN: "Ngừng: mọi địa chỉ trả 503",
    Behaviour.WRONG: "Sai: trả trang HTML thay cho câu trả lời",
    Behaviour.LOST: "Làm xong nhưng mất câu trả lời",
    Behaviour.DUPLICATE: "Lặp: mỗi hồ sơ mới đưa hai lần, cả khi đã xác nhận",
    Behaviour.DISORDER: "Lộn thứ tự: hồ sơ mới nhất trước",
    Behaviour.REFUSE: "Từ chối mọi hồ sơ gửi đến",
}


@dataclass
class Held:
    """A case as the portal holds it; `tellings` counts how often it was told, also the same again."""

    wire: Wire
    progress: list[Wire] = field(default_factory=list)
    tellings: int = 1
    repeated: int = 0


@dataclass
class Filed:
    """A case somebody filed on the portal, until the province has acknowledged it."""

    wire: Wire
    agency: str
    files: dict[str, tuple[str, str]] = field(default_factory=dict)  # id: name, base64
    acknowledged: bool = False
    handed_over: int = 0


@dataclass
class Portal:
    """The portal's memory; nothing of it outlives the process."""

    clients: dict[str, str]
    code: str = "H48"
    sessions: set[str] = field(default_factory=set)
    held: dict[str, Held] = field(default_factory=dict)
    filed: dict[str, Filed] = field(default_factory=dict)
    elsewhere: dict[str, Wire] = field(default_factory=dict)  # cases of ministries' systems, for the province to follow
    procedures: dict[str, str] = field(default_factory=dict)
    behaviour: Behaviour = Behaviour.NORMAL
    slow_s: float = 3.0
    asked: list[str] = field(default_factory=list)

    def sign_in(self, username: str, password: str) -> str | None:
        """A session for a known client."""
        if not username or self.clients.get(username) != password:
            return None
        session = secrets.token_urlsafe(18)
        self.sessions.add(session)
        return session

    def end_sessions(self) -> None:
        """Every session is over, as at midnight."""
        self.sessions.clear()

    def take(self, rows: list[Wire], *, updating: bool) -> tuple[str, str]:
        """DongBoHoSoMC: an error code and a sentence. All rows or none."""
        if self.behaviour is Behaviour.REFUSE:
            return BAD_DATA, "Dữ liệu hồ sơ không hợp lệ."
        try:
            codes = [Dossier.read(row).code for row in rows]
        except WireError as error:
            return BAD_DATA, f"Dữ liệu không hợp lệ: {error}"
        for code in codes:
            if not updating and code in self.held:
                self.held[code].repeated += 1
                return (f"-{EXISTS}" if code in self.filed else EXISTS), f"Hồ sơ {code} đã tồn tại."
            if updating and code not in self.held:
                return NOT_FOUND, f"Hồ sơ {code} không tồn tại."
        for code, row in zip(codes, rows, strict=True):
            if code in self.held:
                self.held[code].wire, self.held[code].tellings = row, self.held[code].tellings + 1
            else:
                self.held[code] = Held(row)
        return OK, ""

    def take_progress(self, rows: list[Wire]) -> tuple[str, str]:
        """CapNhatTienDoHoSoMC: the same act told again is kept once."""
        if len(rows) > 10:
            return BAD_DATA, "Mỗi lần gửi không quá 10 dòng tiến độ."
        try:
            read = [(Progress.read(row), row) for row in rows]
        except WireError as error:
            return BAD_DATA, f"Dữ liệu không hợp lệ: {error}"
        for one, _ in read:
            if one.code not in self.held:
                return NOT_FOUND, f"Hồ sơ {one.code} không tồn tại."
        for one, row in read:
            held = self.held[one.code]
            if row in held.progress:
                held.repeated += 1
            else:
                held.progress.append(row)
        return OK, ""

    def file(self, wire: Wire, *, agency: str, files: dict[str, tuple[str, str]]) -> Wire:
        """Somebody files a case on the portal: it holds it, and waits for the province to fetch it.

        Raises:
            WireError: not a case.
        """
        code = str(wire.get("MaHoSo") or self._next_code(agency, str(wire.get("NgayNopHoSo", ""))[2:8]))
        wire = wire | {"MaHoSo": code, "NoiNopHoSo": "1", "KenhThucHien": "2", "TrangThaiHoSo": "1"}
        Dossier.read(wire)
        self.filed[code] = Filed(wire, agency, files)
        self.held[code] = Held(wire)
        return wire

    def waiting(self) -> list[Filed]:
        """Cases filed here that the province has not acknowledged, oldest first; faults may say otherwise."""
        waiting = [one for one in self.filed.values() if not one.acknowledged]
        if self.behaviour is Behaviour.DUPLICATE:
            waiting = [one for one in self.filed.values() for _ in range(2)]
        if self.behaviour is Behaviour.DISORDER:
            waiting.reverse()
        for one in waiting:
            one.handed_over += 1
        return waiting

    def _next_code(self, agency: str, day: str) -> str:
        """`H48.12-261123-010001`: six digits, the first two of the portal's owner, so that no code of a province meets it."""
        mark = f"{agency}-{day}-01"
        used = sum(code.startswith(mark) for code in self.filed)
        return f"{mark}{used + 1:04d}"
