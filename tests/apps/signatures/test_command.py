"""`tinhso keys`: make the authority once, list, revoke, check a file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.factories.papers import letter
from tinhso.apps.signatures.flows import sign_pdf
from tinhso.apps.signatures.models import SigningKey
from tinhso.config.commands.keys import command
from tinhso.kernel.actor import Actor, ActorKind
from tinhso.kernel.clock import travel

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 9, 10, 5, tzinfo=UTC)
LEADER = Actor(kind=ActorKind.OFFICER, account_id=7, name="Đinh Thị Thử Nghiệm")


def run(*words: str, later: timedelta = timedelta()) -> Result:
    with travel(AT + later):
        return CliRunner().invoke(command, list(words))


def test_from_the_authority_to_a_revoked_key(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR, settings.DEMO = tmp_path, True
    assert "Đã tạo" in run("create-authority").output
    assert "đã có từ trước" in run("create-authority").output
    file = tmp_path / "a.pdf"
    file.write_bytes(sign_pdf(pdf=letter(), actor=LEADER, at=AT))
    good = run("check", str(file))
    assert (good.exit_code, good.output[0]) == (0, "✓")
    assert LEADER.name in run("list").output
    assert "Đã thu hồi" in run("revoke", str(SigningKey.objects.get().id), "--reason", "mất khóa").output
    bad = run("check", str(file), later=timedelta(seconds=1))
    assert (bad.exit_code, bad.output[0]) == (1, "✗")
    assert "thu hồi 22/11/2026" in run("list").output
