"""The check before going live."""

from pathlib import Path
from typing import Any

from django.test import Client

from tinhso.interfaces.access.checks import breached_passwords_can_be_looked_up, identity_is_the_real_one


def test_simulator_and_demo_secret_are_for_demos_only(settings: Any) -> None:
    settings.DEMO = True
    assert identity_is_the_real_one() == []
    settings.DEMO = False
    assert [problem.id for problem in identity_is_the_real_one()] == ["access.E002", "access.E003"]
    settings.NATIONAL_IDENTITY = settings.NATIONAL_IDENTITY | {
        "authorize_url": "https://identity.example/auth", "secret": "from-a-file",
    }  # fmt: skip
    assert identity_is_the_real_one() == []


def test_a_named_file_of_breached_passwords_must_serve(settings: Any, tmp_path: Path, client: Client) -> None:
    assert breached_passwords_can_be_looked_up() == []
    assert "breached_passwords" not in client.get("/healthz").json()
    settings.BREACHED_PASSWORDS = tmp_path / "hashes.txt"
    assert [problem.id for problem in breached_passwords_can_be_looked_up()] == ["access.E004"]
    assert client.get("/healthz").json()["breached_passwords"] == "wrong"
    settings.BREACHED_PASSWORDS.write_text("A" * 40 + ":1\r\n")
    assert breached_passwords_can_be_looked_up() == []
    assert client.get("/healthz").json()["breached_passwords"] == "ok"
