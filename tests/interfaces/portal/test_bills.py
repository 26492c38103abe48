"""Paying a line of a list without signing in: nothing is said before code and fact, one refusal for all, few tries."""

import re
from collections.abc import Callable, Iterator
from typing import cast

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from tests.factories.collections import AT, School, school
from tinhso.apps.collections import actions
from tinhso.apps.collections.models import CollectionLine
from tinhso.apps.payments import actions as payments
from tinhso.apps.signatures.queries import verify_pdf, verify_upload
from tinhso.interfaces.access import limits
from tinhso.kernel.clock import travel


@pytest.fixture
def desk(db: None) -> School:
    return school()


@pytest.fixture(autouse=True)
def _fresh_budgets() -> Iterator[None]:
    limits.BILLS.forget()
    limits.BILLS_OF_CODE.forget()
    yield
    limits.BILLS.forget()
    limits.BILLS_OF_CODE.forget()


def found(line: CollectionLine, fact: str = "HS-001") -> str:
    return str(Client().post("/nop-tien", {"ma": line.code, "doi-chieu": fact})["Location"])


def test_a_parent_pays_by_code(desk: School) -> None:
    with travel(AT):
        line = desk.opened()[0]
        client = Client()
        shown = client.get(f"/nop-tien?ma={line.code}").content.decode()
        assert line.code in shown
        assert line.full_name not in shown, "the code alone says nothing"
        page = found(line)
        whole = client.get(page)
        assert whole["Cache-Control"] == "private, no-store"
        assert "Trần Bé Minh Họa" in whole.content.decode()
        assert client.post(f"{page}/tra", {"cach": "cash"})["Location"] == page
        assert client.post(f"{page}/tra", {"cach": "vietqr", "so-tien": "300.000"})["Location"] == page
        text = client.get(page).content.decode()
        assert "pay-code" in text
        assert "300000" in text
        assert client.get(f"{page}/tro-ve?ma=H48-1").status_code == 302
        assert client.get(f"{page}/bien-lai/1").status_code == 404
        assert client.get("/nop-tien/x:y:z").status_code == 404


def test_who_has_paid_opens_the_sealed_receipt_and_nobody_elses(desk: School, drain_jobs: Callable[[], int]) -> None:
    with travel(AT):
        line, other = desk.opened()[0], CollectionLine.objects.get(own_number="HS-002")
        client, page = Client(), found(line)
        assert "bien-lai" not in client.get(page).content.decode(), "nothing is paid yet"
        payments.open_shift(unit_id=desk.place.commune.id, float_vnd=0, actor=desk.keeps, at=AT)
        actions.collect_line(
            line_id=line.pk, method="cash", amount_vnd=1_200_000, slip="", key="k", actor=desk.keeps, at=AT
        )
        drain_jobs()
        address = re.findall(rf'href="({re.escape(page)}/bien-lai/\d+)"', client.get(page).content.decode())
        paper = client.get(address[0])
        assert paper["Content-Type"] == "application/pdf"
        content = cast("StreamingHttpResponse", paper).getvalue()
        assert verify_pdf(content, at=AT).ok
        printed = "".join((verify_upload(content, at=AT).text or "").split())
        assert "1.200.000" in printed
        assert "TrầnBéMinhHọa" in printed
        number = address[0].rpartition("/")[2]
        assert client.get(f"{found(other, 'HS-002')}/bien-lai/{number}").status_code == 404


def test_wrong_tries_sound_alike_and_end(desk: School) -> None:
    with travel(AT):
        line = desk.opened()[0]
        client = Client(raise_request_exception=False)
        known = client.post("/nop-tien", {"ma": line.code, "doi-chieu": "01/01/2020"})
        unknown = client.post("/nop-tien", {"ma": "T0000-0000-00000", "doi-chieu": "HS-001"})
        assert (known.status_code, unknown.status_code) == (404, 404)
        assert (
            known.content.decode().split('role="alert"')[1][:200]
            == unknown.content.decode().split('role="alert"')[1][:200]
        )
        for number in range(9):
            client.post(
                "/nop-tien", {"ma": line.code, "doi-chieu": f"0{number + 1}/01/2020"}, REMOTE_ADDR=f"10.0.0.{number}"
            )
        elsewhere = client.post("/nop-tien", {"ma": line.code, "doi-chieu": "HS-001"}, REMOTE_ADDR="10.9.9.9")
        assert elsewhere.status_code == 429, "the code itself is closed for an hour, from wherever it is tried"
