"""Cases for tests, brought to any state through the real actions.

`CaseMaker(world()).at("appraisal")` files a case of the monthly allowance in the commune and moves it there. The paper of
a result is a small stand-in: making and signing real ones is tested with the flows.
"""

import itertools
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from tests.factories.files import PDF
from tests.factories.world import CONTENT, World, citizen
from tinhso.apps.cases import actions
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.models import Case, Result
from tinhso.apps.documents.actions import store_file
from tinhso.apps.procedures.content import load_package, load_scenarios, package_folders
from tinhso.apps.procedures.data import Scenario
from tinhso.kernel.actor import SYSTEM, Actor

ALLOWANCE = "1.001776"  # ten working days, resumes after a supplement, seven steps
BUSINESS = "1.001612"  # three working days, starts anew after a supplement
EXTRACT = "2.000635"  # same day, a fee
PERMIT = "1.013225"  # in force from 18 May 2026 only

# Monday morning of a week without holidays.
SUBMITTED_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RECEIVED_AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

STATES = (
    "draft", "submitted", "intake_supplement", "received", "assignment", "appraisal", "supplement", "review", "approval",
    "approved", "resolved", "delivered", "intake_refused", "withdrawn", "stopped",
)  # fmt: skip

_keys = itertools.count(1)


@cache
def scenario(code: str) -> Scenario:
    """The first scenario of a procedure: whose applicant and answers are complete and right."""
    for folder in package_folders(CONTENT):
        if folder.name == code:
            found, problems = load_scenarios(load_package(folder, root=CONTENT)[1], root=CONTENT)
            assert problems == []
            return next(s for s in found if s.channel == "online")
    raise AssertionError(code)


