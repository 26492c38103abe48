"""The folder of a counter's scanner: whole files of this counter and nothing else, taken once, lost never."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.apps.cases.test_scans import AT, KEY, brought
from tests.factories.cases import CaseMaker
from tests.factories.forks import is_killed_at
from tests.factories.scans import sheet
from tests.factories.world import world
from tinhso.apps.cases import flows, queries
from tinhso.apps.cases.models import Case, Scan
from tinhso.apps.cases.providers import dropfolder
from tinhso.apps.cases.providers.dropfolder import ScanGone
from tinhso.apps.directory import queries as directory
from tinhso.apps.documents.data import FileRefused
from tinhso.apps.documents.queries import read_file
from tinhso.kernel.errors import Forbidden


@pytest.fixture(autouse=True)
def _root(tmp_path: Path, settings: Any) -> None:
    settings.SCANS = {"folder": str(tmp_path / "in"), "keep_days": 7}


def folder_of(case: Case) -> Path:
    folder = dropfolder.folder_of(directory.get_unit(case.intake_unit_id or 0).code)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def put(folder: Path, name: str, content: bytes = b"", *, rested: float = 60) -> Path:
    """A file the scanner wrote so many seconds ago."""
    path = folder / name
    path.write_bytes(content or sheet())
    os.utime(path, (time.time() - rested,) * 2)
    return path


def take(maker: CaseMaker, case: Case, *names: str) -> Scan:
    return flows.take_from_folder(
        case_id=case.pk, key=KEY, names=names, declared_pages=None, actor=maker.officer("one_stop_officer"), at=AT
    )


def offered(maker: CaseMaker, case: Case, role: str = "one_stop_officer") -> Any:
    return queries.arrived_scans(case, actor=maker.officer(role))


def test_a_counter_without_a_folder_is_offered_nothing(maker: CaseMaker) -> None:
    assert offered(maker, brought(maker)) is None


def test_only_whole_scans_of_this_counter_are_offered(maker: CaseMaker, tmp_path: Path) -> None:
    case = brought(maker)
    folder = folder_of(case)
    put(folder, "trang 2.jpg", rested=30)
    put(folder, "trang 1.pdf", b"%PDF-1.4 any", rested=90)
    put(folder, "dang-ghi.pdf", rested=1)
    (folder / "rong.pdf").touch()
    put(folder, ".trang.pdf.tmp")
    put(folder, "thu.exe")
    put(folder, "b\x07.pdf")
    (folder / "thu-muc.pdf").mkdir()
    outside = put(tmp_path, "ngoai.pdf")
    (folder / "lien-ket.pdf").symlink_to(outside)
    other = dropfolder.folder_of("H48.99")
    other.mkdir()
    put(other, "quay-khac.pdf")
    found = offered(maker, case)
    assert [one.name for one in found.files] == ["trang 1.pdf", "trang 2.jpg"]
    assert (found.writing, found.strange) == (2, 4)
    assert offered(maker, case, "specialist") is None
    for name in (
        "quay-khac.pdf",
        "../H48.99/quay-khac.pdf",
        "lien-ket.pdf",
        "dang-ghi.pdf",
        "thu.exe",
        "",
        ".",
        "/etc/passwd",
    ):
        with pytest.raises(ScanGone):
            take(maker, case, name)
    assert not Scan.objects.exists()
    assert outside.exists()


def test_what_is_taken_is_kept_sealed_and_leaves_the_folder(maker: CaseMaker) -> None:
    case = brought(maker)
    folder = folder_of(case)
    put(folder, "1.jpg", sheet(words="mot"))
    put(folder, "2.jpg", sheet(words="hai"))
    scan = take(maker, case, "2.jpg", "1.jpg")
    kept = [read_file(number) for number in scan.sources.order_by("position").values_list("file_id", flat=True)]
    assert kept == [sheet(words="hai"), sheet(words="mot")]
    assert list(folder.iterdir()) == []
    with pytest.raises(ScanGone):
        take(maker, case, "1.jpg")


def test_who_does_not_receive_there_takes_nothing(maker: CaseMaker) -> None:
    case = brought(maker)
    path = put(folder_of(case), "1.jpg")
    for actor in (maker.officer("specialist"), maker.place.officer("one_stop_officer", maker.place.other_commune)):
        with pytest.raises(Forbidden):
            flows.take_from_folder(case_id=case.pk, key=KEY, names=["1.jpg"], declared_pages=None, actor=actor, at=AT)
    assert path.exists()


def test_what_is_no_scan_by_its_content_stays_where_it_is(maker: CaseMaker) -> None:
    case = brought(maker)
    good, bad = put(folder_of(case), "1.jpg"), put(folder_of(case), "2.pdf", b"MZ\x90 not a paper")
    with pytest.raises(FileRefused):
        take(maker, case, "1.jpg", "2.pdf")
    assert (good.exists(), bad.exists(), Scan.objects.count()) == (True, True, 0)
    assert len(offered(maker, case).files) == 2


def test_a_file_the_scanner_writes_on_while_it_is_read_is_given_back(maker: CaseMaker) -> None:
    path = put(folder_of(brought(maker)), "1.jpg")
    ours = dropfolder.claim(path.parent.name, "1.jpg")
    claimed = path.parent / ".dang-lay.1.jpg"
    with pytest.raises(ScanGone), ours.opened() as stream:
        claimed.write_bytes(stream.read() + b"more")
    ours.give_back()
    assert path.exists()


def test_of_two_who_take_the_same_file_one_gets_it(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(folder_of(brought(maker)), "1.jpg")
    known = dropfolder.arrivals(path.parent.name)
    first = dropfolder.claim(path.parent.name, "1.jpg")
    monkeypatch.setattr(dropfolder, "arrivals", lambda code: known)  # the second saw it a moment before
    with pytest.raises(ScanGone):
        dropfolder.claim(path.parent.name, "1.jpg")
    with first.opened() as stream:
        assert stream.read() == sheet()


def test_what_nobody_takes_is_removed_after_its_days(maker: CaseMaker) -> None:
    folder = folder_of(brought(maker))
    old, fresh = put(folder, "cu.jpg", rested=8 * 86_400), put(folder, "moi.jpg", rested=6 * 86_400)
    from tinhso.kernel.clock import now

    assert flows.clear_scan_folders(at=now()) == 1
    assert (old.exists(), fresh.exists()) == (False, True)
    assert flows.clear_scan_folders(at=now() + timedelta(days=3)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("point", "has_it"),
    [
        ("take_from_folder:claimed", False),
        ("take_from_folder:stored", False),
        ("take_from_folder:taken", True),
    ],
)  # fmt: skip
def test_killed_anywhere_the_paper_is_in_the_folder_or_in_the_case(
    point: str, has_it: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = CaseMaker(world())
    case = brought(maker)
    folder = folder_of(case)
    put(folder, "1.jpg")
    work: Callable[[], object] = lambda: take(maker, case, "1.jpg")  # noqa: E731 - done in the other process
    assert is_killed_at(point, work), f"{point} was not reached"
    assert Scan.objects.exists() is has_it
    assert [path.name for path in folder.iterdir()] == [".dang-lay.1.jpg"]
    assert offered(maker, case).files == ()
    monkeypatch.setattr(dropfolder, "_CLAIM_SECONDS", -1)
    offered(maker, case)  # finds the claim of the dead
    monkeypatch.undo()
    assert [one.name for one in offered(maker, case).files] == ["1.jpg"]
    scan = take(maker, case, "1.jpg")
    assert [read_file(source.file_id) for source in scan.sources.all()] == [sheet()]
    assert list(folder.iterdir()) == []
