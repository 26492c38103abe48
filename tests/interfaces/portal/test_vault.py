"""The vault on pages: one's own documents, the next case, links, packages, who has looked."""

import json
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.factories import vaults
from tests.factories.files import png
from tests.factories.papers import words_of
from tests.factories.vaults import end
from tests.factories.world import World
from tests.interfaces.portal.conftest import body
from tinhso.apps.accounts.data import AccountData
from tinhso.apps.audit.actions import record_disclosure
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions as cases
from tinhso.apps.cases.models import Case
from tinhso.apps.documents.actions import store_file
from tinhso.apps.notifications.models import Notice
from tinhso.apps.vault import flows, queries
from tinhso.apps.vault.data import ExportNotReady
from tinhso.apps.vault.enums import Standing
from tinhso.apps.vault.models import Document, Export, Share
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.jobs import run_waiting
from tinhso.lib.sealed import SealBroken

pytestmark = pytest.mark.django_db

BUSINESS = "KQ.G12.001041"
SECURITY = "2.001478"


def kept(person: AccountData, **values: Any) -> Document:
    return vaults.kept(person.personal_id, **{"at": clock.now(), "issued_on": clock.today(), **values})


def page_of(site: Client, address: str) -> str:
    answer = site.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def started(site: Client, person: AccountData) -> Case:
    """A draft that asks for the certificate of registration."""
    site.post(f"/thu-tuc/{SECURITY}/bat-dau")
    draft = Case.objects.get(account_id=person.id)
    Case.objects.filter(pk=draft.pk).update(answers={**draft.answers, "linked_group": "no"})
    return draft


def test_the_list_shows_ones_own_and_what_is_near_its_end(site: Client, person: AccountData) -> None:
    kept(person, mark="a", name="Giấy chứng nhận A")
    kept(person, mark="b", name="Giấy tạm B", valid_to=clock.today() + timedelta(days=5))
    vaults.kept("051190000031", mark="x", name="Giấy của người khác")
    page = page_of(site, "/kho-giay-to/")
    assert "Giấy chứng nhận A" in page
    assert "Sắp hết hiệu lực" in page
    assert "Giấy của người khác" not in page
    assert "Giấy tạm B" not in page_of(site, "/kho-giay-to/?tim=chứng nhận")
    assert "Không có giấy tờ nào như vậy" in page_of(site, "/kho-giay-to/?tinh-trang=revoked")


def test_an_empty_vault_says_how_it_fills(site: Client) -> None:
    assert "sẽ tự vào đây" in page_of(site, "/kho-giay-to/")


def test_one_document_with_its_bytes(site: Client, stranger: Client, person: AccountData) -> None:
    document = kept(person, mark="a", name="Giấy chứng nhận A")
    address = f"/kho-giay-to/{document.uuid}"
    page = page_of(site, address)
    assert "Chữ ký hợp lệ" in page
    assert document.sha256 in page
    assert body(site.get(f"{address}/tep")) == vaults.pdf("a")
    for rest in ("", "/tep"):
        assert stranger.get(address + rest).status_code == 404
    assert stranger.post(f"{address}/chia-se", {"purpose": "Xem trộm", "days": 1, "max_opens": 1}).status_code == 404


