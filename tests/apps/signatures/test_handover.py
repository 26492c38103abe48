"""Papers signed with the program on the signer's machine: fetched once, returned once, proved before they count."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.factories.forks import is_killed_at
from tests.factories.papers import letter
from tests.factories.signatures import AT as SIGNED_AT
from tests.factories.signatures import (
    World,
    add_page,
    change_title,
    changed,
    cover_with_text,
    mark,
    replace_page_content,
    run_script_on_opening,
    sign_with_library,
)
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents.queries import read_file
from tinhso.apps.signatures import actions, flows, queries
from tinhso.apps.signatures.data import HandOverLinks, LinkClosed, RemoteCertificate, ReturnRefused
from tinhso.apps.signatures.enums import OwnerKind, RequestStatus, ServiceKind
from tinhso.apps.signatures.models import HandOverLink, SigningRequest
from tinhso.apps.signatures.providers import pkcs12
from tinhso.apps.signatures.providers.pkcs12 import OpenedKey
from tinhso.apps.signatures.rules import handover, signing
from tinhso.apps.signatures.rules.handover import Wanted
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden, Invalid, NotFound
from tinhso.simulators import signing as remote
from tinhso.simulators import trust

LEADER = Actor(kind=ActorKind.OFFICER, account_id=7, name="Đinh Thị Thử Nghiệm", unit_id=12)
CLERK = Actor(
    kind=ActorKind.OFFICER, account_id=9, name="Văn thư", unit_id=12,
    grants=(Grant("case.issue", frozenset({12}), None),),
)  # fmt: skip
OTHER = Actor(kind=ActorKind.OFFICER, account_id=8, name="Người khác", unit_id=12)


@pytest.fixture(scope="module")
def given() -> bytes:
    """The paper as it is given away: with empty fields."""
    return signing.with_fields(letter())


@pytest.fixture(scope="module")
def returned(given: bytes, world: World) -> bytes:
    return sign_with_library(given, world.person, field="person")


def why(world: World, given: bytes, file: bytes, *, role: str = "person", wanted: Wanted | None = None) -> list[str]:
    key = world.person if role == "person" else world.agency
    wanted = wanted or Wanted(key.identity.certificate)
    return handover.problems(given, file, role=role, wanted=wanted, trust=world.trust, at=SIGNED_AT)


class TestProof:
    @pytest.mark.parametrize("field", ["person", "Signature1"])
    def test_one_signature_more_is_accepted_and_can_be_sealed(self, field: str, given: bytes, world: World) -> None:
        file = sign_with_library(given, world.person, field=field)
        assert why(world, given, file) == []
        sealed = signing.seal_last(file, signer=world.agency, mark=mark("agency"), at=SIGNED_AT)
        assert why(world, file, sealed, role="agency") == []

    def test_a_seal_by_the_program_locks_the_file(self, returned: bytes, world: World) -> None:
        assert why(world, returned, sign_with_library(returned, world.agency, field="agency"), role="agency") == []
        loose = sign_with_library(returned, world.agency, field="la")
        assert why(world, returned, loose, role="agency") != []

    def test_other_files_are_refused(self, given: bytes, returned: bytes, world: World) -> None:
        hostile: dict[str, tuple[bytes, str]] = {
            "another document": (sign_with_library(letter("acknowledgement"), world.person), handover.OTHER_DOCUMENT),
            "a flipped byte": (returned.replace(b"%PDF-1.7", b"%PDF-1.6", 1), handover.OTHER_DOCUMENT),
            "unsigned": (given + b"\n", handover.NOT_SIGNED),
            "two signatures": (sign_with_library(returned, world.agency, field="la"), handover.TOO_MANY),
            "somebody else's": (sign_with_library(given, world.agency, field="person"), handover.OTHER_PERSON),
            "bytes after": (returned + b"% x", handover.ADDED),
            "the seal's place": (
                sign_with_library(given, world.person, field="agency"),
                "chữ ký không nằm ở ô dành cho người được yêu cầu ký",
            ),
            "no PDF": (given + b"\0" * 500, ""),
        }
        for name, (file, words) in hostile.items():
            found = why(world, given, file)
            assert found, name
            assert not words or found == [words], name

    @pytest.mark.parametrize(
        "change", [replace_page_content, add_page, change_title, run_script_on_opening], ids=lambda one: one.__name__
    )
    def test_content_changed_before_or_after_signing(
        self, change: Callable[..., None], given: bytes, returned: bytes, world: World
    ) -> None:
        assert why(world, given, sign_with_library(changed(given, change), world.person, field="person")) != []
        assert why(world, given, changed(returned, change)) != []

    def test_a_note_over_the_text(self, given: bytes, returned: bytes, world: World) -> None:
        assert why(world, given, changed(returned, cover_with_text)) == [handover.ADDED]

    def test_who_signed_is_told_by_certificate_or_identifier(self, given: bytes, returned: bytes, world: World) -> None:
        assert why(world, given, returned, wanted=Wanted()) == [handover.OTHER_PERSON]
        assert why(world, given, returned, wanted=Wanted(user_id="079090000001")) == [handover.OTHER_PERSON]

    def test_an_unknown_authority_is_refused(self, given: bytes, tmp_path: Path, world: World) -> None:
        stranger = World.make(tmp_path).person
        file = sign_with_library(given, stranger, field="person")
        wanted = Wanted(stranger.identity.certificate)
        assert why(world, given, file, wanted=wanted) == ["chứng thư không do nơi được tin cậy cấp"]


@pytest.fixture
def key(tmp_path: Path, settings: Any, db: None) -> OpenedKey:
    """The leader signs with the program on her machine; her certificate is registered."""
    settings.DATA_DIR, settings.DEMO = tmp_path, True
    at = clock.now()
    for owner_kind, owner_id, name in ((OwnerKind.PERSON, 7, LEADER.name), (OwnerKind.AGENCY, 12, "UBND xã Sơn Thử")):
        actions.create_test_authority(actor=SYSTEM, at=at)
        issued = actions.issue_key(
            owner_kind=owner_kind, owner_id=owner_id, common_name=name, organisation="", actor=SYSTEM, at=at
        )
        if owner_kind is OwnerKind.PERSON:
            opened = pkcs12.load_signer(queries.keys_folder(), issued.path)
    actions.set_service(
        key="vgca", kind=ServiceKind.PLUGIN, name="Phần mềm ký của Ban Cơ yếu", base_url="", account="", secret="",
        options={}, actor=SYSTEM, at=at,
    )  # fmt: skip
    actions.choose_signer(
        owner_kind=OwnerKind.PERSON, owner_id=7, service_key="vgca", user_id="",
        certificate=RemoteCertificate("", opened.identity), valid_from=at - timedelta(days=1), valid_to=None,
        actor=SYSTEM, at=at,
    )  # fmt: skip
    return opened


def asked() -> SigningRequest:
    """A paper that waits for the program."""
    progress = flows.sign_step(
        subject="result:1:1", role=OwnerKind.PERSON, owner_id=7, make=letter, description="Giấy phép số 1",
        organisation="", actor=LEADER, at=clock.now(),
    )  # fmt: skip
    assert progress.pdf is None
    flows.look_after_requests(at=clock.now())
    return SigningRequest.objects.latest("id")


def links(request: SigningRequest, actor: Actor = LEADER) -> HandOverLinks:
    return actions.hand_over(request_uuid=str(request.uuid), actor=actor, at=clock.now())


@pytest.mark.django_db
class TestLinks:
    def test_fetched_once_returned_once(self, key: OpenedKey) -> None:
        request = asked()
        given = links(request)
        assert given.fetch not in str(list(HandOverLink.objects.values())), "only the digest is kept"
        file_id, name = flows.fetch_to_sign(token=given.fetch, at=clock.now())
        assert name == "Giấy phép số 1"
        with pytest.raises(LinkClosed):
            flows.fetch_to_sign(token=given.fetch, at=clock.now())
        signed = sign_with_library(read_file(file_id), key, field="person")
        with pytest.raises(LinkClosed):
            flows.return_signed(token=given.fetch, content=signed, at=clock.now())
        told = flows.return_signed(token=given.give_back, content=signed, at=clock.now())
        assert told.status == RequestStatus.SIGNED
        with pytest.raises(LinkClosed):
            flows.return_signed(token=given.give_back, content=signed, at=clock.now())
        done = flows.sign_step(
            subject="result:1:1", role=OwnerKind.PERSON, owner_id=7, make=letter, description="", organisation="",
            actor=LEADER, at=clock.now(),
        )  # fmt: skip
        assert done.pdf == signed
        sealed = flows.seal_pdf(pdf=signed, unit_id=12, organisation="", actor=SYSTEM, at=clock.now())
        assert queries.verify_pdf(sealed, at=clock.now()).ok
        assert [entry.type for entry in entries_of(f"signing_request:{request.pk}")] == [
            "signature.asked", "signature.handed_over", "signature.link_used", "signature.link_used", "signature.answered",
        ]  # fmt: skip

    def test_a_wrong_file_uses_the_link_up_and_the_paper_waits_on(self, key: OpenedKey) -> None:
        request = asked()
        first = links(request)
        with pytest.raises(ReturnRefused, match="không phải văn bản đã giao đi"):
            flows.return_signed(token=first.give_back, content=letter(), at=clock.now())
        with pytest.raises(LinkClosed):
            flows.return_signed(token=first.give_back, content=letter(), at=clock.now())
        (waiting,) = queries.list_handed_over(actor=LEADER, at=clock.now())
        assert "lần trước không được nhận" in waiting.sentence
        assert queries.list_handed_over(actor=OTHER, at=clock.now()) == []
        assert entries_of(f"signing_request:{request.pk}")[-1].type == "signature.return_refused"

    def test_links_end(self, key: OpenedKey) -> None:
        request = asked()
        first = links(request)
        second = links(request)
        with pytest.raises(LinkClosed):
            flows.fetch_to_sign(token=first.fetch, at=clock.now())
        with pytest.raises(LinkClosed):
            flows.fetch_to_sign(token=second.fetch, at=clock.now() + timedelta(minutes=16))
        for token in ("", "x", "\ud800"):
            with pytest.raises(LinkClosed):
                flows.fetch_to_sign(token=token, at=clock.now())
        later = clock.now() + timedelta(days=2)
        flows.look_after_requests(at=later)
        request.refresh_from_db()
        assert request.status == RequestStatus.EXPIRED
        with pytest.raises(LinkClosed):
            flows.fetch_to_sign(token=second.fetch, at=clock.now())
        with pytest.raises(NotFound):
            actions.hand_over(request_uuid=str(request.uuid), actor=LEADER, at=later)

    def test_only_the_signer_is_given_links_and_refuses(self, key: OpenedKey) -> None:
        request = asked()
        for actor in (OTHER, CLERK, SYSTEM):
            with pytest.raises(Forbidden):
                links(request, actor)
        with pytest.raises(Forbidden):
            actions.refuse_to_sign(request_uuid=str(request.uuid), reason="x", actor=OTHER, at=clock.now())
        with pytest.raises(Invalid):
            actions.refuse_to_sign(request_uuid=str(request.uuid), reason=" ", actor=LEADER, at=clock.now())
        given = links(request)
        told = actions.refuse_to_sign(request_uuid=str(request.uuid), reason="Sai căn cứ", actor=LEADER, at=clock.now())
        assert (told.status, "Sai căn cứ" in told.sentence) == (RequestStatus.REFUSED, True)
        with pytest.raises(LinkClosed):
            flows.fetch_to_sign(token=given.fetch, at=clock.now())

    def test_the_clerk_carries_the_seal(self, key: OpenedKey) -> None:
        signed = flows.sign_pdf(pdf=letter(), actor=Actor(ActorKind.OFFICER, 20, "Lãnh đạo"), at=clock.now())
        agency = pkcs12.load_signer(queries.keys_folder(), _path_of(OwnerKind.AGENCY, 12))
        actions.choose_signer(
            owner_kind=OwnerKind.AGENCY, owner_id=12, service_key="vgca", user_id="",
            certificate=RemoteCertificate("", agency.identity), valid_from=clock.now() - timedelta(days=1),
            valid_to=None, actor=SYSTEM, at=clock.now(),
        )  # fmt: skip
        flows.sign_step(
            subject="result:2:2", role=OwnerKind.AGENCY, owner_id=12, make=lambda: signed, description="Con dấu",
            organisation="", actor=SYSTEM, at=clock.now(),
        )  # fmt: skip
        flows.look_after_requests(at=clock.now())
        request = SigningRequest.objects.latest("id")
        with pytest.raises(Forbidden):
            links(request, LEADER)
        given = links(request, CLERK)
        file_id, _ = flows.fetch_to_sign(token=given.fetch, at=clock.now())
        sealed = sign_with_library(read_file(file_id), agency, field="agency")
        assert flows.return_signed(token=given.give_back, content=sealed, at=clock.now()).status == "signed"
        verdict = queries.verify_pdf(sealed, at=clock.now())
        assert (verdict.ok, verdict.sealed) == (True, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.sweep
def test_killed_on_the_way_out_or_back_the_paper_is_signed_once(
    key: OpenedKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies by SIGKILL: a link may be used up for nothing, and a new one is asked for; no paper is lost.

    That the returned file is looked at is tested above; here it is taken for right, which saves a second each time.
    """
    monkeypatch.setattr(queries, "why_not_returned", lambda *given, **named: [])
    points = [
        "record_prepared:after_commit", "hand_over:after_commit", "use_link:after_commit", "return:after_link",
        "return:after_check", "record_answer:before_commit", "record_answer:after_commit",
    ]  # fmt: skip
    paper = letter()
    by_the_program = sign_with_library(signing.with_fields(paper), key, field="person")
    for point in points:
        subject = f"result:{point}"

        def course(subject: str = subject) -> bytes:
            done = _step(subject, paper)
            if done is not None:
                return done
            flows.look_after_requests(at=clock.now())
            given = links(SigningRequest.objects.get(subject=subject))
            file_id, _ = flows.fetch_to_sign(token=given.fetch, at=clock.now())
            assert read_file(file_id) == signing.with_fields(paper)
            flows.return_signed(token=given.give_back, content=by_the_program, at=clock.now())
            return _step(subject, paper) or b""

        assert is_killed_at(point, course), f"{point} was not reached"
        assert course() == course() == by_the_program, point
        request = SigningRequest.objects.get(subject=subject)
        assert request.status == RequestStatus.SIGNED, point
        told = [entry.type for entry in entries_of(f"signing_request:{request.pk}")]
        assert told.count("signature.answered") == 1, point


