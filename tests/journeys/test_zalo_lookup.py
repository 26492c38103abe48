"""Zalo on the wire: somebody writes in the chat, the webhook is signed, the answer comes back to the handset.

She asks what papers are needed, looks a case up by the address in its QR, follows it, and is told of the result.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from tests.factories.cases import ALLOWANCE, RECEIVED_AT, CaseMaker
from tests.factories.messages import first_right, wired
from tests.factories.world import World, world
from tests.simulators.serving import serve
from tinhso.apps.notifications.models import ChatIncoming, ChatUser
from tinhso.kernel import clock
from tinhso.simulators.messaging import create_app

USER = "2000000000000000009"


@pytest.fixture
def town(transactional_db: None) -> World:
    return world(departments=())


@pytest.fixture
def handset(live_server: Any, settings: Any) -> Iterator[httpx.Client]:
    """The simulator's phone: what is typed there goes over HTTP to the product, which answers over HTTP."""
    with serve(create_app(app_url=live_server.url)) as address:
        wired(settings, address)
        with httpx.Client(base_url=address, follow_redirects=True, trust_env=False, timeout=60) as client:
            yield client


def test_look_up_follow_and_result_in_the_chat(
    town: World, handset: httpx.Client, drain_jobs: Callable[[], int]
) -> None:
    first_right(clock.now())
    maker = CaseMaker(town)
    case = maker.at("approval")
    drain_jobs()

    def chat() -> str:
        return unescape(re.sub(r"<[^>]+>", " ", handset.get("/phone", params={"user": USER}).text))

    def write(text: str) -> str:
        assert handset.post("/phone", data={"user": USER, "text": text}).status_code == 200
        drain_jobs()
        return chat()

    assert f"/thu-tuc/{ALLOWANCE}" in write("cần giấy tờ gì để hưởng trợ cấp xã hội hằng tháng")
    said = write(f"https://dichvucong.example.vn/tra-cuu?ma={case.code}")
    assert said.count(case.code or "") >= 2, "the question and the answer"
    assert maker.person.name not in said, "the chat proves nobody"
    write(f"theo dõi {case.code}")
    assert ChatIncoming.objects.count() == 3
    assert ChatUser.objects.get().account_id is None
    before = chat().count(case.code or "")
    maker.sign(maker.approve(case, at=RECEIVED_AT + timedelta(hours=4)), at=RECEIVED_AT + timedelta(hours=5))
    drain_jobs()
    after = chat()
    assert after.count(case.code or "") > before, "told of what happened"
    assert "kết quả" in after
