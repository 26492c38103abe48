"""What may be done to a case, by phase of its life. Everything not named here is private to this package."""

from tinhso.apps.cases.actions._clock import (
    begin_financial_duty,
    end_financial_duty,
    extend_deadline,
    resume_clock,
    suspend_clock,
)
from tinhso.apps.cases.actions._completion import (
    deliver_result,
    rate_by_link,
    rate_service,
    stop_case,
    stop_unanswered_case,
    withdraw_case,
)
from tinhso.apps.cases.actions._consultations import (
    answer_consultation,
    ask_consultation,
    cancel_consultation,
    expire_consultation,
    redo_consultation,
    remind_consultation,
)
from tinhso.apps.cases.actions._drafts import (
    attach_to_draft,
    choose_unit,
    discard_draft,
    remove_from_draft,
    reuse_in_draft,
    save_draft,
    start_draft,
)
from tinhso.apps.cases.actions._extracts import approve_extract, decline_extract, request_extract
from tinhso.apps.cases.actions._incident_rounds import apply_incident_batch, start_incident_round
from tinhso.apps.cases.actions._incidents import end_incident, find_late_cause, record_incident
from tinhso.apps.cases.actions._intake import receive_case, refuse_intake, submit_case, submit_draft, take_at_counter
from tinhso.apps.cases.actions._life import (
    approve_correction,
    correct_result,
    drop_correction,
    reopen_case,
    revoke_result,
)
from tinhso.apps.cases.actions._linked import advance_linked, record_leg_held, record_leg_sent
from tinhso.apps.cases.actions._linked_progress import (
    ask_leg_correction,
    follow_leg,
    record_leg_report,
    record_unacknowledged,
)
from tinhso.apps.cases.actions._lookups import (
    begin_officer_lookup,
    begin_own_lookup,
    close_unanswered_lookup,
    keep_answer,
)
from tinhso.apps.cases.actions._marks import (
    put_label,
    remove_filter,
    remove_label,
    remove_ready_text,
    save_filter,
    save_label,
    save_ready_text,
    take_label,
)
from tinhso.apps.cases.actions._money import assess_fee, note_duty, settle_money, take_payment_word
from tinhso.apps.cases.actions._notices import answer_chat, tell_of_case, tell_of_moved_dates
from tinhso.apps.cases.actions._processing import approve_result, assign_case, forward_case, propose_result, return_case
from tinhso.apps.cases.actions._recomputation import recompute_batch, start_recomputation
from tinhso.apps.cases.actions._reminders import note_looks, remind_of_case
from tinhso.apps.cases.actions._reorganisations import (
    decide_reorganisation,
    hand_over_batch,
    propose_reorganisation,
)
from tinhso.apps.cases.actions._results import (
    begin_paper,
    record_paper,
    record_result_failed,
    record_result_signed,
    retry_result,
    take_strengthened_file,
)
from tinhso.apps.cases.actions._retention import begin_retention_of_ended
from tinhso.apps.cases.actions._scans import (
    confirm_scan,
    discard_scan,
    record_scan_attached,
    record_scan_check,
    record_scan_failed,
    record_scan_text,
    take_scan,
)
from tinhso.apps.cases.actions._sharing import claim_case, release_case
from tinhso.apps.cases.actions._signing import (
    approve_in_batch,
    consent_to_signing,
    finish_signing_batch,
    record_batch_refusal,
)
from tinhso.apps.cases.actions._supplements import (
    answer_supplement,
    decide_supplement,
    propose_supplement,
    request_supplement,
)
from tinhso.apps.cases.actions._talk import read_messages, see_reminders, send_message, write_note
from tinhso.apps.cases.actions._teams import cancel_absence, record_absence, save_team, set_team_members
from tinhso.apps.cases.actions._transfers import accept_handover, decline_handover, transfer_case
from tinhso.apps.cases.actions._vault import (
    end_kept_result,
    flag_source,
    keep_component,
    keep_result,
    renew_kept_result,
    settle_source,
)
from tinhso.apps.cases.actions._versions import (
    decide_version_move,
    finish_version_move,
    move_case,
    propose_version_move,
)

__all__ = [
    "accept_handover",
    "advance_linked",
    "answer_chat",
    "answer_consultation",
    "answer_supplement",
    "apply_incident_batch",
    "approve_correction",
    "approve_extract",
    "approve_in_batch",
    "approve_result",
    "ask_consultation",
    "ask_leg_correction",
    "assess_fee",
    "assign_case",
    "attach_to_draft",
    "begin_financial_duty",
    "begin_officer_lookup",
    "begin_own_lookup",
    "begin_paper",
    "begin_retention_of_ended",
    "cancel_absence",
    "cancel_consultation",
    "choose_unit",
    "claim_case",
    "close_unanswered_lookup",
    "confirm_scan",
    "consent_to_signing",
    "correct_result",
    "decide_reorganisation",
    "decide_supplement",
    "decide_version_move",
    "decline_extract",
    "decline_handover",
    "deliver_result",
    "discard_draft",
    "discard_scan",
    "drop_correction",
    "end_financial_duty",
    "end_incident",
    "end_kept_result",
    "expire_consultation",
    "extend_deadline",
    "find_late_cause",
    "finish_signing_batch",
    "finish_version_move",
    "flag_source",
    "follow_leg",
    "forward_case",
    "hand_over_batch",
    "keep_answer",
    "keep_component",
    "keep_result",
    "move_case",
    "note_duty",
    "note_looks",
    "propose_reorganisation",
    "propose_result",
    "propose_supplement",
    "propose_version_move",
    "put_label",
    "rate_by_link",
    "rate_service",
    "read_messages",
    "receive_case",
    "recompute_batch",
    "record_absence",
    "record_batch_refusal",
    "record_incident",
    "record_leg_held",
    "record_leg_report",
    "record_leg_sent",
    "record_paper",
    "record_result_failed",
    "record_result_signed",
    "record_scan_attached",
    "record_scan_check",
    "record_scan_failed",
    "record_scan_text",
    "record_unacknowledged",
    "redo_consultation",
    "refuse_intake",
    "release_case",
    "remind_consultation",
    "remind_of_case",
    "remove_filter",
    "remove_from_draft",
    "remove_label",
    "remove_ready_text",
    "renew_kept_result",
    "reopen_case",
    "request_extract",
    "request_supplement",
    "resume_clock",
    "retry_result",
    "return_case",
    "reuse_in_draft",
    "revoke_result",
    "save_draft",
    "save_filter",
    "save_label",
    "save_ready_text",
    "save_team",
    "see_reminders",
    "send_message",
    "set_team_members",
    "settle_money",
    "settle_source",
    "start_draft",
    "start_incident_round",
    "start_recomputation",
    "stop_case",
    "stop_unanswered_case",
    "submit_case",
    "submit_draft",
    "suspend_clock",
    "take_at_counter",
    "take_label",
    "take_payment_word",
    "take_scan",
    "take_strengthened_file",
    "tell_of_case",
    "tell_of_moved_dates",
    "transfer_case",
    "withdraw_case",
    "write_note",
]
