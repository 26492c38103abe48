"""Work on cases that talks with typesetters, signers, ministries and stores, which no transaction covers."""

from tinhso.apps.cases.flows._lookups import fetch_for_draft, look_up_for_case
from tinhso.apps.cases.flows._notices import tell_moved_dates
from tinhso.apps.cases.flows._papers import (
    apply_incident_to_cases,
    approve_batch,
    archive_results,
    ask_leg,
    hand_over_cases,
    issue_paper,
    keep_signed,
    look_after_consultations,
    move_cases,
    recompute_open_deadlines,
    send_leg,
    send_ready_legs,
    sign_result,
    withdraw_leg,
)
from tinhso.apps.cases.flows._scans import (
    check_scan,
    clear_scan_folders,
    finish_scan,
    finish_scans,
    recognise_scan,
    take_from_folder,
)
from tinhso.apps.cases.flows._vault import (
    backfill_vault,
    begin_retention,
    flag_sources,
    keep_components,
    keep_result,
    take_strengthened,
)

__all__ = [
    "apply_incident_to_cases",
    "approve_batch",
    "archive_results",
    "ask_leg",
    "backfill_vault",
    "begin_retention",
    "check_scan",
    "clear_scan_folders",
    "fetch_for_draft",
    "finish_scan",
    "finish_scans",
    "flag_sources",
    "hand_over_cases",
    "issue_paper",
    "keep_components",
    "keep_result",
    "keep_signed",
    "look_after_consultations",
    "look_up_for_case",
    "move_cases",
    "recognise_scan",
    "recompute_open_deadlines",
    "send_leg",
    "send_ready_legs",
    "sign_result",
    "take_from_folder",
    "take_strengthened",
    "tell_moved_dates",
    "withdraw_leg",
]
