"""Papers signed by somebody far away: one consent for many, waiting, refusal, another signer; killed anywhere, nothing is lost
or signed twice."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.factories.forks import is_killed_at
from tests.factories.papers import letter
from tests.simulators.serving import serve
from tests.sweeps import every
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import actions, flows, queries
from tinhso.apps.signatures.data import Progress, SignerNotSet, SignerUnavailable
from tinhso.apps.signatures.enums import OwnerKind, RequestStatus, ServiceKind
from tinhso.apps.signatures.models import SigningRequest, SigningService
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.errors import Forbidden, Invalid, NotFound
from tinhso.simulators import signing as remote
from tinhso.simulators import trust
from tinhso.simulators.signing.state import Fault, Phone, State

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.enable_socket]
LEADER = Actor(kind=ActorKind.OFFICER, account_id=7, name="Đinh Thị Thử Nghiệm", unit_id=12)
AGENCY = "Ủy ban nhân dân xã Sơn Thử"
AT = clock.now()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, State]]:
    authority = trust.Authority()
    inner = remote.create_app(authority)
    with serve(Starlette(routes=[Mount("/signing", inner)])) as address:
        yield address, inner.state.signing


@pytest.fixture
def phone(served: tuple[str, State], tmp_path: Path, settings: Any) -> Iterator[State]:
    """The leader signs with SmartCA; the agency with a key file of the server."""
    settings.DATA_DIR, settings.DEMO = tmp_path, True
    address, state = served
    _service("smartca", ServiceKind.SMARTCA, f"{address}/signing/smartca")
    _choose("smartca")
    yield state
    state.fault, state.phone = Fault.NONE, Phone.WAIT
    state.asked.clear()


def _service(key: str, kind: ServiceKind, url: str = "") -> None:
    actions.set_service(
        key=key, kind=kind, name=kind.label, base_url=url, account="tinhso-demo",
        secret="demo-secret-not-for-production", options={}, actor=SYSTEM, at=AT,
    )  # fmt: skip


def _choose(key: str, *, at: datetime = AT - timedelta(days=2)) -> int:
    service = queries.get_service(key)
    found = (
        flows.list_remote_certificates(service_key=key, user_id="079090000001")[0]
        if service and service.base_url
        else None
    )
    return actions.choose_signer(
        owner_kind=OwnerKind.PERSON, owner_id=7, service_key=key, user_id="079090000001", certificate=found,
        valid_from=at, valid_to=None, actor=SYSTEM, at=AT,
    ).id  # fmt: skip


def person(subject: str = "result:1:1", at: datetime | None = None) -> Progress:
    return flows.sign_step(
        subject=subject, role=OwnerKind.PERSON, owner_id=7, make=letter, description=f"Giấy phép {subject}",
        organisation=AGENCY, actor=LEADER, at=at or clock.now(),
    )  # fmt: skip


def seal(pdf: bytes, subject: str = "result:1:1") -> Progress:
    return flows.sign_step(
        subject=subject, role=OwnerKind.AGENCY, owner_id=12, make=lambda: pdf, description="x", organisation=AGENCY,
        actor=SYSTEM, at=clock.now(),
    )  # fmt: skip


def look(*, seconds: float = 0) -> None:
    flows.look_after_requests(at=clock.now() + timedelta(seconds=seconds))


class TestOnePaper:
    def test_waits_then_signed_then_sealed(self, phone: State) -> None:
        first = person()
        assert first.pdf is None
        look()
        told = queries.requests_of(["result:1:1"])["result:1:1"]
        assert (told.status, told.sentence) == (RequestStatus.WAITING, "Chờ bạn xác nhận trên ứng dụng VNPT SmartCA.")
        (asked,) = phone.asked.values()
        phone.decide(asked, confirm=True)
        look(seconds=5)
        second = person()
        assert second.pdf is not None
        done = seal(second.pdf)
        assert done.pdf is not None
        assert done.pdf.startswith(second.pdf)
        assert second.pdf.startswith(letter())
        request = SigningRequest.objects.get()
        assert [entry.type for entry in entries_of(f"signing_request:{request.pk}")] == [
            "signature.asked", "signature.answered",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("habit", "status", "word"), [(Phone.REFUSE, "refused", "từ chối"), (Phone.WAIT, "expired", "hết thời gian")]
    )
    def test_refused_and_expired_are_told_and_can_be_tried_again(
        self, phone: State, habit: Phone, status: str, word: str
    ) -> None:
        phone.phone = habit
        person()
        look()
        look(seconds=1_000)
        look(seconds=2_000)
        told = person().request
        assert told is not None
        assert (told.status, word in told.sentence) == (status, True)
        phone.phone = Phone.CONFIRM
        usual = queries.list_choices(owner_kind="person", owner_id=7, at=AT)[0].id
        actions.switch_signer(
            subject="result:1:1", role=OwnerKind.PERSON, choice_id=usual, actor=LEADER, at=clock.now()
        )
        person()
        look()
        look(seconds=5)
        assert person().pdf is not None

    def test_another_signer_takes_over_what_waits(self, phone: State, served: tuple[str, State]) -> None:
        person()
        look()
        _service("mysign", ServiceKind.MYSIGN, f"{served[0]}/signing/mysign")
        other = _choose("mysign", at=AT - timedelta(days=3))
        assert [choice.service.key for choice in queries.list_choices(owner_kind="person", owner_id=7, at=AT)] == [
            "smartca",
            "mysign",
        ]
        actions.switch_signer(
            subject="result:1:1", role=OwnerKind.PERSON, choice_id=other, actor=LEADER, at=clock.now()
        )
        phone.phone = Phone.CONFIRM
        person()
        look()
        look(seconds=5)
        assert person().pdf is not None
        assert sorted(SigningRequest.objects.values_list("status", flat=True)) == ["cancelled", "signed"]
        person("result:2:2")
        with pytest.raises(SignerNotSet):
            actions.switch_signer(
                subject="result:2:2", role=OwnerKind.PERSON, choice_id=999, actor=LEADER, at=clock.now()
            )

    def test_nobody_asks_or_gives_up_in_anothers_name(self, phone: State) -> None:
        other = Actor(kind=ActorKind.OFFICER, account_id=8, name="Người khác", unit_id=12)
        with pytest.raises(Forbidden):
            flows.sign_step(
                subject="x",
                role=OwnerKind.PERSON,
                owner_id=7,
                make=letter,
                description="",
                organisation="",
                actor=other,
                at=AT,
            )
        person()
        with pytest.raises(Forbidden):
            actions.switch_signer(subject="result:1:1", role=OwnerKind.PERSON, choice_id=None, actor=other, at=AT)

    @pytest.mark.parametrize("fault", [Fault.WRONG_SIGNATURE, Fault.FEWER_SIGNATURES])
    def test_a_signature_that_is_none_is_never_embedded(self, phone: State, fault: Fault) -> None:
        phone.phone, phone.fault = Phone.CONFIRM, fault
        person()
        look()
        look(seconds=5)
        told = person().request
        assert told is not None
        assert told.status == RequestStatus.FAILED
        assert "không ký được" in told.sentence

    def test_a_service_out_of_reach_is_asked_again(self, phone: State) -> None:
        phone.fault = Fault.DOWN
        person()
        choice = queries.list_choices(owner_kind="person", owner_id=7, at=AT)[0]
        with pytest.raises(SignerUnavailable):
            flows.send_prepared(choice_id=choice.id, at=clock.now())
        look()
        assert SigningRequest.objects.get().status == RequestStatus.PREPARED
        phone.fault, phone.phone = Fault.NONE, Phone.CONFIRM
        look()
        look(seconds=5)
        assert person().pdf is not None

    def test_a_service_that_takes_nothing_fails_with_its_word(self, phone: State) -> None:
        phone.clients["tinhso-demo"] = "changed"
        try:
            person()
            look()
        finally:
            phone.clients["tinhso-demo"] = "demo-secret-not-for-production"
        told = queries.requests_of(["result:1:1"])["result:1:1"]
        assert told.status == RequestStatus.FAILED
        assert "SP_CREDENTIAL_INVALID" in told.sentence


@pytest.mark.sweep
def test_two_hundred_papers_are_one_consent(phone: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prepared together they are sent together; the 201st is a second round. (Three stand for two hundred here.)"""
    from tinhso.apps.signatures.rules import requests as rules

    monkeypatch.setattr(rules, "MOST_IN_A_ROUND", 3)
    subjects = [f"result:{n}:{n}" for n in range(4)]
    for subject in subjects:
        person(subject)
    look()
    assert sorted(len(asked.documents) for asked in phone.asked.values()) == [1, 3]
    assert {asked.description for asked in phone.asked.values()} == {"Ký 3 văn bản", "Giấy phép result:3:3"}
    for asked in list(phone.asked.values()):
        phone.decide(asked, confirm=True)
    look(seconds=5)
    assert all(person(subject).pdf is not None for subject in subjects)


