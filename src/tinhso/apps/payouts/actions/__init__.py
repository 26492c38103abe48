"""What may be done with pay-outs."""

from tinhso.apps.payouts.actions._batches import approve_batch, check_batch, refuse_batch, submit_batch
from tinhso.apps.payouts.actions._payees import correct_account, enrol_from_case, import_payees, stop_payee
from tinhso.apps.payouts.actions._results import hand_over_cash, pay_in_cash, take_results
from tinhso.apps.payouts.actions._runs import build_portion, open_run, pause_run, resume_run

__all__ = [
    "approve_batch",
    "build_portion",
    "check_batch",
    "correct_account",
    "enrol_from_case",
    "hand_over_cash",
    "import_payees",
    "open_run",
    "pause_run",
    "pay_in_cash",
    "refuse_batch",
    "resume_run",
    "stop_payee",
    "submit_batch",
    "take_results",
]
