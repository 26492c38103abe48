"""Đồng bộ quốc gia: a clerk reads why, and mends it; others see nothing of his units."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import CaseMaker
from tests.factories.national import Sides, point_at, served
from tests.factories.world import world
from tinhso.apps.exchange.models import OutboxMessage
from tinhso.apps.reconciliation.models import Arrival, Difference
from tinhso.kernel.clock import now

PAGE = "/can-bo/dong-bo/"


@pytest.fixture
def sides(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sides]:
    with served() as address:
        point_at(address, monkeypatch)
        yield Sides(CaseMaker(world()))


def test_a_clerk_mends_what_the_machine_cannot(sides: Sides, client: Client) -> None:
    differing = sides.maker.received()
    sides.step()
    sides.held(differing)["TrangThaiHoSo"] = "9"
    sides.reconcile()
    refused = sides.maker.received()
    sides.behave("refuse")
    bad = sides.file(answers={})
    for _ in range(6):
        sides.step(later=timedelta(hours=1))
    sides.behave("")
    clerk = sides.maker.officer("one_stop_officer")
    sign_in(client, clerk_account(clerk.account_id))

    text = client.get(PAGE).content.decode()
    assert all(code in text for code in (differing.code or "?", refused.code or "?", bad))
    assert "Dữ liệu hồ sơ không hợp lệ." in text
    assert "9. Đã xử lý xong" in text

    dead, held = OutboxMessage.objects.get(status="dead"), Arrival.objects.get(status="held")
    row = Difference.objects.get(state="open")
    client.post(f"{PAGE}thong-diep/{dead.pk}", {"verb": "resend"})
    client.post(f"{PAGE}cho-nhan/{held.pk}", {"verb": "dismiss", "reason": "Nộp lại tại quầy."})
    answer = client.post(f"{PAGE}cho-lech/{row.pk}", {"verb": "resend", "reason": " "}, follow=True)
    assert "Mời ghi lý do xử lý." in answer.content.decode()
    client.post(f"{PAGE}cho-lech/{row.pk}", {"verb": "resend", "reason": "Cổng ghi nhầm."})
    sides.now = now()  # pages have the real clock
    sides.step()
    assert sides.held(refused)["TrangThaiHoSo"] == sides.held(differing)["TrangThaiHoSo"] == "4"
    sides.reconcile()
    text = client.get(PAGE).content.decode()
    assert "Không có gì cần bạn xử lý." in text
    assert client.get(f"{PAGE}ho-so-bo").status_code == 200
    text = client.get(PAGE, {"ho-so": refused.code}).content.decode()
    assert "4. Đang xử lý" in text
    assert "⟦" not in text

    place = sides.maker.place
    other = place.officer("one_stop_officer", place.other_commune)
    sign_in(client, clerk_account(other.account_id))
    assert refused.code not in client.get(PAGE).content.decode()
    assert "4. Đang xử lý" not in client.get(PAGE, {"ho-so": refused.code}).content.decode()
    assert client.post(f"{PAGE}cho-lech/{row.pk}", {"verb": "explain", "reason": "x"}).status_code in {403, 409}


def clerk_account(account_id: int | None) -> Any:
    return SimpleNamespace(id=account_id)
