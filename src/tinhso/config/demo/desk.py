"""Traces of daily work on cases of the shown commune: labels, notes, talk, opinions, supplements, transfers, papers."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.cases import actions
from tinhso.apps.cases.enums import CaseStatus, TransferKind
from tinhso.apps.cases.models import Case
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures.enums import StepKind
from tinhso.apps.reception import actions as reception
from tinhso.apps.reception.enums import ParcelDirection
from tinhso.config.demo.stage import Stage, Step
from tinhso.kernel.actor import Actor
from tinhso.lib.yamltext import load_yaml

_Act = Callable[[Case, datetime], None]


def desk_acts(stage: Stage) -> Iterator[tuple[datetime, Step]]:
    """One act after the other in the last hour, each on a case of its own as long as there are enough."""
    desk = _Desk(stage)
    acts: list[Step] = [desk.labels, desk.notes, desk.talk, desk.consult, desk.supplement, desk.propose_supplement]
    acts += [desk.send_away, desk.receive_from_elsewhere, desk.papers, desk.parcels]
    for number, act in enumerate(acts):
        yield stage.start - timedelta(minutes=3 * (len(acts) - number)), act


class _Desk:
    """The cases at hand, chosen by what they are and never by their numbers, which tell who was quicker."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.home = stage, stage.communes[0]
        self.told: dict[str, Any] = load_yaml((settings.CONTENT_DIR / "demo" / "desk.yaml").read_text(encoding="utf-8"))
        hall = load_yaml((settings.CONTENT_DIR / "demo" / "hall.yaml").read_text(encoding="utf-8"))
        self.carrier, self.contents, self.shelves = hall["carrier"], hall["parcel"], hall["shelves"]
        self.used: set[int] = set()

    def labels(self, at: datetime) -> None:
        manager = self.stage.officer("case.manage_work", self.home.id, "")
        kept = [
            actions.save_label(unit_id=self.home.id, name=row["name"], tone=row["tone"], actor=manager, at=at)
            for row in self.told["labels"]
        ]
        for label, case in zip(kept, self._appraised(3, keep=True), strict=False):
            actions.put_label(case_id=case.pk, label_id=label.pk, actor=self._holder(case, "case.propose"), at=at)

    def notes(self, at: datetime) -> None:
        for text, case in zip(self.told["notes"], self._appraised(2, keep=True), strict=False):
            actions.write_note(case_id=case.pk, text=text, actor=self._holder(case, "case.propose"), at=at)

    def talk(self, at: datetime) -> None:
        """The applicant asks, the office answers, the latest word is hers and not read yet."""
        for case in self._appraised(1, account__isnull=False, keep=True):
            assert case.account_id is not None  # noqa: S101 - filtered
            person = accounts.get_actor(case.account_id, at=at, assurance=2)
            officer = self._holder(case, "case.propose")
            for number, row in enumerate(self.told["thread"]):
                actor = person if row["from"] == "applicant" else officer
                if actor is officer:
                    actions.read_messages(case_id=case.pk, actor=officer, at=at + timedelta(seconds=number))
                actions.send_message(case_id=case.pk, text=row["text"], actor=actor, at=at + timedelta(seconds=number))

    def consult(self, at: datetime) -> None:
        """Two opinions asked: one has come, one is awaited."""
        for case in self._appraised(1):
            asker = self._holder(case, "case.consult")
            asked = self.told["question"]
            units = [u for u in directory.list_units(parent_id=self.home.id) if u.id != case.step_unit_id]
            able = [u.id for u in units if self.stage.has_officer("case.answer_consultation", u.id, case.field)][:2]
            rows = actions.ask_consultation(
                case_id=case.pk, step=case.step_key, unit_ids=able, question=asked["text"],
                working_days=asked["working_days"], actor=asker, at=at,
            )  # fmt: skip
            if len(rows) > 1:
                told, unit_id = self.told["opinion"], rows[0].unit_id
                actions.answer_consultation(
                    consultation_id=rows[0].pk, opinion=told["opinion"], text=told["text"],
                    actor=self.stage.officer("case.answer_consultation", unit_id, case.field),
                    at=at + timedelta(seconds=30),
                )  # fmt: skip

    def supplement(self, at: datetime) -> None:
        """The applicant is waited for."""
        self._ask(actions.request_supplement, "case.assign", at)

    def propose_supplement(self, at: datetime) -> None:
        """The head's word is waited for."""
        self._ask(actions.propose_supplement, "case.propose", at)

    def _ask(self, act: Callable[..., object], permission: str, at: datetime) -> None:
        told = self.told["supplement"]
        for case in self._appraised(1, supplements__isnull=True):
            actor = self._holder(case, permission)
            act(case_id=case.pk, items=told["items"], reason=told["reason"], actor=actor, at=at)

    def send_away(self, at: datetime) -> None:
        """A case of another commune, on its way there."""
        self._transfer(self.home.id, self.stage.communes[1].id, at)

    def receive_from_elsewhere(self, at: datetime) -> None:
        """A case sent here by another commune: the shown counter takes it or declines."""
        self._transfer(self.stage.communes[1].id, self.home.id, at)

    def _transfer(self, from_id: int, to_id: int, at: datetime) -> None:
        for case in self._appraised(1, unit_id=from_id):
            actions.transfer_case(
                case_id=case.pk, step=case.step_key, to_unit_id=to_id, kind=TransferKind.WRONG_UNIT,
                reason=self.told["transfer"]["reason"], basis="",
                actor=self.stage.officer("case.transfer", from_id, case.field), at=at,
            )  # fmt: skip

    def papers(self, at: datetime) -> None:
        """Where some paper files lie."""
        for shelf, case in zip(self.shelves, self._appraised(3, channel="counter", keep=True), strict=False):
            assert case.intake_unit_id is not None and case.code  # noqa: S101, PT018 - filed
            officer = self.stage.officer("reception.move_papers", case.intake_unit_id, "")
            unit_id = case.intake_unit_id
            reception.move_paper(case_code=case.code, unit_id=unit_id, place=shelf, actor=officer, at=at)

    def parcels(self, at: datetime) -> None:
        """Results sent by post: one has arrived, one is on its way."""
        done = Case.objects.filter(unit_id=self.home.id, status=CaseStatus.DELIVERED, parent=None)
        for number, case in enumerate(done.order_by("-delivered_at", "applicant_personal_id")[:2]):
            assert case.intake_unit_id is not None and case.code  # noqa: S101, PT018 - filed
            officer = self.stage.officer("reception.handle_post", case.intake_unit_id, "")
            parcel = reception.note_parcel(
                case_code=case.code, direction=ParcelDirection.OUT, carrier=self.carrier,
                tracking_code=f"MAU{self.stage.seed:03d}{number + 1:04d}VN", contents=self.contents,
                recipient=f"{case.applicant_name}, {case.applicant.get('address', '')}", actor=officer, at=at,
            )  # fmt: skip
            if number == 0:
                reception.confirm_parcel(parcel_id=parcel.pk, case_code=case.code, actor=officer, at=at)

    def _appraised(self, count: int, *, keep: bool = False, **wanted: Any) -> list[Case]:
        """The latest cases under appraisal that nothing was done to yet; with `keep` others may take them too."""
        found = Case.objects.filter(
            status=CaseStatus.PROCESSING, step_kind=StepKind.APPRAISAL, parent=None, due_at__isnull=False,
            **{"unit_id": self.home.id, **wanted},
        )  # fmt: skip
        order = found.exclude(pk__in=self.used).order_by("-submitted_at", "procedure_code", "applicant_personal_id")
        rows = list(order.distinct()[:count])
        if not keep:
            self.used |= {row.pk for row in rows}
        return rows

    def _holder(self, case: Case, permission: str) -> Actor:
        assert case.step_unit_id is not None  # noqa: S101 - at a step
        return self.stage.officer(permission, case.step_unit_id, case.field)