class CaseMaker:
    """Files and moves cases of one person in the commune of a world."""

    def __init__(self, place: World, *, code: str = ALLOWANCE, person: Actor | None = None) -> None:
        self.place, self.code, self.scenario = place, code, scenario(code)
        self.person = person or citizen()

    def officer(self, role: str) -> Actor:
        return self.place.officer(role)

    def filing(self, **changed: Any) -> dict[str, Any]:
        """The arguments of `submit_case`."""
        return {
            "procedure_code": self.code, "unit_id": self.place.commune.id, "applicant": dict(self.scenario.applicant),
            "answers": dict(self.scenario.answers), "channel": "online", "idempotency_key": f"key-{next(_keys)}",
            "documents": [DocumentInput(key=key, presence="paper") for key in self.scenario.documents],
            "actor": self.person, "at": SUBMITTED_AT, **changed,
        }  # fmt: skip

    def draft(self, *, at: datetime = SUBMITTED_AT, answers: dict[str, Any] | None = None) -> Case:
        """A complete draft, ready to be submitted."""
        case = actions.start_draft(
            procedure_code=self.code, applicant=dict(self.scenario.applicant),
            answers=dict(self.scenario.answers) if answers is None else answers, actor=self.person, at=at,
        )  # fmt: skip
        actions.choose_unit(case_id=case.pk, unit_id=self.place.commune.id, actor=self.person, at=at)
        for key in self.scenario.documents:
            actions.attach_to_draft(
                case_id=case.pk, key=key, presence="paper", file_id=None, file_name="", actor=self.person, at=at
            )
        return Case.objects.get(pk=case.pk)

    def submitted(self, **changed: Any) -> Case:
        return actions.submit_case(**self.filing(**changed))

    def received(self, *, at: datetime = RECEIVED_AT, transfer: bool = True, **changed: Any) -> Case:
        case = self.submitted(**changed)
        return actions.receive_case(case_id=case.pk, transfer=transfer, actor=self.officer("one_stop_officer"), at=at)

    def at(self, state: str) -> Case:
        """A case in one of `STATES`; the seven steps follow each other an hour apart."""
        case = self._early(state)
        if case is None:
            case = self.received()
            self._later(case, state)
        return Case.objects.get(pk=case.pk)

    def _early(self, state: str) -> Case | None:
        counter = self.officer("one_stop_officer")
        if state == "draft":
            return self.draft()
        if state == "received":
            return self.received(transfer=False)
        if state not in {"submitted", "intake_supplement", "intake_refused"}:
            return None
        case = self.submitted()
        if state == "intake_supplement":
            self.ask(case, actor=counter, at=RECEIVED_AT)
        elif state == "intake_refused":
            actions.refuse_intake(case_id=case.pk, reason="Không thuộc thẩm quyền.", actor=counter, at=RECEIVED_AT)
        return case

    def _later(self, case: Case, state: str) -> None:
        at = RECEIVED_AT + timedelta(hours=1)
        if state == "withdrawn":
            actions.withdraw_case(case_id=case.pk, reason="Đổi ý.", actor=self.person, at=at)
        if state in {"assignment", "withdrawn"}:
            return
        self.forward(case, "division_head", at=at)
        if state in {"supplement", "stopped"}:
            self.ask(case, actor=self.officer("specialist"), at=at + timedelta(hours=1))
        if state == "stopped":
            actions.stop_unanswered_case(case_id=case.pk, actor=SYSTEM, at=at + timedelta(days=40))
        if state in {"appraisal", "supplement", "stopped"}:
            return
        self.propose(case, at=at + timedelta(hours=1))
        if state == "review":
            return
        self.forward(case, "division_head", at=at + timedelta(hours=2))
        if state == "approval":
            return
        result = self.approve(case, at=at + timedelta(hours=3))
        if state == "approved":
            return
        self.sign(result, at=at + timedelta(hours=4))
        if state == "delivered":
            actions.deliver_result(
                case_id=case.pk, to_name="", method="counter", actor=self.officer("one_stop_officer"),
                at=at + timedelta(hours=5),
            )  # fmt: skip

    def ask(self, case: Case, *, actor: Actor, at: datetime) -> None:
        """One request for a supplement."""
        actions.request_supplement(
            case_id=case.pk, items=["Bản sao giấy xác nhận"], reason="Bản chụp không đọc được.", actor=actor, at=at
        )

    def answer(self, case: Case, *, at: datetime, actor: Actor | None = None) -> Case:
        """Its answer, in a few words."""
        return actions.answer_supplement(
            case_id=case.pk, answers={}, documents=[], note="Đã nộp bản rõ.", actor=actor or self.person, at=at
        )

    def forward(self, case: Case, role: str, *, at: datetime) -> Case:
        """Complete the present step."""
        step = Case.objects.get(pk=case.pk).step_key
        return actions.forward_case(case_id=case.pk, step=step, actor=self.officer(role), at=at)

    def proposal(self) -> dict[str, Any]:
        """Outcome, words and fields of a proposal to grant, as the scenario has them."""
        step = next(step for step in self.scenario.steps if step.verb == "propose")
        return {
            "outcome": str(step.values["outcome"]), "text": str(step.values["text"]),
            "fields": dict(step.values.get("fields") or {}),
        }  # fmt: skip

    def propose(self, case: Case, *, at: datetime, **changed: Any) -> Result:
        step = Case.objects.get(pk=case.pk).step_key
        said = {**self.proposal(), "actor": self.officer("specialist"), **changed}
        return actions.propose_result(case_id=case.pk, step=step, at=at, **said)

    def approve(self, case: Case, *, at: datetime) -> Result:
        step = Case.objects.get(pk=case.pk).step_key
        return actions.approve_result(case_id=case.pk, step=step, actor=self.officer("leader"), at=at)

    def sign(self, result: Result, *, at: datetime) -> Result:
        """What the signing job reports back, with a stand-in for the paper."""
        return actions.record_result_signed(result_id=result.pk, file_id=paper(at=at), actor=SYSTEM, at=at)


def paper(*, at: datetime = RECEIVED_AT) -> int:
    """The number of a stored PDF."""
    return store_file(content=PDF, name="ket-qua.pdf", actor=SYSTEM, at=at).id
