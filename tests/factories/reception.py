"""Offline slips for tests: a prepared computer, and what an officer wrote on a slip."""

from datetime import datetime, timedelta
from typing import Any

from tests.factories.cases import EXTRACT, scenario
from tests.factories.world import World
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.directory import queries as directory
from tinhso.apps.procedures import queries as procedures
from tinhso.apps.reception import actions
from tinhso.apps.reception.data import DeviceData, SlipContent, SlipTicket
from tinhso.apps.reception.models import OfflineSlip
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME

PREPARED_AT = datetime(2026, 3, 2, 7, 30, tzinfo=PROVINCE_TIME)
TAKEN_AT = datetime(2026, 3, 2, 9, 15, tzinfo=PROVINCE_TIME)
SYNCED_AT = datetime(2026, 3, 2, 14, 0, tzinfo=PROVINCE_TIME)


class OfflineDesk:
    """The commune's one-stop desk with one prepared computer."""

    def __init__(self, place: World) -> None:
        self.place = place
        self.officer: Actor = place.officer("one_stop_officer")
        desk = directory.one_stop_of(place.commune.id)
        self.unit_id = desk.id if desk else place.commune.id
        self.device: DeviceData = self.register("Quầy 3")
        actions.grant_numbers(device_id=self.device.id, next_number=1, actor=self.officer, at=PREPARED_AT)

    def register(self, name: str) -> DeviceData:
        return actions.register_device(unit_id=self.unit_id, name=name, actor=self.officer, at=PREPARED_AT)

    def ticket(self, **changed: Any) -> SlipTicket:
        assert self.officer.account_id is not None
        values: dict[str, Any] = {
            "device_id": self.device.id, "officer_id": self.officer.account_id, "officer_name": self.officer.name,
            "prepared_at": PREPARED_AT,
        }  # fmt: skip
        return SlipTicket(**values | changed)

    def content(self, **changed: Any) -> SlipContent:
        """A right slip: an extract of the civil register."""
        found = scenario(EXTRACT)
        values: dict[str, Any] = {
            "procedure_code": EXTRACT, "unit_id": self.place.commune.id, "applicant": dict(found.applicant),
            "answers": dict(found.answers), "channel": "counter",
            "documents": [DocumentInput(key=key, presence="paper") for key in found.documents],
        }  # fmt: skip
        return SlipContent(**values | changed)

    def store(self, number: int = 1, *, at: datetime = SYNCED_AT, **changed: Any) -> OfflineSlip:
        """The slip as it comes in; `taken_at` a minute later for each number."""
        version, _ = procedures.get_package(EXTRACT, TAKEN_AT.date())
        values: dict[str, Any] = {
            "ticket": self.ticket(), "number": number, "taken_at": TAKEN_AT + timedelta(minutes=number),
            "procedure_code": EXTRACT, "version_id": version.id, "content": [("_a.full_name", "Nguyễn Thị Ví Dụ")],
            "actor": self.officer,
        }  # fmt: skip
        return actions.store_slip(**values | changed, at=at)

    def settle(self, slip: OfflineSlip, *, at: datetime = SYNCED_AT, **changed: Any) -> OfflineSlip:
        values: dict[str, Any] = {"content": self.content(), "actor": self.officer}
        return actions.settle_slip(slip_id=slip.pk, **values | changed, at=at)
