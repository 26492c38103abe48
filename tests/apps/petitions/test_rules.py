"""Dates, codes and traces of petitions, by property."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.factories.world import CONTENT
from tinhso.apps.calendars.content import load_calendars
from tinhso.apps.calendars.rules import working_calendar
from tinhso.apps.petitions import content, rules
from tinhso.apps.petitions.data import Dues
from tinhso.apps.petitions.enums import PetitionAct, PetitionClass, PetitionStatus, PetitionTopic

CALENDAR = working_calendar(next(iter(load_calendars(CONTENT / "calendars").values())), version=1)
LIMITS = content.limits_on(CONTENT, datetime(2026, 3, 2, tzinfo=UTC).date())
MOMENTS = st.datetimes(datetime(2026, 1, 5), datetime(2026, 10, 30)).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)
WAITS = st.timedeltas(timedelta(0), timedelta(days=20))

FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy


def dues(sent_at: datetime, here_since: datetime | None = None, *asked: tuple[datetime, datetime | None]) -> Dues:
    return rules.compute_dues(
        LIMITS, sent_at=sent_at, here_since=here_since or sent_at, asked=list(asked), calendar=CALENDAR
    )


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+07:00")


@pytest.mark.parametrize(
    ("sent", "refuse", "ask", "answer"),
    [
        # An ordinary week; then the new year of 2026, which lies inside; then the Saturday that is worked (22/8).
        ("2026-03-02T09:00", "2026-03-04T09:00", "2026-03-09T09:00", "2026-03-23T09:00"),
        ("2026-02-12T09:00", "2026-02-23T09:00", "2026-02-26T09:00", "2026-03-12T09:00"),
        ("2026-08-20T09:00", "2026-08-22T09:00", "2026-08-26T09:00", "2026-09-14T09:00"),
    ],
)
def test_dates_of_the_law_on_the_calendar_of_the_office(sent: str, refuse: str, ask: str, answer: str) -> None:
    found = dues(local(sent))
    assert (found.refuse_by, found.ask_by, found.answer_by) == (local(refuse), local(ask), local(answer))


@FEW
@given(sent=MOMENTS)
def test_refuse_before_ask_before_answer(sent: datetime) -> None:
    found = dues(sent)
    assert found.answer_by is not None
    assert sent < found.refuse_by < found.ask_by < found.answer_by


@FEW
@given(sent=MOMENTS, later=WAITS)
def test_passing_it_on_wins_no_time_for_the_answer(sent: datetime, later: timedelta) -> None:
    here = sent + later
    before, after = dues(sent), dues(sent, here)
    assert after.answer_by == before.answer_by
    assert after.refuse_by >= before.refuse_by
    assert after.ask_by > here


@FEW
@given(sent=MOMENTS, after=WAITS, wait=WAITS)
def test_waiting_for_the_sender_never_brings_the_answer_forward(
    sent: datetime, after: timedelta, wait: timedelta
) -> None:
    asked, plain = sent + after, dues(sent).answer_by
    assert plain is not None
    assume(asked < plain)
    given_at = asked + wait
    paused = dues(sent, None, (asked, given_at)).answer_by
    assert paused is not None
    assert paused >= plain
    assert (paused == plain) == (CALENDAR.between(asked, given_at) == 0)
    assert dues(sent, None, (asked, None)).answer_by is None


@FEW
@given(token=st.text(rules.ALPHABET, min_size=rules.TOKEN_LENGTH, max_size=rules.TOKEN_LENGTH), day=MOMENTS)
def test_a_code_is_read_however_it_is_typed(token: str, day: datetime) -> None:
    code = rules.petition_code(day, token)
    assert rules.parse_code(code) == code
    assert rules.parse_code(f" {code.lower().replace('-', '')} ") == code
    assert rules.parse_code(code.replace("0", "O").replace("1", "L")) == code


@FEW
@given(text=st.text(max_size=60))
def test_what_is_no_code_is_none(text: str) -> None:
    parsed = rules.parse_code(text)
    assert parsed == "" or rules.parse_code(parsed) == parsed


KNOWN = ["Nguyễn Thị Ví Dụ", "+84912345678", "0912345678", "vi.du@vidu.vn", "H48.12-260302-0007"]
PIECES = st.sampled_from(
    [
        "nguyen thi vi du", "NGUYỄN THỊ  VÍ DỤ", "0912 345 678", "+84 912.345.678", "051190000019", "vi.du@vidu.vn",
        "H48.12-260302-0007", "212345678", "cán bộ", "quầy số 3", "ngày 02/03/2026", "1.250.000 đồng", ". ", "Nguyễn",
    ]
)  # fmt: skip


@FEW
@given(pieces=st.lists(PIECES | st.text(max_size=8), max_size=8), joint=st.sampled_from([" ", ", ", "\n"]))
def test_what_is_hidden_leaves_no_trace(pieces: list[str], joint: str) -> None:
    hidden = rules.hide_traces(joint.join(pieces), KNOWN)
    assert rules.personal_traces(hidden, KNOWN) == []
    assert rules.hide_traces(hidden, KNOWN) == hidden


@pytest.mark.parametrize(
    "piece", ["nguyen thi vi du", "0912 345 678", "051 190 000 019", "Vi.Du@vidu.vn", "h48.12-260302-0007"]
)
def test_each_trace_is_found_in_a_sentence(piece: str) -> None:
    assert rules.personal_traces(f"Tôi là {piece}, ở tổ 3.", KNOWN) == [piece]


@pytest.mark.parametrize(
    "text", ["Ngày 02/03/2026 lúc 14:05", "lệ phí 1.250.000 đồng", "quầy số 3", "Luật số 91/2025/QH15"]
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert rules.personal_traces(text, KNOWN) == []


def test_every_status_knows_its_acts_and_closed_ones_only_what_comes_after() -> None:
    done = {status: {a for a in PetitionAct if rules.is_done_in(a, status)} for status in PetitionStatus}
    assert done[PetitionStatus.REFUSED] == done[PetitionStatus.LAPSED] == set()
    after = {PetitionAct.PUBLISH, PetitionAct.WITHHOLD, PetitionAct.TAKE_DOWN, PetitionAct.RATE}
    assert done[PetitionStatus.ANSWERED] == after
    assert set.union(*done.values()) == set(PetitionAct)


def test_only_a_complaint_about_an_own_case_stays_unpublished() -> None:
    assert [topic for topic in PetitionTopic if not rules.must_publish(topic)] == [PetitionTopic.COMPLAINT]
    assert rules.suggested_class(PetitionTopic.REGULATION) == PetitionClass.REGULATION
    assert rules.suggested_class(PetitionTopic.DELAY) == PetitionClass.STAFF


def written(folder: Path, change: tuple[str, str]) -> Path:
    (folder / "petitions").mkdir()
    text = (CONTENT / content.FILE).read_text(encoding="utf-8")
    assert change[0] in text
    (folder / content.FILE).write_text(text.replace(*change), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("limit: 15 working_day", "limit: 15 ngày"), "15 ngày"),
        (("most_forwards: 2", "most_forwards: 0"), "limits[1].most_forwards"),
        (("    publish:", "    publsh:"), "limits[1].publish: thiếu"),
        (("most_files: 5", "most_files: nhiều"), "sending.most_files"),
        (("version: 1", "version: 2"), "version: 1"),
        (("{limit: 5 working_day, document: 766/QĐ-TTg}", "5"), "limits[1].ask: phải là một nhóm khóa"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    (problem,) = content.check(written(tmp_path, change))
    assert problem.startswith("petitions/limits.yaml: ")
    assert told in problem


def test_the_shipped_limits_hold_by_the_day_of_sending(tmp_path: Path) -> None:
    assert content.check(CONTENT) == []
    assert content.check(tmp_path) == []
    shorter = "limits:\n  - effective_from: 2027-01-01\n    refuse: {limit: 1 working_day, document: x}\n"
    shorter += "    ask: {limit: 3 working_day, document: x}\n    answer: {limit: 10 working_day, document: x}\n"
    shorter += "    publish: {limit: 1 working_day, document: x}\n    wait: {limit: 5 working_day, document: x}\n"
    root = written(tmp_path, ("limits:\n", f"{shorter}    most_forwards: 1\n"))
    old, new = (content.limits_on(root, datetime(year, 6, 1, tzinfo=UTC).date()) for year in (2026, 2027))
    assert (str(old.answer.limit), str(new.answer.limit)) == ("15 working_day", "10 working_day")
    assert content.limits_on(root, datetime(2020, 1, 1, tzinfo=UTC).date()) == old
