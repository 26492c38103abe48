"""Every signer behind the one port, over real HTTP against the simulators, and the token through SoftHSM2."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.factories.papers import letter
from tests.factories.signatures import AT, World, mark
from tests.simulators.serving import serve
from tests.sweeps import some_of
from tinhso.apps.signatures.data import (
    DigestToSign,
    Identity,
    ServiceData,
    SignerNotSet,
    SignerRefused,
    SignerUnavailable,
)
from tinhso.apps.signatures.enums import AnswerState, ServiceKind
from tinhso.apps.signatures.providers.pkcs11 import Token
from tinhso.apps.signatures.providers.registry import connect
from tinhso.apps.signatures.rules import signing
from tinhso.apps.signatures.rules.verification import Trust, verify
from tinhso.kernel import clock
from tinhso.simulators import signing as remote
from tinhso.simulators import trust
from tinhso.simulators.signing.state import Fault, Phone, State

pytestmark = pytest.mark.enable_socket
USER = "079090000001"
REMOTE = [ServiceKind.SMARTCA, ServiceKind.MYSIGN, ServiceKind.CSC1, ServiceKind.CSC2]
_PATHS = {ServiceKind.SMARTCA: "/smartca", ServiceKind.MYSIGN: "/mysign"}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, State]]:
    authority = trust.Authority()
    inner = remote.create_app(authority)
    outer = Starlette(routes=[Mount("/signing", inner), Mount("/trust", trust.create_app(authority))])
    with serve(outer) as address:
        yield address, inner.state.signing


@pytest.fixture
def simulator(served: tuple[str, State]) -> Iterator[tuple[str, State]]:
    state = served[1]
    yield served
    state.fault, state.phone, state.life_seconds = Fault.NONE, Phone.WAIT, 300.0
    state.asked.clear()


def service(kind: ServiceKind, address: str, **changed: object) -> ServiceData:
    values = {
        "key": kind.value, "kind": kind.value, "name": kind.label, "base_url": address + "/signing" + _PATHS.get(kind, ""),
        "account": "tinhso-demo", "secret": "demo-secret-not-for-production", **changed,
    }  # fmt: skip
    return ServiceData(**values)  # type: ignore[arg-type]  # a table of strings


def ask(kind: ServiceKind, address: str, digest: bytes = b"d" * 32, reference: str = "r-1") -> tuple[object, str]:
    signer = connect(service(kind, address), folder=Path())
    credential = signer.list_certificates(USER)[0].credential_id
    started = signer.start(
        user_id=USER, credential_id=credential, digests=[DigestToSign("Giấy phép 15/GPXD", digest)],
        description="Ký 1 văn bản", reference=reference, at=AT,
    )  # fmt: skip
    assert started.answer.state == AnswerState.WAITING
    return signer, started.handle


@pytest.mark.parametrize("kind", some_of(REMOTE, {ServiceKind.CSC2}))
class TestRemote:
    def test_a_paper_signed_from_afar_verifies(self, kind: ServiceKind, simulator: tuple[str, State]) -> None:
        address, state = simulator
        signer = connect(service(kind, address), folder=Path())
        found = signer.list_certificates(USER)[0]
        now = clock.now()
        opened = signing.prepare_first(letter(), identity=found.identity, mark=mark("person"), name="", at=now)
        state.phone = Phone.CONFIRM
        handle = signer.start(
            user_id=USER, credential_id=found.credential_id, digests=[DigestToSign("15/GPXD", opened.digest)],
            description="Ký", reference=f"r-{kind}", at=now,
        ).handle  # fmt: skip
        answer = signer.poll(handle)
        assert answer.state == AnswerState.SIGNED
        signed = signing.finish(opened, answer.signatures[0], identity=found.identity)
        root = state.authority.root.public_bytes(serialization.Encoding.PEM)
        lists = (state.authority.revocation_list(now), state.authority.root_list(now))
        assert verify(signed, trust=Trust(roots=root, revocation_lists=lists), at=now).ok

    def test_waiting_then_confirmed_on_the_phone(self, kind: ServiceKind, simulator: tuple[str, State]) -> None:
        address, _ = simulator
        signer, handle = ask(kind, address)
        answered = threading.Event()

        def confirm() -> None:
            # Again until it is told: on a busy machine the question may reach the phone after the first touch.
            while not answered.wait(0.05):
                httpx.post(f"{address}/signing/phone", data={"answer": "confirm"})

        if kind is not ServiceKind.CSC1:  # there the line is held until the phone has answered
            assert signer.poll(handle).state == AnswerState.WAITING
            assert "Xác nhận" in httpx.get(f"{address}/signing/phone").text
        phone = threading.Thread(target=confirm)
        phone.start()
        try:
            while (answer := signer.poll(handle)).state == AnswerState.WAITING:
                answered.wait(0.05)
        finally:
            answered.set()
            phone.join()
        assert (answer.state, len(answer.signatures)) == (AnswerState.SIGNED, 1)

    @pytest.mark.parametrize(("habit", "life", "state"), [(Phone.REFUSE, 300, "refused"), (Phone.WAIT, 0, "expired")])
    def test_refused_and_expired(
        self, kind: ServiceKind, habit: Phone, life: float, state: str, simulator: tuple[str, State]
    ) -> None:
        address, held = simulator
        held.phone, held.life_seconds = habit, life
        signer, handle = ask(kind, address)
        assert signer.poll(handle).state == state

    def test_several_papers_keep_their_order_and_none_is_missing(
        self, kind: ServiceKind, simulator: tuple[str, State]
    ) -> None:
        address, state = simulator
        state.phone = Phone.CONFIRM
        signer = connect(service(kind, address), folder=Path())
        found = signer.list_certificates(USER)[0]
        digests = [DigestToSign(f"Số {n}", bytes([n]) * 32) for n in range(1, 6)]

        def answer(reference: str) -> object:
            handle = signer.start(
                user_id=USER,
                credential_id=found.credential_id,
                digests=digests,
                description="Lô",
                reference=reference,
                at=AT,
            ).handle
            return signer.poll(handle)

        first, second = answer(f"a-{kind}"), answer(f"b-{kind}")
        assert first == second
        assert len({*first.signatures}) == 5
        state.fault = Fault.FEWER_SIGNATURES
        assert answer(f"c-{kind}").state == AnswerState.FAILED

    def test_a_wrong_signature_is_noticed_before_it_is_embedded(
        self, kind: ServiceKind, simulator: tuple[str, State]
    ) -> None:
        address, state = simulator
        state.phone, state.fault = Phone.CONFIRM, Fault.WRONG_SIGNATURE
        signer = connect(service(kind, address), folder=Path())
        found = signer.list_certificates(USER)[0]
        opened = signing.prepare_first(letter(), identity=found.identity, mark=mark("person"), name="", at=AT)
        started = signer.start(
            user_id=USER, credential_id=found.credential_id, digests=[DigestToSign("x", opened.digest)], description="",
            reference=f"w-{kind}", at=AT,
        )  # fmt: skip
        with pytest.raises(signing.PaperError, match="không đúng"):
            signing.finish(opened, signer.poll(started.handle).signatures[0], identity=found.identity)

    @pytest.mark.parametrize("fault", [Fault.DOWN, Fault.NOT_JSON])
    def test_out_of_reach_is_tried_again(self, kind: ServiceKind, fault: Fault, simulator: tuple[str, State]) -> None:
        address, state = simulator
        signer, handle = ask(kind, address)
        state.fault = fault
        for work in (lambda: signer.poll(handle), lambda: signer.list_certificates(USER)):
            with pytest.raises(SignerUnavailable):
                work()
        with pytest.raises(SignerUnavailable, match="không trả lời"):
            connect(service(kind, "http://127.0.0.1:1"), folder=Path()).list_certificates(USER)

    def test_a_wrong_account_or_subscriber_is_a_sentence(self, kind: ServiceKind, simulator: tuple[str, State]) -> None:
        address, _ = simulator
        with pytest.raises(SignerRefused, match="không nhận yêu cầu"):
            connect(service(kind, address, secret="wrong"), folder=Path()).list_certificates(USER)
        with pytest.raises(SignerRefused):
            connect(service(kind, address), folder=Path()).list_certificates("?")


def test_a_request_sent_twice_is_one_on_the_phone(simulator: tuple[str, State]) -> None:
    """SmartCA takes our transaction id: killed before the answer was kept, asking again finds the same transaction."""
    address, state = simulator
    first, second = ask(ServiceKind.SMARTCA, address)[1], ask(ServiceKind.SMARTCA, address)[1]
    assert first == second
    assert len(state.asked) == 1


def test_the_plug_in_takes_files_not_digests() -> None:
    with pytest.raises(SignerNotSet, match="tải tệp về máy"):
        connect(service(ServiceKind.PLUGIN, ""), folder=Path())


def test_key_files_stand_behind_the_same_port(world: World) -> None:
    signer = connect(service(ServiceKind.PKCS12, ""), folder=world.folder)
    world.signer("person", owner=77)
    path = next(path for path in (world.folder / "person").glob("77-*.p12")).relative_to(world.folder)
    found = signer.list_certificates(str(path))[0]
    opened = signing.prepare_first(letter(), identity=found.identity, mark=mark("person"), name="", at=AT)
    answer = signer.start(
        user_id="", credential_id=found.credential_id, digests=[DigestToSign("x", opened.digest)], description="",
        reference="", at=AT,
    ).answer  # fmt: skip
    assert verify(signing.finish(opened, answer.signatures[0], identity=found.identity), trust=world.trust, at=AT).ok
    assert signer.poll("").state == AnswerState.EXPIRED


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory, world: World) -> ServiceData:
    """A token of SoftHSM2 with one RSA and one EC key and their certificates."""
    module = next((path for path in Path("/usr/lib").glob("**/libsofthsm2.so")), None)
    if module is None or not shutil.which("softhsm2-util"):
        pytest.skip("SoftHSM2 is absent; apt-get install softhsm2")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", "tinhso", "--so-pin", "0000", "--pin", "1234"]
    subprocess.run(command, check=True, capture_output=True)
    _fill(module, world)
    return service(ServiceKind.PKCS11, "", options={"module": str(module), "token": "tinhso"}, secret="1234")


def _fill(module: Path, world: World) -> None:
    import pkcs11
    from pkcs11.util.ec import decode_ec_private_key
    from pkcs11.util.rsa import decode_rsa_private_key

    from tests.apps.signatures.test_outside_opinion import rsa_key

    der = serialization.Encoding.DER
    session = pkcs11.lib(str(module)).get_token(token_label="tinhso").open(user_pin="1234", rw=True)
    with session:
        for label, key in (("con-dau", rsa_key()), ("lanh-dao", world.person)):
            plain = serialization.NoEncryption()
            if label == "con-dau":
                secret = key.key.private_bytes(der, serialization.PrivateFormat.TraditionalOpenSSL, plain)
                attributes = decode_rsa_private_key(secret)
            else:
                secret = key.key.private_bytes(der, serialization.PrivateFormat.TraditionalOpenSSL, plain)
                attributes = decode_ec_private_key(secret)
            session.create_object({**attributes, pkcs11.Attribute.LABEL: label, pkcs11.Attribute.TOKEN: True})
            for number, certificate in enumerate((key.identity.certificate, *key.identity.chain)):
                parsed = x509.load_der_x509_certificate(certificate)
                session.create_object(
                    {
                        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.TOKEN: True,
                        pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                        pkcs11.Attribute.LABEL: label if number == 0 else f"{label}-{number}",
                        pkcs11.Attribute.SUBJECT: parsed.subject.public_bytes(), pkcs11.Attribute.VALUE: certificate,
                    }
                )  # fmt: skip


class TestToken:
    @pytest.mark.parametrize("label", ["con-dau", "lanh-dao"])
    def test_signs_at_once(self, label: str, token: ServiceData, world: World) -> None:
        signer = connect(token, folder=Path())
        found = signer.list_certificates(label)[0]
        opened = signing.prepare_first(letter(), identity=found.identity, mark=mark("person"), name="", at=AT)
        answer = signer.start(
            user_id=label, credential_id=found.credential_id, digests=[DigestToSign("x", opened.digest)], description="",
            reference="", at=AT,
        ).answer  # fmt: skip
        signed = signing.finish(opened, answer.signatures[0], identity=found.identity)
        root = found.identity.certificate if label == "con-dau" else None
        roots = (
            x509.load_der_x509_certificate(root).public_bytes(serialization.Encoding.PEM) if root else world.trust.roots
        )
        assert verify(signed, trust=Trust(roots=roots, revocation_lists=world.trust.revocation_lists), at=AT).ok
        assert isinstance(found.identity, Identity)
        assert signer.poll("").state == AnswerState.EXPIRED

    def test_what_can_be_wrong(self, token: ServiceData) -> None:
        from dataclasses import replace

        with pytest.raises(SignerRefused, match="không có khóa"):
            Token(token).start(
                user_id="",
                credential_id="khác",
                digests=[DigestToSign("x", b"d" * 32)],
                description="",
                reference="",
                at=AT,
            )
        with pytest.raises(SignerRefused, match="PIN"):
            Token(replace(token, secret="9999")).list_certificates("con-dau")
        with pytest.raises(SignerUnavailable, match="Không tìm thấy"):
            Token(replace(token, options={**token.options, "token": "khác"})).list_certificates("")
        with pytest.raises(SignerUnavailable, match="không trả lời"):
            Token(replace(token, options={**token.options, "module": "/nowhere.so"})).list_certificates("")