def _step(subject: str, paper: bytes) -> bytes | None:
    return flows.sign_step(
        subject=subject, role=OwnerKind.PERSON, owner_id=7, make=lambda: paper, description="", organisation="",
        actor=LEADER, at=clock.now(),
    ).pdf  # fmt: skip


def _path_of(kind: OwnerKind, owner_id: int) -> str:
    found = queries.find_key(owner_kind=kind.value, owner_id=owner_id, at=clock.now())
    assert found is not None
    return found.path


@pytest.mark.django_db(transaction=True)
@pytest.mark.enable_socket
@pytest.mark.sweep
def test_the_program_itself_over_http(key: OpenedKey, live_server: Any, settings: Any, tmp_path: Path) -> None:
    """A separate process with a key file does what the state's program does: two addresses in, one callback out."""
    request = asked()
    given = links(request)
    message = {
        "FileName": f"{live_server.url}/can-bo/ky-so/tai/{given.fetch}",
        "FileUploadHandler": f"{live_server.url}/can-bo/ky-so/nhan/{given.give_back}", "SessionId": "", "JWTToken": "",
    }  # fmt: skip
    folder = queries.keys_folder()
    command = [
        sys.executable, "-m", "tinhso.simulators.signing.desktop", "--key", str(folder / _path_of(OwnerKind.PERSON, 7)),
        "--password-file", str(folder / "password"),
    ]  # fmt: skip
    done = subprocess.run(command, input=json.dumps(message), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["Status"], told["FileServer"]) == (0, str(request.uuid))
    request.refresh_from_db()
    assert request.status == RequestStatus.SIGNED