class TestKilled:
    """The process dies by SIGKILL at a named point, in a fork; then the work goes on in another one."""

    @pytest.fixture(autouse=True)
    def _printed_before(self, phone: State) -> None:
        letter()
        for choice in queries.list_choices(owner_kind="person", owner_id=7, at=clock.now()):
            flows.mark_picture("person", choice.common_name, "", b"")
        flows.mark_picture("agency", AGENCY, "", b"")

    @pytest.mark.parametrize(
        "point",
        every(6, [
            "sign_step:after_paper", "begin_request:before_commit", "begin_request:after_commit", "sign_step:after_hash",
            "record_prepared:before_commit", "record_prepared:after_commit", "claim_round:after_commit", "send:after_claim",
            "send:after_start", "record_sent:before_commit", "record_sent:after_commit", "poll:after_answer",
            "take:after_embed", "record_answer:before_commit", "record_answer:after_commit", "sign:after_embed",
            "record_signature:before_commit", "record_signature:after_commit",
        ]),
    )  # fmt: skip
    def test_nothing_is_lost_and_nothing_signed_twice(self, phone: State, point: str) -> None:
        phone.phone = Phone.CONFIRM
        assert is_killed_at(point, _whole), f"{point} was not reached"
        sealed = _whole(later=100)  # what the dead one had begun to send has lapsed
        assert sealed is not None
        import io

        from pyhanko.pdf_utils.reader import PdfFileReader

        signatures = PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures
        assert [one.field_name for one in signatures] == ["person", "agency"]
        assert SigningRequest.objects.filter(status="signed").count() == 1
        assert len(phone.asked) == 1, "the phone was asked once"


