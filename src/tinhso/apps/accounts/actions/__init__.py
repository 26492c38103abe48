"""What changes accounts and rights. Callers import from here; the modules behind it follow the life of an account."""

from tinhso.apps.accounts.actions._accounts import (
    create_machine_client,
    create_officer,
    enrol_totp,
    lock_account,
    lock_idle_accounts,
    set_password,
    unlock_account,
)
from tinhso.apps.accounts.actions._mandates import (
    confirm_mandate,
    declare_mandate,
    grant_mandate,
    record_mandate,
    revoke_mandate,
    start_representation,
)
from tinhso.apps.accounts.actions._refusals import note_refusal, tell_refusals
from tinhso.apps.accounts.actions._roles import assign_role, end_role
from tinhso.apps.accounts.actions._sessions import (
    end_session,
    end_sessions,
    forget_expired_sessions,
    note_session_seen,
)
from tinhso.apps.accounts.actions._sign_in import (
    forget_sign_in_failures,
    record_second_factor_change,
    record_sign_in,
    record_sign_in_failure,
    record_sign_out,
    register_citizen_login,
)
from tinhso.apps.accounts.actions._taking_on import reset_second_factor, take_on_officer
from tinhso.apps.accounts.actions._tokens import issue_api_token, revoke_api_token

__all__ = [
    "assign_role",
    "confirm_mandate",
    "create_machine_client",
    "create_officer",
    "declare_mandate",
    "end_role",
    "end_session",
    "end_sessions",
    "enrol_totp",
    "forget_expired_sessions",
    "forget_sign_in_failures",
    "grant_mandate",
    "issue_api_token",
    "lock_account",
    "lock_idle_accounts",
    "note_refusal",
    "note_session_seen",
    "record_mandate",
    "record_second_factor_change",
    "record_sign_in",
    "record_sign_in_failure",
    "record_sign_out",
    "register_citizen_login",
    "reset_second_factor",
    "revoke_api_token",
    "revoke_mandate",
    "set_password",
    "start_representation",
    "take_on_officer",
    "tell_refusals",
    "unlock_account",
]
