"""A leg's paper was wrong: corrected by the real act, signed, and the whole shows the corrected one (đính chính một bước)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.linked import KARAOKE, LinkedRunner, linked_scenarios, linked_world
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, queries
from tinhso.kernel.clock import travel

pytestmark = pytest.mark.django_db


def bundle(runner: LinkedRunner) -> dict[str, tuple[str, int]]:
    """Number and file of each result that the applicant finds on the whole."""
    found = queries.results_of_whole(actor=runner.person, code=runner.whole().code or "")
    return {one.key: (one.number, one.file_id) for one in found}


def test_the_bundle_of_the_whole_shows_the_corrected_result(drain_jobs: Callable[[], int]) -> None:
    scenario = next(s for s in linked_scenarios(KARAOKE) if s.file.endswith("all-three-granted.yaml"))
    runner = LinkedRunner(scenario, linked_world(), drain_jobs)
    runner.play()
    whole, child = runner.whole(), runner.leg("business").child
    assert child is not None
    old = child.results.get(status="signed")
    before = {
        one.key: (one.number, one.file_id)
        for one in queries.results_of_whole(actor=runner.person, code=whole.code or "")
    }
    assert before["business"] == (old.number, old.file_id)
    at = scenario.steps[-1].at + timedelta(days=1)
    with travel(at):
        actions.correct_result(
            case_id=child.pk, reason="Tên hộ kinh doanh thiếu một chữ.", text="", fields=old.fields,
            actor=runner.place.officer("specialist"), at=at,
        )  # fmt: skip
        drain_jobs()
        assert runner.leg("business").result_number == old.number, "until it is signed the old one holds"
        new = actions.approve_correction(case_id=child.pk, actor=runner.place.officer("leader"), at=at)
        drain_jobs()
    new.refresh_from_db()
    assert (new.status, new.number != old.number) == ("signed", True)
    leg = runner.leg("business")
    assert (leg.status, leg.result_number, leg.result_file_id) == ("done", new.number, new.file_id)
    after = {
        one.key: (one.number, one.file_id)
        for one in queries.results_of_whole(actor=runner.person, code=whole.code or "")
    }
    assert after == {**before, "business": (new.number, new.file_id)}
    assert (queries.check_paper(old.check_code).valid, queries.check_paper(new.check_code).replaces) == (
        False,
        old.number,
    )
    assert runner.whole().status == whole.status, "the course of the whole stays what it was"
    assert entries_of(f"case:{child.pk}")[-1].type in {"case.result_replaced", "case.leg_finished", "case.paper_issued"}