def test_the_next_case_offers_it_and_one_button_takes_it(site: Client, person: AccountData, citizen: Actor) -> None:
    document = kept(person, mark="a", name="Giấy chứng nhận đăng ký hộ kinh doanh", type_code=BUSINESS, number="7/HKD")
    draft = started(site, person)
    address = f"/ho-so/soan/{draft.pk}/giay-to"
    page = page_of(site, address)
    assert "Đã có trong kho của bạn" in page
    assert "7/HKD" in page
    taken = site.post(f"{address}/registration/tu-kho", {"giay-to": str(document.uuid)}, headers={"HX-Request": "true"})
    assert taken.status_code == 200
    assert "Từ kho của bạn" in taken.content.decode()
    assert "Đã có trong kho của bạn" not in taken.content.decode()
    row = draft.documents.get()
    assert (row.presence, row.file_id, row.reused) == ("vault", document.file_id, "result")
    assert "Bản nháp" in page_of(site, f"/kho-giay-to/{document.uuid}")
    wrong = site.post(f"{address}/registration/tu-kho", {"giay-to": "x"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422


def test_at_level_one_nothing_is_offered(client: Client, person: AccountData) -> None:
    from tests.factories.accounts import sign_in

    kept(person, mark="a", type_code=BUSINESS)
    sign_in(client, person, assurance=1)
    draft = started(client, person)
    assert "Đã có trong kho" not in page_of(client, f"/ho-so/soan/{draft.pk}/giay-to")
    assert client.get("/kho-giay-to/").status_code == 403


# --- links


def shared(site: Client, document: Document, **changed: Any) -> str:
    """The path of a fresh link, as its page shows it."""
    asked = {"purpose": "Vay vốn tại ngân hàng", "days": "3", "max_opens": "2", **changed}
    answer = site.post(f"/kho-giay-to/{document.uuid}/chia-se", asked)
    assert answer.status_code == 302
    page = page_of(site, f"/kho-giay-to/{document.uuid}")
    found = page.partition('id="link" readonly value="')[2].partition('"')[0]
    assert found not in page_of(site, f"/kho-giay-to/{document.uuid}"), "told once"
    return "/chia-se/" + found.rpartition("/")[2]


@pytest.fixture
def picture(person: AccountData, province: World) -> Document:
    """A document that can be drawn."""
    document = kept(person, mark="p", name="Giấy chứng nhận P")
    file = store_file(content=png(40, 60), name="p.png", actor=SYSTEM, at=clock.now())
    Document.objects.filter(pk=document.pk).update(file_id=file.id, sha256=file.sha256)
    return document


def test_a_link_shows_a_marked_copy_so_often_and_so_long(site: Client, picture: Document) -> None:
    address, visitor = shared(site, picture), Client()
    for _ in range(3):
        landing = visitor.get(address)
        assert "Vay vốn tại ngân hàng" in landing.content.decode()
        assert landing["X-Robots-Tag"].startswith("noindex")
    for turn in (1, 2):
        opened = visitor.post(address)
        assert opened["Content-Type"] == "application/pdf"
        assert opened.content.startswith(b"%PDF")
        assert Share.objects.get().opens == turn
    for ask in (visitor.get, visitor.post):
        assert ask(address).status_code == 404
    assert Entry.objects.filter(type="vault.share_opened").count() == 2
    assert "đã mở 2/2 lần" in page_of(site, f"/kho-giay-to/{picture.uuid}")


def test_the_mark_stands_on_the_copy(site: Client, picture: Document, tmp_path: Path) -> None:
    opened = Client().post(shared(site, picture))
    assert "Bản chia sẻ cho mục đích: Vay vốn tại ngân hàng" in words_of(opened.content, tmp_path)


def test_a_link_ends_by_its_time_and_by_its_holder(site: Client, picture: Document, stranger: Client) -> None:
    first, second = shared(site, picture), shared(site, picture)
    with clock.travel(clock.now() + timedelta(days=3, minutes=1)):
        assert Client().get(first).status_code == 404
    newest = Share.objects.latest("pk")
    assert stranger.post(f"/kho-giay-to/chia-se/{newest.pk}/thu-hoi").status_code == 404
    assert Client().get(second).status_code == 200
    assert site.post(f"/kho-giay-to/chia-se/{newest.pk}/thu-hoi").status_code == 302
    assert Client().get(second).status_code == 404
    assert Client().get(first).status_code == 200


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"purpose": "x"}, "Mời ghi rõ chia sẻ để làm gì"),
        ({"days": "0"}, "Liên kết có hạn từ 1 đến 30 ngày"),
        ({"days": "x"}, "Liên kết có hạn từ 1 đến 30 ngày"),
        ({"max_opens": "999"}, "mở được từ 1 đến 20 lần"),
    ],
)
def test_a_link_asks_for_purpose_time_and_count(
    site: Client, picture: Document, changed: dict[str, str], said: str
) -> None:
    asked = {"purpose": "Vay vốn tại ngân hàng", "days": "3", "max_opens": "2", **changed}
    refused = site.post(f"/kho-giay-to/{picture.uuid}/chia-se", asked)
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert not Share.objects.exists()


def test_what_was_revoked_is_not_shared_any_more(site: Client, picture: Document) -> None:
    end(document=picture, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=clock.now())
    page = page_of(site, f"/kho-giay-to/{picture.uuid}")
    assert "Đã bị thu hồi" in page
    assert "Tạo liên kết" not in page


# --- packages


