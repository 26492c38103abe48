"""Templates and settings of messages, and how each template looks when it goes out."""

from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from tinhso.apps.notifications import content
from tinhso.apps.notifications.data import MessageSettings, MessageTemplate, Preview, Wording
from tinhso.apps.notifications.enums import NoticeKind, Topic
from tinhso.lib import sms
from tinhso.lib.wording import fill


def get_settings() -> MessageSettings:
    """What the province has decided about messages. Public reference data."""
    return content.load_messages(Path(settings.CONTENT_DIR)).settings


def get_template(kind: str) -> MessageTemplate:
    """The templates of one kind of notice; a kind without any stays at the bell. Public reference data."""
    known = NoticeKind(kind)
    found = content.load_messages(Path(settings.CONTENT_DIR)).templates.get(known)
    return found or MessageTemplate(known, Topic.WORK, urgent=False, optional=True, lives_hours=24, wordings={})


def previews(values: Mapping[str, str] | None = None) -> list[Preview]:
    """Every template of every channel with sample values, in the order of the kinds."""
    found, known = [], get_settings()
    for kind in NoticeKind:
        for channel, wording in get_template(kind).wordings.items():
            found.append(_preview(kind, channel, wording, {**content.SAMPLE, **(values or {})}, known))
    return found


def _preview(
    kind: NoticeKind, channel: str, wording: Wording, values: Mapping[str, str], known: MessageSettings
) -> Preview:
    filled = {**values, **{one.name: fill(one.value, values) for one in wording.parameters}}
    text = fill(wording.text, filled)
    length = sms.Length(sms.Alphabet.UCS2, len(text), 0)
    cost = 0
    if channel == "sms":
        text = sms.without_marks(text) if known.sms_plain else text
        length = sms.measure(text)
        cost = length.segments * known.gateways[0].price_vnd
    elif channel == "zns":
        cost = known.zns_price_vnd
    return Preview(
        kind=kind, channel=channel, title=fill(wording.title, values), text=text, length=length.units,
        segments=length.segments, alphabet=length.alphabet.value if channel == "sms" else "", cost_vnd=cost,
    )  # fmt: skip
