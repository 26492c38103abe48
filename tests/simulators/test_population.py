"""The simulated population database: as the national platform's clients know it, and as a tester breaks it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from lxml import etree

from tests.simulators.serving import serve
from tinhso.simulators import population

NS = "{http://dancuquocgia.bca}"


@pytest.fixture(scope="module")
def client(project_root: Path) -> Iterator[httpx.Client]:
    app = population.create_app(project_root / "content/demo/people.yaml")
    with serve(app) as url, httpx.Client(base_url=url) as found:
        yield found


def envelope(operation: str = "TraCuuThongTinCongDan", **changes: str) -> bytes:
    fields = {
        "MaYeuCau": "H48.12-1", "MaDVC": "1.000000", "MaTichHop": "037", "MaCanBo": "051080000009", "MaDonVi": "H48.12",
        "TaiKhoan": "H48_demo", "SoDinhDanh": "051191000001", "HoVaTen": "NGUYỄN THỊ HỒNG NHẠN",
    } | changes  # fmt: skip
    birth = fields.pop("birth", "19910412")
    inner = "".join(f"<d:{name}>{value}</d:{name}>" for name, value in fields.items() if value)
    born = f"<d:NgayThangNamSinh><d:NgayThangNam>{birth}</d:NgayThangNam></d:NgayThangNamSinh>" if birth else ""
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:d="http://dancuquocgia.bca"><s:Header/>'
        f"<s:Body><d:{operation}>{inner}{born}</d:{operation}></s:Body></s:Envelope>"
    ).encode()


def _values(content: bytes, name: str) -> list[str]:
    return [found.text or "" for found in etree.fromstring(content).iter(f"{NS}{name}")]


def test_a_person_of_the_demo_is_found_by_number_name_and_birth(client: httpx.Client) -> None:
    found = client.post("/soap", content=envelope())
    assert (found.status_code, _values(found.content, "MaLoi")) == (200, ["00"])
    assert _values(found.content, "Ho") + _values(found.content, "ChuDem") + _values(found.content, "Ten") == [
        "NGUYỄN", "THỊ HỒNG", "NHẠN",
    ]  # fmt: skip
    assert _values(found.content, "MaPhuongXa") == ["21025", "21025"]


@pytest.mark.parametrize(
    "wrong", [{"HoVaTen": "NGUYỄN THỊ KHÁC"}, {"birth": "19910413"}, {"SoDinhDanh": "051085000002"}]
)
def test_nothing_is_told_of_whom_name_and_birth_do_not_fit(client: httpx.Client, wrong: dict[str, str]) -> None:
    found = client.post("/soap", content=envelope(**wrong))
    assert _values(found.content, "MaLoi") == ["01"]
    assert _values(found.content, "CongDan") == []


def test_confirmation_says_yes_or_no_and_no_more(client: httpx.Client) -> None:
    for name, result in (("nguyen thi hong nhan", "1"), ("AI ĐÓ", "0")):
        found = client.post("/soap", content=envelope("XacThucThongTinCongDan", HoVaTen=name))
        assert _values(found.content, "KetQua") == [result]
        assert _values(found.content, "CongDan") == []


@pytest.mark.parametrize(
    "content",
    [
        b"x", envelope("XoaCongDan"), envelope(MaCanBo=""), envelope(birth=""), envelope(SoDinhDanh=""),
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + envelope(),
    ],
)  # fmt: skip
def test_what_is_no_query_is_a_fault(client: httpx.Client, content: bytes) -> None:
    found = client.post("/soap", content=content)
    assert (found.status_code, b"soapenv:Client" in found.content) == (500, True)


@pytest.mark.parametrize(
    ("asked", "status", "answer"),
    [
        (
            {"soDinhDanh": "051191000001", "hoVaTen": "Nguyễn Thị Hồng Nhạn", "ngaySinh": "1991"},
            200,
            {"ketQua": "KHOP"},
        ),
        ({"soDinhDanh": "051191000001", "hoVaTen": "Khác", "ngaySinh": "1991"}, 200, {"ketQua": "KHONG_KHOP"}),
        ({"soDinhDanh": "051191990000", "hoVaTen": "x", "ngaySinh": "1991"}, 404, {"code": "KHONG_TIM_THAY"}),
        ({"soDinhDanh": "1"}, 400, {"code": "YEU_CAU_SAI"}),
        ([], 400, {"code": "YEU_CAU_SAI"}),
    ],
)
def test_verification_in_json(client: httpx.Client, asked: object, status: int, answer: object) -> None:
    found = client.post("/v1/verify", json=asked)
    assert (found.status_code, found.json()) == (status, answer)


def test_a_tester_makes_it_misbehave(client: httpx.Client) -> None:
    assert "Dữ liệu dân cư giả lập" in client.get("/admin").text
    for trouble, status, told in (
        ("down", 503, "Unavailable"),
        ("not_xml", 200, "nâng cấp"),
        ("wrong", 200, "01</MaLoi>"),
    ):
        assert client.post("/admin", data={"trouble": trouble}, follow_redirects=False).status_code == 303
        found = client.post("/soap", content=envelope())
        assert (found.status_code, told in found.text) == (status, True)
    assert client.post("/admin", data={"trouble": "more"}).status_code == 422
    assert client.post("/admin", data={"delay": "soon"}).status_code == 422
    assert client.post("/admin", data={"trouble": ""}, follow_redirects=False).status_code == 303
