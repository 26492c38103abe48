"""Reading petitions: an officer's list, the sender's own, what is published, the figures."""

from tinhso.apps.petitions.queries._figures import figures
from tinhso.apps.petitions.queries._limits import limits_on, sending_rules
from tinhso.apps.petitions.queries._lists import (
    count_waiting,
    my_petitions,
    open_for_calendar,
    to_remind,
    tone_of,
    worklist,
)
from tinhso.apps.petitions.queries._notices import handlers_of, sender_of
from tinhso.apps.petitions.queries._one import (
    attachment_file,
    attachments_of,
    available_acts,
    course_of,
    deadline_sentences,
    due_to_lapse,
    follow,
    get_petition,
    suggested_publication,
    visible_to,
)
from tinhso.apps.petitions.queries._published import get_published, list_published
from tinhso.apps.petitions.queries._retention import files_of_open_petitions, iterate_done_with
from tinhso.apps.petitions.queries._units import default_unit, units_to_forward, units_to_name
from tinhso.apps.petitions.rules import parse_code, suggested_class

__all__ = [
    "attachment_file",
    "attachments_of",
    "available_acts",
    "count_waiting",
    "course_of",
    "deadline_sentences",
    "default_unit",
    "due_to_lapse",
    "figures",
    "files_of_open_petitions",
    "follow",
    "get_petition",
    "get_published",
    "handlers_of",
    "iterate_done_with",
    "limits_on",
    "list_published",
    "my_petitions",
    "open_for_calendar",
    "parse_code",
    "sender_of",
    "sending_rules",
    "suggested_class",
    "suggested_publication",
    "to_remind",
    "tone_of",
    "units_to_forward",
    "units_to_name",
    "visible_to",
    "worklist",
]
