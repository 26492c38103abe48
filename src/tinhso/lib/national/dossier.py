"""A case as the portal's interface carries it (DongBoHoSoMC), and a step of its progress (CapNhatTienDoHoSoMC)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Self

from tinhso.lib.national.values import WireError, flag, read_flag, read_number, read_stamp, read_text, stamp

Wire = dict[str, Any]
_ABSTRACT, _PERSON = 1_000, 50


class OnlinePayment(IntEnum):
    """DuocThanhToanTrucTuyen: where the fee was paid online, if it was."""

    NATIONAL = 1
    OWN = 2
    NONE = 3


@dataclass(frozen=True, slots=True)
class Component:
    """A component of the file (TaiLieuNop). `reused`: 0 no, 1 a component handed in before, 2 the result of another case."""

    file_id: str
    name: str
    key: str = ""
    address: str = ""
    deleted: bool = False
    digitised: bool = False
    reused: int = 0
    from_national_store: bool = False
    stands_for: str = ""

    def to_wire(self) -> Wire:
        """The words of the interface."""
        return {
            "TepDinhKemId": self.file_id, "TenTepDinhKem": self.name, "IsDeleted": str(self.deleted),
            "MaThanhPhanHoSo": self.key, "DuongDanTaiTepTin": self.address, "DuocSoHoa": flag(self.digitised),
            "DuocTaiSuDung": str(self.reused), "DuocLayTuKhoDMQG": flag(self.from_national_store),
            "MaKetQuaThayThe": self.stands_for,
        }  # fmt: skip

    @classmethod
    def read(cls, wire: Mapping[str, Any]) -> Self:
        """Raises: WireError."""
        reused = read_number(wire.get("DuocTaiSuDung"))
        if reused not in {0, 1, 2}:
            raise WireError(f"DuocTaiSuDung: {reused}")
        return cls(
            read_text(wire.get("TepDinhKemId")), read_text(wire.get("TenTepDinhKem")), read_text(wire.get("MaThanhPhanHoSo")),
            read_text(wire.get("DuongDanTaiTepTin")), read_flag(wire.get("IsDeleted")), read_flag(wire.get("DuocSoHoa")),
            reused, read_flag(wire.get("DuocLayTuKhoDMQG")), read_text(wire.get("MaKetQuaThayThe")),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee (DanhSachLePhi). `kind`: 1 phí, 2 lệ phí; `collected`: 1 at reception, 2 with a supplement, 4 with the result."""

    name: str
    amount_vnd: int
    code: str = ""
    collected: int = 1
    kind: int = 2

    def to_wire(self) -> Wire:
        """The words of the interface."""
        return {
            "TenPhiLePhi": self.name, "MaPhiLePhi": self.code, "HinhThucThu": str(self.collected),
            "Gia": str(self.amount_vnd), "LoaiPhiLePhi": str(self.kind),
        }  # fmt: skip

    @classmethod
    def read(cls, wire: Mapping[str, Any]) -> Self:
        """Raises: WireError."""
        return cls(
            read_text(wire.get("TenPhiLePhi")), read_number(wire.get("Gia")), read_text(wire.get("MaPhiLePhi")),
            read_number(wire.get("HinhThucThu")), read_number(wire.get("LoaiPhiLePhi")),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SupplementRound:
    """A request to complete the file and its answer (DanhSachHoSoBoSung)."""

    number: str
    asked_by: str
    what: str
    asked_at: datetime | None
    answered_at: datetime | None = None

    def to_wire(self) -> Wire:
        """The words of the interface."""
        return {
            "HoSoBoSungId": self.number, "NguoiYeuCauBoSung": self.asked_by, "NoiDungBoSung": self.what,
            "NgayBoSung": stamp(self.asked_at), "NgayTiepNhanBoSung": stamp(self.answered_at),
            "TrangThaiBoSung": flag(self.answered_at is not None),
        }  # fmt: skip

    @classmethod
    def read(cls, wire: Mapping[str, Any]) -> Self:
        """Raises: WireError."""
        return cls(
            read_text(wire.get("HoSoBoSungId")), read_text(wire.get("NguoiYeuCauBoSung")), read_text(wire.get("NoiDungBoSung")),
            read_stamp(wire.get("NgayBoSung")), read_stamp(wire.get("NgayTiepNhanBoSung")),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ResultPaper:
    """A paper that came out of the case (DanhSachGiayToKetQua)."""

    name: str
    number: str
    address: str = ""
    code: str = ""

    def to_wire(self) -> Wire:
        """The words of the interface."""
        return {
            "TenGiayTo": self.name, "MaThanhPhanHoSo": "", "GiayToId": self.number,
            "DuongDanTepTinKetQua": self.address, "MaGiayToKetQua": self.code,
        }  # fmt: skip

    @classmethod
    def read(cls, wire: Mapping[str, Any]) -> Self:
        """Raises: WireError."""
        return cls(
            read_text(wire.get("TenGiayTo")), read_text(wire.get("GiayToId")), read_text(wire.get("DuongDanTepTinKetQua")),
            read_text(wire.get("MaGiayToKetQua")),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """A number of the case's owner (DinhDanhCHS). `kind`: 1 personal id of twelve digits, 2 the old one of nine."""

    value: str
    kind: int = 1

    def to_wire(self) -> Wire:
        """The words of the interface."""
        return {"LoaiDinhDanh": str(self.kind), "SoDinhDanh": self.value}

    @classmethod
    def read(cls, wire: Mapping[str, Any]) -> Self:
        """Raises: WireError."""
        return cls(read_text(wire.get("SoDinhDanh")), read_number(wire.get("LoaiDinhDanh")))


# Plain texts and instants, by the name on the wire.
_TEXTS = {
    "code": "MaHoSo", "procedure_code": "MaTTHC", "procedure_name": "TenTTHC", "field_code": "MaLinhVuc",
    "field_name": "TenLinhVuc", "owner": "ChuHoSo", "tech_id": "MaDoiTuong", "more": "ThongTinKhac", "email": "Email",
    "fax": "Fax", "phone": "SoDienThoai", "abstract": "TrichYeuHoSo", "delivery_note": "ThongTinTra",
    "agency": "DonViXuLy", "note": "GhiChu",
}  # fmt: skip
_INSTANTS = {
    "submitted_at": "NgayNopHoSo", "received_at": "NgayTiepNhan", "due_at": "NgayHenTra", "delivered_at": "NgayTra",
    "finished_at": "NgayKetThucXuLy", "refused_at": "NgayTuChoi",
}  # fmt: skip
_NUMBERS = {
    "channel": "KenhThucHien", "owner_kind": "LoaiDoiTuong", "status": "TrangThaiHoSo", "delivery_form": "HinhThuc",
    "submitted_where": "NoiNopHoSo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case (hồ sơ một cửa). Codes: `channel` 1 counter, 2 online, 3 post; `owner_kind` 1 citizen, 2 enterprise, 3 state
    body, 4 other; `submitted_where` 1 the national portal, 2 a province's or ministry's system; `status` 1 to 10."""

    code: str
    procedure_code: str
    status: int
    procedure_name: str = ""
    field_code: str = ""
    field_name: str = ""
    channel: int = 1
    owner: str = ""
    owner_kind: int = 1
    tech_id: str = ""
    more: str = ""
    email: str = ""
    fax: str = ""
    phone: str = ""
    abstract: str = ""
    submitted_at: datetime | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None
    delivered_at: datetime | None = None
    delivery_note: str = ""
    delivery_form: int = 0
    finished_at: datetime | None = None
    refused_at: datetime | None = None
    agency: str = ""
    note: str = ""
    submitted_where: int = 2
    components: tuple[Component, ...] = ()
    fees: tuple[Fee, ...] = ()
    supplements: tuple[SupplementRound, ...] = ()
    results: tuple[ResultPaper, ...] = ()
    identities: tuple[Identity, ...] = ()
    databases: tuple[str, ...] = ()
    has_digitised: bool = False
    verified_account: bool = False
    paid_online: OnlinePayment = OnlinePayment.NONE
    answers: dict[str, Any] = field(default_factory=dict)

    def to_wire(self) -> Wire:
        """The words of the interface; every value a text, as the portal's examples have it."""
        wire: Wire = {name: getattr(self, key) for key, name in _TEXTS.items()}
        wire |= {name: stamp(getattr(self, key)) for key, name in _INSTANTS.items()}
        wire |= {name: str(getattr(self, key)) for key, name in _NUMBERS.items()}
        wire["TrichYeuHoSo"] = self.abstract[:_ABSTRACT]
        wire |= {
            "TaiLieuNop": [one.to_wire() for one in self.components],
            "DanhSachLePhi": [one.to_wire() for one in self.fees],
            "DanhSachTepDinhKemKhac": [],
            "DanhSachHoSoBoSung": [one.to_wire() for one in self.supplements],
            "DanhSachGiayToKetQua": [one.to_wire() for one in self.results],
            "DinhDanhCHS": [one.to_wire() for one in self.identities],
            "DSKetNoiCSDL": [{"MaCSDL": one} for one in self.databases],
            "HoSoCoThanhPhanSoHoa": flag(self.has_digitised),
            "TaiKhoanDuocXacThucVoiVNeID": flag(self.verified_account),
            "DuocThanhToanTrucTuyen": str(int(self.paid_online)),
        }
        if self.answers:
            wire["DuLieuToKhai"] = self.answers
        return wire

    @classmethod
    def read(cls, wire: Mapping[str, Any]) -> Self:
        """A case as another system wrote it; what is missing counts as empty.

        Raises:
            WireError: a value of another form, a status outside 0 to 10, or no code.
        """
        values: dict[str, Any] = {key: read_text(wire.get(name)) for key, name in _TEXTS.items()}
        values |= {key: read_stamp(wire.get(name)) for key, name in _INSTANTS.items()}
        values |= {key: read_number(wire.get(name)) for key, name in _NUMBERS.items()}
        if not values["code"]:
            raise WireError("a case without MaHoSo")
        if not 0 <= values["status"] <= 10:
            raise WireError(f"TrangThaiHoSo: {values['status']}")
        paid = read_number(wire.get("DuocThanhToanTrucTuyen")) or OnlinePayment.NONE
        if paid not in set(OnlinePayment):
            raise WireError(f"DuocThanhToanTrucTuyen: {paid}")
        answers = wire.get("DuLieuToKhai") or {}
        if not isinstance(answers, dict):
            raise WireError("DuLieuToKhai")
        return cls(
            **values,
            components=tuple(Component.read(one) for one in _rows(wire, "TaiLieuNop")),
            fees=tuple(Fee.read(one) for one in _rows(wire, "DanhSachLePhi")),
            supplements=tuple(SupplementRound.read(one) for one in _rows(wire, "DanhSachHoSoBoSung")),
            results=tuple(ResultPaper.read(one) for one in _rows(wire, "DanhSachGiayToKetQua")),
            identities=tuple(Identity.read(one) for one in _rows(wire, "DinhDanhCHS")),
            databases=tuple(read_text(one.get("MaCSDL")) for one in _rows(wire, "DSKetNoiCSDL")),
            has_digitised=read_flag(wire.get("HoSoCoThanhPhanSoHoa")),
            verified_account=read_flag(wire.get("TaiKhoanDuocXacThucVoiVNeID")),
            paid_online=OnlinePayment(paid), answers=answers,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """One act on a case (tiến độ): who did what, when, and the status after it."""

    code: str
    by_name: str
    by_title: str
    at: datetime | None
    unit_name: str
    what: str
    status: int
    began_at: datetime | None = None
    due_at: datetime | None = None

    def to_wire(self) -> Wire:
        """The words of the interface."""
        return {
            "MaHoSo": self.code, "NguoiXuLy": self.by_name[:_PERSON], "ChucDanh": self.by_title,
            "ThoiDiemXuLy": stamp(self.at), "PhongBanXuLy": self.unit_name, "NoiDungXuLy": self.what,
            "TrangThai": str(self.status), "NgayBatDau": stamp(self.began_at),
            "NgayKetThucTheoQuyDinh": stamp(self.due_at),
        }  # fmt: skip

    @classmethod
    def read(cls, wire: Mapping[str, Any]) -> Self:
        """Raises: WireError."""
        return cls(
            read_text(wire.get("MaHoSo")), read_text(wire.get("NguoiXuLy")), read_text(wire.get("ChucDanh")),
            read_stamp(wire.get("ThoiDiemXuLy")), read_text(wire.get("PhongBanXuLy")), read_text(wire.get("NoiDungXuLy")),
            read_number(wire.get("TrangThai")), read_stamp(wire.get("NgayBatDau")),
            read_stamp(wire.get("NgayKetThucTheoQuyDinh")),
        )  # fmt: skip


def _rows(wire: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = wire.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise WireError(name)
    return found
