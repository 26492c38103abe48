"""The stage of the routes with something behind every list, so that pages can be looked at as people see them."""

import dataclasses
from dataclasses import dataclass
from uuid import UUID

from django.test import Client

from tests.architecture.furniture import hired, pieces
from tests.architecture.test_routes import NOW, OFFICERS, Stage, _stage
from tests.factories.archives import ArchiveMaker
from tests.factories.collections import School
from tests.factories.disposals import keeper, over
from tests.factories.exchange import provincial
from tests.factories.exchange_place import Place
from tests.factories.files import PDF
from tests.factories.mail import department, division, settle, worker
from tests.factories.payments import due_order
from tests.factories.payouts import Office
from tests.factories.receipts import PAID_AT, request
from tinhso.apps.cases import actions, queries
from tinhso.apps.documents import actions as documents
from tinhso.apps.exchange import actions as exchange
from tinhso.apps.receipts import actions as receipts
from tinhso.apps.vault import actions as vault
from tinhso.interfaces.access import limits
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel


@dataclass(frozen=True)
class Furnished:
    """The stage, and the addresses that only a letter, a slip or a QR code tells."""

    stage: Stage
    told: tuple[str, ...]


def furnished() -> Furnished:
    """Made when it plays; whoever opens it lives today."""
    with travel(NOW):
        stage = _stage()
        for role in OFFICERS:
            hired(stage.maker.place, role)
        told = _cases(stage)
        told += _money(stage)
        told += pieces(stage, _offices(stage))
    return Furnished(stage, (*told, *_shared(stage)))


def _cases(stage: Stage) -> list[str]:
    """Cases at every desk, talk, an opinion asked for, and a delivered one whose applicant may judge the service."""
    maker, place = stage.maker, stage.maker.place
    for status in ("submitted", "supplement", "approval"):
        maker.at(status)
    case = maker.at("appraisal")
    actions.send_message(case_id=case.pk, text="Tôi muốn hỏi khi nào có kết quả", actor=maker.person, at=NOW)
    actions.ask_consultation(
        case_id=case.pk, step=case.step_key, unit_ids=[place.other_commune.id], question="Người này có hưởng nơi khác không?",
        working_days=3, actor=place.officer("specialist"), at=NOW,
    )  # fmt: skip
    return [f"/danh-gia/{queries.rating_link(maker.at('delivered'))}"]


def _shared(stage: Stage) -> list[str]:
    _, token = vault.share_document(
        uuid=UUID(str(stage.own["uuid"])),
        purpose="Xin học bổng",
        days=3,
        max_opens=5,
        actor=stage.maker.person,
        at=clock.now(),
    )
    return [f"/chia-se/{token}"]


def _money(stage: Stage) -> list[str]:
    """A fee that is due, a receipt, a list a school collects, a pay-out to its end."""
    maker, place = stage.maker, stage.maker.place
    stage.own["order_id"] = due_order(place, actor=maker.person).pk
    case = maker.at("submitted")
    asked = request("order:furnished", unit_id=place.commune.id, name=maker.person.name)
    asked = dataclasses.replace(asked, subject=f"case:{case.pk}", case_code=case.code or "")
    made = receipts.begin_receipt(request=asked, actor=SYSTEM, at=PAID_AT)
    assert made is not None
    stage.own["receipt_id"] = made.pk
    accountant = hired(place, "accountant")
    line = School(place, hired(place, "collector"), accountant).opened()[0]
    office = Office(place, place.officer("specialist"), accountant, place.officer("leader"))
    batch = office.approved(office.run())
    for budget in (limits.BILLS, limits.BILLS_OF_CODE):  # another test may have guessed at this very slip
        budget.forget()
    found = Client().post("/nop-tien", {"ma": line.code, "doi-chieu": line.own_number})
    receipt = f"/can-bo/bien-lai/{stage.own['receipt_id']}"
    return [
        found["Location"], receipt, f"{receipt}/pdf", f"{receipt}/xml", f"/ho-so/{case.code}/bien-lai/{made.pk}/pdf",
        f"/can-bo/chi-tra/dot/{batch.pk}.csv",
    ]  # fmt: skip


def _offices(stage: Stage) -> Place:
    """An archive list, papers whose time is over, services between offices, official mail."""
    place = stage.maker.place
    archive = ArchiveMaker(place, hired(place, "records_officer"), hired(place, "records_officer", place.province))
    archive.listing("approved")
    over(PDF, unit_id=place.commune.id)
    documents.propose_disposal(
        unit_id=place.commune.id, actor=keeper("propose_disposal", 101, units=frozenset({place.commune.id})), at=NOW
    )
    exchange.publish_registry(value=provincial(), actor=SYSTEM, at=NOW)
    between = Place(place)
    stage.own["request_id"] = exchange.ask_access(**between.asked(at=NOW))
    stage.own["account_id"] = place.officer("specialist").account_id or 0
    letters = worker(division(department()), "specialist", "Nguyễn Văn An", "AN1")
    settle(letters, units_too=(department(), place.commune))
    return between
