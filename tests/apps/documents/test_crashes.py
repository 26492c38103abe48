"""The process dies at each point between upload, looking in, keeping, scanning and drawing: nothing acknowledged is lost,
nothing half-written is seen, and doing it again just works."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.database import address_of
from tests.factories import files
from tinhso.apps.documents import actions, flows, queries
from tinhso.apps.documents.models import Content, Preview, StoredFile, Upload
from tinhso.kernel.actor import Actor, ActorKind

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
PERSON = Actor(kind=ActorKind.CITIZEN, account_id=5, name="Nguyễn Thị Ví Dụ")
CONTENT = files.pdf(pages=2)

# One process that dies at every point in turn would have to be started as often: each point forks instead.
STEPS = """
import os, sys, tempfile
from pathlib import Path
from tinhso.config.bootstrap import setup
setup()
from datetime import UTC, datetime
from django.conf import settings
from django.db import connection
from tests.factories import files
from tests.factories.files import pdf
from tinhso.apps.documents import actions, flows
from tinhso.apps.documents.models import Content, Upload
from tinhso.kernel.actor import Actor, ActorKind
settings.DATA_DIR = Path(sys.argv[1])
person = Actor(kind=ActorKind.CITIZEN, account_id=5, name="x")
at = datetime(2026, 11, 22, 9, tzinfo=UTC)
content = pdf(pages=2)

def store():
    actions.store_file(content=content, name="don.pdf", actor=person, at=at)

def examine():
    flows.examine(content_id=Content.objects.get().pk, at=at)

def upload():
    token = Upload.objects.get().token
    actions.append_upload(token=token, offset=0, portion=content[:200], actor=person, at=at)
    actions.append_upload(token=token, offset=200, portion=content[200:], actor=person, at=at)
    actions.finish_upload(token=token, actor=person, at=at)

step, point = sys.argv[2], sys.argv[3]
os.environ["TINHSO_CRASH"], os.environ["TINHSO_CRASH_ENABLED"] = point, "1"
{"store": store, "examine": examine, "upload": upload}[step]()
"""


def die(folder: Path, step: str, point: str) -> int:
    root = Path(__file__).resolve().parents[3]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tinhso.config.settings_test",
        "DATABASE_URL": address_of(connection.settings_dict),
        "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}",
    }
    done = subprocess.run(
        [sys.executable, "-c", STEPS, str(folder), step, point], env=environment, capture_output=True, check=False
    )
    assert done.returncode in {0, -9}, done.stderr.decode()
    return done.returncode


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def nothing_is_left_over(folder: Path) -> None:
    """After the nightly round only blobs that rows name lie there."""
    old = (AT - timedelta(days=3)).timestamp()
    for path in (folder / "files").rglob("*"):
        os.utime(path, (old, old))
    flows.sweep_incoming(at=AT)
    lying = {path.relative_to(folder / "files").as_posix() for path in (folder / "files").rglob("*") if path.is_file()}
    assert queries.known_blobs(sorted(lying), place="disk") == lying


@pytest.mark.parametrize(
    ("point", "is_stored"),
    [
        ("store_file:before_commit", False),
        ("store_file:after_commit", True),
    ],
)
def test_while_storing(point: str, is_stored: bool, folder: Path) -> None:
    assert die(folder, "store", point) == -9
    assert StoredFile.objects.exists() is Content.objects.exists() is is_stored
    stored = actions.store_file(content=CONTENT, name="don.pdf", actor=PERSON, at=AT)
    assert queries.read_file(stored.id) == CONTENT
    nothing_is_left_over(folder)
    assert queries.read_file(stored.id) == CONTENT


@pytest.mark.parametrize("point", ["draw_content:page_kept"])
def test_while_drawing(point: str, folder: Path) -> None:
    stored = actions.store_file(content=CONTENT, name="don.pdf", actor=PERSON, at=AT)
    assert die(folder, "examine", point) == -9
    assert queries.get_file(stored.id).preview == "waiting"
    for page in queries.list_previews(stored.id):
        assert queries.open_preview(stored.id, page.page).startswith(b"\xff\xd8")
    flows.examine(content_id=Content.objects.get().pk, at=AT)
    assert [page.page for page in queries.list_previews(stored.id)] == [1, 2]
    assert queries.get_file(stored.id).preview == "ready"
    nothing_is_left_over(folder)
    assert Preview.objects.count() == 2


@pytest.mark.parametrize(
    ("point", "offset"),
    [
        ("append_upload:kept@2", 200),
        ("finish_upload:before_commit", len(CONTENT)),
    ],
)
def test_while_uploading(point: str, offset: int, folder: Path) -> None:
    upload = actions.start_upload(name="don.pdf", length=len(CONTENT), actor=PERSON, at=AT)
    assert die(folder, "upload", point) == -9
    assert queries.get_upload(upload.token, actor=PERSON, at=AT).offset == offset
    assert not StoredFile.objects.exists()
    if offset < len(CONTENT):
        rest = CONTENT[offset:]
        actions.append_upload(token=upload.token, offset=offset, portion=rest, actor=PERSON, at=AT)
    stored = actions.finish_upload(token=upload.token, actor=PERSON, at=AT)
    assert queries.read_file(stored.id) == CONTENT
    assert Upload.objects.get().file_id == stored.id
    nothing_is_left_over(folder)


def test_while_scanning(folder: Path, settings: Any) -> None:
    from tests.factories.scanner import clamd

    settings.FILES = {**settings.FILES, "clamd": clamd()}
    stored = actions.store_file(content=files.infected_pdf(), name="don.pdf", actor=PERSON, at=AT)
    os.environ["TINHSO_CLAMD"] = clamd()
    try:
        for point in ("scan_content:scanned",):
            assert die(folder, "examine", point) == -9
            assert queries.get_file(stored.id).scan == "pending", "held until the verdict is written down"
    finally:
        del os.environ["TINHSO_CLAMD"]
    flows.examine(content_id=Content.objects.get().pk, at=AT)
    assert queries.get_file(stored.id).scan == "infected"
