"""A case asks the state: with consent or by right, about its own persons, the answer kept with it alone."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.cases import ALLOWANCE, RECEIVED_AT, SUBMITTED_AT, CaseMaker, scenario
from tests.factories.forks import dies_here
from tests.factories.lookups import FOUND, RESIDENCE, Sources, sources
from tests.factories.world import citizen
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.cases import actions, flows, queries, rules
from tinhso.apps.cases.data import CaseMoved, CaseNotDraft, LookupNotAllowed
from tinhso.apps.cases.jobs import _lookups as jobs
from tinhso.apps.cases.models import Case, CaseLookup
from tinhso.apps.exchange import queries as exchange
from tinhso.apps.exchange.data import FactsMissing, SourceAnswer, UnknownSource
from tinhso.apps.exchange.enums import Outcome
from tinhso.apps.exchange.models import Lookup
from tinhso.kernel.actor import ANONYMOUS, SYSTEM
from tinhso.kernel.errors import Forbidden, Invalid

pytestmark = pytest.mark.django_db
AT = RECEIVED_AT + timedelta(hours=3)
APPLICANT = scenario(ALLOWANCE).applicant


@pytest.fixture
def asked(place: Any, monkeypatch: pytest.MonkeyPatch) -> Sources:
    return sources(monkeypatch)


@pytest.fixture
def own(place: Any) -> CaseMaker:
    """Files for herself: the beneficiary is the person who is signed in."""
    return CaseMaker(place, person=citizen(str(APPLICANT["personal_id"]), str(APPLICANT["full_name"])))


def _fetch(case: Case, maker: CaseMaker, **changed: Any) -> CaseLookup | None:
    said = {"key": "residence", "consent": True, "actor": maker.person, "at": SUBMITTED_AT, **changed}
    return flows.fetch_for_draft(case_id=case.pk, **said)


def _look_up(case: Case, maker: CaseMaker, **changed: Any) -> CaseLookup | None:
    said = {
        "key": "residence", "kind": "look_up", "purpose": "check", "reason": "Cần biết nơi thường trú.",
        "actor": maker.officer("specialist"), "at": AT, **changed,
    }  # fmt: skip
    return flows.look_up_for_case(case_id=case.pk, **said)


def test_with_consent_the_form_is_filled_and_says_by_whom(own: CaseMaker, asked: Sources) -> None:
    case = own.draft()
    row = _fetch(case, own)
    assert row is not None
    case = Case.objects.get(pk=case.pk)
    assert case.answers["permanent_address"]["commune_code"] == RESIDENCE["commune_code"]
    assert row.filled == ["ethnicity", "permanent_address", "sex"]
    question = asked.asked[0]
    assert question.facts["personal_id"] == APPLICANT["personal_id"]
    assert question.issue == f"NHAP-{case.pk}"
    assert question.client == f"VN/GOV/{question.unit_code}/mot-cua"
    (offer,) = [
        one for one in queries.lookups.lookup_offers(actor=own.person, case=case, on=SUBMITTED_AT.date()) if one.latest
    ]
    assert offer.latest is not None
    assert (offer.latest.outcome, offer.latest.is_current) == (Outcome.FOUND, True)
    types = [entry.type for entry in entries_of(f"case:{case.pk}")]
    assert types[-3:] == ["case.lookup_asked", "case.draft_saved", "case.lookup_answered"]
    told = entries_of(f"disclosure:lookup:{question.message_id}")[0].payload
    assert "population.residence" in told["fields"]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [({"consent": False}, Invalid), ({"key": "nothing"}, UnknownSource), ({"actor": ANONYMOUS}, Forbidden)],
)
def test_without_consent_or_right_nothing_is_asked(
    own: CaseMaker, asked: Sources, changed: dict[str, Any], refusal: type[Exception]
) -> None:
    case = own.draft()
    with pytest.raises(refusal):
        _fetch(case, own, **changed)
    assert (asked.asked, Lookup.objects.count()) == ([], 0)


def test_nobody_fetches_anothers_data(maker: CaseMaker, asked: Sources) -> None:
    with pytest.raises(LookupNotAllowed):
        _fetch(maker.draft(), maker)
    assert asked.asked == []


def test_a_date_typed_with_slashes_is_asked_as_a_date(own: CaseMaker, asked: Sources) -> None:
    born = "/".join(reversed(str(own.scenario.answers["birth_date"]).split("-")))
    _fetch(own.draft(answers={**own.scenario.answers, "birth_date": born}), own)
    assert asked.asked[0].facts["birth_date"] == own.scenario.answers["birth_date"]


def test_what_is_asked_with_must_be_there_first(own: CaseMaker, asked: Sources) -> None:
    answers = {**own.scenario.answers, "birth_date": None}
    with pytest.raises(FactsMissing) as told:
        _fetch(own.draft(answers=answers), own)
    assert [error.path for error in told.value.errors] == ["answers.birth_date"]


@pytest.mark.parametrize(
    "answer", [SourceAnswer(Outcome.FAILED, error="Client.Timeout"), SourceAnswer(Outcome.NOT_FOUND)]
)
def test_a_source_that_is_down_blocks_nothing(own: CaseMaker, asked: Sources, answer: SourceAnswer) -> None:
    asked.answer, case = answer, own.draft()
    before = dict(case.answers)
    assert _fetch(case, own) is not None
    assert Case.objects.get(pk=case.pk).answers == before
    filed = actions.submit_draft(case_id=case.pk, actor=own.person, at=SUBMITTED_AT)
    assert filed.code
    assert not filed.documents.filter(key="residence", presence="database").exists()
    assert Lookup.objects.get().outcome == answer.outcome


def test_a_value_the_form_would_refuse_is_left_out(own: CaseMaker, asked: Sources) -> None:
    bad = tuple(f if f.key != "sex" else type(f)("sex", "Giới tính", "unknown", "?") for f in FOUND.fields)
    asked.answer, case = SourceAnswer(Outcome.FOUND, bad), own.draft()
    row = _fetch(case, own)
    assert row is not None
    assert row.filled == ["ethnicity", "permanent_address"]
    assert Case.objects.get(pk=case.pk).answers["sex"] == case.answers["sex"]


def test_the_state_has_it_so_the_paper_is_there_with_its_mark(own: CaseMaker, asked: Sources) -> None:
    case = own.draft()
    case.documents.filter(key="residence").delete()
    _fetch(case, own)
    filed = actions.submit_draft(case_id=case.pk, actor=own.person, at=SUBMITTED_AT)
    paper = filed.documents.get(key="residence")
    assert paper.presence == "database"
    assert asked.asked[0].message_id in paper.source


def test_an_answer_about_somebody_else_than_the_form_names_is_no_evidence(own: CaseMaker, asked: Sources) -> None:
    case = own.draft()
    case.documents.filter(key="residence").delete()
    _fetch(case, own)
    actions.save_draft(case_id=case.pk, answers={"personal_id": "051085000002"}, actor=own.person, at=SUBMITTED_AT)
    case = Case.objects.get(pk=case.pk)
    assert queries.lookups.evidence_of(case, queries.get_package(case).documents, on=AT.date()) == {}


def test_a_discarded_draft_takes_the_answer_with_it_and_leaves_who_asked(own: CaseMaker, asked: Sources) -> None:
    case = own.draft()
    _fetch(case, own)
    actions.discard_draft(case_id=case.pk, actor=own.person, at=SUBMITTED_AT)
    assert (CaseLookup.objects.count(), Lookup.objects.count()) == (0, 1)


def test_an_answer_that_comes_after_the_draft_is_gone_is_dropped(own: CaseMaker, asked: Sources) -> None:
    case = own.draft()
    lookup_id, question = actions.begin_own_lookup(
        case_id=case.pk, key="residence", consent=True, actor=own.person, at=SUBMITTED_AT
    )
    actions.discard_draft(case_id=case.pk, actor=own.person, at=SUBMITTED_AT)
    kept = actions.keep_answer(
        lookup_id=lookup_id, message_id=question.message_id, answer=FOUND, actor=own.person, at=AT
    )
    assert (kept, Lookup.objects.get().outcome) == (None, Outcome.FOUND)


def test_told_twice_the_first_answer_stays(own: CaseMaker, asked: Sources) -> None:
    case = own.draft()
    row = _fetch(case, own)
    assert row is not None
    again = actions.keep_answer(
        lookup_id=row.pk, message_id=asked.asked[0].message_id, answer=SourceAnswer(Outcome.FAILED), actor=own.person,
        at=AT,
    )  # fmt: skip
    assert again is not None
    assert (again.answer, Lookup.objects.get().outcome) == (row.answer, Outcome.FOUND)
    assert [e.type for e in entries_of(f"case:{case.pk}")].count("case.lookup_answered") == 1


def test_an_officer_asks_for_a_purpose_and_sees_what_differs(own: CaseMaker, asked: Sources) -> None:
    case = own.at("appraisal")
    case.documents.filter(key="residence").delete()
    row = _look_up(case, own)
    assert row is not None
    assert (row.is_own, row.consented_at, row.by_unit != "") == (False, None, True)
    case = Case.objects.get(pk=case.pk)
    (told,) = queries.lookups.answered_lookups(case, on=AT.date())
    assert {one.field: one.same for one in told.values} == {
        "sex": case.answers["sex"] == "female",
        "ethnicity": case.answers["ethnicity"] == "Kinh",
        "permanent_address": rules.is_same(case.answers["permanent_address"], RESIDENCE),
    }
    assert case.documents.get(key="residence").presence == "database"
    assert asked.asked[0].issue == case.code
    purpose = entries_of(f"disclosure:lookup:{told.message_id}")[0].payload["purpose"]
    assert "Đối chiếu" in purpose
    assert str(case.code) in purpose


def test_verification_is_asked_of_its_own_source_and_needs_no_reason(own: CaseMaker, asked: Sources) -> None:
    asked.answer, case = SourceAnswer(Outcome.MATCH), own.at("appraisal")
    assert _look_up(case, own, kind="verify", reason="") is not None
    assert asked.asked[0].source.key == "population_check"
    for wrong in ({"reason": ""}, {"purpose": ""}, {"purpose": "gossip"}):
        with pytest.raises(Invalid):
            _look_up(case, own, **wrong)
    assert len(asked.asked) == 1


_AT_WORK = {"submitted", "appraisal", "supplement", "approved"}


@pytest.mark.parametrize("state", ["draft", *sorted(_AT_WORK), "resolved", "withdrawn"])
def test_who_may_ask_in_each_state(state: str, own: CaseMaker, asked: Sources) -> None:
    case = own.at(state)
    people = {role: own.officer(role) for role in ("one_stop_officer", "specialist", "leader", "clerk", "auditor")}
    people |= {"far": own.place.officer("specialist", own.place.other_commune), "applicant": own.person}
    done = set()
    for who, actor in people.items():
        try:
            _look_up(case, own, actor=actor)
        except (Forbidden, CaseMoved):
            continue
        done.add(who)
    assert done == ({"one_stop_officer", "specialist"} if state in _AT_WORK else set())
    if state != "draft":
        with pytest.raises((CaseNotDraft, Forbidden)):
            _fetch(case, own)


_VALUES = st.text(max_size=8) | st.none()
_ADDRESS = st.fixed_dictionaries({"commune_code": st.sampled_from(["21025", "21028"]), "detail": st.text(max_size=8)})


@given(_VALUES | _ADDRESS, _VALUES | _ADDRESS)
def test_sameness_is_a_relation_of_equals(one: Any, other: Any) -> None:
    assert rules.is_same(one, one)
    assert rules.is_same(one, other) == rules.is_same(other, one)


def test_sameness_forgives_spelling_only() -> None:
    assert rules.is_same("Nguyễn Thị  HỒNG Nhạn", "nguyen thi hong nhan")
    assert not rules.is_same("Nguyễn Thị Hồng", "Nguyễn Thị Hồng Nhạn")
    assert not rules.is_same(RESIDENCE, {**RESIDENCE, "commune_code": "21028"})


def test_a_question_nobody_answers_is_closed_and_may_be_put_again(
    own: CaseMaker, asked: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, late = own.draft(), SUBMITTED_AT + timedelta(minutes=10)
    said = {"case_id": case.pk, "key": "residence", "consent": True, "actor": own.person}
    number, question = actions.begin_own_lookup(**said, at=SUBMITTED_AT)
    assert exchange.unanswered_lookups(at=SUBMITTED_AT + timedelta(seconds=100)) == []
    assert exchange.unanswered_lookups(at=late) == [question.message_id]
    with pytest.raises(Forbidden):
        actions.close_unanswered_lookup(message_id=question.message_id, actor=own.person, at=late)
    monkeypatch.setattr(jobs, "now", lambda: late)
    jobs.close_unanswered_lookups()
    jobs.close_unanswered_lookups()
    row = Lookup.objects.get()
    assert (row.outcome, row.error, row.answered_at) == (Outcome.UNANSWERED, "Client.NoAnswer.180s", late)
    told = [entry.payload["outcome"] for entry in entries_of(f"case:{case.pk}") if entry.type == "case.lookup_answered"]
    assert told == ["unanswered"]
    (reading,) = [one for one in queries.who_read(actor=own.person)[0] if one.lookup]
    assert reading.lookup is not None
    assert (reading.lookup.outcome.label, reading.lookup.is_silent) == ("Không trả lời", True)

    # What comes too late changes neither the form nor what the pages have told.
    kept = actions.keep_answer(
        lookup_id=number, message_id=question.message_id, answer=FOUND, actor=own.person, at=late
    )
    assert kept is not None
    assert (kept.answer, Lookup.objects.get().outcome) == ([], Outcome.UNANSWERED)
    again = flows.fetch_for_draft(**said, at=late)
    assert again is not None
    assert (again.lookup.outcome, again.filled) == (Outcome.FOUND, ["ethnicity", "permanent_address", "sex"])


def test_killed_before_the_question_it_is_closed_and_may_be_put_again(
    own: CaseMaker, asked: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = own.draft()
    dies_here("fetch_for_draft:begun", lambda: _fetch(draft, own))
    case = own.at("appraisal")
    dies_here("look_up_for_case:begun", lambda: _look_up(case, own))
    assert (asked.asked, Lookup.objects.filter(outcome=Outcome.ASKED).count()) == ([], 2)
    late = AT + timedelta(minutes=10)
    monkeypatch.setattr(jobs, "now", lambda: late)
    for _ in range(2):
        jobs.close_unanswered_lookups()
    assert set(Lookup.objects.values_list("outcome", flat=True)) == {Outcome.UNANSWERED}
    for again in (_fetch(draft, own, at=late), _look_up(case, own, at=late)):
        assert again is not None
        assert again.lookup.outcome == Outcome.FOUND
    assert len(asked.asked) == 2


def test_a_closed_question_of_a_discarded_draft_is_closed_in_the_log_alone(own: CaseMaker, asked: Sources) -> None:
    case = own.draft()
    _, question = actions.begin_own_lookup(
        case_id=case.pk, key="residence", consent=True, actor=own.person, at=SUBMITTED_AT
    )
    actions.discard_draft(case_id=case.pk, actor=own.person, at=SUBMITTED_AT)
    assert actions.close_unanswered_lookup(message_id=question.message_id, actor=SYSTEM, at=AT)
    assert not actions.close_unanswered_lookup(message_id=question.message_id, actor=SYSTEM, at=AT)
    assert Lookup.objects.get().outcome == Outcome.UNANSWERED
