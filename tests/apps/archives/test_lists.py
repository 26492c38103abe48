"""Submission lists by role, unit and state."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.archives import DUE, ArchiveMaker, only_file, staged
from tests.factories.cases import CaseMaker
from tests.factories.world import officer
from tinhso.apps.archives import actions, content, jobs, queries
from tinhso.apps.archives.data import ListEmpty, ListMoved, ListNotFound, NotTheSamePerson
from tinhso.apps.archives.models import ArchivalFile, SubmissionList
from tinhso.apps.audit.queries import entries_of
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel
from tinhso.kernel.errors import Forbidden, Invalid

ROLES = (
    "one_stop_officer",
    "specialist",
    "division_head",
    "leader",
    "clerk",
    "unit_admin",
    "auditor",
    "records_officer",
)
# act → (the state of the list, the role that may)
ACTS = {
    "open": ("closed", "records_officer"),
    "leave_out": ("draft", "records_officer"),
    "submit": ("draft", "records_officer"),
    "approve": ("submitted", "leader"),
    "return": ("submitted", "leader"),
    "retry": ("approved", "records_officer"),
}


@pytest.fixture
def maker(db: None) -> ArchiveMaker:
    return staged()[0]


def do(act: str, listing: SubmissionList | None, maker: ArchiveMaker, actor: Actor) -> object:
    unit_id = maker.place.commune.id
    pk = listing.pk if listing else 0
    acts: dict[str, Callable[[], object]] = {
        "open": lambda: actions.open_list(unit_id=unit_id, actor=actor, at=DUE),
        "leave_out": lambda: actions.leave_out_file(
            archival_file_id=ArchivalFile.objects.get(listing_id=pk).pk, reason="Thiếu giấy", actor=actor, at=DUE
        ),
        "submit": lambda: actions.submit_list(list_id=pk, actor=actor, at=DUE),
        "approve": lambda: actions.approve_list(list_id=pk, actor=actor, at=DUE),
        "return": lambda: actions.return_list(list_id=pk, reason="Thiếu hồ sơ", actor=actor, at=DUE),
        "retry": lambda: actions.retry_packaging(list_id=pk, actor=actor, at=DUE),
    }
    return acts[act]()


@pytest.mark.parametrize("act", ACTS)
def test_only_the_right_role_of_the_right_unit_may(db: None, act: str) -> None:
    state, wanted = ACTS[act]
    maker, listing = staged("" if state == "closed" else state)
    if listing is None:
        maker.closed()
    people = {role: maker.keeper if role == "records_officer" else maker.place.officer(role) for role in ROLES}
    people["elsewhere"] = (
        officer(wanted, maker.place.other_commune)
        if wanted == "records_officer"
        else maker.place.officer(wanted, maker.place.other_commune)
    )
    for role, actor in people.items():
        if role != wanted:
            with pytest.raises(Forbidden):
                do(act, listing, maker, actor)
    do(act, listing, maker, people[wanted])


@pytest.mark.parametrize("act", [act for act in ACTS if act != "open"])
@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
def test_each_act_belongs_to_its_step(db: None, act: str, state: str) -> None:
    right, role = ACTS[act]
    if state == right:
        return
    maker, listing = staged(state)
    actor = maker.keeper if role == "records_officer" else maker.place.officer(role)
    with pytest.raises(ListMoved):
        do(act, listing, maker, actor)


def test_list_holds_what_has_been_over_long_enough_once(maker: ArchiveMaker) -> None:
    case = maker.closed()
    CaseMaker(maker.place).at("resolved")
    unit_id = maker.place.commune.id
    with pytest.raises(ListEmpty):
        actions.open_list(unit_id=unit_id, actor=maker.keeper, at=case.delivered_at + timedelta(days=89))  # type: ignore[operator]
    listing = actions.open_list(unit_id=unit_id, actor=maker.keeper, at=DUE)
    assert only_file(listing).case_id == case.pk
    with pytest.raises(ListEmpty):
        actions.open_list(unit_id=unit_id, actor=maker.keeper, at=DUE)
    later = maker.closed()
    assert actions.open_list(unit_id=unit_id, actor=maker.keeper, at=DUE).pk == listing.pk
    assert set(ArchivalFile.objects.values_list("case_id", flat=True)) == {case.pk, later.pk}


def test_who_submits_neither_approves_nor_takes_over(maker: ArchiveMaker, drain_jobs: Callable[[], int]) -> None:
    listing = maker.listing("approved")
    with travel(DUE):
        drain_jobs()
    with pytest.raises(NotTheSamePerson):
        actions.accept_list(list_id=listing.pk, actor=maker.keeper, at=DUE)
    with pytest.raises(Forbidden):
        actions.accept_list(list_id=listing.pk, actor=maker.place.officer("leader"), at=DUE)
    actions.accept_list(list_id=listing.pk, actor=maker.taker, at=DUE)


def test_returned_list_says_why_and_goes_again(maker: ArchiveMaker) -> None:
    listing = maker.listing("submitted")
    with pytest.raises(Invalid):
        actions.return_list(list_id=listing.pk, reason=" ", actor=maker.place.officer("leader"), at=DUE)
    actions.return_list(list_id=listing.pk, reason="Bổ sung hồ sơ tháng 5", actor=maker.place.officer("leader"), at=DUE)
    detail = queries.get_list(actor=maker.keeper, list_id=listing.pk)
    assert (detail.row.status, detail.note, detail.verbs) == ("draft", "Bổ sung hồ sơ tháng 5", {"submit", "leave_out"})
    actions.submit_list(list_id=listing.pk, actor=maker.keeper, at=DUE)
    assert [entry.type for entry in entries_of(f"archive_list:{listing.pk}")] == [
        "archive.list_opened", "archive.list_submitted", "archive.list_returned", "archive.list_submitted",
    ]  # fmt: skip


def test_round_of_the_month_draws_up_lists_once(maker: ArchiveMaker) -> None:
    maker.closed()
    with travel(DUE):
        jobs.draw_up_lists()
        jobs.draw_up_lists()
    listing = SubmissionList.objects.get()
    assert (listing.created_by, listing.created_by_id, listing.unit_id) == ("Hệ thống", None, maker.place.commune.id)
    actions.submit_list(list_id=listing.pk, actor=maker.keeper, at=DUE)
    assert SubmissionList.objects.get().created_by == maker.keeper.name


def test_others_see_no_list(maker: ArchiveMaker) -> None:
    listing = maker.listing()
    stranger = officer("records_officer", maker.place.other_commune)
    assert queries.list_lists(actor=stranger) == ([], 0)
    with pytest.raises(ListNotFound):
        queries.get_list(actor=stranger, list_id=listing.pk)
    assert queries.list_lists(actor=maker.taker)[0][0].files == 1
    assert (queries.count_waiting(actor=maker.keeper), queries.count_waiting(actor=stranger)) == (1, 0)


def test_shipped_rules_hold_and_wrong_ones_are_told(tmp_path: object) -> None:
    from pathlib import Path

    from tests.factories.world import CONTENT

    assert content.check(CONTENT) == []
    rules = content.load(CONTENT)
    assert rules.rule_for("Hộ tịch").maintenance == "01"  # type: ignore[union-attr]
    assert rules.rule_for("Lĩnh vực chưa có tên").maintenance == "06"  # type: ignore[union-attr]
    folder = Path(str(tmp_path)) / "archives"
    folder.mkdir()
    text = (CONTENT / content.FILE).read_text().replace('maintenance: "07"\n    years: 2', 'maintenance: "07"')
    (folder / "archives.yaml").write_text(text)
    assert content.check(folder.parent) == ["archives/archives.yaml: retention[3]: thời hạn “khác” phải ghi số năm"]
