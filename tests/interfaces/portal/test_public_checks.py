"""Following a case and checking a paper without signing in: facts, and nobody's personal data."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories.papers import letter
from tests.factories.world import World
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.cases import actions
from tinhso.apps.cases.models import Case, Paper
from tinhso.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def acknowledged(submitted: str, province: World, drain_jobs: Callable[[], int]) -> str:
    """The code of a received case with its acknowledgement."""
    case = Case.objects.get(code=submitted)
    actions.receive_case(case_id=case.pk, actor=province.officer("one_stop_officer"), at=clock.now())
    drain_jobs()
    return submitted


def test_a_case_is_followed_without_personal_data(acknowledged: str, person: AccountData) -> None:
    answer = Client().get("/tra-cuu", {"ma": acknowledged.lower()})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Đang xử lý" in text
    assert "Hẹn trả" in text
    for secret in (person.full_name, person.personal_id, person.phone, "Nguyễn Thị"):
        assert secret not in text


@pytest.mark.parametrize("code", ["H48.99-260101-0001", "x" * 500, "\x00", "' OR 1=1"])
def test_an_unknown_code_is_told(province: World, code: str) -> None:
    answer = Client().get("/tra-cuu", {"ma": code})
    assert answer.status_code == (404 if code.strip("\x00") else 200)


def test_the_box_alone_asks_nothing(province: World) -> None:
    assert "Mã hồ sơ" in Client().get("/tra-cuu").content.decode()


def test_a_paper_is_checked_by_its_code(acknowledged: str, person: AccountData) -> None:
    paper = Paper.objects.get(case__code=acknowledged)
    answer = Client().get(f"/kiem-tra/{paper.check_code}")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" in text
    assert acknowledged in text
    assert person.full_name not in text
    assert person.personal_id not in text


def test_the_typed_code_leads_to_the_same_page(province: World) -> None:
    assert Client().get("/kiem-tra", {"ma": "abc"})["Location"] == "/kiem-tra/abc"
    answer = Client().get("/kiem-tra/abc")
    assert answer.status_code == 404
    assert "chưa xác thực" in answer.content.decode()


def test_an_unsigned_file_is_not_called_genuine(province: World) -> None:
    sent = SimpleUploadedFile("giay.pdf", letter(), content_type="application/pdf")
    text = Client().post("/kiem-tra", {"file": sent}).content.decode()
    assert "patch-check-fill" not in text
    assert "không có trong sổ" in text


def test_our_own_file_is_recognised_and_a_changed_one_is_not(acknowledged: str) -> None:
    from tinhso.apps.documents.queries import read_file

    paper = Paper.objects.get(case__code=acknowledged)
    assert paper.file_id is not None
    content = read_file(paper.file_id)
    known = Client().post("/kiem-tra", {"file": SimpleUploadedFile("a.pdf", content)}).content.decode()
    assert "do tỉnh cấp" in known
    changed = Client().post("/kiem-tra", {"file": SimpleUploadedFile("a.pdf", content + b" ")}).content.decode()
    assert "không phải đúng tệp đã cấp" in changed
    assert "còn hiệu lực" not in changed


@pytest.mark.parametrize("content", [b"", b"not a pdf", b"%PDF-1.7\n%%EOF"])
def test_any_file_gets_an_answer_in_words(province: World, content: bytes) -> None:
    answer = Client().post("/kiem-tra", {"file": SimpleUploadedFile("x.pdf", content)})
    assert answer.status_code in {200, 422}
    assert "Hệ thống gặp lỗi" not in answer.content.decode()


def test_no_file_and_a_huge_file_are_told(province: World, settings: object) -> None:
    assert Client().post("/kiem-tra").status_code == 422
    settings.TINHSO_MAX_UPLOAD_MB = 0  # type: ignore[attr-defined]  # the settings fixture takes any name
    assert Client().post("/kiem-tra", {"file": SimpleUploadedFile("x.pdf", b"12")}).status_code == 413


@pytest.mark.parametrize("address", ["/kiem-tra", "/api/v1/verification"])
def test_a_strangers_file_is_read_in_a_process_of_its_own(
    acknowledged: str, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """What a hostile file does to its reader must not happen to the server."""
    from tinhso.apps.documents.queries import read_file
    from tinhso.apps.signatures import queries as signatures
    from tinhso.apps.signatures.rules import verification

    def here(*_args: object, **_named: object) -> None:
        raise AssertionError("read inside the server")

    monkeypatch.setattr(verification, "verify", here)
    paper = Paper.objects.get(case__code=acknowledged)
    assert paper.file_id is not None
    content = read_file(paper.file_id)
    known = Client().post(address, {"file": SimpleUploadedFile("a.pdf", content)})
    assert known.status_code == 200
    assert paper.number in known.content.decode()

    monkeypatch.setattr(signatures, "_CHECK_SECONDS", 0.05)
    exhausted = Client().post(address, {"file": SimpleUploadedFile("a.pdf", letter())})
    assert exhausted.status_code == 200
    told = str(exhausted.json()["sentences"]) if "api" in address else exhausted.content.decode()
    assert "không kiểm tra được" in told
