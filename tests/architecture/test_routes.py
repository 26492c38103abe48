"""Every address × every role: what is declared is what happens, and a stranger's case looks like none.

The outer gate (sign-in, kind, level, permission) is compared with the declared policy of the view; objects of others are
compared byte by byte with objects that do not exist.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.architecture.headers import wrong_headers
from tests.architecture.page_budgets import over_budget
from tests.architecture.replay import Harvest, harvest, replayed
from tests.factories import snapshots
from tests.factories.accounts import sign_in
from tests.factories.cases import ALLOWANCE, RECEIVED_AT, CaseMaker, paper
from tests.factories.petitions import PetitionMaker
from tests.factories.vaults import kept
from tests.factories.world import CONTENT, World, citizen, officer, world
from tests.sweeps import some_of
from tinhso.apps.accounts import actions as accounts
from tinhso.apps.accounts.content import load_roles
from tinhso.apps.cases import actions
from tinhso.apps.cases.models import Case
from tinhso.apps.vault import actions as vault
from tinhso.interfaces.access.policy import Audience, Policy, policy_of, walk
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import travel

NOW = RECEIVED_AT + timedelta(hours=9)
OFFICERS = (
    "one_stop_officer", "specialist", "division_head", "leader", "clerk", "unit_admin", "catalogue_admin", "auditor",
    "operator", "records_officer", "accountant", "collector",
)  # fmt: skip
CITIZENS = ("owner", "owner_level_1", "other_citizen")
ROLES = ("anonymous", *CITIZENS, *OFFICERS, "machine")
# These end the session or lock it: asked last.
LEAVING = ("dang-xuat", "khoa-man-hinh")


@dataclass(frozen=True)
class Route:
    """One address pattern with its gate."""

    path: str
    policy: Policy
    is_api: bool

    def address(self, sample: dict[str, object]) -> str:
        """The address with the sample's values in it."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name == "code" and re.search(r"thu-tuc|procedures", self.path):
                name = "procedure"
            if name == "code" and re.search(r"kiem-tra|KT/|verification", self.path):
                name = "check_code"
            if name == "code" and re.search(r"phan-anh|petitions", self.path):
                name = "petition"
            if name == "document_id" and "soan" in self.path:
                name = "draft_document_id"
            return str(sample[name])

        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", value, self.path)

    @property
    def is_about_a_case(self) -> bool:
        """Whether the address names somebody's case or draft."""
        return bool(
            re.match(
                r"(can-bo/)?ho-so/.*<|api/v1/cases/<|(can-bo/phan-anh|phan-anh/cua-toi)/<|kho-giay-to/.*<", self.path
            )
        )


@cache
def permissions_of(role: str) -> frozenset[str]:
    """What the role's file grants."""
    return frozenset(load_roles(CONTENT / "roles")[role].permissions)


@cache
def routes() -> list[Route]:
    """Every route once, those that end a session last."""
    found: dict[str, Route] = {}
    for path, pattern in walk():
        policy = policy_of(pattern.callback)
        assert policy is not None, f"/{path} declares no policy"
        found.setdefault(path, Route(path, policy, path.startswith("api/")))
    return sorted(found.values(), key=lambda route: route.path.startswith(LEAVING))


@dataclass
class Stage:
    """The people, their cases, and the samples of addresses."""

    maker: CaseMaker
    own: dict[str, object]
    foreign: dict[str, object]
    unknown: dict[str, object]


