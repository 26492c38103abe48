"""Two communes with the same kinds of things in each, for replaying what one names as the other.

Side A's people carry words that stand nowhere else: where one shows on a page of side B, something was not asked whose it is.
"""

import dataclasses
from dataclasses import dataclass
from datetime import timedelta

from django.test import Client

from tests.architecture.test_routes import NOW, OFFICERS, _sample
from tests.factories.accounts import sign_in
from tests.factories.cases import CaseMaker
from tests.factories.payments import due_order
from tests.factories.petitions import PetitionMaker
from tests.factories.receipts import request
from tests.factories.world import World, citizen, officer, world
from tinhso.apps.accounts import actions as accounts
from tinhso.apps.cases import actions
from tinhso.apps.receipts import actions as receipts
from tinhso.kernel.actor import SYSTEM

# Of side A only. A page of B that shows one of them has shown A's data.
CANARIES = ("Hoàng Thị Kín Đáo", "0977000111", "+84977000111", "977000111", "Ngõ Bí Mật 17", "9704000011112222")


@dataclass
class Side:
    """One commune: its people and what they could name at once."""

    place: World
    maker: CaseMaker
    sample: dict[str, object]
    applicant: str


def two_sides() -> dict[str, Side]:
    """Both, with cases in several states, fees, receipts, a petition, a vault, an archive list, talk and opinions."""
    place = world()
    mirrored = World(place.province, place.other_commune, place.commune, place.officers)
    return {
        "a": _side(place, "051190000077", CANARIES[0], CANARIES[1], CANARIES[4], CANARIES[5]),
        "b": _side(mirrored, "051190000088", "Phan Văn Bên Kia", "0911222333", "Tổ dân phố 9", "1234500000"),
    }


def _side(place: World, personal_id: str, name: str, phone: str, street: str, account: str) -> Side:
    maker = CaseMaker(place, person=citizen(personal_id, name))
    maker.scenario = dataclasses.replace(
        maker.scenario,
        applicant={**maker.scenario.applicant, "full_name": name, "personal_id": personal_id, "phone": phone},
        answers={
            **maker.scenario.answers, "full_name": name, "personal_id": personal_id, "account_holder": name,
            "account_number": account, "phone": f"+84{phone[1:]}",
            "permanent_address": {"province_code": "51", "commune_code": "21025", "detail": street},
        },
    )  # fmt: skip
    sample = _sample(maker, unit_id=place.commune.id)
    waiting = maker.at("supplement")
    maker.at("submitted")
    at_desk = maker.at("appraisal")
    actions.send_message(case_id=at_desk.pk, text=f"Tôi ở {street}", actor=maker.person, at=NOW)
    sample["order_id"] = due_order(place, actor=maker.person).pk
    made = receipts.begin_receipt(
        request=dataclasses.replace(
            request(f"order:{personal_id}", unit_id=place.commune.id, name=name), subject=f"case:{waiting.pk}",
            case_code=waiting.code or "",
        ), actor=SYSTEM, at=NOW,
    )  # fmt: skip
    sample["receipt_id"] = made.pk if made else 0
    PetitionMaker(place, person=maker.person).at("handling", title=f"Đèn đường {street}")
    return Side(place, maker, sample, name)


def machine_of(side: Side, username: str) -> Client:
    """A system that may do in this commune all that a system may."""
    account = accounts.create_machine_client(username=username, full_name="Máy", actor=SYSTEM, at=NOW)
    token = accounts.issue_api_token(
        account_id=account.id, name="x", unit_ids=[side.place.commune.id],
        granted=["case.view", "case.submit", "vault.consult"], actor=SYSTEM, at=NOW, expires_at=NOW + timedelta(days=1),
    )  # fmt: skip
    client = Client(raise_request_exception=False)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token.text}"
    return client


def client_of(role: str, side: Side) -> Client:
    """A browser in which this role of this side is signed in; `machine` is a system's token."""
    if role == "machine":
        return machine_of(side, f"may.{side.maker.person.personal_id}")
    client = Client(raise_request_exception=False)
    if role == "anonymous":
        return client
    if role == "citizen":
        account_id = side.maker.person.account_id
    else:
        known = side.place.officers.get(f"{role}@{side.place.commune.path}")
        account_id = (known or officer(role, side.place.commune)).account_id
    sign_in(client, _Known(account_id), assurance=2)  # type: ignore[arg-type]  # only the id is read
    return client


@dataclass(frozen=True)
class _Known:
    id: int | None


PEOPLE = ("citizen", *OFFICERS, "machine")
