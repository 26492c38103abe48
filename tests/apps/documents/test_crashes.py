"""The process dies at each point between upload, looking in, keeping, scanning and drawing: nothing acknowledged is lost,
nothing half-written is seen, and doing it again just works."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import disposals, files
from tests.factories.forks import forked
from tinhso.apps.documents import actions, flows, queries
from tinhso.apps.documents.data import FileDisposedOf
from tinhso.apps.documents.models import Content, DisposalList, Preview, StoredFile, Upload
from tinhso.kernel.actor import Actor, ActorKind

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
PERSON = Actor(kind=ActorKind.CITIZEN, account_id=5, name="Nguyễn Thị Ví Dụ")
CONTENT = files.pdf(pages=2)


def store() -> None:
    actions.store_file(content=CONTENT, name="don.pdf", actor=PERSON, at=AT)


def examine() -> None:
    flows.examine(content_id=Content.objects.get().pk, at=AT)


def upload() -> None:
    token = Upload.objects.get().token
    actions.append_upload(token=token, offset=0, portion=CONTENT[:200], actor=PERSON, at=AT)
    actions.append_upload(token=token, offset=200, portion=CONTENT[200:], actor=PERSON, at=AT)
    actions.finish_upload(token=token, actor=PERSON, at=AT)


def dispose() -> None:
    flows.carry_out_disposal(disposal_id=DisposalList.objects.get().pk, at=AT)


def dies(work: Callable[[], None], point: str) -> bool:
    """Whether another process, doing this, was killed at the point."""
    ended = forked(work, TINHSO_CRASH=point, TINHSO_CRASH_ENABLED="1")
    assert ended.returncode in {0, -9}, ended.stderr
    return ended.returncode == -9


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
        pytest.param("store_file:taken_in", False, marks=pytest.mark.sweep),
        pytest.param("store_file:inspected", False, marks=pytest.mark.sweep),
        pytest.param("store_file:after_rename", False, marks=pytest.mark.sweep),
        ("store_file:before_commit", False),
        ("store_file:after_commit", True),
    ],
)
def test_while_storing(point: str, is_stored: bool, folder: Path) -> None:
    assert dies(store, point)
    assert StoredFile.objects.exists() is Content.objects.exists() is is_stored
    stored = actions.store_file(content=CONTENT, name="don.pdf", actor=PERSON, at=AT)
    assert queries.read_file(stored.id) == CONTENT
    nothing_is_left_over(folder)
    assert queries.read_file(stored.id) == CONTENT


@pytest.mark.parametrize(
    "point", ["draw_content:page_kept", pytest.param("keep_preview:kept", marks=pytest.mark.sweep)]
)
def test_while_drawing(point: str, folder: Path) -> None:
    stored = actions.store_file(content=CONTENT, name="don.pdf", actor=PERSON, at=AT)
    assert dies(examine, point)
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
    started = actions.start_upload(name="don.pdf", length=len(CONTENT), actor=PERSON, at=AT)
    assert dies(upload, point)
    assert queries.get_upload(started.token, actor=PERSON, at=AT).offset == offset
    assert not StoredFile.objects.exists()
    if offset < len(CONTENT):
        rest = CONTENT[offset:]
        actions.append_upload(token=started.token, offset=offset, portion=rest, actor=PERSON, at=AT)
    stored = actions.finish_upload(token=started.token, actor=PERSON, at=AT)
    assert queries.read_file(stored.id) == CONTENT
    assert Upload.objects.get().file_id == stored.id
    nothing_is_left_over(folder)


def test_while_sealing_what_lay_plain(folder: Path) -> None:
    stored = actions.store_file(content=CONTENT, name="don.pdf", actor=PERSON, at=AT)
    path = files.lies_plain(stored.sha256, CONTENT, folder / "files")
    assert dies(lambda: flows.seal_plain(at=AT), "seal_content:kept")
    assert queries.keys_in_use() == {"": 1}, "as it was"
    assert queries.read_file(stored.id) == CONTENT
    assert [flows.seal_plain(at=AT) for _ in range(2)] == [1, 0]
    assert not path.exists()
    assert queries.read_file(stored.id) == CONTENT
    nothing_is_left_over(folder)


def test_while_scanning(folder: Path, settings: Any) -> None:
    from tests.factories.scanner import clamd

    settings.FILES = {**settings.FILES, "clamd": clamd()}
    stored = actions.store_file(content=files.infected_pdf(), name="don.pdf", actor=PERSON, at=AT)
    assert dies(examine, "scan_content:scanned")
    assert queries.get_file(stored.id).scan == "pending", "held until the verdict is written down"
    flows.examine(content_id=Content.objects.get().pk, at=AT)
    assert queries.get_file(stored.id).scan == "infected"


@pytest.mark.parametrize(
    ("point", "is_shredded"),
    [
        ("dispose_file:before_commit", False),
        ("dispose_file:after_commit", True),
        pytest.param("carry_out_disposal:shredded", True, marks=pytest.mark.sweep),
        ("clear_shredded:deleted@2", True),
        ("clear_content:before_commit", True),
        ("finish_disposal:before_commit", True),
    ],
)
def test_while_disposing(point: str, is_shredded: bool, folder: Path) -> None:
    stored = disposals.over(CONTENT)
    flows.examine(content_id=Content.objects.get().pk, at=AT)
    disposals.approved()
    assert dies(dispose, point)
    content = Content.objects.get()
    assert (content.wrapped_key is None) is (content.shredded_at is not None) is is_shredded
    if is_shredded:
        with pytest.raises(FileDisposedOf):
            queries.open_file(stored)
    else:
        assert queries.read_file(stored) == CONTENT
    for _ in range(2):  # and once more, which changes nothing
        dispose()
        assert DisposalList.objects.get().status == "done"
        assert Content.objects.get().blob == ""
        assert not Preview.objects.exists()
        assert not [path for path in (folder / "files").rglob("*") if path.is_file()]
