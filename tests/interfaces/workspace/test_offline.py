"""The offline counter as the server sees it: the pack, slips that come in, and the pages of decisions."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.interfaces.workspace.conftest import BIRTH, MORNING, Office, text_of
from tests.interfaces.workspace.test_counter import filled, unit_of
from tinhso.apps.cases.models import Case
from tinhso.apps.reception.models import OfflineSlip
from tinhso.interfaces.workspace.offline import pack as offline
from tinhso.kernel.clock import travel

pytestmark = pytest.mark.django_db
HERE = "/can-bo/quay/ngoai-tuyen/"


@pytest.fixture(autouse=True)
def _few_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing forty codes for each test would be most of its time."""
    monkeypatch.setattr(offline, "_PICTURES", 2)


@pytest.fixture
def counter(office: Office) -> Client:
    return office.browser("one_stop_officer")


def pack_of(counter: Client, **more: str) -> dict[str, Any]:
    answer = counter.post(f"{HERE}chuan-bi", {"name": "Quầy 3", **more})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def slip(office: Office, pack: dict[str, Any], *, number: int = 1, **more: Any) -> dict[str, Any]:
    """A slip as the page sends it."""
    item = next(p for p in pack["procedures"] if p["code"] == BIRTH)
    return {
        **filled(), **unit_of(office), "_ticket": pack["ticket"], "_number": str(number), "_version": item["version"],
        "_taken_at": (MORNING + timedelta(minutes=number)).isoformat(), "_title": item["title"], **more,
    }  # fmt: skip


def sent(counter: Client, data: dict[str, Any]) -> Any:
    with travel(MORNING + timedelta(minutes=4)):
        return counter.post(f"{HERE}gui", data)


def test_the_pack_holds_what_a_slip_needs(counter: Client) -> None:
    pack = pack_of(counter)
    assert pack["device"]["series"] == "NT-H48.1-01" or pack["device"]["series"].startswith("NT-H48")
    numbers = pack["numbers"]
    assert (numbers["first"], numbers["last"], len(numbers["pictures"])) == (1, 120, 2)
    assert numbers["pictures"]["1"].startswith("<svg")
    item = next(p for p in pack["procedures"] if p["code"] == BIRTH)
    assert 'name="subject_name"' in item["html"]
    assert item["prefill"]["full_name"] == "full_name"
    assert "hx-post" not in item["html"]
    assert "⟦missing" not in "".join(p["html"] for p in pack["procedures"])
    assert pack["own_commune"] in [unit["id"] for unit in pack["communes"]]


def test_conditional_questions_are_asked_as_if_they_apply(counter: Client) -> None:
    """Nothing on the page evaluates conditions, so every question stands there and none of these is demanded."""
    permit = next(p for p in pack_of(counter)["procedures"] if "Chỉ khai nếu" in p["html"])
    assert permit["html"].count("Chỉ khai nếu thuộc trường hợp này") >= 1


def test_the_same_computer_keeps_its_series(counter: Client) -> None:
    first = pack_of(counter)
    again = pack_of(counter, device=first["device"]["word"], next="30")
    assert again["device"]["series"] == first["device"]["series"]
    assert (again["numbers"]["first"], again["numbers"]["last"]) == (30, 149)


def test_a_computer_without_a_name_is_asked_for_one(counter: Client) -> None:
    answer = counter.post(f"{HERE}chuan-bi", {"device": "forged"})
    assert (answer.status_code, answer.json()["reason"]) == (404, "device_not_found")


def test_a_slip_becomes_a_case_and_its_number_leads_there(office: Office, counter: Client) -> None:
    pack = pack_of(counter)
    answer = sent(counter, slip(office, pack)).json()
    case = Case.objects.get()
    assert (answer["status"], answer["case"]) == ("case", case.code)
    assert case.received_at == MORNING + timedelta(minutes=1)
    assert text_of(Client().get("/tra-cuu", {"ma": answer["code"]})).count(case.code or "") >= 2
    found = counter.get("/can-bo/viec/tim", {"q": answer["code"]}, follow=True)
    assert case.code in text_of(found)
    assert "Nhận khi mất mạng, phiếu" in text_of(found)
    assert sent(counter, slip(office, pack)).json() == answer
    assert Case.objects.count() == 1


def test_a_slip_of_an_unprepared_computer_is_refused(office: Office, counter: Client) -> None:
    answer = sent(counter, slip(office, pack_of(counter), _ticket="forged"))
    assert answer.status_code == 422
    assert "vẫn được giữ trên máy" in answer.json()["error"]
    for wrong in ({"_number": "x"}, {"_taken_at": "hôm nay"}, {"_taken_at": "2026-11-23T09:00:00"}, {"_number": "900"}):
        assert sent(counter, slip(office, pack_of(counter), **wrong)).status_code == 422
    for number in ("²", "٢", "+2", "9" * 30, "9" * 5000):
        answer = sent(counter, slip(office, pack_of(counter), _number=number))
        assert (answer.status_code, "thiếu số" in answer.json()["error"]) == (422, True), number[:10]
    assert not OfflineSlip.objects.exists()


