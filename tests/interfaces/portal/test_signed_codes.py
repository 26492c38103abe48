"""The QR of a paper: what its page says, what a forged one gets, how often one may guess, and what is kept for offline."""

from collections.abc import Callable, Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories.world import World
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.cases import actions
from tinhso.apps.cases.models import Case, Paper
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import queries as signatures
from tinhso.interfaces.access import limits
from tinhso.kernel import clock
from tinhso.kernel.clock import PROVINCE_TIME

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_budgets() -> Iterator[None]:
    for budget in (limits.WRONG_CODES, limits.FILES):
        budget.forget()
    yield
    for budget in (limits.WRONG_CODES, limits.FILES):
        budget.forget()


@pytest.fixture
def paper(submitted: str, province: World, drain_jobs: Callable[[], int]) -> Paper:
    """The acknowledgement of a received case."""
    case = Case.objects.get(code=submitted)
    actions.receive_case(case_id=case.pk, actor=province.officer("one_stop_officer"), at=clock.now())
    drain_jobs()
    return Paper.objects.select_related("case").get(case__code=submitted)


def address(paper: Paper, **other: str) -> str:
    """Where the QR of the paper leads, with facts of its own or others signed by the same key."""
    facts = {
        "code": paper.check_code, "kind": "Giấy tiếp nhận", "number": paper.number, "issuer": "Trung tâm",
        "holder": paper.case.applicant_name, **other,
    }  # fmt: skip
    claim = signatures.paper_claim(issued_on=paper.created_at.astimezone(PROVINCE_TIME).date(), **facts)
    return signatures.paper_address(claim, base_url="")


def test_the_code_on_a_paper_shows_what_the_register_says(paper: Paper, person: AccountData) -> None:
    answer = Client().get(address(paper))
    text = answer.content.decode()
    assert answer.status_code == 200
    for words in ("Mã QR do tỉnh ký, chưa bị sửa", "còn hiệu lực", paper.number):
        assert words in text
    assert person.full_name not in text


def test_altered_and_strange_codes_are_told_alike(paper: Paper) -> None:
    good = address(paper)
    flipped = good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:]
    for forged in (flipped, good.replace(paper.check_code.upper(), "0" * 20), f"/KT/{'0' * 20}/{'A' * 300}"):
        answer = Client().get(forged)
        assert answer.status_code == 404
        assert "bị sửa hoặc làm giả" in answer.content.decode()
        assert paper.number not in answer.content.decode()


def test_a_code_that_tells_another_thing_than_the_register(paper: Paper) -> None:
    text = Client().get(address(paper, number="99/TTPVHCC")).content.decode()
    assert "Nội dung khác sổ của tỉnh" in text
    assert "Mã QR ghi số 99/TTPVHCC" in text
    lost = Client().get(address(paper, code="0" * 20)).content.decode()
    assert "sổ chưa ghi giấy này" in lost


def test_guessing_is_stopped_and_a_signed_code_still_answers(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.WRONG_CODES, "each", 3)
    told = {Client().get(f"/kiem-tra/{n:020d}").status_code for n in range(3)}
    assert told == {404}
    # The same for a wrong and a true one, on the page and in the API: nothing is learnt by asking on.
    for asked in ("1" * 20, paper.check_code):
        assert Client().get(f"/kiem-tra/{asked}").status_code == 429
        assert Client().get(f"/api/v1/verification/{asked}").status_code == 429
    assert Client().get(address(paper)).status_code == 200
    assert Client(REMOTE_ADDR="10.1.2.3").get(f"/kiem-tra/{paper.check_code}").status_code == 200


def test_everybody_together_is_counted_too(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.WRONG_CODES, "all_together", 3)
    for n in range(3):
        Client(REMOTE_ADDR=f"10.0.0.{n}").get(f"/kiem-tra/{n:020d}")
    assert Client(REMOTE_ADDR="10.0.1.1").get(f"/kiem-tra/{paper.check_code}").status_code == 429


def test_files_are_counted(province: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.FILES, "each", 0)
    for place in ("/kiem-tra", "/api/v1/verification"):
        assert Client().post(place, {"file": SimpleUploadedFile("x.pdf", b"12")}).status_code == 429


def test_public_keys_and_the_kept_page(paper: Paper) -> None:
    published = Client().get("/.well-known/tinhso-paper-keys.json")
    keys = published.json()["keys"]
    assert [key["id"] for key in keys] == [key.id for key in signatures.list_paper_keys()]
    assert keys[-1]["signs_until"] is None
    assert set(keys[-1]) == {"id", "algorithm", "public", "signs_from", "signs_until"}
    worker = Client().get("/kiem-tra/ngoai-tuyen.js")
    assert worker["Service-Worker-Allowed"] == "/"
    assert "/.well-known/tinhso-paper-keys.json" in worker.content.decode()
    assert "khi không có mạng" in Client().get("/kiem-tra/ngoai-tuyen").content.decode()


def test_the_text_of_a_file_is_held_against_the_register(paper: Paper) -> None:
    """A file that carries our code but is not ours: told where it differs, and never called genuine."""
    from tinhso.apps.cases import queries

    assert paper.file_id is not None
    content = read_file(paper.file_id)
    other = content + b"\n"
    text = Client().post("/kiem-tra", {"file": SimpleUploadedFile("a.pdf", other)}).content.decode()
    assert "không phải đúng tệp đã cấp" in text
    assert "còn hiệu lực" not in text

    day = paper.created_at.astimezone(PROVINCE_TIME)
    shown = f"Số: {paper.number} ngày {day:%d/%m/%Y} {paper.case.applicant_name} Mã kiểm tra: {paper.check_code}"
    found = queries.find_by_text(shown)
    assert found is not None
    assert found[1] == []
    forged = queries.find_by_text(shown.replace(paper.number, "99/XX").replace(paper.case.applicant_name, "Lê Văn Giả"))
    assert forged is not None
    assert len(forged[1]) == 2
    assert paper.case.applicant_name not in " ".join(forged[1]), "the register's name is not told to whoever asks"
    assert queries.find_by_text("chẳng có mã nào ở đây") is None


def test_the_technical_report_as_a_file_and_in_the_api(paper: Paper) -> None:
    assert paper.file_id is not None
    content = read_file(paper.file_id)
    sent = {"file": SimpleUploadedFile("a.pdf", content), "bao-cao": "json"}
    answer = Client().post("/kiem-tra", sent)
    assert answer["Content-Disposition"].startswith("attachment")
    report = answer.json()
    assert report["register"]["same_bytes"]
    assert "text" not in report
    by_api = Client().post("/api/v1/verification", {"file": SimpleUploadedFile("a.pdf", content)}).json()
    assert by_api["report"]["sha256"] == report["sha256"]
    assert by_api["paper"]["number"] == paper.number
