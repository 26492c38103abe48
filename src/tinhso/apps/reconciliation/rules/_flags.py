"""The indicator flags of QĐ 766/QĐ-TTg: each computed from an act in the case's log, and from nothing else.

A column, a setting or a hand cannot set one: what no act has set is not sent, whatever a row says.
"""

from collections.abc import Iterable

from tinhso.apps.audit.data import EntryData
from tinhso.apps.reconciliation.data import Flags
from tinhso.lib.national import OnlinePayment

# Which acts may set which flag; the test of truthfulness reads this table too.
FLAG_ACTS: dict[str, frozenset[str]] = {
    "DuocSoHoa": frozenset({"case.component_digitised"}),
    "HoSoCoThanhPhanSoHoa": frozenset({"case.component_digitised"}),
    "DuocTaiSuDung": frozenset({"case.component_reused"}),
    "DuocLayTuKhoDMQG": frozenset({"national.case_taken"}),
    "TaiKhoanDuocXacThucVoiVNeID": frozenset({"case.submitted", "national.case_taken"}),
    "DuocThanhToanTrucTuyen": frozenset({"national.case_taken"}),
}
_REUSED = {"component": 1, "result": 2}


def flags_of(entries: Iterable[EntryData]) -> Flags:
    """The flags of a case from its log.

    A citizen submits here only when signed in with the national identity at level 2, so her own `case.submitted` is the
    act behind TaiKhoanDuocXacThucVoiVNeID; an officer's or a machine's is not. Documents from the province's vault count
    as reused, not as taken from the national store: only what the portal itself vouched for is that.
    """
    digitised: set[int] = set()
    reused: dict[int, int] = {}
    from_store: frozenset[str] = frozenset()
    verified, paid = False, OnlinePayment.NONE
    for entry in entries:
        payload = entry.payload
        if entry.type == "case.component_digitised":
            digitised.add(int(payload["document_id"]))
        elif entry.type == "case.component_reused":
            reused[int(payload["document_id"])] = _REUSED.get(str(payload.get("reuse")), 0)
        elif entry.type == "case.submitted":
            verified = verified or entry.actor_kind == "citizen"
        elif entry.type == "national.case_taken":
            verified = verified or bool(payload.get("verified_account"))
            from_store = frozenset(payload.get("from_national_store") or ())
            if payload.get("paid_online"):
                paid = OnlinePayment.NATIONAL
    return Flags(frozenset(digitised), reused, from_store, verified, paid)