def _whole(later: float = 0) -> bytes | None:
    person()
    look(seconds=later)
    look(seconds=later + 5)
    signed = person()
    return seal(signed.pdf).pdf if signed.pdf is not None else None


class TestChoices:
    def test_the_newest_in_force_is_the_usual_one(self, phone: State) -> None:
        _service("plugin", ServiceKind.PLUGIN)
        newer = _choose("plugin", at=AT - timedelta(days=1))
        later = _choose("plugin", at=AT + timedelta(days=10))
        found = [choice.id for choice in queries.list_choices(owner_kind="person", owner_id=7, at=AT)]
        assert (found[0], later in found) == (newer, False)
        actions.end_choice(choice_id=newer, actor=SYSTEM, at=AT)
        assert [c.service.key for c in queries.list_choices(owner_kind="person", owner_id=7, at=AT)] == ["smartca"]
        with pytest.raises(NotFound):
            actions.end_choice(choice_id=newer, actor=SYSTEM, at=AT)

    def test_what_is_refused(self, phone: State) -> None:
        for key, url in (("Có dấu", ""), ("a", "ftp://x")):
            with pytest.raises(Invalid):
                _service(key, ServiceKind.CSC1, url)
        with pytest.raises(SignerNotSet):
            flows.list_remote_certificates(service_key="none", user_id="")
        with pytest.raises(Forbidden):
            actions.set_service(
                key="a",
                kind=ServiceKind.CSC1,
                name="",
                base_url="",
                account="",
                secret="",
                options={},
                actor=LEADER,
                at=AT,
            )

    def test_secrets_are_files_of_the_owner_alone(self, phone: State) -> None:
        file = queries.secret_file("smartca")
        assert file.stat().st_mode & 0o077 == 0
        service = queries.get_service("smartca")
        assert "demo-secret" not in repr(service)
        assert service is not None
        assert service.secret == "demo-secret-not-for-production"


def test_kept_papers_are_what_was_signed(phone: State) -> None:
    phone.phone = Phone.CONFIRM
    person()
    look()
    look(seconds=5)
    request = SigningRequest.objects.get()
    assert request.signed_file_id is not None
    assert request.prepared_id is not None
    assert read_file(request.signed_file_id)[:5_000] == read_file(request.prepared_id)[:5_000]


