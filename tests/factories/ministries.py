"""A running simulator of the ministries' systems, and what happens to a linked case whose legs are there."""

from collections.abc import Callable

import httpx

from tests.factories.linked import BIRTH, LinkedRunner
from tests.factories.world import World
from tinhso.apps.cases import jobs
from tinhso.apps.procedures.data import Scenario, ScenarioStep
from tinhso.kernel.clock import PROVINCE_TIME


def tell(address: str, system: str, *, behaviour: str) -> None:
    """How a system is to behave from now on."""
    httpx.post(
        f"{address}/admin", data={"system": system, "behaviour": behaviour}, follow_redirects=True
    ).raise_for_status()


class BirthRunner(LinkedRunner):
    """The same, with systems that say how far they are."""

    def __init__(self, scenario: Scenario, place: World, drain: Callable[[], int], address: str) -> None:
        super().__init__(scenario, place, drain, code=BIRTH)
        self.address = address

    def take(self, step: ScenarioStep) -> None:
        """The system takes its leg over, and we ask."""
        self._move(step, 2)

    def report(self, step: ScenarioStep) -> None:
        """The system says how far it is (`status`: national status code), and we ask."""
        self._move(step, int(step.values["status"]))

    def look(self, step: ScenarioStep) -> None:
        jobs.exchange_with_ministries()
        jobs.watch_legs()

    def silence(self, step: ScenarioStep) -> None:
        tell(self.address, str(step.values["system"]), behaviour="silent")

    def _move(self, step: ScenarioStep, status: int) -> None:
        leg = self.leg(str(step.values["leg"]))
        assert leg.external_code, f"{leg.key} has not been sent: {leg.note}"
        form = {
            "system": leg.system, "code": leg.external_code, "status": str(status),
            "at": step.at.astimezone(PROVINCE_TIME).strftime("%Y%m%d%H%M%S"), "note": str(step.values.get("note", "")),
            "number": str(step.values.get("number", "")),
        }  # fmt: skip
        answer = httpx.post(f"{self.address}/admin", data=form)
        assert answer.status_code == 303, answer.text
        jobs.exchange_with_ministries()
