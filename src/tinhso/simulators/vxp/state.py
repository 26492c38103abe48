"""What the axis holds: agencies, and packets on their way to each receiver.

Two planes are kept apart: how the *fetching* of a packet went (`Transport`) is the axis's own; what became of the
*document* (01 … 16) travels as packets of the kind `status`, which the axis carries and does not read.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from tinhso.lib.edxml import Envelope
from tinhso.simulators.casebook import present
from tinhso.simulators.catalogues.lists import Lists
from tinhso.simulators.wire import DEMO_CLIENTS

EDOC, STATUS = "edoc", "status"
# Partners outside the province, all fictional but for the houses they stand for.
_OTHERS = (
    ("G22", "Văn phòng Chính phủ", "000.00.00.G22"), ("G15", "Bộ Tư pháp", "000.00.00.G15"),
    ("H98", "Ủy ban nhân dân tỉnh Láng Giềng (giả lập)", "000.00.00.H98"),
)  # fmt: skip


class Transport(StrEnum):
    """How the fetch of a packet went."""

    INITIAL = "initial"
    PROCESSING = "processing"
    DONE = "done"
    FAIL = "fail"


@dataclass
class Packet:
    """One packet: as it was sent, byte for byte, and how far each receiver is."""

    id: str
    kind: str
    envelope: Envelope
    content: bytes
    sent_at: datetime
    state: dict[str, Transport]
    touched: dict[str, datetime]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class System:
    """A connected system: its secret, and the agencies it speaks for (`H48` with all below it)."""

    secret: str
    organ: str

    def speaks_for(self, code: str) -> bool:
        """Whether an agency is this system's."""
        return code == self.organ or code.startswith(f"{self.organ}.")


@dataclass
class Axis:
    """Everything in memory."""

    content: Path
    systems: dict[str, System] = field(
        default_factory=lambda: {
            "H48-DEMO": System(DEMO_CLIENTS["tinhso-demo"], "H48"),
            "H98-DEMO": System(DEMO_CLIENTS["tinhso-demo"], "H98"),
        }
    )
    packets: dict[str, Packet] = field(default_factory=dict)
    agencies: dict[str, dict[str, Any]] = field(default_factory=dict)
    version: int = 1

    def __post_init__(self) -> None:
        for one in Lists(self.content).agencies:
            self.put_agency(one["MADONVI"], one["TENDONVI"])
        for code, name, old in _OTHERS:
            self.put_agency(code, name, old=old)

    def put_agency(self, code: str, name: str, *, parent: str = "", mail: str = "", old: str = "") -> dict[str, Any]:
        """An agency made or changed; the directory's version goes on."""
        known = self.agencies.get(code)
        self.version += 1
        self.agencies[code] = {
            "id": known["id"] if known else str(len(self.agencies) + 1), "code": code, "code102": old, "oldCode": old,
            "name": name, "mail": mail, "pid": parent or code.rpartition(".")[0], "version": self.version,
            "deleted": False, "modifyDate": f"{present():%Y-%m-%d %H:%M:%S}", "isAgency": True, "centerCode": "VXP",
        }  # fmt: skip
        return self.agencies[code]

    def drop_agency(self, code: str) -> bool:
        """An agency that is no more; it stays in the list of changes."""
        if code not in self.agencies:
            return False
        self.version += 1
        self.agencies[code] |= {"deleted": True, "version": self.version}
        return True

    def take(self, content: bytes, kind: str, envelope: Envelope, *, times: int = 1) -> Packet:
        """A packet for its receivers; the same bytes again are the same packet, unless doubles are wanted."""
        digest = hashlib.sha256(content).hexdigest()
        known = next((one for one in self.packets.values() if one.sha256 == digest and one.kind == kind), None)
        if known is not None and times == 1:
            return known
        for _ in range(times):
            at = present()
            packet = Packet(
                f"vxp-{len(self.packets) + 1:06d}", kind, envelope, content, at,
                dict.fromkeys(envelope.receivers, Transport.INITIAL), dict.fromkeys(envelope.receivers, at),
            )  # fmt: skip
            self.packets[packet.id] = packet
        return packet

    def inbox(self, system: System, kind: str) -> list[tuple[Packet, str]]:
        """What lies there for the agencies of a system: (packet, agency), oldest first."""
        return [
            (packet, organ)
            for packet in self.packets.values()
            if packet.kind == kind
            for organ in packet.envelope.receivers
            if system.speaks_for(organ)
        ]

    def mark(self, packet: Packet, system: System, state: Transport) -> int:
        """A receiver's word on its fetching; returns for how many of its agencies."""
        mine = [organ for organ in packet.state if system.speaks_for(organ)]
        for organ in mine:
            packet.state[organ], packet.touched[organ] = state, present()
        return len(mine)

    def may_fetch(self, packet: Packet, system: System) -> bool:
        """Whether a packet is to or from this system's agencies."""
        return any(system.speaks_for(code) for code in (packet.envelope.sender, *packet.envelope.receivers))

    def section(self) -> str:
        """The newest packets, for the tester's page."""
        rows = "".join(
            f"<li><code>{one.id}</code> {one.kind}, {one.envelope.sender} → "
            f"{', '.join(f'{organ}: {state}' for organ, state in one.state.items())}</li>"
            for one in list(self.packets.values())[-50:]
        )
        return f"<h2>{len(self.packets)} gói, {len(self.agencies)} cơ quan</h2><ul>{rows}</ul>"
