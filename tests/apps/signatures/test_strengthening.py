"""Signed papers get their stamp and evidence by a queue: an authority that is slow, down or unknown; killed anywhere."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.factories.forks import is_killed_at
from tests.factories.papers import letter
from tests.simulators.serving import serve
from tests.sweeps import every
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import actions, flows, queries
from tinhso.apps.signatures.enums import PaperLevel
from tinhso.apps.signatures.models import KeptPaper, PaperVersion
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.simulators import trust
from tinhso.simulators.trust.app import State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.enable_socket]
LEADER = Actor(kind=ActorKind.OFFICER, account_id=7, name="Đinh Thị Thử Nghiệm", unit_id=12)
AGENCY = "Ủy ban nhân dân xã Sơn Thử"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, State]]:
    held = Starlette()
    with serve(held) as address:
        inner = trust.create_app(trust.Authority(f"{address}/trust"))
        held.routes.append(Mount("/trust", inner))
        yield address, inner.state.trust


@pytest.fixture
def authority(served: tuple[str, State], tmp_path: Path, settings: Any) -> Iterator[State]:
    address, state = served
    settings.DATA_DIR, settings.DEMO, settings.SIMULATORS_URL = tmp_path, True, address
    settings.TIME_STAMPS = {
        "url": f"{address}/trust/tsa", "seconds": 5, "tries": 3, "at_once": 4, "wait_seconds": 60, "pause_seconds": 3_600,
        "renew_days": 90,
    }  # fmt: skip
    yield state
    state.down.update(dict.fromkeys(state.down, False))
    state.delay.update(dict.fromkeys(state.delay, 0.0))


def keep(subject: str = "result:1") -> KeptPaper:
    """A sealed paper in the queue."""
    at = clock.now()
    signed = flows.sign_pdf(pdf=letter(), actor=LEADER, organisation=AGENCY, at=at)
    sealed = flows.seal_pdf(pdf=signed, unit_id=12, organisation=AGENCY, actor=SYSTEM, at=at)
    stored = store_file(content=sealed, name="a.pdf", made_here=True, actor=SYSTEM, at=at)
    for _ in range(2):
        actions.keep_paper(subject=subject, file_id=stored.id, sha256=stored.sha256, actor=SYSTEM, at=at)
    return KeptPaper.objects.get(subject=subject)


def work(*, seconds: float = 0) -> int:
    return flows.strengthen_papers(at=clock.now() + timedelta(seconds=seconds))


def test_stamp_evidence_archive_stamp_then_renewal(authority: State) -> None:
    paper = keep()
    sealed = read_file(paper.file_id)
    assert (work(), work(), work()) == (1, 1, 0)
    paper.refresh_from_db()
    assert (paper.level, paper.due_at) == (PaperLevel.EVIDENCED, None)
    actions.want_archived(subject="result:1", actor=SYSTEM, at=clock.now())
    assert work() == 1
    paper.refresh_from_db()
    assert paper.level == PaperLevel.ARCHIVED
    assert paper.due_at is not None
    assert paper.due_at > clock.now() + timedelta(days=30)
    verdict = queries.verify_pdf(read_file(paper.file_id), at=clock.now())
    assert verdict.ok, verdict.sentences
    assert (verdict.sealed, verdict.signatures[1].timestamped, len(verdict.stamps)) == (True, True, 1)
    KeptPaper.objects.update(due_at=clock.now())
    assert work() == 1
    paper.refresh_from_db()
    assert len(queries.verify_pdf(read_file(paper.file_id), at=clock.now()).stamps) == 2
    assert list(PaperVersion.objects.order_by("number").values_list("level", flat=True)) == [0, 1, 2, 3, 3]
    events = [entry.type for entry in entries_of(f"kept_paper:{paper.pk}")]
    assert events == ["signature.paper_strengthened"] * 4
    import hashlib

    for version in (sealed, read_file(paper.file_id)):
        assert queries.subject_of_digest(hashlib.sha256(version).hexdigest()) == "result:1"
    assert queries.current_file_of("result:1") == paper.file_id


def test_an_authority_that_is_down_is_asked_again_and_told_of(authority: State) -> None:
    authority.down["tsa"] = True
    paper = keep()
    waits = []
    for seconds in (0, 100, 400):
        assert work(seconds=seconds) == 0
        paper.refresh_from_db()
        assert paper.due_at is not None
        waits.append(round((paper.due_at - clock.now()).total_seconds()) - seconds)
    assert [round(wait, -1) for wait in waits] == [60, 240, 3_600]
    state = queries.papers_state()
    assert (state.waiting, state.configured, len(state.failing)) == (1, True, 1)
    assert "báo lỗi 503" in state.failing[0][0]
    assert queries.verify_pdf(read_file(paper.file_id), at=clock.now()).ok
    authority.down["tsa"] = False
    assert work(seconds=500) == 0
    assert work(seconds=4_100) == 1
    assert queries.papers_state().failing == ()


def test_no_answer_in_time_is_a_failed_try(authority: State, settings: Any) -> None:
    settings.TIME_STAMPS = {**settings.TIME_STAMPS, "seconds": 0.05}
    authority.delay["tsa"] = 0.2
    paper = keep()
    assert work() == 0
    paper.refresh_from_db()
    assert paper.failure == "Dịch vụ tin cậy không trả lời; hệ thống sẽ thử lại."


def test_no_more_than_so_many_at_once(authority: State, settings: Any) -> None:
    settings.TIME_STAMPS = {**settings.TIME_STAMPS, "at_once": 2}
    for number in range(3):
        keep(f"result:{number}")
    at = clock.now()
    assert len(actions.claim_papers(actor=SYSTEM, at=at)) == 2
    assert actions.claim_papers(actor=SYSTEM, at=at) == []
    assert len(actions.claim_papers(actor=SYSTEM, at=at + timedelta(minutes=2))) == 2


@pytest.mark.sweep
def test_workers_together_take_no_more_than_so_many(authority: State, settings: Any) -> None:
    settings.TIME_STAMPS = {**settings.TIME_STAMPS, "at_once": 2}
    at = clock.now()
    stored = store_file(content=letter(), name="a.pdf", made_here=True, actor=SYSTEM, at=at)
    for number in range(6):
        actions.keep_paper(subject=f"result:{number}", file_id=stored.id, sha256=stored.sha256, actor=SYSTEM, at=at)

    def claim(_: int) -> int:
        try:
            return len(actions.claim_papers(actor=SYSTEM, at=at))
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert sum(pool.map(claim, range(4))) == 2


def test_a_stamp_nobody_believes_is_not_kept(authority: State, settings: Any) -> None:
    settings.DEMO = True
    paper = keep()
    settings.DEMO = False
    assert work() == 0
    paper.refresh_from_db()
    assert (paper.level, "được tin cậy" in paper.failure) == (PaperLevel.SIGNED, True)


def test_nothing_happens_without_an_authority(authority: State, settings: Any) -> None:
    settings.TIME_STAMPS = {**settings.TIME_STAMPS, "url": ""}
    keep()
    assert work() == 0
    assert not queries.papers_state().configured


def test_without_word_on_revocation_there_is_no_evidence(authority: State) -> None:
    paper = keep()
    assert work() == 1
    authority.down.update(ocsp=True, crl=True)
    assert work() == 0
    paper.refresh_from_db()
    assert (paper.level, "thu hồi" in paper.failure) == (PaperLevel.STAMPED, True)
    authority.down["crl"] = False
    assert work(seconds=100) == 1


@pytest.mark.parametrize(
    "point",
    every(4, [
        "claim_papers:after_commit", "strengthen:after_answer", "strengthen:after_store",
        "record_strengthened:before_commit", "record_strengthened:after_commit",
    ]),
)  # fmt: skip
def test_killed_anywhere_nothing_is_lost_and_nothing_doubled(authority: State, point: str) -> None:
    paper = keep()
    assert is_killed_at(point, work), f"{point} was not reached"
    for _ in range(2):
        work(seconds=200)
    paper.refresh_from_db()
    assert paper.level == PaperLevel.EVIDENCED
    assert list(paper.versions.order_by("number").values_list("level", flat=True)) == [0, 1, 2]
    assert queries.verify_pdf(read_file(paper.file_id), at=clock.now()).ok
