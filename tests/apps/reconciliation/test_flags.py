"""Indicator flags are told truthfully: none goes out that no act in the case's log has set."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.cases import paper
from tests.factories.national import Sides
from tinhso.apps.audit.data import EntryData
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.models import CaseDocument
from tinhso.apps.reconciliation import rules
from tinhso.kernel import events as kernel_events

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PLAIN = {
    "DuocSoHoa": "0", "DuocTaiSuDung": "0", "DuocLayTuKhoDMQG": "0", "HoSoCoThanhPhanSoHoa": "0",
    "DuocThanhToanTrucTuyen": "3", "TaiKhoanDuocXacThucVoiVNeID": "0",
}  # fmt: skip


def entry(kind: str, *, by: str = "officer", **payload: Any) -> EntryData:
    return EntryData(
        id=1, stream="case:1", sequence=1, type=kind, payload=payload, actor_kind=by, actor_id=1, actor_name="x", at=AT,
        recorded_at=AT,
    )  # fmt: skip


# Every event there is may stand in a log; those that set flags come with every content they can have.
NUMBERS = st.integers(1, 3)
ENTRIES = st.one_of(
    st.sampled_from(sorted(set(kernel_events.registry) - set().union(*rules.FLAG_ACTS.values()))).map(entry),
    st.builds(entry, st.just("case.submitted"), by=st.sampled_from(["citizen", "officer", "machine", "system"])),
    st.builds(entry, st.just("case.component_digitised"), document_id=NUMBERS),
    st.builds(entry, st.just("case.component_reused"), document_id=NUMBERS, reuse=st.sampled_from(["component", "result"])),
    st.builds(
        entry, st.just("national.case_taken"), verified_account=st.booleans(), paid_online=st.booleans(),
        from_national_store=st.lists(st.sampled_from(["k1", "k2"]), max_size=2),
    ),
)  # fmt: skip
# Rows may claim anything: a column set by hand, by a mistake, by an import.
ROWS = st.lists(
    st.builds(
        SimpleNamespace, pk=NUMBERS, key=st.sampled_from(["k1", "k2"]), name=st.just("Giấy"),
        presence=st.sampled_from(["uploaded", "paper", "vault", "database"]),
        reused=st.sampled_from(["", "component", "result"]),
        digitised_at=st.sampled_from([None, AT]),
    ),
    max_size=3,
)  # fmt: skip


def case_with(rows: list[Any], status: str, channel: str) -> Any:
    def all_of(items: list[Any]) -> Any:
        return SimpleNamespace(all=lambda: items)

    return SimpleNamespace(
        code="H48.12-260302-0001", procedure_code="1.0", procedure_name="x", field="y", channel=channel, status=status,
        applicant_name="Nguyễn Văn Mẫu", applicant_kind="person", applicant={}, applicant_personal_id="", fees=[],
        submitted_at=AT, received_at=None, due_at=None, resolved_at=None, closed_at=None, delivered_at=None,
        documents=all_of(rows), supplements=all_of([]), results=all_of([]),
    )  # fmt: skip


def wire_of(
    rows: list[Any], log: list[EntryData], status: str = "processing", channel: str = "online"
) -> dict[str, Any]:
    return rules.dossier_of(
        case_with(rows, status, channel), flags=rules.flags_of(log), agency="", url="", codes={}
    ).to_wire()


@given(ROWS, st.lists(ENTRIES, max_size=5), st.sampled_from(["submitted", "processing", "delivered"]),
       st.sampled_from(["online", "counter", "national_portal"]))  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_flag_goes_out_that_no_act_set(rows: list[Any], log: list[EntryData], status: str, channel: str) -> None:
    wire = wire_of(rows, log, status, channel)
    acts = {one.type for one in log}
    for name in ("HoSoCoThanhPhanSoHoa", "DuocThanhToanTrucTuyen", "TaiKhoanDuocXacThucVoiVNeID"):
        if wire[name] != PLAIN[name]:
            assert acts & rules.FLAG_ACTS[name]
    by_act = {
        "DuocSoHoa": {str(e.payload["document_id"]) for e in log if e.type == "case.component_digitised"},
        "DuocTaiSuDung": {str(e.payload["document_id"]) for e in log if e.type == "case.component_reused"},
    }
    for row in wire["TaiLieuNop"]:
        for name, numbers in by_act.items():
            assert row[name] == "0" or row["TepDinhKemId"] in numbers
        assert row["DuocLayTuKhoDMQG"] == "0" or "national.case_taken" in acts
    if wire["TaiKhoanDuocXacThucVoiVNeID"] == "1":
        assert any(
            (e.type == "case.submitted" and e.actor_kind == "citizen") or e.payload.get("verified_account") for e in log
        )
    if wire["DuocThanhToanTrucTuyen"] == "1":
        assert any(e.payload.get("paid_online") for e in log)
    assert (wire["HoSoCoThanhPhanSoHoa"] == "1") is any(row["DuocSoHoa"] == "1" for row in wire["TaiLieuNop"])


@pytest.mark.parametrize(
    ("log", "name", "value"),
    [
        ([entry("case.component_digitised", document_id=1)], "DuocSoHoa", "1"),
        ([entry("case.component_reused", document_id=1, reuse="component")], "DuocTaiSuDung", "1"),
        ([entry("case.component_reused", document_id=1, reuse="result")], "DuocTaiSuDung", "2"),
        ([entry("national.case_taken", from_national_store=["k1"])], "DuocLayTuKhoDMQG", "1"),
        ([entry("case.component_digitised", document_id=1)], "HoSoCoThanhPhanSoHoa", "1"),
        ([entry("case.submitted", by="citizen")], "TaiKhoanDuocXacThucVoiVNeID", "1"),
        ([entry("case.submitted", by="officer")], "TaiKhoanDuocXacThucVoiVNeID", "0"),
        ([entry("national.case_taken", verified_account=True)], "TaiKhoanDuocXacThucVoiVNeID", "1"),
        ([entry("national.case_taken", paid_online=True)], "DuocThanhToanTrucTuyen", "1"),
        ([], "DuocThanhToanTrucTuyen", "3"),
    ],
)
def test_each_act_sets_its_flag(log: list[EntryData], name: str, value: str) -> None:
    row = SimpleNamespace(pk=1, key="k1", name="x", presence="uploaded", reused="component", digitised_at=AT)
    wire = wire_of([row], log)
    assert (wire["TaiLieuNop"][0] if name in wire["TaiLieuNop"][0] else wire)[name] == value


def test_flags_written_into_the_rows_by_hand_do_not_go_out(sides: Sides) -> None:
    case = sides.maker.submitted(
        documents=[DocumentInput(key="residence", presence="paper")],
        actor=sides.maker.officer("one_stop_officer"),
        channel="postal",
    )
    CaseDocument.objects.filter(case=case).update(digitised_at=AT, reused="result", file_id=paper())
    sides.step()
    held = sides.held(case)
    told = {name: held[name] for name in PLAIN if name in held}
    told |= {name: held["TaiLieuNop"][0][name] for name in PLAIN if name in held["TaiLieuNop"][0]}
    assert told == PLAIN
