"""The SOAP messages of `http://dancuquocgia.bca`: what is asked, and the answer."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from tinhso.simulators.population.people import Register, Resident

NAMESPACE = "http://dancuquocgia.bca"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
LOOK_UP, CONFIRM = "TraCuuThongTinCongDan", "XacThucThongTinCongDan"
_REQUIRED = ("MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "MaDonVi", "TaiKhoan", "HoVaTen")


class Fault(ValueError):
    """The request cannot be understood; the message is the fault's."""


@dataclass(frozen=True, slots=True)
class Query:
    """One request: the operation and its fields."""

    operation: str
    fields: dict[str, str]

    @property
    def birth(self) -> str:
        """`yyyyMMdd`, or the year alone."""
        return self.fields.get("NgayThangNam") or self.fields.get("Nam") or ""


def read(content: bytes) -> Query:
    """The query in an envelope.

    Raises:
        Fault: not XML, no known operation, or a field is missing.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Fault(f"not well-formed: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Fault("a document type is not accepted")
    body = root.find(f"{{{_SOAP}}}Body")
    operation = next(iter(body), None) if body is not None else None
    if operation is None or operation.tag not in {f"{{{NAMESPACE}}}{name}" for name in (LOOK_UP, CONFIRM)}:
        raise Fault("no known operation in the body")
    fields = {etree.QName(one).localname: (one.text or "").strip() for one in operation.iter(f"{{{NAMESPACE}}}*")}
    missing = [name for name in _REQUIRED if not fields.get(name)]
    if not (fields.get("SoDinhDanh") or fields.get("SoCMND")):
        missing.append("SoDinhDanh")
    query = Query(etree.QName(operation).localname, fields)
    if not query.birth:
        missing.append("NgayThangNamSinh")
    if missing:
        raise Fault(f"missing: {', '.join(missing)}")
    return query


def answer(query: Query, register: Register) -> bytes:
    """The envelope of the answer. Nobody is told about whose name and birth do not fit the number."""
    found = register.find(query.fields.get("SoDinhDanh", ""))
    fits = found is not None and found.is_called(query.fields["HoVaTen"], query.birth)
    if query.operation == CONFIRM:
        inner = f"<KetQua>{'1' if fits else '0'}</KetQua>"
    else:
        inner = _person(found, register) if fits and found is not None else ""
        inner = f"<CongdanCollection>{inner}</CongdanCollection>"
    code = "00" if fits or query.operation == CONFIRM else "01"
    return _envelope(
        f'<Ket_Qua xmlns="{NAMESPACE}"><MaYeuCau>{escape(query.fields["MaYeuCau"])}</MaYeuCau>'
        f"<MaLoi>{code}</MaLoi>{inner}</Ket_Qua>"
    )


def fault(message: str) -> bytes:
    """A SOAP fault of the client."""
    return _envelope(
        f"<soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>{escape(message)}</faultstring></soapenv:Fault>"
    )


def _person(found: Resident, register: Register) -> str:
    family, middle, given = found.name_parts
    place = (
        f"<MaTinhThanh>{register.province()}</MaTinhThanh><MaPhuongXa>{found.commune_code}</MaPhuongXa>"
        f"<ChiTiet>{escape(found.person.address.partition(',')[0])}</ChiTiet><QuocGia>VN</QuocGia>"
    )
    return (
        f"<CongDan><SoDinhDanh>{found.person.personal_id}</SoDinhDanh>"
        f"<HoVaTen><Ho>{escape(family)}</Ho><ChuDem>{escape(middle)}</ChuDem><Ten>{escape(given)}</Ten></HoVaTen>"
        f"<GioiTinh>{'2' if found.person.sex == 'female' else '1'}</GioiTinh><DanToc>01</DanToc><TonGiao>00</TonGiao>"
        f"<NgayThangNamSinh><NgayThangNam>{found.birth}</NgayThangNam></NgayThangNamSinh>"
        f"<ThuongTru>{place}</ThuongTru><NoiOHienTai>{place}</NoiOHienTai><QuocTich>VN</QuocTich></CongDan>"
    )


def _envelope(inner: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_SOAP}">'
        f"<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
    ).encode()
