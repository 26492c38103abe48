"""The simulated national portal: as a province's client knows it, and as a tester breaks it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulators.serving import serve
from tinhso.lib.national import Dossier, Progress
from tinhso.simulators.national_portal import Behaviour, Portal, create_app
from tinhso.simulators.national_portal.seeds import sow

CASE = Dossier("H48.12-261001-0007", "1.000000", 2, owner="Nguyễn Văn Mẫu").to_wire()


APP = create_app()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(APP) as found:
        yield found


@pytest.fixture
def portal() -> Portal:
    APP.state.portal = Portal(clients={"tinh": "mat-khau"})
    return APP.state.portal


@pytest.fixture
def call(portal: Portal, address: str) -> Iterator["Caller"]:
    with httpx.Client(base_url=address) as http:
        yield Caller(http)


class Caller:
    """A client that has signed in."""

    def __init__(self, http: httpx.Client) -> None:
        self.http, self.session = http, ""
        self.sign_in()

    def sign_in(self) -> httpx.Response:
        body = {"username": "tinh", "password": "mat-khau"}
        answer = self.http.post("/login", json=body, headers={"dstcode": "VN:GOV:G01:vpcp"})
        self.session = answer.json()["session"]
        return answer

    def __call__(self, service: str, **more: Any) -> httpx.Response:
        body = {"session": self.session, "madonvi": "H48", "service": service, **more}
        return self.http.post(f"/{service}", json=body)

    def code(self, service: str, **more: Any) -> str:
        return str(self(service, **more).json()["error_code"])


def test_a_session_is_needed_and_ends(call: Caller, portal: Portal) -> None:
    wrong = call.http.post("/login", json={"username": "tinh", "password": "x"}, headers={"dstcode": "x"}).json()
    assert wrong["error_code"] == "1"
    assert call.http.post("/login", json={"username": "tinh", "password": "mat-khau"}).json()["error_code"] == "1"
    assert call.code("TraCuuHoSo") == "0"
    portal.end_sessions()
    assert call.code("TraCuuHoSo") == "-1"
    call.sign_in()
    assert call.code("KhongCo") == "1"


def test_a_case_is_taken_once_then_updated(call: Caller, portal: Portal) -> None:
    assert call.code("DongBoHoSoMC", isUpdating="true", data=[CASE]) == "2"
    assert call.code("DongBoHoSoMC", isUpdating="false", data=[CASE]) == "0"
    assert call.code("DongBoHoSoMC", isUpdating="false", data=[CASE]) == "3"
    assert call.code("DongBoHoSoMC", isUpdating=True, data=[CASE | {"TrangThaiHoSo": "4"}]) == "0"
    assert call("TraCuuHoSo", MaHoSo=CASE["MaHoSo"]).json()["data"][0]["TrangThaiHoSo"] == "4"
    assert call.code("DongBoHoSoMC", isUpdating="false", data=[{"MaHoSo": ""}]) == "4"


def test_the_same_progress_told_again_is_kept_once(call: Caller, portal: Portal) -> None:
    step = Progress(CASE["MaHoSo"], "Lê Văn Mẫu", "Chuyên viên", None, "Phòng", "Thẩm định", 4).to_wire()
    assert call.code("CapNhatTienDoHoSoMC", data=[step]) == "2"
    call("DongBoHoSoMC", isUpdating="false", data=[CASE])
    assert [call.code("CapNhatTienDoHoSoMC", data=[step]) for _ in range(2)] == ["0", "0"]
    assert len(portal.held[CASE["MaHoSo"]].progress) == 1
    assert call.code("CapNhatTienDoHoSoMC", data=[step] * 11) == "4"


def test_a_case_filed_on_the_portal_waits_until_it_is_acknowledged(call: Caller, portal: Portal) -> None:
    dossier = Dossier("x", "1.000000", 1, owner="Nguyễn Văn Mẫu").to_wire() | {
        "MaHoSo": "",
        "NgayNopHoSo": "20261001080000",
    }
    filed = call.http.post(
        "/admin/file", json={"agency": "H48.12", "dossier": dossier, "files": {"1": ["a.pdf", "JVBERg=="]}}
    ).json()["data"][0]
    code = filed["MaHoSo"]
    assert (code, filed["NoiNopHoSo"]) == ("H48.12-261001-010001", "1")
    assert [one["MaHoSo"] for one in call("LayDanhSachHoSoMoi").json()["data"]] == [code]
    assert call("LayTepHoSo", MaHoSo=code, TepDinhKemId="1").json()["NoiDung"] == "JVBERg=="
    assert call.code("LayTepHoSo", MaHoSo=code, TepDinhKemId="2") == "2"
    assert call.code("DongBoHoSoMC", isUpdating="false", data=[filed]) == "-3"
    assert call.code("XacNhanHoSoMoi", MaHoSo=code) == "0"
    assert call("LayDanhSachHoSoMoi").json()["data"] == []
    portal.behaviour = Behaviour.DUPLICATE
    assert len(call("LayDanhSachHoSoMoi").json()["data"]) == 2


@pytest.mark.parametrize(("behaviour", "status"), [("down", 503), ("wrong", 200), ("lost", 504), ("refuse", 200)])
def test_faults_look_on_the_wire_as_they_do_in_life(call: Caller, portal: Portal, behaviour: str, status: int) -> None:
    assert call.http.post("/admin", data={"behaviour": behaviour}).status_code == 303
    answer = call("DongBoHoSoMC", isUpdating="false", data=[CASE])
    assert answer.status_code == status
    assert (CASE["MaHoSo"] in portal.held) is (behaviour == "lost")
    assert call.http.post("/admin", data={"behaviour": "no such"}).status_code == 422


def test_the_page_changes_and_forgets_a_case(call: Caller, portal: Portal) -> None:
    call("DongBoHoSoMC", isUpdating="false", data=[CASE])
    assert CASE["MaHoSo"] in call.http.get("/admin").text
    call.http.post("/admin", data={"code": CASE["MaHoSo"], "status": "10"})
    assert portal.held[CASE["MaHoSo"]].wire["TrangThaiHoSo"] == "10"
    call.http.post("/admin", data={"code": CASE["MaHoSo"], "forget": "1"})
    assert portal.held == {}
    assert call.http.post("/admin", data={"code": "x", "status": "1"}).status_code == 422


def test_the_demonstration_begins_with_cases_on_the_portal(project_root: Path, portal: Portal) -> None:
    sow(portal, project_root / "content" / "demo" / "national.yaml")
    assert [len(one.wire["DuLieuToKhai"]) > 5 if "DuLieuToKhai" in one.wire else 0 for one in portal.waiting()] == [
        True,
        True,
        0,
    ]
    assert {Dossier.read(one).status for one in portal.elsewhere.values()} == {4, 9}
    sow(portal, project_root / "no such file")
