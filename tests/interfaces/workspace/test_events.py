"""The operator's page of events: who stands still and why, going on, sending again, ending; and the command for it."""

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import CaseMaker
from tests.factories.subscriptions import follower, publish
from tests.factories.world import officer, world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.subscriptions import actions, queries
from tinhso.apps.subscriptions.data import SubscriptionData
from tinhso.apps.subscriptions.enums import SubscriptionStatus
from tinhso.config.commands import events as command
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM

LIST = "/can-bo/su-kien/"


@pytest.fixture
def stage(db: None) -> tuple[Client, SubscriptionData]:
    place = world()
    CaseMaker(place).at("received")
    publish()
    made = actions.subscribe(
        account_id=follower(place.province.id)[0], name="Phần mềm của sở", url="https://phan-mem.example/", after=0,
        unit_ids=[place.commune.id], types=["case.received"], actor=SYSTEM, at=clock.now(),
    )  # fmt: skip
    browser = Client()
    sign_in(browser, get_account(officer("operator", place.province).account_id or 0))
    return browser, made


def now_is(made: SubscriptionData) -> SubscriptionData:
    return queries.get_subscription(actor=SYSTEM, subscription_id=made.id)


def test_an_operator_pauses_resumes_and_sends_again(stage: tuple[Client, SubscriptionData]) -> None:
    browser, made = stage
    page = browser.get(LIST).content.decode()
    for shown in ("Phần mềm của sở", "https://phan-mem.example/", "case.received", "Chưa có khóa ký", "Đang gửi"):
        assert shown in page
    browser.post(f"{LIST}{made.id}/tam-dung", {"reason": "Bảo trì <b>"})
    page = browser.get(LIST).content.decode()
    assert "Bảo trì &lt;b&gt;" in page
    assert now_is(made).status is SubscriptionStatus.PAUSED
    browser.post(f"{LIST}{made.id}/gui-tiep")
    assert now_is(made).status is SubscriptionStatus.ACTIVE
    browser.post(f"{LIST}{made.id}/gui-lai", {"position": str(queries.position_now())})
    assert now_is(made).waiting == 0
    for wrong in ("x", "999999999"):
        told = browser.post(f"{LIST}{made.id}/gui-lai", {"position": wrong}, follow=True).content.decode()
        assert "Vị trí" in told
    assert now_is(made).waiting == 0
    browser.post(f"{LIST}{made.id}/ket-thuc")
    assert now_is(made).status is SubscriptionStatus.ENDED
    assert browser.post(f"{LIST}{made.id}/gui-tiep").status_code == 409


def test_the_command_lists_and_sends_again(stage: tuple[Client, SubscriptionData]) -> None:
    made = stage[1]
    assert "Phần mềm của sở" in CliRunner().invoke(command.command, ["list"]).output
    actions.pause_subscription(subscription_id=made.id, reason="Bảo trì", actor=SYSTEM, at=clock.now())
    done = CliRunner().invoke(command.command, ["replay", str(made.id), "--from", "0"])
    assert (done.exit_code, now_is(made).status) == (0, SubscriptionStatus.ACTIVE), done.output
    failed = CliRunner().invoke(command.command, ["replay", str(made.id), "--from", "0", "--now"])
    assert (failed.exit_code, "khóa ký" in failed.output) == (1, True)
    streamed = CliRunner().invoke(command.command, ["stream", "phan-mem", "tinhso.events", "--from", "1"])
    assert (streamed.exit_code, "từ vị trí 1" in streamed.output) == (0, True), streamed.output
    for wrong in (["stream", "khong-co", "x"], ["stream", "phan-mem", "a b"]):
        assert CliRunner().invoke(command.command, wrong).exit_code == 1
    assert CliRunner().invoke(command.command, ["replay", "987654", "--from", "0"]).exit_code == 1
