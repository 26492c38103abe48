"""What may be done with official mail."""

from tinhso.apps.mailboxes.actions._archiving import (
    begin_archiving,
    keep_archive,
    open_archive,
    record_archive_problem,
    record_removed,
)
from tinhso.apps.mailboxes.actions._looking_after import add_alias, end_alias, name_successor, set_quota, set_senders
from tinhso.apps.mailboxes.actions._own import (
    ask_forwarding,
    decide_forwarding,
    end_absence,
    end_forwarding,
    issue_password,
    revoke_password,
    set_absence,
)
from tinhso.apps.mailboxes.actions._server import (
    forget_mail_records,
    record_check,
    record_queue,
    record_usage,
)
from tinhso.apps.mailboxes.actions._settling import (
    settle_account,
    settle_agencies,
    settle_change,
    settle_people,
    settle_province,
)

__all__ = [
    "add_alias",
    "ask_forwarding",
    "begin_archiving",
    "decide_forwarding",
    "end_absence",
    "end_alias",
    "end_forwarding",
    "forget_mail_records",
    "issue_password",
    "keep_archive",
    "name_successor",
    "open_archive",
    "record_archive_problem",
    "record_check",
    "record_queue",
    "record_removed",
    "record_usage",
    "revoke_password",
    "set_absence",
    "set_quota",
    "set_senders",
    "settle_account",
    "settle_agencies",
    "settle_change",
    "settle_people",
    "settle_province",
]