class TestWebhook:
    """SmartCA tells by itself; nothing is taken on the word of a message anybody can send."""

    def message(self, phone: State, **other: Any) -> dict[str, Any]:
        (asked,) = phone.asked.values()
        files = [
            {"doc_id": name, "signature_value": b64encode(value).decode(), "timestamp_signature": None}
            for (name, _), value in zip(asked.documents, asked.signatures, strict=False)
        ]
        told = {"sp_id": "tinhso-demo", "status_code": 200, "message": "SUCCESS", "signed_files": files}
        return {**told, "transaction_id": asked.reference.partition(":")[2], **other}

    def post(self, body: dict[str, Any], service: str = "smartca") -> int:
        answer = Client().post(f"/api/v1/signing/smartca/{service}", body, content_type="application/json")
        return answer.status_code

    def test_the_signature_comes_at_once_and_only_once(self, phone: State) -> None:
        person()
        look()
        (asked,) = phone.asked.values()
        phone.decide(asked, confirm=True)
        phone.fault = Fault.DOWN  # nothing can be asked: what is taken came with the message
        told = self.message(phone)
        with suppress(SignerUnavailable):
            self.post(told)
        assert SigningRequest.objects.get().status == RequestStatus.SIGNED
        phone.fault = Fault.NONE
        assert [self.post(told), self.post(told)] == [200, 200]
        assert person().pdf is not None
        request = SigningRequest.objects.get()
        assert len(entries_of(f"signing_request:{request.pk}")) == 2

    def test_a_forged_message_changes_nothing(self, phone: State) -> None:
        person()
        look()
        name = next(iter(phone.asked.values())).documents[0][0]
        lies = [
            self.message(phone, message="REJECTED", status_code=400),
            self.message(phone, signed_files=[{"doc_id": name, "signature_value": b64encode(bytes(256)).decode()}]),
            self.message(phone, signed_files=[{"doc_id": name, "signature_value": "§"}]),
            self.message(phone, transaction_id="x"),
        ]
        assert [self.post(body) for body in lies] == [200] * 4
        assert SigningRequest.objects.get().status == RequestStatus.WAITING
        assert self.post(self.message(phone, sp_id="other")) == 404
        assert self.post(self.message(phone), service="none") == 404
        assert self.post({"sp_id": 1}) == 422

    def test_a_refusal_is_believed_when_the_service_itself_says_so(self, phone: State) -> None:
        person()
        look()
        (asked,) = phone.asked.values()
        phone.decide(asked, confirm=False)
        SigningRequest.objects.update(polled_at=None)
        assert self.post(self.message(phone, message="REJECTED", status_code=400)) == 200
        assert SigningRequest.objects.get().status == RequestStatus.REFUSED


class TestTogether:
    """Workers at the same time, in real threads with connections of their own."""

    def test_one_round_is_sent_by_one(self, phone: State) -> None:
        for number in range(3):
            person(f"result:{number}:1")
        choice = queries.list_choices(owner_kind="person", owner_id=7, at=AT)[0]
        at = clock.now()
        claims = together(*[lambda: actions.claim_round(choice_id=choice.id, actor=SYSTEM, at=at)] * 4)
        assert sorted(claim is None for claim in claims) == [False, True, True, True]
        assert actions.claim_round(choice_id=choice.id, actor=SYSTEM, at=at) is None, "somebody is sending it"
        again = actions.claim_round(choice_id=choice.id, actor=SYSTEM, at=at + timedelta(seconds=91))
        assert again == next(claim for claim in claims if claim), "he died: the same round under the same name"
        actions.give_round_back(round_id=again, actor=SYSTEM, at=at)
        assert actions.claim_round(choice_id=choice.id, actor=SYSTEM, at=at) == again

    @pytest.mark.sweep
    def test_many_workers_ask_the_phone_once(self, phone: State) -> None:
        phone.phone = Phone.CONFIRM
        for number in range(3):
            person(f"result:{number}:1")
        together(*[look] * 4)
        together(*[lambda: look(seconds=5)] * 4)
        assert len(phone.asked) == 1
        assert list(SigningRequest.objects.values_list("status", flat=True)) == ["signed"] * 3

    @pytest.mark.parametrize(("kind", "lease"), [(ServiceKind.CSC1, 330), (ServiceKind.SMARTCA, 2)])
    def test_one_asks_and_a_held_line_is_not_asked_again(self, phone: State, kind: ServiceKind, lease: int) -> None:
        person()
        look()
        SigningService.objects.update(kind=kind)
        name = SigningRequest.objects.get().round
        assert name is not None
        SigningRequest.objects.update(polled_at=None)
        at = clock.now()
        asked = together(*[lambda: actions.record_poll(round_id=name, actor=SYSTEM, at=at)] * 4)
        assert sorted(asked) == [False, False, False, True]
        for seconds, free in ((lease - 1, False), (lease, True)):
            later = at + timedelta(seconds=seconds)
            assert actions.record_poll(round_id=name, actor=SYSTEM, at=later) is free


def together(*acts: Any) -> list[Any]:
    """Run the acts at once, each in a thread with a connection of its own."""
    start = threading.Barrier(len(acts), timeout=20)

    def run(act: Any) -> Any:
        try:
            start.wait()
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(run, acts))
