"""Real transactions in real threads: one case from a double click, codes without gaps, one winner."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.state import StateApps

from tests.factories.behind import without_triggers
from tests.factories.cases import RECEIVED_AT, SUBMITTED_AT, CaseMaker
from tests.factories.world import World, citizen, world
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases import actions
from tinhso.apps.cases.data import CaseMoved, CaseNotAwaitingSupplement, CaseNotReceivable
from tinhso.apps.cases.models import Case, Rating, RatingSum
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)
AT = RECEIVED_AT + timedelta(hours=8)


@pytest.fixture
def place(transactional_db: None) -> World:
    return world()


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts at once, each in a thread with a connection of its own; their answers, or their refusals."""
    start = threading.Barrier(len(acts), timeout=20)
    answers: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        try:
            start.wait()
            answers[index] = act()
        except DomainError as error:
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return answers


def test_draft_submitted_by_two_clicks_is_one_case(maker: CaseMaker) -> None:
    draft = maker.draft()
    both = together(*[lambda: actions.submit_draft(case_id=draft.pk, actor=maker.person, at=SUBMITTED_AT)] * 2)
    assert [case.pk for case in both] == [draft.pk, draft.pk]
    assert Case.objects.get().code == both[0].code == both[1].code
    assert Entry.objects.filter(type="case.submitted").count() == 1


def test_same_key_at_the_same_time_is_one_case(maker: CaseMaker) -> None:
    filing = maker.filing(idempotency_key="k")
    found = together(*[lambda: actions.submit_case(**filing)] * 4)
    assert {case.pk for case in found} == {Case.objects.get().pk}


def test_codes_of_a_unit_have_no_gap_though_some_submissions_fail(place: World) -> None:
    people = [CaseMaker(place, person=citizen(f"05119000002{n}", "Trần Thị Đồng Thời")) for n in range(6)]
    good = [lambda maker=maker: maker.submitted() for maker in people]  # type: ignore[misc]
    bad = [lambda maker=maker: maker.submitted(answers={}) for maker in people[:3]]  # type: ignore[misc]
    answers = together(*good, *bad)
    assert sum(isinstance(answer, Case) for answer in answers) == 6
    codes = sorted(code for code in Case.objects.values_list("code", flat=True) if code)
    assert [int(code[-4:]) for code in codes] == [1, 2, 3, 4, 5, 6]


def test_two_officers_receive_and_one_is_told(maker: CaseMaker) -> None:
    case = maker.submitted()
    officer = maker.officer("one_stop_officer")
    answers = together(*[lambda: actions.receive_case(case_id=case.pk, actor=officer, at=RECEIVED_AT)] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["Case", "CaseNotReceivable"]
    [refused] = (answer for answer in answers if isinstance(answer, CaseNotReceivable))
    assert "đã được xử lý trước" in refused.message
    assert Entry.objects.filter(type="case.received").count() == 1


def test_two_heads_forward_and_one_is_told(maker: CaseMaker) -> None:
    case = maker.at("assignment")
    head, step = maker.officer("division_head"), case.step_key
    answers = together(*[lambda: actions.forward_case(case_id=case.pk, step=step, actor=head, at=AT)] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["Case", "CaseMoved"]
    assert case.steps.filter(kind="appraisal").count() == 1


def test_approval_and_withdrawal_do_not_both_happen(maker: CaseMaker) -> None:
    case = maker.at("approval")
    leader, step = maker.officer("leader"), case.step_key
    together(
        lambda: actions.approve_result(case_id=case.pk, step=step, actor=leader, at=AT),
        lambda: actions.withdraw_case(case_id=case.pk, reason="", actor=maker.person, at=AT),
    )
    status = Case.objects.get(pk=case.pk).status
    result = case.results.get().status
    assert (status, result) in {("processing", "approved"), ("withdrawn", "cancelled")}


def test_answer_and_nightly_stop_do_not_both_happen(maker: CaseMaker) -> None:
    case = maker.at("supplement")
    late = case.supplements.get().answer_until + timedelta(seconds=1)
    answers = together(
        lambda: maker.answer(case, at=late),
        lambda: actions.stop_unanswered_case(case_id=case.pk, actor=SYSTEM, at=late),
    )
    assert sum(isinstance(answer, CaseNotAwaitingSupplement | CaseMoved) for answer in answers) == 1
    assert Case.objects.get(pk=case.pk).status in {"processing", "stopped"}


def test_history_of_a_case_is_numbered_without_gaps_under_contention(maker: CaseMaker) -> None:
    draft = maker.draft()
    count = Entry.objects.filter(stream=f"case:{draft.pk}").count()

    def save(word: str) -> Callable[[], Case]:
        return lambda: actions.save_draft(
            case_id=draft.pk, answers={f"bank_{word}": word}, actor=maker.person, at=SUBMITTED_AT
        )

    together(*[save(word) for word in "abcdef"])
    sequences = list(
        Entry.objects.filter(stream=f"case:{draft.pk}").order_by("sequence").values_list("sequence", flat=True)
    )
    assert sequences == list(range(1, count + 7))
    assert {f"bank_{word}" for word in "abcdef"} <= set(Case.objects.get(pk=draft.pk).answers), "no answer was lost"


def test_who_rates_while_what_was_rated_before_is_counted(maker: CaseMaker) -> None:
    """The count of a unit waits for whoever is adding to it, and whoever comes waits for the count."""
    cases = [maker.at("delivered") for _ in range(4)]
    before = import_module("tinhso.apps.cases.migrations.0020_ratings_given_before")

    def rate(case: Case) -> object:
        return Rating.objects.create(case=case, satisfaction="satisfied", rated_at=RECEIVED_AT)

    def count() -> str:
        with connection.schema_editor(atomic=False) as editor:
            before.fill(StateApps([], {}), editor)
        return "counted"

    with without_triggers():  # as one given when there were no sums yet
        rate(cases[0])
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            rate(cases[1])
            counting = pool.submit(lambda: (count(), connection.close())[0])
            _until_somebody_waits()
            assert not counting.done()
        assert counting.result(20) == "counted"
    assert "counted" in together(lambda: rate(cases[2]), count, lambda: rate(cases[3]))
    assert [one.satisfied for one in RatingSum.objects.filter(field__isnull=True)] == [4]
    assert [one.satisfied for one in RatingSum.objects.filter(field__isnull=False)] == [4]


def _until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(400):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'cases_ratingsum'::regclass")
            if cursor.fetchone()[0]:
                return
            threading.Event().wait(0.02)
    raise AssertionError("the count did not wait")
