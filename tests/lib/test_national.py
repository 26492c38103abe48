"""The national portal's words: what we write is read back the same, and what others write is understood or refused."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.lib.national import (
    Component,
    Dossier,
    Fee,
    Identity,
    OnlinePayment,
    Progress,
    ResultPaper,
    SupplementRound,
    WireError,
    flag,
    read_flag,
    read_stamp,
    stamp,
)

INSTANTS = st.datetimes(
    min_value=datetime(1976, 1, 1), max_value=datetime(9998, 12, 30), timezones=st.just(UTC)
).map(lambda at: at.replace(microsecond=0))  # fmt: skip
MAYBE = st.none() | INSTANTS
TEXT = st.text(max_size=12)
FLAG = st.booleans()

COMPONENTS = st.builds(
    Component, file_id=TEXT, name=TEXT, key=TEXT, address=TEXT, deleted=FLAG, digitised=FLAG, reused=st.integers(0, 2),
    from_national_store=FLAG, stands_for=TEXT,
)  # fmt: skip
FEES = st.builds(Fee, name=TEXT, amount_vnd=st.integers(0, 10**12), code=TEXT)
ROUNDS = st.builds(SupplementRound, number=TEXT, asked_by=TEXT, what=TEXT, asked_at=MAYBE, answered_at=MAYBE)
RESULTS = st.builds(ResultPaper, name=TEXT, number=TEXT, address=TEXT, code=TEXT)
DOSSIERS = st.builds(
    Dossier, code=st.text(min_size=1, max_size=20), procedure_code=TEXT, status=st.integers(0, 10), channel=st.integers(1, 3),
    owner=TEXT, abstract=TEXT, submitted_at=MAYBE, received_at=MAYBE, due_at=MAYBE, delivered_at=MAYBE, finished_at=MAYBE,
    refused_at=MAYBE, agency=TEXT, components=st.lists(COMPONENTS, max_size=2).map(tuple),
    fees=st.lists(FEES, max_size=2).map(tuple), supplements=st.lists(ROUNDS, max_size=2).map(tuple),
    results=st.lists(RESULTS, max_size=2).map(tuple),
    identities=st.lists(st.builds(Identity, value=TEXT, kind=st.integers(1, 2)), max_size=2).map(tuple),
    databases=st.lists(TEXT, max_size=2).map(tuple), has_digitised=FLAG, verified_account=FLAG,
    paid_online=st.sampled_from(OnlinePayment), answers=st.dictionaries(TEXT, TEXT, max_size=2),
)  # fmt: skip


@given(INSTANTS)
@settings(max_examples=30)
def test_an_instant_comes_back_the_same(at: datetime) -> None:
    assert len(stamp(at)) == 14
    assert read_stamp(stamp(at)) == at


def test_instants_are_local_and_nothing_is_nothing() -> None:
    assert stamp(datetime(2026, 10, 1, 17, 30, 5, tzinfo=UTC)) == "20261002003005"
    assert stamp(None) == ""
    assert read_stamp("") is None
    assert read_stamp(None) is None
    assert read_stamp("20261001") == datetime(2026, 9, 30, 17, tzinfo=UTC)
    with pytest.raises(WireError):
        stamp(datetime(2026, 1, 1))


@pytest.mark.parametrize("wrong", ["2026-10-01", "20261301000000", "2026100114051", "abc", "٢٠٢٦١٠٠١", 12.5])
def test_what_is_no_instant_is_refused(wrong: Any) -> None:
    with pytest.raises(WireError):
        read_stamp(wrong)


@pytest.mark.parametrize("value", [True, "True", "true", "1", 1, " TRUE "])
def test_yes_is_written_in_many_ways(value: Any) -> None:
    assert read_flag(value) is True


@pytest.mark.parametrize("value", [False, "False", "0", 0, "", None])
def test_no_is_written_in_many_ways(value: Any) -> None:
    assert read_flag(value) is False


def test_neither_yes_nor_no_is_refused_and_we_write_one_way() -> None:
    with pytest.raises(WireError):
        read_flag("2")
    assert (flag(True), flag(False)) == ("1", "0")


@given(DOSSIERS)
@settings(max_examples=25)
def test_a_case_comes_back_the_same_through_json(dossier: Dossier) -> None:
    assert Dossier.read(json.loads(json.dumps(dossier.to_wire()))) == dossier


@given(st.builds(Progress, code=TEXT, by_name=TEXT, by_title=TEXT, at=MAYBE, unit_name=TEXT, what=TEXT,
                 status=st.integers(1, 10), began_at=MAYBE, due_at=MAYBE))  # fmt: skip
@settings(max_examples=15)
def test_progress_comes_back_the_same(progress: Progress) -> None:
    assert Progress.read(progress.to_wire()) == progress


@given(st.recursive(st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner, max_size=2)
                    | st.dictionaries(st.sampled_from(sorted(Dossier("x", "y", 1).to_wire())), inner, max_size=4)))  # fmt: skip
@settings(max_examples=25)
def test_whatever_comes_is_read_or_refused(value: Any) -> None:
    with contextlib.suppress(WireError):
        Dossier.read(value if isinstance(value, dict) else {"MaHoSo": "x", "TaiLieuNop": value})


def test_a_long_abstract_is_cut_to_what_the_interface_takes() -> None:
    assert len(Dossier("H48-1", "1.2", 2, abstract="x" * 3_000).to_wire()["TrichYeuHoSo"]) == 1_000


def test_the_published_examples_are_read_and_written_in_their_words(shared_data: Path) -> None:
    message = json.loads((shared_data / "interop" / "dvcqg-hoso-sync.json").read_text())["data"][0]
    read = Dossier.read(message)
    written = read.to_wire()
    assert {name: written.get(name) for name in message} == message
    assert read.due_at is not None
    assert read.received_at is not None
    assert read.due_at - read.received_at > timedelta(days=6)
    step = json.loads((shared_data / "interop" / "dvcqg-tiendo.json").read_text())["data"][0]
    assert Progress.read(step).to_wire() == step