@pytest.mark.django_db
def test_the_addresses_ask_for_no_session_and_tell_json(key: OpenedKey) -> None:
    client = Client(enforce_csrf_checks=True)
    told = client.post("/can-bo/ky-so/nhan/x", {})
    assert (told.status_code, json.loads(told.content)["Status"]) == (200, 1)
    assert client.get("/can-bo/ky-so/tai/x").status_code == 410


def test_the_simulated_machine_answers_over_its_socket() -> None:
    """What the page talks to in a demonstration: one message in, one callback out."""
    message = json.dumps({"FileName": "http://127.0.0.1:9/x", "FileUploadHandler": "http://127.0.0.1:9/y"})
    inbox = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": message}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return inbox.pop(0)

    async def send(told: Any) -> None:
        sent.append(told)

    scope = {
        "type": "websocket", "path": "/desktop/SignApproved", "root_path": "", "query_string": b"", "headers": [],
        "subprotocols": [],
    }  # fmt: skip
    asyncio.run(remote.create_app(trust.Authority())(scope, receive, send))
    told = json.loads(next(one["text"] for one in sent if one["type"] == "websocket.send"))
    assert told["Status"] == 28
    assert set(told) >= {"Status", "Message", "FileName", "FileServer", "DocumentNumber", "DocumentDate"}
