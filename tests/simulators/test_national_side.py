"""Civil status, criminal records, land and tax, post, shared catalogues: as their clients know them, and broken by a tester."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulators.serving import within
from tinhso.simulators import catalogues, civil_status, criminal_records, land, post
from tinhso.simulators.casebook import Casebook, Stage
from tinhso.simulators.population.people import POPULATION, Register

SECRET = "demo-secret-not-for-production"
PUSH, SCAN = (f"/api/lienthongdvclt/hosolienthong/{name}" for name in ("nhanHoSo", "trangThai"))


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> Casebook:
    return Casebook("T", passed=clock)


def bearer(web: httpx.Client, address: str = "/token") -> dict[str, str]:
    told = web.post(address, data={"client_id": "tinhso-demo", "client_secret": SECRET}).json()
    return {"Authorization": f"Bearer {told['access_token']}"}


def birth(**changes: Any) -> dict[str, Any]:
    form = (
        "<hoso><nksHoTen>Nguyễn Văn Bé</nksHoTen><meHoTen>Trần Thị Mẹ</meHoTen><nycHoTen>Trần Thị Mẹ</nycHoTen></hoso>"
    )
    return {
        "maDonVi": "H48.12", "maTinh": "51", "module": "LTKS", "maHoSo": "H48.12-261001-0001",
        "ngayTiepNhan": "01/10/2026 08:30:00", "data": form, "fileDinhKem": [],
    } | changes  # fmt: skip


def test_civil_status_takes_a_birth_and_tells_how_far_it_is(book: Casebook, clock: Clock) -> None:
    web = within(civil_status.create_app(book))
    assert web.post(PUSH, json=birth()).status_code == 401
    web.headers = bearer(web)
    first, again = web.post(PUSH, json=birth()).json(), web.post(PUSH, json=birth()).json()
    assert first == again
    code = first["value"]["maHoSoLT"]
    asked = {"maDinhDanhHoSo": ["H48.12-261001-0001", "H48.12-261001-9999"], "maTinh": "51", "module": "LTKS"}
    rows = web.post(SCAN, json=asked).json()["value"]
    assert [(row["maHoSoLT"], row["trangThai"], row["ketQuaXuLy"]) for row in rows] == [(code, 1, None)]
    clock.now = 100
    (row,) = web.post(SCAN, json=asked).json()["value"]
    assert (row["trangThai"], len(row["ketQuaXuLy"]["soDinhDanh"])) == (9, 12)
    assert web.post(SCAN, json={**asked, "module": "LTKH"}).json()["value"] == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"module": "LTXX"}, "Module"), ({"maTinh": ""}, "maTinh"), ({"ngayTiepNhan": "2026-10-01"}, "dd/MM/yyyy"),
        ({"data": "<hoso"}, "XML"), ({"data": '<!DOCTYPE x [<!ENTITY a "b">]><hoso/>'}, "DTD"),
        ({"module": "LTKH"}, "chong, vo"), ({"fileDinhKem": [{"tenTepDinhKem": "x"}]}, "Tệp"),
    ],
)  # fmt: skip
def test_civil_status_says_what_is_wrong_with_a_message(book: Casebook, changes: dict[str, Any], told: str) -> None:
    web = within(civil_status.create_app(book))
    answer = web.post(PUSH, json=birth(**changes), headers=bearer(web)).json()
    assert (answer["errorCode"], told in answer["errorDesc"], book.held) == ("01", True, {})


def test_criminal_records_from_request_to_certificate(book: Casebook, clock: Clock) -> None:
    web = within(criminal_records.create_app(book))
    form = {
        "loaiPhieu": "1", "yeuCauCDNCV": "0", "maMucDich": "01", "soLuongCap": 1, "nycHoTen": "NGUYỄN THỊ HỒNG NHẠN",
        "nycNgaySinh": "12/04/1991", "nycSoGiayTo": "051191000001", "quaTrinh": [],
    }  # fmt: skip
    message = {
        "authKey": SECRET, "maTinh": "51", "tenTinh": "Quảng Ngãi", "maHoSoMCDT": "H48-1", "nguonDangKy": "1",
        "ngayTiepNhan": "01/10/2026", "toKhai": form,
    }  # fmt: skip
    wrong: dict[str, Any]
    for wrong in (
        {"authKey": "x"},
        {"toKhai": {}},
        {"toKhai": form | {"loaiPhieu": "3"}},
        {"toKhai": form | {"nycSoGiayTo": "1"}},
    ):
        assert web.post("/dangKyHoSo", json=message | wrong).json()["statusCode"] == "01"
    code = web.post("/dangKyHoSo", json=message).json()["maHoSoLLTP"]
    asked = {"authKey": SECRET, "maTinh": "51", "maHoSoMCDT": "H48-1"}
    assert web.post("/traCuuHoSo", json=asked).json()["ketQuaXuLy"] is None
    clock.now = 100
    done = web.post("/traCuuHoSo", json=asked).json()
    assert (done["trangThaiXuLy"], set(done["ketQuaXuLy"])) == (9, {"soPhieuLLTP", "ngayCapPhieu", "phieuLLTP"})
    assert web.post("/move", data={"code": code, "stage": "3", "note": "Thiếu giấy tờ"}).status_code == 303
    refused = web.post("/traCuuHoSo", json=asked).json()
    assert (refused["trangThaiXuLy"], refused["lyDoTuChoi"], refused["ketQuaXuLy"]) == (3, "Thiếu giấy tờ", None)
    assert web.post("/move", data={"code": code, "stage": "77"}).status_code == 422


def test_land_in_both_dialects_and_the_tax_that_follows(book: Casebook, clock: Clock) -> None:
    web = within(land.create_app(book))
    taking = {
        "TinhId": "51", "XaId": "21025", "SoBienNhan": "BN-1", "MaHoSoMotCua": "H48-1",
        "ThongTinThuaDat": [{"SoTo": "12", "SoThua": "34"}],
    }  # fmt: skip
    assert web.post("/ilis/TiepNhanHoSo", json=taking).json()["status"]["code"] == 401
    token = web.post(
        "/ilis/token", data={"grant_type": "password", "username": "tinhso-demo", "password": SECRET}
    ).json()
    web.headers["Authorization"] = f"Bearer {token['access_token']}"
    assert web.post("/ilis/TiepNhanHoSo", json=taking | {"ThongTinThuaDat": [{}]}).json()["status"]["success"] is False
    assert web.post("/ilis/TiepNhanHoSo", json=taking).json()["data"]["SoBienNhan"] == "BN-1"

    def say(address: str, **more: Any) -> dict[str, Any]:
        told: dict[str, Any] = web.post(address, json={"SecurityCode": SECRET, "SoBienNhan": "BN-1", **more}).json()
        return told

    assert say("/thue/ThongBaoThue")["Data"]["ThongBaoThue"] == [], "nothing is to be paid before it was taken"
    clock.now = 10
    notices = say("/thue/ThongBaoThue")["Data"]["ThongBaoThue"]
    assert notices == say("/thue/ThongBaoThue")["Data"]["ThongBaoThue"]
    assert say("/thue/ChungTuThue")["Data"]["ChungTuThue"] is None
    paid = say("/thue/ChungTuThue", DaNop=True)["Data"]["ChungTuThue"]
    assert paid["SoTien"] == sum(one["SoTien"] for one in notices)
    assert say("/vbdlis/ChoBoSung", GhiChu="Thiếu sơ đồ")["Data"]["TrangThai"] == 5
    assert say("/vbdlis/KetThuc")["Result"] == 1
    assert book.find("BN-1")[0].stage is Stage.DONE
    assert say("/vbdlis/XoaHet")["Result"] == 0
    assert web.post("/vbdlis/KetThuc", json={"SecurityCode": "x", "SoBienNhan": "BN-1"}).json()["Result"] == 0


def test_post_takes_an_order_once_and_is_followed(book: Casebook, clock: Clock) -> None:
    web = within(post.create_app(book))
    token = bearer(web)["Authorization"].split()[1]
    party = {"Province": "51", "District": "", "Address": "1 Hùng Vương", "Name": "Người Thử", "Tel": "0900000001"}
    order = {"CustomerCode": "C1", "OrderNumber": "H48-1", "CODAmount": 0, "Sender": party, "Receiver": party}
    assert web.post("/order", json=order).status_code == 401
    web.headers["access_token"] = token
    wrong: dict[str, Any]
    for wrong in ({"Receiver": {}}, {"CODAmount": -1}, {"OrderNumber": ""}):
        assert web.post("/order", json=order | wrong).json()["Status"] == "101"
    first, again = web.post("/order", json=order).json(), web.post("/order", json=order).json()
    assert (first["Status"], first) == ("100", again)
    assert len(first["ItemCode"]) == 13
    clock.now = 100
    assert web.get(f"/tracking/{first['ItemCode']}").json()["StatusName"] == "Đã phát thành công"
    assert web.get("/tracking/EH000000000VN").json()["Status"] == "101"


@pytest.fixture(scope="module")
def lists(project_root: Path) -> Iterator[httpx.Client]:
    with within(catalogues.create_app(project_root / "content")) as web:
        yield web


def test_catalogues_of_areas_agencies_and_procedures(lists: httpx.Client) -> None:
    assert lists.get("/ngsp/areas").status_code == 401
    areas = lists.get("/ngsp/areas", params={"cap": 2, "chaId": 1}, headers=bearer(lists, "/ngsp/token")).json()
    assert len(areas) == 96
    assert areas[0] == {"id": 2, "ma": "21025", "ten": "Phường Cẩm Thành", "cap": 2, "chaId": 1}

    account = {"username": "tinhso-demo", "password": SECRET}
    assert lists.post("/dvcqg/login", json=account).json()["error_code"] == "5", "dstcode is missing"
    session = lists.post("/dvcqg/login", json=account, headers={"dstcode": "VN:GOV:G22:dvcqg"}).json()["session"]

    def ask(service: str, **more: Any) -> dict[str, Any]:
        told: dict[str, Any] = lists.post(f"/dvcqg/{service}", json={"session": session, **more}).json()
        return told

    assert {"MADONVI", "TENDONVI"} == set(ask("LayDanhMucCoQuan")["result"][0])
    procedures = ask("LayDanhSachTTHC")["result"]
    code = procedures[0]["MATTHC"]
    (one,) = ask("LayThuTuc", maTTHC=code)["result"]
    assert one["LINHVUC"] in {field["TENLINHVUC"] for field in ask("LayDanhMucLinhVuc")["result"]}
    assert [ask("LayThuTuc", maTTHC="x")["error_code"], ask("Khac")["error_code"]] == ["2", "6"]
    assert lists.post("/dvcqg/LayDanhMucCoQuan", json={"session": "x"}).json()["error_code"] == "5"


def test_a_tester_breaks_each_of_them(book: Casebook, lists: httpx.Client) -> None:
    apps = [
        civil_status.create_app(book),
        criminal_records.create_app(book),
        land.create_app(book),
        post.create_app(book),
    ]
    for app, address in zip(apps, (PUSH, "/dangKyHoSo", "/vbdlis/KetThuc", "/order"), strict=True):
        web = within(app)
        for trouble, status in (("down", 503), ("malformed", 200)):
            assert web.post("/admin", data={"trouble": trouble}).status_code == 303
            broken = web.post(address, json={})
            assert (broken.status_code, "json" in broken.headers["content-type"]) == (status, False)
        web.post("/admin", data={"trouble": "duplicate"})
        assert "Đã nhận 0" in web.get("/admin").text
    web = within(apps[0])
    web.headers = bearer(web)
    codes = {web.post(PUSH, json=birth()).json()["value"]["maHoSoLT"] for _ in range(2)}
    assert len(codes) == 2, "written twice"
    lists.post("/admin", data={"trouble": "duplicate"})
    twice = lists.get("/ngsp/areas", headers=bearer(lists, "/ngsp/token")).json()
    lists.post("/admin", data={"trouble": ""})
    assert len(twice) == 2 * 97


def test_a_million_people_are_worked_out_and_not_kept(project_root: Path) -> None:
    register = Register(project_root / "content/demo/people.yaml")
    held = len(register)
    numbers = range(1, POPULATION, 9_973)
    found = [register.numbered(number) for number in numbers]
    ids = {one.person.personal_id for one in found if one is not None}
    assert (len(ids), len(register)) == (len(numbers), held)
    assert [register.numbered(number) for number in numbers] == found
    assert (register.numbered(POPULATION), register.numbered(-1), register.numbered(0)) == (None, None, None)