def test_everything_goes_home_in_one_package_and_no_plain_copy_stays(
    site: Client, stranger: Client, person: AccountData, citizen: Actor, settings: Any
) -> None:
    for mark in "ab":
        kept(person, mark=mark, name=f"Giấy {mark}", number="1/A")
    assert site.post("/kho-giay-to/tai-ve").status_code == 302
    assert "Đang đóng gói" in page_of(site, "/kho-giay-to/tai-ve")
    site.post("/kho-giay-to/tai-ve")
    export = Export.objects.get()
    assert flows.make_export(export_id=export.pk, at=clock.now()) is True
    assert flows.make_export(export_id=export.pk, at=clock.now()) is False
    assert "Tải gói về" in page_of(site, "/kho-giay-to/tai-ve")
    answer = site.get(f"/kho-giay-to/tai-ve/{export.pk}")
    content = body(answer)
    assert len(content) == int(answer["Content-Length"])
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.read("giay-to/001 Giấy a 1-A.pdf") == vaults.pdf("a")
        manifest = json.loads(archive.read("manifest.json"))
        assert [one["number"] for one in manifest["documents"]] == ["1/A", "1/A"]
        assert "Giấy b" in archive.read("muc-luc.html").decode()
    sealed = (settings.DATA_DIR / "vault-parcels" / f"{export.pk}.sealed").read_bytes()
    assert vaults.pdf("a")[:40] not in sealed
    assert stranger.get(f"/kho-giay-to/tai-ve/{export.pk}").status_code == 404
    with clock.travel(clock.now() + timedelta(hours=25)):
        assert flows.remove_exports(at=clock.now()) == 1
        assert flows.remove_exports(at=clock.now()) == 0
        with pytest.raises(ExportNotReady):
            queries.open_export(actor=citizen, export_id=export.pk, at=clock.now())
    assert not (settings.DATA_DIR / "vault-parcels" / f"{export.pk}.sealed").exists()
    assert bytes(Export.objects.get().secret) == b""


def test_a_damaged_package_does_not_pass_for_whole(site: Client, person: AccountData, settings: Any) -> None:
    kept(person, mark="a")
    site.post("/kho-giay-to/tai-ve")
    export = Export.objects.get()
    flows.make_export(export_id=export.pk, at=clock.now())
    path = settings.DATA_DIR / "vault-parcels" / f"{export.pk}.sealed"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises((SealBroken, OSError)):
        body(site.get(f"/kho-giay-to/tai-ve/{export.pk}"))


def test_an_empty_vault_has_nothing_to_take_home(site: Client) -> None:
    answer = site.post("/kho-giay-to/tai-ve", follow=True)
    assert "Kho của bạn chưa có giấy tờ nào" in answer.content.decode()


# --- who has looked


def test_the_person_reads_who_looked_at_what_and_why(
    site: Client, stranger: Client, person: AccountData, province: World
) -> None:
    document = kept(person, mark="a", name="Giấy chứng nhận A")
    officer = province.officer("specialist")
    record_disclosure(
        subject=f"vault:{document.holder_id}", purpose="Đối chiếu giấy tờ", fields=[f"document:{document.pk}", "list"],
        actor=officer, at=clock.now(),
    )  # fmt: skip
    page = page_of(site, "/ai-da-xem")
    for words in (officer.name, "Chuyên viên", "Cẩm Thành", "Đối chiếu giấy tờ", "Giấy chứng nhận A"):
        assert words in page
    assert "Chưa ai xem" in page_of(stranger, "/ai-da-xem")


def test_the_list_of_looks_asks_a_fixed_number_of_queries(
    site: Client, person: AccountData, province: World, django_assert_max_num_queries: Any
) -> None:
    document = kept(person, mark="a")
    for officer in province.officers.values():
        record_disclosure(
            subject=f"vault:{document.holder_id}", purpose="Đối chiếu", fields=[f"document:{document.pk}"],
            actor=officer, at=clock.now(),
        )  # fmt: skip
    with django_assert_max_num_queries(14):
        page_of(site, "/ai-da-xem")


def test_the_last_days_ring_the_bell_once_each(site: Client, person: AccountData) -> None:
    document = kept(person, mark="e", name="Giấy tạm", valid_to=date(2026, 6, 30))
    run_waiting()
    for day in (date(2026, 6, 1), date(2026, 6, 24), date(2026, 6, 30)):
        flows.remind_of_expiries(at=datetime.combine(day, time(9), tzinfo=PROVINCE_TIME))
    run_waiting()
    assert Notice.objects.filter(kind="expiring", account_id=person.id).count() == 3
    assert f"/kho-giay-to/{document.uuid}" in page_of(site, "/thong-bao")


def test_reused_papers_show_in_the_case(site: Client, person: AccountData, citizen: Actor) -> None:
    document = kept(person, mark="a", name="Giấy đăng ký", type_code=BUSINESS)
    draft = started(site, person)
    cases.reuse_in_draft(case_id=draft.pk, key="registration", uuid=str(document.uuid), actor=citizen, at=clock.now())
    assert "Từ kho của bạn" in page_of(site, f"/ho-so/soan/{draft.pk}/giay-to")
