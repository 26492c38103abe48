"""The citizen talks with the office about her case."""

import pytest

from tests.interfaces.workspace.conftest import Office, office, text_of  # noqa: F401 - the office is a fixture
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.models import Message
from tinhso.kernel.clock import now

pytestmark = pytest.mark.django_db


def test_both_sides_read_each_other(office: Office) -> None:  # noqa: F811 - the fixture
    from types import SimpleNamespace

    from django.test import Client

    from tests.factories.accounts import sign_in

    case = office.at_kind("appraisal", "1.013225")
    client = Client()
    sign_in(client, SimpleNamespace(id=office.person.account_id), assurance=2)  # type: ignore[arg-type]  # only the id is read
    address = f"/ho-so/{case.code}"
    assert "Trao đổi với cơ quan" in text_of(client.get(address))
    answer = client.post(f"{address}/trao-doi", {"text": "Bao giờ xong?"}, follow=True)
    assert "Đã gửi" in text_of(answer)
    assert "cơ quan chưa xem" in text_of(answer)
    actions.send_message(case_id=case.pk, text="Thứ Sáu.", actor=office.actor("specialist"), at=now())
    actions.write_note(case_id=case.pk, text="Bí mật nội bộ", actor=office.actor("specialist"), at=now())
    assert "Tin mới" in text_of(client.get("/ho-so/"))
    page = text_of(client.get(address))
    assert "Thứ Sáu." in page
    assert "Tin mới" in page
    assert "Bí mật nội bộ" not in page
    assert not queries.has_unread(case, side="office")
    assert "Mời viết nội dung" in text_of(client.post(f"{address}/trao-doi", {"text": " "}, follow=True))
    assert Message.objects.count() == 2
