"""Petitions for tests, brought to any state through the real actions.

`PetitionMaker(world()).at("answered")` sends one to the commune and moves it there.
"""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.factories.world import World, citizen
from tinhso.apps.petitions import actions
from tinhso.apps.petitions.data import Publication, Sending
from tinhso.apps.petitions.models import Petition
from tinhso.kernel.actor import SYSTEM, Actor

# Monday morning of a week without holidays.
SENT_AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STATES = ("sent", "handling", "asked", "drafted", "answered", "published", "withheld", "refused", "lapsed")
PUBLICATION = Publication("Niêm yết giờ làm việc", "Bảng giờ làm việc bị mờ.", "Đã thay bảng mới.")

_keys = itertools.count(1)


def sending(**changed: Any) -> Sending:
    """What a person sends who has an account."""
    values: dict[str, Any] = {
        "topic": "behaviour", "title": "Bảng giờ làm việc bị mờ", "content": "Bảng giờ ở quầy mờ, đến nơi mới biết nghỉ.",
        "unit_id": None, "key": f"form-{next(_keys)}", **changed,
    }  # fmt: skip
    return Sending(**values)


class PetitionMaker:
    """Sends and moves petitions of one person about the commune of a world."""

    def __init__(self, place: World, *, person: Actor | None = None) -> None:
        self.place, self.person = place, person or citizen()

    def send(self, *, actor: Actor | None = None, at: datetime = SENT_AT, **changed: Any) -> Petition:
        """A new petition about the commune."""
        values = {"unit_id": self.place.commune.id, **changed}
        files = values.pop("attachments", [])
        return actions.send_petition(sending=sending(**values), files=files, actor=actor or self.person, at=at)

    def at(self, state: str, **changed: Any) -> Petition:
        """A petition in this state."""
        petition = self.send(**changed)
        for step in _WAY[state]:
            getattr(self, f"_{step}")(petition.pk)
        return Petition.objects.get(pk=petition.pk)

    def _accept(self, pk: int) -> None:
        officer = self.place.officer("one_stop_officer")
        actions.accept_petition(petition_id=pk, classification="staff", actor=officer, at=SENT_AT + HOUR)

    def _ask(self, pk: int) -> None:
        officer = self.place.officer("one_stop_officer")
        actions.ask_information(petition_id=pk, question="Bảng ở quầy nào?", actor=officer, at=SENT_AT + HOUR)

    def _draft(self, pk: int) -> None:
        officer = self.place.officer("clerk")
        actions.draft_answer(petition_id=pk, answer="Đã thay bảng mới.", actor=officer, at=SENT_AT + 2 * HOUR)

    def _approve(self, pk: int) -> None:
        actions.approve_answer(petition_id=pk, actor=self.place.officer("leader"), at=SENT_AT + 3 * HOUR)

    def _publish(self, pk: int) -> None:
        officer = self.place.officer("clerk")
        actions.publish_petition(petition_id=pk, publication=PUBLICATION, actor=officer, at=SENT_AT + 4 * HOUR)

    def _withhold(self, pk: int) -> None:
        officer = self.place.officer("clerk")
        actions.withhold_publication(petition_id=pk, reason="Việc riêng", actor=officer, at=SENT_AT + 4 * HOUR)

    def _refuse(self, pk: int) -> None:
        officer = self.place.officer("one_stop_officer")
        actions.refuse_petition(petition_id=pk, reason="Không có nội dung.", actor=officer, at=SENT_AT + HOUR)

    def _lapse(self, pk: int) -> None:
        actions.lapse_petition(petition_id=pk, actor=SYSTEM, at=SENT_AT + timedelta(days=30))


_WAY: dict[str, tuple[str, ...]] = {
    "sent": (),
    "handling": ("accept",),
    "asked": ("ask",),
    "drafted": ("accept", "draft"),
    "answered": ("accept", "draft", "approve"),
    "published": ("accept", "draft", "approve", "publish"),
    "withheld": ("accept", "draft", "approve", "withhold"),
    "refused": ("refuse",),
    "lapsed": ("ask", "lapse"),
}
