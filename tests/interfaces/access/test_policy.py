"""Who is let in where, and what a refusal says."""

import pytest
from django.test import Client

from tests.factories import accounts
from tests.factories.directory import commune, small_directory


@pytest.mark.parametrize(
    ("page", "target"),
    [
        ("/cong-dan", "/dang-nhap"),
        ("/nop", "/dang-nhap"),
        ("/chung", "/dang-nhap"),
        ("/can-bo/viec", "/can-bo/dang-nhap"),
    ],
)
def test_stranger_is_led_to_the_right_sign_in_and_back(client: Client, page: str, target: str) -> None:
    answer = client.get(f"{page}?a=1")
    assert (answer.status_code, answer["Location"]) == (302, f"{target}?next={page.replace('/', '%2F')}%3Fa%3D1")


def test_fragment_of_a_stranger_takes_the_whole_page_along(client: Client) -> None:
    answer = client.get("/cong-dan", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/mo?b=2"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/dang-nhap?next=%2Fmo%3Fb%3D2")


def test_level_one_is_refused_where_level_two_is_needed_with_a_sentence(client: Client) -> None:
    accounts.sign_in(client, accounts.citizen(level=1), assurance=1)
    assert client.get("/cong-dan").status_code == 200
    answer = client.get("/nop")
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "cần tài khoản định danh điện tử mức độ 2" in text
    assert "đang ở mức độ 1" in text
    assert "Bộ phận Một cửa" in text


def test_level_two_account_in_a_level_one_session_is_level_one(client: Client) -> None:
    accounts.sign_in(client, accounts.citizen(level=2), assurance=1)
    assert client.get("/nop").status_code == 403


def test_level_two_is_let_in(client: Client) -> None:
    accounts.sign_in(client, accounts.citizen())
    assert client.get("/nop").content.decode().startswith("citizen Nguyễn Thị Mẫu")


def test_citizens_and_officers_do_not_enter_each_others_pages(client: Client) -> None:
    accounts.sign_in(client, accounts.citizen())
    answer = client.get("/can-bo/viec")
    assert (answer.status_code, "Trang này dành cho cán bộ" in answer.content.decode()) == (403, True)
    accounts.sign_in(client, accounts.officer())
    answer = client.get("/cong-dan")
    assert (answer.status_code, "Trang này dành cho công dân" in answer.content.decode()) == (403, True)


def test_officer_needs_the_permission_somewhere(client: Client) -> None:
    small_directory()
    accounts.sign_in(client, accounts.officer("clerk", commune().id))
    assert client.get("/can-bo/viec").status_code == 200
    assert client.get("/can-bo/quan-ly").status_code == 403
    accounts.sign_in(client, accounts.officer("unit_admin", commune().id))
    assert client.get("/can-bo/quan-ly").status_code == 200


def test_locked_account_is_signed_out_at_its_next_request(client: Client) -> None:
    from tinhso.apps.accounts import actions
    from tinhso.kernel.actor import SYSTEM

    account = accounts.officer()
    accounts.sign_in(client, account)
    assert client.get("/can-bo/viec").status_code == 200
    actions.lock_account(account_id=account.id, reason="x", actor=SYSTEM, at=accounts.AT)
    assert client.get("/can-bo/viec").status_code == 302
    assert "anonymous" in client.get("/mo").content.decode()


def test_machine_token_is_the_actor_and_a_wrong_one_is_nobody(client: Client) -> None:
    from datetime import timedelta

    import tinhso.apps.cases.permissions  # noqa: F401 - registers the permissions a token may hold
    from tinhso.apps.accounts import actions
    from tinhso.kernel.actor import SYSTEM
    from tinhso.kernel.clock import now

    small_directory()
    at = now()
    machine = actions.create_machine_client(username="m", full_name="Máy", actor=SYSTEM, at=at)
    token = actions.issue_api_token(
        account_id=machine.id, name="x", unit_ids=[commune().id], granted=["case.view"], actor=SYSTEM, at=at,
        expires_at=at + timedelta(days=1),
    )  # fmt: skip
    assert client.get("/mo", headers={"Authorization": f"Bearer {token.text}"}).content.decode() == "machine Máy "
    assert client.get("/mo", headers={"Authorization": "Bearer tinhso_x"}).content.decode().startswith("anonymous")
    assert client.get("/cong-dan", headers={"Authorization": f"Bearer {token.text}"}).status_code == 403


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    for page in ("/mo", "/dang-nhap", "/can-bo/dang-nhap", "/khong-co"):
        headers = client.get(page).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "camera=(self)" in headers["Permissions-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_pages_of_ours_hold_no_inline_script_or_style(client: Client) -> None:
    import re

    for page in ("/dang-nhap", "/can-bo/dang-nhap", "/dang-xuat"):
        text = client.get(page).content.decode()
        inline = [
            tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag and "application/json" not in tag
        ]
        assert inline == []
        assert " style=" not in text
        assert " onclick=" not in text
    accounts.sign_in(client, accounts.citizen())
    assert client.get("/nop")["Cache-Control"] == "private, no-cache"


def test_anonymous_page_without_session_asks_the_database_nothing(
    client: Client, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        client.get("/mo")


def test_queries_of_a_signed_in_request(client: Client, django_assert_num_queries: object) -> None:
    small_directory()
    accounts.sign_in(client, accounts.citizen())
    with django_assert_num_queries(2):  # type: ignore[operator]  # session, account
        client.get("/cong-dan")
    accounts.sign_in(client, accounts.officer("clerk", commune().id))
    client.get("/can-bo/viec")
    with django_assert_num_queries(4):  # type: ignore[operator]  # session, account, roles, stamp of the directory
        client.get("/can-bo/viec")
