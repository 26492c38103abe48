"""The demo accounts as a person at a terminal meets them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tinhso.config.commands.demo import command

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of the examples of RFC 6238
LONG_UNIT = "Trung tâm Phục vụ hành chính công phường Trương Quang Trọng"


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("TINHSO_DATA_DIR", str(tmp_path))
    row = {
        "role": "one_stop_officer",
        "name": "Hà An",
        "username": "onestopofficer06",
        "password": "p",
        "unit": LONG_UNIT,
    }
    citizen = {**row, "role": "citizen", "username": "051191000001", "password": None, "totp_secret": None}
    accounts = {
        "portal": "http://x/",
        "workspace": "http://x/can-bo/",
        "accounts": [{**row, "totp_secret": SECRET}, citizen],
    }
    (tmp_path / "demo-accounts.json").write_text(json.dumps(accounts), encoding="utf-8")
    return CliRunner()


def test_what_is_copied_stands_on_one_line(runner: CliRunner) -> None:
    told = runner.invoke(command, ["accounts"]).output
    assert "onestopofficer06" in told
    assert "one_stop_officer" in told
    assert SECRET not in told  # too long for a line; it is in the JSON, and `otp` uses it


def test_the_six_digits_of_the_moment(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    from allauth.mfa.totp.internal import auth

    monkeypatch.setattr(auth.time, "time", lambda: 1_111_111_109.0)
    assert runner.invoke(command, ["otp", "onestopofficer06"]).output.strip() == "081804"


@pytest.mark.parametrize("username", ["nobody", "051191000001"])
def test_a_name_without_an_authenticator_is_told_so(runner: CliRunner, username: str) -> None:
    answer = runner.invoke(command, ["otp", username])
    assert answer.exit_code == 1
    assert f"«{username}»" in answer.output
