"""Petitions of the demo province, in every state they can be in."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.calendars.queries import get_working_calendar
from tinhso.apps.directory import queries as directory
from tinhso.apps.petitions import actions
from tinhso.apps.petitions.data import Publication, Sending
from tinhso.apps.petitions.enums import PetitionClass, PetitionTopic
from tinhso.apps.petitions.models import Petition
from tinhso.config.demo.sign_in import sign_in
from tinhso.config.demo.stage import Stage, Step
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.yamltext import load_yaml

_BETWEEN_MINUTES = 180
_LAPSE_MINUTES = 90 * 60  # of office time: longer than anybody is waited for
_ABOUT_STAFF = (PetitionTopic.BEHAVIOUR, PetitionTopic.DELAY)


def petition_lives(stage: Stage) -> list[Iterator[tuple[datetime, Step]]]:
    """The petitions of `content/demo/petitions.yaml`."""
    told = load_yaml((settings.CONTENT_DIR / "demo" / "petitions.yaml").read_text(encoding="utf-8"))["petitions"]
    return [PetitionLife(stage, row, number).play() for number, row in enumerate(told)]


class PetitionLife:
    """One petition: sent, and what was done with it."""

    def __init__(self, stage: Stage, row: dict[str, Any], number: int) -> None:
        self.stage, self.row, self.number = stage, row, number
        self.home = stage.communes[0]
        self.petition_id = 0

    def play(self) -> Iterator[tuple[datetime, Step]]:
        calendar = get_working_calendar(calendar_key=self.home.calendar_key, at=self.stage.start)
        at = calendar.add(self.stage.start, -60 * int(self.row["ago"]))
        yield at, self._send
        for verb in self.row["way"]:
            at = calendar.add(at, _LAPSE_MINUTES if verb == "lapse" else _BETWEEN_MINUTES)
            yield at, getattr(self, f"_{verb}")

    def _send(self, at: datetime) -> None:
        actor: Actor = ANONYMOUS
        if "person" in self.row:
            account = sign_in(self.stage.citizens[self.row["person"]], at=at)
            actor = accounts.get_actor(account.id, at=at, assurance=1)
        sending = Sending(
            topic=self.row["topic"], title=self.row["title"], content=self.row["content"],
            unit_id=self.home.id if self.row.get("unit") == "home" else None,
            key=f"demo-{self.stage.mark}-{self.number}", name=self.row.get("name", ""), email=self.row.get("email", ""),
        )  # fmt: skip
        self.petition_id = actions.send_petition(sending=sending, actor=actor, at=at).pk

    def _accept(self, at: datetime) -> None:
        about_staff = self.row["topic"] in _ABOUT_STAFF
        kind = PetitionClass.STAFF if about_staff else PetitionClass.REGULATION
        actions.accept_petition(
            petition_id=self.petition_id, classification=kind, actor=self._who("petition.receive"), at=at
        )

    def _refuse(self, at: datetime) -> None:
        actions.refuse_petition(
            petition_id=self.petition_id, reason=self.row["reason"], actor=self._who("petition.receive"), at=at
        )

    def _ask(self, at: datetime) -> None:
        actions.ask_information(
            petition_id=self.petition_id, question=self.row["question"], actor=self._who("petition.receive"), at=at
        )

    def _lapse(self, at: datetime) -> None:
        actions.lapse_petition(petition_id=self.petition_id, actor=SYSTEM, at=at)

    def _forward(self, at: datetime) -> None:
        province = directory.get_province(at.astimezone(PROVINCE_TIME).date())
        to = directory.get_unit_by_path(f"{province.path}/{self.row['to']}")
        actions.forward_petition(
            petition_id=self.petition_id, unit_id=to.id, reason=self.row["reason"],
            actor=self._who("petition.receive"), at=at,
        )  # fmt: skip

    def _draft(self, at: datetime) -> None:
        # Whoever drafts is not the one who approves, and the names are told apart by their right.
        actions.draft_answer(
            petition_id=self.petition_id, answer=self.row["answer"], actor=self._who("petition.answer"), at=at
        )

    def _approve(self, at: datetime) -> None:
        actions.approve_answer(petition_id=self.petition_id, actor=self._who("petition.approve"), at=at)

    def _publish(self, at: datetime) -> None:
        publication = Publication(**self.row["public"])
        actions.publish_petition(
            petition_id=self.petition_id, publication=publication, actor=self._who("petition.publish"), at=at
        )

    def _withhold(self, at: datetime) -> None:
        actions.withhold_publication(
            petition_id=self.petition_id, reason=self.row["reason"], actor=self._who("petition.publish"), at=at
        )

    def _who(self, permission: str) -> Actor:
        """Who holds the right where the petition lies: at the handling unit, in its offices, or at its counter."""
        petition = Petition.objects.get(pk=self.petition_id)
        unit_id = petition.handling_unit_id
        places = [unit_id, *(unit.id for unit in directory.list_units(parent_id=unit_id)), petition.intake_unit_id]
        return self.stage.officer_at([place for place in places if place is not None], permission)