def _sample(maker: CaseMaker, *, unit_id: int) -> dict[str, object]:
    """A finished case with a paper, and a draft with a document: what addresses can name."""
    case = maker.at("resolved")
    letter = actions.begin_paper(
        case_id=case.pk, kind="acknowledgement", subject_id=0, officer="Cán bộ", officer_id=None, actor=SYSTEM, at=NOW
    )
    actions.record_paper(paper_id=letter.pk, file_id=paper(), actor=SYSTEM, at=NOW)
    draft = maker.draft()
    attached = actions.attach_to_draft(
        case_id=draft.pk, key="residence", presence="uploaded", file_id=paper(), file_name="a.pdf", actor=maker.person,
        at=NOW,
    )  # fmt: skip
    document = case.documents.first()
    mark = f"route-{maker.person.personal_id}"
    paper_of_hers = kept(maker.person.personal_id, mark=mark, unit_id=unit_id)
    share_id, _ = vault.share_document(
        uuid=paper_of_hers.uuid, purpose="Vay vốn ngân hàng", days=3, max_opens=2, actor=maker.person, at=NOW
    )
    export_id = vault.ask_export(actor=maker.person, at=NOW)
    petition = PetitionMaker(maker.place, person=maker.person).at("answered")
    return {
        "uuid": paper_of_hers.uuid, "share_id": share_id, "export_id": export_id,
        "code": case.code, "case_id": draft.pk, "paper_id": letter.pk, "draft_document_id": attached.pk,
        "document_id": document.pk if document else 0, "check_code": case.results.get().check_code,
        "procedure": ALLOWANCE, "key": "residence", "slug": "tra-ket-qua", "unit_id": unit_id, "pk": 1, "import_id": 1,
        "order_id": 1, "shift_id": 1, "refund_id": 1, "payment_id": 1, "attempt_id": 987_654_321,
        "consultation_id": 1, "rest": "x", "number": 1, "portion": 1, "slip_number": "NT-H48-01-00001", "device_id": 1,
        "petition": petition.code, "attachment_id": 0, "ticket": "0", "verb": "goi", "parcel_id": 1, "token": "x",
        "move_id": 987_654_321, "reorganisation_id": 987_654_321, "batch_uuid": "00000000-0000-4000-8000-000000000000",
        "service": "smartca", "owner_kind": "person", "owner_id": 987_654_321, "choice_id": 987_654_321, "key_id": 987_654_321,
        "request_uuid": "00000000-0000-4000-8000-000000000000",
        "subscription_id": 987_654_321,
        "receipt_id": 987_654_321, "payee_id": 987_654_321, "run_id": 987_654_321, "batch_id": 987_654_321,
        "list_id": 987_654_321, "archival_file_id": 987_654_321, "kind": "sip", "use_id": 987_654_321,
        "gateway": "a", "delivery_id": 987_654_321,
        "account_id": maker.person.account_id or 0, "service_id": 987_654_321,
        "agency_code": "H00", "exchange_uuid": "00000000-0000-4000-8000-000000000000", "member_id": 987_654_321,
        "maintenance_id": 987_654_321, "request_id": 987_654_321,
        "result_id": 987_654_321, "extract_id": 987_654_321, "payload": "A" * 200, "disposal_id": 987_654_321,
        "mailbox_id": 987_654_321, "mail_group_id": 987_654_321,
        "position": 987_654_321, "arrival_id": 987_654_321, "difference_id": 987_654_321,
        "session_id": 987_654_321,
    }  # fmt: skip


@pytest.fixture
def stage(db: None) -> Iterator[Stage]:
    with travel(NOW):
        yield snapshots.remembered("stage of the routes", _stage)


def _stage() -> Stage:
    place = world()
    mine = CaseMaker(place)
    own = _sample(mine, unit_id=place.commune.id)
    far = CaseMaker(
        World(place.province, place.other_commune, place.commune, place.officers),
        person=citizen("051190000020", "Trần Thị Khác"),
    )
    foreign = _sample(far, unit_id=place.other_commune.id)
    unknown = {
        **foreign, "code": "H48.99-990101-9999", "case_id": 987_654_321, "paper_id": 987_654_321, "unit_id": 987_654_321,
        "uuid": "00000000-0000-4000-8000-000000000000", "share_id": 987_654_321, "export_id": 987_654_321,
        "document_id": 987_654_321, "draft_document_id": 987_654_321, "check_code": "0" * 20,
        "petition": "PA-990101-00000-00000",
    }  # fmt: skip
    return Stage(mine, own, foreign, unknown)


def client_of(role: str, stage: Stage, *, just_proved: bool = False) -> Client:
    """A browser (or a machine) in which this role is signed in; `just_proved`: who is there was asked a moment ago."""
    client = Client(raise_request_exception=False)
    if role == "anonymous":
        return client
    place = stage.maker.place
    if role == "machine":
        machine = accounts.create_machine_client(username="may", full_name="Máy", actor=SYSTEM, at=NOW)
        token = accounts.issue_api_token(
            account_id=machine.id, name="x", unit_ids=[place.commune.id], granted=["case.view"], actor=SYSTEM, at=NOW,
            expires_at=NOW + timedelta(days=1),
        )  # fmt: skip
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token.text}"
        return client
    if role in {"owner", "owner_level_1"}:
        account_id, assurance = stage.maker.person.account_id, 1 if role.endswith("1") else 2
    elif role == "other_citizen":
        account_id, assurance = citizen("051190000031", "Lê Văn Người Lạ").account_id, 2
    else:
        known = place.officers.get(f"{role}@{place.commune.path}")
        account_id = (known or officer(role, place.commune)).account_id
        assurance = 0
    sign_in(client, SimpleNamespace(id=account_id), assurance=assurance, just_proved=just_proved)  # type: ignore[arg-type]  # only the id is read
    return client


def gate(role: str, route: Route) -> set[int]:
    """What the declared policy says of this role: the statuses it may see; empty when it is let in."""
    policy = route.policy
    if policy.audience is Audience.PUBLIC:
        return set()
    if route.is_api:
        let_in = {"machine", *CITIZENS} if policy.audience is Audience.APPLICANT else {"machine"}
        return set() if role in let_in else {401, 403, 405}
    if role == "anonymous":
        return {302}
    kind = "officer" if role in OFFICERS else "machine" if role == "machine" else "citizen"
    if policy.audience is Audience.SIGNED_IN:
        return {403} if kind == "machine" else set()
    if policy.audience.value != kind:
        return {403}
    if policy.audience is Audience.CITIZEN:
        return {403} if role == "owner_level_1" and policy.level > 1 else set()
    return {403} if policy.permission and policy.permission not in permissions_of(role) else set()


