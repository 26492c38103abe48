"""Retention and disposal: when a period is over, who proposes and who decides, and that what is gone is gone."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.factories import disposals, files
from tests.factories.disposals import APPROVER, AT, CLOSED, KIND, PROPOSER, UNIT, keeper
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents import actions, content, flows, queries, rules
from tinhso.apps.documents.data import (
    DisposalEmpty,
    DisposalNotFound,
    DisposalNotOpen,
    DisposalWaiting,
    FileDisposedOf,
)
from tinhso.apps.documents.models import Content, DisposalItem, DisposalList, Preview, StoredFile
from tinhso.apps.documents.queries import _retention
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db
PDF = files.pdf(pages=2)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.mark.parametrize(
    ("closed", "over_on"),
    [
        (date(2020, 1, 1), date(2026, 1, 1)),
        (date(2020, 12, 31), date(2026, 1, 1)),
        (date(2021, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_is_over_by_whole_years(closed: date, over_on: date) -> None:
    assert rules.retention_over_on(closed, years=5) == over_on
    assert rules.retention_over_on(closed, years=None) is None
    assert closed < rules.closed_before(over_on, years=5)
    assert not closed < rules.closed_before(date(over_on.year - 1, 12, 31), years=5)


def test_only_what_is_over_is_proposed(folder: Path) -> None:
    due = disposals.over(PDF)
    disposals.over(files.pdf(pages=1), since=date(2021, 1, 1))
    disposals.over(files.png(), unit_id=UNIT + 1)
    actions.store_file(content=files.jpeg(), name="a.jpg", actor=SYSTEM, at=AT)  # its period has not begun
    found = queries.get_disposal(disposals.proposed(), actor=PROPOSER)
    assert [line.file_id for line in found.lines] == [due]
    assert found.lines[0].over_on == date(2026, 1, 1)
    assert "05 năm" in found.lines[0].basis
    with pytest.raises(DisposalWaiting):
        disposals.proposed()
    assert [event.type for event in entries_of(f"disposal:{found.row.id}")] == ["document.disposal_proposed"]


def test_a_period_counts_from_the_later_work() -> None:
    file_id = disposals.over(PDF)
    for since in (date(2025, 5, 1), date(2022, 1, 1)):
        actions.start_retention(file_ids=[file_id], kind=KIND, since=since, unit_id=UNIT, actor=SYSTEM, at=AT)
    assert StoredFile.objects.get().retain_from == date(2025, 5, 1)
    with pytest.raises(DisposalEmpty):
        disposals.proposed()
    with pytest.raises(Invalid):
        actions.start_retention(file_ids=[file_id], kind="x", since=CLOSED, unit_id=UNIT, actor=SYSTEM, at=AT)


def test_what_a_table_nobody_answers_for_refers_to_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    file_id = disposals.over(PDF)
    disposals.proposed()
    assert not queries.needed_files([file_id])
    unanswered = {table for table, _ in _retention._unanswered()}
    assert {"cases.Result", "cases.Paper", "archives.ArchivalFile"} <= unanswered
    assert not unanswered & {"cases.CaseDocument", "documents.DisposalItem"}
    monkeypatch.setattr(_retention, "_ANSWERED_FOR", {"documents.Upload"})
    assert "còn được dùng" in queries.needed_files([file_id])[file_id]


def test_who_disposes_of_it(folder: Path) -> None:
    stored = disposals.over(PDF)
    flows.examine(content_id=Content.objects.get().pk, at=AT)
    disposal_id = disposals.approved()
    flows.carry_out_disposal(disposal_id=disposal_id, at=AT)
    file, kept = StoredFile.objects.get(), Content.objects.get()
    assert (file.name, file.disposed_at) == ("da-tieu-huy.pdf", AT)
    assert (kept.wrapped_key, kept.key_id, kept.blob, kept.shredded_at) == (None, "", "", AT)
    assert not Preview.objects.exists()
    assert not [path for path in (folder / "files").rglob("*") if path.is_file()]
    for read in (queries.open_file, queries.read_file, lambda number: queries.open_preview(number, 1)):
        with pytest.raises(FileDisposedOf):
            read(stored)
    assert queries.list_previews(stored) == []
    told = [event.type for event in entries_of(f"disposal:{disposal_id}")]
    assert told == ["document.disposal_proposed", "document.disposal_decided", "document.disposal_done"]
    # The same paper handed in again later is a new file, and opens.
    again = actions.store_file(content=PDF, name="lai.pdf", actor=SYSTEM, at=AT)
    assert queries.read_file(again.id) == PDF
    flows.examine(content_id=kept.pk, at=AT)
    assert len(queries.list_previews(again.id)) == 2
    with pytest.raises(FileDisposedOf):
        queries.open_file(stored)


def test_a_content_somebody_else_still_has_stays() -> None:
    disposals.over(PDF)
    other = actions.store_file(content=PDF, name="ban-khac.pdf", actor=SYSTEM, at=AT)
    flows.carry_out_disposal(disposal_id=disposals.approved(), at=AT)
    assert StoredFile.objects.filter(disposed_at__isnull=False).count() == 1
    assert queries.read_file(other.id) == PDF


def test_what_is_left_out_stays() -> None:
    first, second = disposals.over(PDF), disposals.over(files.png(), name="anh.png")
    disposal_id = disposals.proposed()
    kept = DisposalItem.objects.get(file=second).pk
    with pytest.raises(Invalid, match="lý do"):
        actions.decide_disposal(disposal_id=disposal_id, approve=True, leave_out=[kept], actor=APPROVER, at=AT)
    actions.decide_disposal(
        disposal_id=disposal_id, approve=True, leave_out=[kept], reason="Đang có đơn kiện", actor=APPROVER, at=AT
    )
    flows.carry_out_disposal(disposal_id=disposal_id, at=AT)
    assert queries.get_file(first).disposed_at == AT
    assert queries.read_file(second) == files.png()
    row = queries.get_disposal(disposal_id, actor=APPROVER).row
    assert (row.files, row.left_out, row.status, row.reason) == (2, 1, "done", "Đang có đơn kiện")


def test_what_comes_into_use_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = disposals.over(PDF), disposals.over(files.png(), name="anh.png")
    wanted: set[int] = set()
    monkeypatch.setattr(_retention, "_HOLDERS", [lambda ids: dict.fromkeys(ids & wanted, "cần")])
    disposal_id = disposals.proposed()
    wanted.add(first)
    assert [line.needed for line in queries.get_disposal(disposal_id, actor=PROPOSER).lines] == ["cần", ""]
    actions.decide_disposal(disposal_id=disposal_id, approve=True, actor=APPROVER, at=AT)
    assert DisposalItem.objects.get(file=first).is_left_out
    wanted.add(second)
    flows.carry_out_disposal(disposal_id=disposal_id, at=AT)
    assert not StoredFile.objects.filter(disposed_at__isnull=False).exists()


def test_refused_nothing_happens_and_it_may_be_proposed_again() -> None:
    stored = disposals.over(PDF)
    disposal_id = disposals.proposed()
    actions.decide_disposal(disposal_id=disposal_id, approve=False, reason="Chờ thanh tra", actor=APPROVER, at=AT)
    with pytest.raises(DisposalNotOpen):
        actions.decide_disposal(disposal_id=disposal_id, approve=True, actor=APPROVER, at=AT)
    flows.carry_out_disposal(disposal_id=disposal_id, at=AT)
    assert queries.read_file(stored) == PDF
    assert disposals.proposed() != disposal_id


BOTH = Actor(kind=PROPOSER.kind, account_id=PROPOSER.account_id, name="x", grants=(*PROPOSER.grants, *APPROVER.grants))


@pytest.mark.parametrize(
    "actor",
    [ANONYMOUS, SYSTEM, APPROVER, keeper("propose_disposal", 3, units=frozenset({UNIT + 1}))],
)
def test_who_may_not_propose(actor: Actor) -> None:
    disposals.over(PDF)
    with pytest.raises(Forbidden):
        actions.propose_disposal(unit_id=UNIT, actor=actor, at=AT)


@pytest.mark.parametrize(
    "actor",
    [ANONYMOUS, SYSTEM, PROPOSER, BOTH, keeper("approve_disposal", 3, units=frozenset({UNIT + 1}))],
)
def test_who_may_not_decide(actor: Actor) -> None:
    disposals.over(PDF)
    disposal_id = disposals.proposed()
    with pytest.raises(Forbidden):
        actions.decide_disposal(disposal_id=disposal_id, approve=True, actor=actor, at=AT)
    assert DisposalList.objects.get().status == "proposed"


def test_the_database_holds_four_eyes() -> None:
    disposals.over(PDF)
    disposals.proposed()
    with pytest.raises(IntegrityError), transaction.atomic():
        DisposalList.objects.update(status="approved", decided_by_id=PROPOSER.account_id, decided_at=AT)


def test_only_the_system_carries_it_out() -> None:
    file_id = disposals.over(PDF)
    disposal_id = disposals.approved()
    item_id = DisposalItem.objects.get().pk
    for act in (
        lambda: actions.dispose_file(item_id=item_id, actor=APPROVER, at=AT),
        lambda: actions.finish_disposal(disposal_id=disposal_id, actor=APPROVER, at=AT),
        lambda: actions.clear_content(content_id=Content.objects.get().pk, blob="", actor=APPROVER, at=AT),
        lambda: actions.start_retention(
            file_ids=[file_id], kind=KIND, since=CLOSED, unit_id=UNIT, actor=APPROVER, at=AT
        ),
    ):
        with pytest.raises(Forbidden):
            act()
    assert queries.read_file(file_id) == PDF


def test_lists_are_seen_in_ones_own_units() -> None:
    disposals.over(PDF)
    disposal_id = disposals.proposed()
    far = keeper("approve_disposal", 9, units=frozenset({UNIT + 1}))
    with pytest.raises(DisposalNotFound):
        queries.get_disposal(disposal_id, actor=far)
    assert queries.list_disposals(actor=far) == []
    assert [row.id for row in queries.list_disposals(actor=APPROVER)] == [disposal_id]
    assert queries.get_disposal(disposal_id, actor=APPROVER).may_decide
    assert not queries.get_disposal(disposal_id, actor=BOTH).may_decide
    assert [queries.count_disposals_waiting(actor) for actor in (APPROVER, BOTH, far)] == [1, 0, 0]


def test_how_it_stands() -> None:
    disposals.over(PDF)
    disposals.over(files.png(), name="anh.png", since=date(2026, 1, 1))
    state = next(one for one in queries.retention_states(on=AT.date()) if one.kind.key == KIND)
    assert (state.kind.key, state.kept, state.over, state.needed) == (KIND, 2, 1, 0)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{key: a, name: A, years: 5}", "thiếu basis"),
        ("{key: a, name: A, years: 0, basis: x}", "số năm"),
        ("{key: a, name: A, years: 5, basis: ''}", "basis"),
        ("{key: a, name: A, years: 5, basis: x, more: 1}", "khóa lạ: more"),
    ],
)
def test_what_is_wrong_in_the_list_of_periods_is_told(tmp_path: Path, line: str, problem: str) -> None:
    (tmp_path / "retention").mkdir()
    (tmp_path / "retention/files.yaml").write_text(f"kinds:\n  - {line}\n", encoding="utf-8")
    (told,) = content.check(tmp_path)
    assert problem in told
