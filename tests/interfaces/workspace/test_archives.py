"""The archive's pages: a list from drawing up to taking over, packages to download, nobody else's."""

import io
from collections.abc import Callable

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.archives import DUE, ArchiveMaker, only_file, staged
from tests.factories.world import officer
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.archives import actions
from tinhso.apps.archives.models import Dissemination, SubmissionList
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel
from tinhso.lib.eark import check_package

LIST = "/can-bo/luu-tru/"


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, get_account(actor.account_id or 0))
    return client


@pytest.fixture
def maker(db: None) -> ArchiveMaker:
    return staged()[0]


def test_a_list_goes_its_way_on_the_pages(maker: ArchiveMaker, drain_jobs: Callable[[], int]) -> None:
    maker.closed()
    unit_id = maker.place.commune.id
    with travel(DUE):
        keeper, leader, taker = browser(maker.keeper), browser(maker.place.officer("leader")), browser(maker.taker)
        assert "1 hồ sơ đến hạn nộp lưu" in keeper.get(LIST).content.decode()
        address = keeper.post(LIST, {"unit": unit_id})["Location"]
        assert "Trình duyệt" in keeper.get(address).content.decode()
        assert keeper.post(address, {"verb": "submit"}).status_code == 302
        assert keeper.post(address, {"verb": "approve"}).status_code == 403
        assert leader.post(address, {"verb": "approve"}).status_code == 302
        drain_jobs()
        page = taker.get(address).content.decode()
        assert "1/1 hồ sơ đã đóng gói" in page
        assert taker.post(address, {"verb": "accept"}).status_code == 302
        drain_jobs()
        file = only_file(SubmissionList.objects.get())
        for kind in ("sip", "aip"):
            sent = keeper.get(f"{LIST}goi/{file.pk}/{kind}")
            assert check_package(io.BytesIO(sent.getvalue())).ok
        assert keeper.get(f"{address}/bien-ban")["Content-Type"] == "application/pdf"
        asked = {"verb": "use", "file": file.pk, "reason": "Trả lời tòa án", "recipient": "Tòa án khu vực"}
        assert keeper.post(address, asked).status_code == 302
        drain_jobs()
        use = Dissemination.objects.get()
        assert keeper.get(f"{LIST}khai-thac/{use.pk}").status_code == 200
        assert taker.get(f"{LIST}khai-thac/{use.pk}").status_code == 404
        assert "Trả lời tòa án" in keeper.get(address).content.decode()


def test_wrong_step_is_told_on_the_page_and_strangers_find_nothing(maker: ArchiveMaker) -> None:
    listing = maker.listing("submitted")
    stranger = officer("records_officer", maker.place.other_commune)
    with travel(DUE):
        keeper = browser(maker.keeper)
        refused = keeper.post(f"{LIST}{listing.pk}", {"verb": "submit"})
        assert refused.status_code == 409
        assert "không còn ở bước ấy" in refused.content.decode()
        assert keeper.post(LIST, {"unit": maker.place.commune.id}).status_code == 409
        assert browser(stranger).get(f"{LIST}{listing.pk}").status_code == 404
        assert browser(maker.place.officer("specialist")).get(LIST).status_code == 403


def test_lists_take_the_same_number_of_queries_however_long(
    maker: ArchiveMaker, django_assert_max_num_queries: Callable[..., object]
) -> None:
    listing = maker.listing("draft", cases=3)
    with travel(DUE):
        keeper = browser(maker.keeper)
        keeper.get(LIST)
        with django_assert_max_num_queries(26):  # type: ignore[attr-defined]
            keeper.get(f"{LIST}{listing.pk}")
    actions.submit_list(list_id=listing.pk, actor=maker.keeper, at=DUE)