def test_what_is_missing_is_put_right_on_the_counters_own_page(office: Office, counter: Client) -> None:
    data = slip(office, pack_of(counter))
    del data["subject_name"]
    answer = sent(counter, data).json()
    assert answer["status"] == "conflict"
    with travel(MORNING + timedelta(minutes=5)):
        page = text_of(counter.get(answer["address"]))
        assert "Mở ở quầy, sửa rồi tiếp nhận" in page
        assert "051190000019" not in page.replace(" ", "").split("<form")[0]
        stored = dict(OfflineSlip.objects.get().content)
        opened = counter.post("/can-bo/quay/tiep-nhan", stored | {"_slip": answer["code"], "_refresh_papers": "1"})
        assert f'name="_slip" value="{answer["code"]}"' in text_of(opened)
        fixed = stored | {"_slip": answer["code"], "subject_name": "Nguyễn Văn Con", "_key": answer["code"]}
        done = counter.post("/can-bo/quay/tiep-nhan", fixed)
    assert done.status_code == 302, text_of(done)[-3000:]
    case = Case.objects.get()
    assert case.received_at == MORNING + timedelta(minutes=1)
    assert OfflineSlip.objects.get().case == case


def test_a_duplicate_is_decided_with_a_reason(office: Office, counter: Client) -> None:
    pack = pack_of(counter)
    first = sent(counter, slip(office, pack)).json()
    second = sent(counter, slip(office, pack, number=2)).json()
    assert second["status"] == "conflict"
    assert first["case"] in second["conflicts"][0]
    with travel(MORNING + timedelta(minutes=5)):
        listed = text_of(counter.get(f"{HERE}phieu/"))
        assert second["conflicts"][0] in listed
        silent = counter.post(f"{second['address']}/quyet-dinh", {"choice": "receive", "reason": " "})
        assert silent.status_code == 422
        assert "Mời ghi lý do" in text_of(silent)
        done = counter.post(
            f"{second['address']}/quyet-dinh", {"choice": "link", "case": first["case"], "reason": "Ghi hai lần."}
        )
        assert done["Location"].endswith(first["case"])
    assert Case.objects.count() == 1


def test_a_doubted_hour_gives_way_to_that_of_the_synchronisation(office: Office, counter: Client) -> None:
    data = slip(office, pack_of(counter), _taken_at=(MORNING - timedelta(days=1)).isoformat())
    answer = sent(counter, data).json()
    with travel(MORNING + timedelta(minutes=5)):
        page = text_of(counter.get(answer["address"]))
        assert "Tiếp nhận theo giờ đồng bộ" in page
        assert "Tiếp nhận theo giờ trên phiếu" not in page
        counter.post(f"{answer['address']}/quyet-dinh", {"choice": "receive_now", "reason": "Đồng hồ máy sai ngày."})
    assert Case.objects.get().received_at == MORNING + timedelta(minutes=4)


def test_a_cancelled_slip_says_why(office: Office, counter: Client) -> None:
    data = slip(office, pack_of(counter))
    del data["subject_name"]
    answer = sent(counter, data).json()
    counter.post(f"{answer['address']}/quyet-dinh", {"choice": "void", "reason": "Người nộp đổi ý."})
    assert "Người nộp đổi ý" in text_of(Client().get("/tra-cuu", {"ma": answer["code"]}))
    assert "Người nộp đổi ý" in text_of(counter.get(answer["address"]))


def test_closing_a_computer_cancels_its_numbers(counter: Client) -> None:
    pack_of(counter)
    page = text_of(counter.get(f"{HERE}phieu/"))
    address = page.split('action="/can-bo/quay/ngoai-tuyen/may/')[1].split('"')[0]
    counter.post(f"{HERE}may/{address}", {"reason": "Thay máy."})
    assert "Thôi dùng" in text_of(counter.get(f"{HERE}phieu/"))
    assert OfflineSlip.objects.filter(status="void").count() == 120


def test_the_worker_names_what_it_keeps_and_knows_nobody(counter: Client) -> None:
    answer = Client().get(f"{HERE}tro-thu.js")
    assert answer["Content-Type"].startswith("text/javascript")
    body = answer.content.decode()
    assert body.startswith('const KEEP = ["/can-bo/quay/ngoai-tuyen/"')
    assert "workspace/offline-page.js" in body


def test_the_page_is_a_shell_without_anybodys_data(office: Office, counter: Client) -> None:
    page = text_of(counter.get(HERE))
    assert office.actor("one_stop_officer").name not in page
    assert "csrfmiddlewaretoken" not in page


def test_only_those_who_receive(office: Office) -> None:
    for role in ("specialist", "leader", "auditor"):
        assert office.browser(role).get(HERE).status_code == 403
        assert office.browser(role).get(f"{HERE}phieu/").status_code == 403
