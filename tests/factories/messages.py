"""People with addresses, notices for them, and the simulators that messages go through."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.simulators.serving import serve
from tinhso.apps.notifications import actions
from tinhso.apps.notifications.enums import Channel, NoticeKind, NoticeSubject
from tinhso.apps.notifications.models import ChatUser, Choice, Contact, Notice
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.simulators.messaging import create_app
from tinhso.simulators.messaging.state import FIRST_REFRESH, State

CODE = "H48.12-261008-0007"
ZALO_APP = "1000000000000000001"
PHONE = "+84912345678"


@contextmanager
def outside() -> Iterator[tuple[str, State]]:
    """The simulators served over HTTP: their address and their memory."""
    app = create_app(app_url="")
    with serve(app) as address:
        yield address, app.state.messaging


def wired(settings: Any, address: str) -> None:
    """Point the product's settings at the simulators."""
    known = settings.MESSAGING
    gateways = {key: {**one, "url": f"{address}/sms/{key}"} for key, one in known["sms"].items()}
    places = dict.fromkeys(("oauth_url", "api_url", "zns_url"), f"{address}/zalo")
    hosts = [*known["push_hosts"], address.removeprefix("http://")]
    settings.MESSAGING = {**known, "sms": gateways, "zalo": {**known["zalo"], **places}, "push_hosts": hosts}


def reach(person: Actor, *, at: Any, **addresses: str) -> None:
    """Give a person proved addresses, `sms=`, `email=`, `zalo=`, to be tried in this order."""
    Choice.objects.create(account_id=person.account_id or 0, order=list(addresses), changed_at=at)
    for channel, address in addresses.items():
        Contact.objects.create(account_id=person.account_id or 0, channel=channel, address=address, verified_at=at)
        if channel == Channel.ZALO:
            ChatUser.objects.create(user=address, account_id=person.account_id, linked_at=at, last_message_at=at)


def tell(
    *people: Actor, at: Any, kind: NoticeKind = NoticeKind.SUPPLEMENT, source: str = "entry:1", code: str = CODE
) -> Notice:
    """Tell people of something; the notice of the first."""
    actions.notify(
        account_ids=[one.account_id or 0 for one in people], kind=kind, subject=NoticeSubject.CASE, code=code,
        words="Cấp giấy phép: cần bổ sung bản vẽ.", source=source, facts={"unit": "UBND phường Cẩm Thành"},
        actor=SYSTEM, at=at,
    )  # fmt: skip
    return Notice.objects.get(account_id=people[0].account_id, source=source)


def first_right(at: Any) -> None:
    """The right to the official account, as `tinhso messages zalo-token` keeps it."""
    actions.store_tokens(
        app_id=ZALO_APP, access="", refresh=FIRST_REFRESH, seconds=0, generation=1, actor=SYSTEM, at=at
    )
