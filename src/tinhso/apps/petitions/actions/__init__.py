"""What happens to a petition. Each act is one transaction; interfaces, jobs and flows call these names only."""

from tinhso.apps.petitions.actions._answering import approve_answer, draft_answer, rate_answer, return_answer
from tinhso.apps.petitions.actions._clock import lapse_petition, move_dues, remind_unit
from tinhso.apps.petitions.actions._intake import (
    accept_petition,
    ask_information,
    forward_petition,
    give_information,
    refuse_petition,
)
from tinhso.apps.petitions.actions._notices import tell_of_petition
from tinhso.apps.petitions.actions._publishing import publish_petition, take_down_publication, withhold_publication
from tinhso.apps.petitions.actions._sending import send_petition

__all__ = [
    "accept_petition",
    "approve_answer",
    "ask_information",
    "draft_answer",
    "forward_petition",
    "give_information",
    "lapse_petition",
    "move_dues",
    "publish_petition",
    "rate_answer",
    "refuse_petition",
    "remind_unit",
    "return_answer",
    "send_petition",
    "take_down_publication",
    "tell_of_petition",
    "withhold_publication",
]