@pytest.mark.parametrize("role", some_of(ROLES, {"anonymous", "owner", "leader"}))
def test_every_address_answers_this_role_as_declared(role: str, stage: Stage) -> None:
    client = client_of(role, stage)
    wrong = []
    for route in routes():
        refused = gate(role, route)
        # Where the gate is closed, what the address names is never looked at.
        for sample in (stage.own, stage.unknown) if "<" in route.path and not refused else (stage.own,):
            address = route.address(sample)
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address)
            wrong += wrong_headers(address, answer, is_signed_in=role != "anonymous")
            if answer.streaming:
                list(answer.streaming_content)  # a file is sent to its end, and closed
            elif answer.status_code == 200:
                wrong += [f"{address}: {line}" for line in over_budget(route.path, answer, queries=len(asked))]
            if answer.status_code >= 500:
                wrong.append(f"{address}: {answer.status_code}")
            elif refused and answer.status_code not in refused:
                wrong.append(f"{address}: {answer.status_code} where the gate says {sorted(refused)}")
            elif role == "anonymous" and refused == {302} and "/dang-nhap" not in answer["Location"]:
                wrong.append(f"{address}: led to {answer['Location']}")
            elif not refused and answer.status_code in {401, 403} and not _is_inner(route):
                wrong.append(f"{address}: {answer.status_code} though the gate is open")
    assert not wrong, "\n".join(wrong)


def _is_inner(route: Route) -> bool:
    """Behind the gate an act may still refuse: the exact right on the exact object is its own."""
    return "/viec/" in route.path or route.is_api


@pytest.mark.parametrize(
    "role",
    some_of(["owner", "other_citizen", "one_stop_officer", "leader", "auditor", "machine"], {"owner", "machine"}),
)
@pytest.mark.parametrize("method", some_of(["get", "post"], {"get"}))
def test_a_strangers_case_looks_like_none(role: str, method: str, stage: Stage) -> None:
    client = client_of(role, stage)
    foreign = stage.own if role == "other_citizen" else stage.foreign
    wrong, compared = [], 0
    for route in routes():
        if not route.is_about_a_case or gate(role, route):
            continue
        addresses = route.address(foreign), route.address(stage.unknown)
        # A body the API could read, so that it is the case that is refused and not the body.
        sent: dict[str, Any] = {"data": {"text": "x"}, "content_type": "application/json"}
        words = sent if route.is_api and method == "post" else {}
        theirs, nobodys = (getattr(client, method)(address, **words) for address in addresses)
        compared += 1
        if theirs.status_code not in {404, 405} or theirs.status_code != nobodys.status_code:
            wrong.append(f"{route.path}: {theirs.status_code} and {nobodys.status_code}")
        one, other = _plain(theirs.content, addresses[0]), _plain(nobodys.content, addresses[1])
        if one != other:
            wrong.append(f"{route.path}: {_difference(one, other)}")
    assert not wrong, "\n".join(wrong)
    assert compared >= 5


def _difference(theirs: str, nobodys: str) -> str:
    lines = zip(theirs.splitlines(), nobodys.splitlines(), strict=False)
    return next((f"«{one.strip()}» and «{other.strip()}»" for one, other in lines if one != other), "lengths differ")


def _plain(content: bytes, address: str) -> str:
    """A page without the address that was asked for, and without the marks every page carries anew."""
    text = content.decode()
    for spelled in (address, quote(address, safe="")):
        text = text.replace(spelled, "«address»")
    return re.sub(r'csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": ?"\w+"|csrf[^>]{0,40}content="\w+"', "", text)


def test_what_a_persons_pages_name_is_not_there_for_another(stage: Stage) -> None:
    """A quick look at what `test_objects.py` asks of everybody: her pages are read, and what they name asked for by another."""
    starts = [f"/ho-so/{stage.own['code']}", "/kho-giay-to/", f"/ho-so/soan/{stage.own['case_id']}/giay-to"]
    theirs = harvest(client_of("owner", stage), starts, most=3, skip=lambda one: one.route.startswith(LEAVING))
    open_to = {route.path for route in routes() if route.is_about_a_case and not gate("other_citizen", route)}
    client, secrets = client_of("other_citizen", stage), [str(stage.own["code"])]
    asked, wrong = replayed(client, open_to, own=Harvest(), theirs=theirs, secrets=secrets, everywhere=False)
    assert not wrong, "\n".join(wrong)
    assert asked > 8


@pytest.mark.sweep
def test_a_strangers_case_never_changes(stage: Stage) -> None:
    """Whatever is posted at every address of a case by people who may not: the case stays as it was."""
    before = list(Case.objects.order_by("pk").values())
    for role in ("anonymous", "other_citizen", "auditor", "operator", "machine"):
        client = client_of(role, stage)
        for route in routes():
            if route.is_about_a_case:
                for sample in (stage.own, stage.foreign):
                    client.post(route.address(sample), {"reason": "x", "note": "x", "confirm": "1"})
    assert list(Case.objects.order_by("pk").values()) == before
