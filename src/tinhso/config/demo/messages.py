"""Some people of the demo province are reached outside the portal too, and the official account may be used."""

from datetime import datetime

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.notifications import actions, queries
from tinhso.apps.notifications.enums import Channel
from tinhso.config.demo.sign_in import sign_in
from tinhso.config.demo.stage import Stage
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import now

# The words the simulated Zalo takes for the first right, again and again.
_FIRST_RIGHT = "demo-first-refresh"
# Who (by place in content/demo/people.yaml) is reached by what; their phones and letters go nowhere real.
_REACHED = ((0, (Channel.SMS, Channel.EMAIL)), (1, (Channel.SMS,)), (2, (Channel.EMAIL,)))


def reach_people(stage: Stage, at: datetime) -> None:
    """Prove addresses of the first demo citizens, once."""
    app_id = settings.MESSAGING["zalo"]["app_id"]
    if not app_id or queries.token_state(app_id) is not None:
        return
    actions.store_tokens(
        app_id=app_id, access="", refresh=_FIRST_RIGHT, seconds=0, generation=1, actor=SYSTEM, at=now()
    )  # fmt: skip
    for index, channels in _REACHED:
        person = stage.citizens[index]
        actor = accounts.get_actor(sign_in(person, at=at).id, at=at, assurance=2)
        for channel in channels:
            address = person["phone"] if channel is Channel.SMS else person["email"]
            _, code, _ = actions.ask_code(channel=channel, address=address, actor=actor, at=at)
            actions.confirm_code(channel=channel, code=code, actor=actor, at=at)
        actions.make_choice(order=list(channels), quiet=None, muted=[], actor=actor, at=at)
