"""The list of parts is whole, planted secrets are found, and an audit that looked at nothing is no pass."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def supply() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "deploy" / "supply.py"))


def test_every_locked_package_is_in_the_list(supply: dict[str, Any]) -> None:
    parts = supply["bill"]()["components"]
    locked = re.findall(r"^([a-z0-9][\w.-]*)(?:\[[^]]*\])?==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert {one["name"] for one in parts if one["purl"].startswith("pkg:pypi/")} == set(locked)
    assert len({one["purl"] for one in parts}) > 60
    assert all(one["hashes"] for one in parts if one["purl"].startswith("pkg:pypi/"))


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        "key = AKIA" + "Q3EGRIJ7HZPLM2WD",
        "ghp_" + "a8Kd0Lq2mZ7xV5nB1cR4tY6uW9eS3fG0hJ2k",
        "DATABASE_URL=postgresql://app:" + "h7Kq9zLw2@db/x",
        'API_SECRET = "' + "q8Zr5Lw1Xv9Tn3Kb7Yc2Md4" + '"',
        "eyJhbGciOiJIUzI1NiJ9AA" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0AA." + "k9Jd83hLqPz7Wm2Xc5Vb1N",
    ],
)
def test_planted_secrets_are_found(line: str, supply: dict[str, Any]) -> None:
    assert supply["secrets_in"](f"x\n{line}\n")[0][0] == 2


@pytest.mark.sweep
def test_nothing_secret_lies_in_the_repository(supply: dict[str, Any]) -> None:
    assert supply["look_through"]() == []


def test_an_audit_that_looked_at_nothing_is_no_pass(supply: dict[str, Any]) -> None:
    judge = supply["judge"]
    assert judge({"dependencies": []}) == ["nothing was looked at"]
    assert judge({"dependencies": [{"name": "a", "skip_reason": "no answer"}]}) == ["a: not looked at (no answer)"]
    flawed = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}
    assert judge({"dependencies": [flawed]}) == ["a 1: PYSEC-1"]
    assert judge({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}) == []
