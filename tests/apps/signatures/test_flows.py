"""Signing through the app: who may, what is recorded, and that the result is accepted by the check."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.factories.papers import letter
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.signatures import actions, flows, permissions, queries
from tinhso.apps.signatures.actions._keys import KEY_LIFE
from tinhso.apps.signatures.data import PaperNotSignable, SigningKeyMissing, SigningUnavailable
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.apps.signatures.models import SigningKey
from tinhso.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Grant
from tinhso.kernel.errors import Forbidden, NotFound
from tinhso.kernel.flows import FlowInsideTransaction

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 9, 10, 5, tzinfo=UTC)
UNIT = 12
AGENCY = "Ủy ban nhân dân xã Sơn Thử"
LEADER = Actor(
    kind=ActorKind.OFFICER, account_id=7, name="Đinh Thị Thử Nghiệm", unit_id=UNIT,
    grants=(Grant("case.approve", frozenset({UNIT})),),
)  # fmt: skip
CITIZEN = Actor(kind=ActorKind.CITIZEN, account_id=7, name="Nguyễn Thị Ví Dụ", assurance=2)
OPERATOR = Actor(
    kind=ActorKind.OFFICER, account_id=9, name="Người Vận Hành", grants=(Grant("system.operate", frozenset({1})),)
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path
    settings.DEMO = True
    return tmp_path / "keys"


def sign(pdf: bytes = b"", actor: Actor = LEADER) -> bytes:
    return flows.sign_pdf(pdf=pdf or letter(), organisation=AGENCY, actor=actor, at=AT)


def seal(pdf: bytes, actor: Actor = SYSTEM, unit_id: int = UNIT) -> bytes:
    return flows.seal_pdf(pdf=pdf, unit_id=unit_id, organisation=AGENCY, actor=actor, at=AT)


class TestSigning:
    def test_a_demo_officer_signs_the_agency_seals_and_the_check_accepts(self) -> None:
        verdict = queries.verify_pdf(seal(sign()), at=AT)
        assert (verdict.ok, verdict.sealed, verdict.demo) == (True, True, True)
        assert [fact.signer for fact in verdict.signatures] == [LEADER.name, AGENCY]

    def test_every_use_of_a_key_is_recorded_by_digests(self) -> None:
        signed = sign()
        key = SigningKey.objects.get(owner_kind=OwnerKind.PERSON, owner_id=7)
        issued, used = entries_of(f"signing_key:{key.id}")
        assert (issued.type, used.type) == ("signature.key_issued", "signature.paper_signed")
        assert used.actor_id == LEADER.account_id
        assert used.payload["digest_after"] == queries.verify_pdf(signed, at=AT).sha256
        assert [entry.type for entry in entries_of("signing_authority")] == ["signature.authority_created"]

    def test_the_same_key_serves_again(self) -> None:
        sign()
        sign()
        assert SigningKey.objects.count() == 1

    def test_replaying_an_earlier_month_after_a_later_one(self) -> None:
        sign()
        earlier = AT - timedelta(days=300)
        signed = flows.sign_pdf(pdf=letter(), organisation=AGENCY, actor=LEADER, at=earlier)
        verdict = queries.verify_pdf(signed, at=AT)
        assert verdict.ok
        assert verdict.signatures[0].signed_at == earlier

    @pytest.mark.parametrize("actor", [CITIZEN, SYSTEM, ANONYMOUS])
    def test_only_an_officer_signs_and_only_as_herself(self, actor: Actor) -> None:
        with pytest.raises(Forbidden):
            sign(actor=actor)
        assert not SigningKey.objects.exists()

    def test_the_seal_belongs_to_the_agency(self) -> None:
        signed = sign()
        assert seal(signed, actor=LEADER)
        for actor, unit_id in ((CITIZEN, UNIT), (ANONYMOUS, UNIT), (LEADER, UNIT + 1)):
            with pytest.raises(Forbidden):
                seal(signed, actor=actor, unit_id=unit_id)

    def test_what_cannot_be_signed_is_a_sentence(self) -> None:
        with pytest.raises(PaperNotSignable, match=r"^Văn bản không ký được: tệp không phải PDF hoặc đã hỏng\.$"):
            sign(b"hello")
        with pytest.raises(PaperNotSignable, match="chưa có chữ ký của người có thẩm quyền"):
            seal(letter())

    def test_outside_a_demonstration_keys_must_have_been_issued(self, settings: Any) -> None:
        settings.DEMO = False
        with pytest.raises(SigningKeyMissing):
            sign()
        assert not SigningKey.objects.exists()

    def test_a_lost_key_file_is_a_sentence(self, folder: Path) -> None:
        sign()
        key = SigningKey.objects.get()
        (folder / key.path).rename(folder / "elsewhere.p12")
        from tinhso.apps.signatures.providers import pkcs12

        pkcs12.load_signer.cache_clear()
        with pytest.raises(SigningUnavailable, match="Không mở được khóa"):
            sign()

    def test_never_inside_a_transaction(self) -> None:
        with transaction.atomic(), pytest.raises(FlowInsideTransaction):
            sign()


class TestKeys:
    def issue(self, at: datetime = AT, actor: Actor = SYSTEM) -> Any:
        return actions.issue_key(
            owner_kind=OwnerKind.AGENCY, owner_id=UNIT, common_name=AGENCY, organisation="", actor=actor, at=at
        )

    def test_the_authority_is_made_once(self) -> None:
        assert actions.create_test_authority(actor=SYSTEM, at=AT) is True
        first = queries.verify_pdf(sign(), at=AT)
        assert actions.create_test_authority(actor=SYSTEM, at=AT) is False
        assert first.ok

    def test_one_key_in_use_an_expired_one_is_replaced(self) -> None:
        actions.create_test_authority(actor=SYSTEM, at=AT)
        first = self.issue()
        assert self.issue() == first
        later = AT + KEY_LIFE + timedelta(days=1)
        second = self.issue(at=later)
        assert second.id != first.id
        assert queries.find_key(owner_kind="agency", owner_id=UNIT, at=later) == second
        assert [key.id for key in queries.list_keys(actor=OPERATOR, owner_kind="agency", owner_id=UNIT)] == [
            second.id,
            first.id,
        ]

    def test_without_an_authority(self) -> None:
        with pytest.raises(SigningUnavailable, match="Chưa có CA"):
            self.issue()
        assert not SigningKey.objects.exists()

    def test_revoked_keys_sign_no_more_and_what_they_signed_is_refused(self, settings: Any) -> None:
        sealed = seal(sign())
        key = SigningKey.objects.get(owner_kind=OwnerKind.AGENCY)
        actions.revoke_key(key_id=key.id, reason="mất khóa", actor=OPERATOR, at=AT)
        actions.revoke_key(key_id=key.id, reason="mất khóa", actor=OPERATOR, at=AT)
        verdict = queries.verify_pdf(sealed, at=AT + timedelta(minutes=1))
        assert (verdict.ok, verdict.outcome) == (False, "untrusted")
        assert "thu hồi" in verdict.signatures[1].problems[0]
        assert [entry.type for entry in entries_of(f"signing_key:{key.id}")][-1] == "signature.key_revoked"
        settings.DEMO = False
        with pytest.raises(SigningKeyMissing):
            seal(sign_again())

    def test_a_revocation_that_cannot_be_published_is_not_recorded(self, folder: Path) -> None:
        from tinhso.apps.signatures.providers import pkcs12

        sign()
        (folder / "ca" / "issuing.p12").unlink()
        pkcs12._issuing.cache_clear()
        key = SigningKey.objects.get()
        with pytest.raises(SigningUnavailable):
            actions.revoke_key(key_id=key.id, reason="mất khóa", actor=OPERATOR, at=AT)
        key.refresh_from_db()
        assert key.revoked_at is None

    def test_only_operators_manage_keys(self) -> None:
        for actor in (LEADER, CITIZEN, ANONYMOUS):
            with pytest.raises(Forbidden):
                actions.create_test_authority(actor=actor, at=AT)
            with pytest.raises(Forbidden):
                self.issue(actor=actor)
            with pytest.raises(Forbidden):
                queries.list_keys(actor=actor)
            with pytest.raises(Forbidden):
                actions.revoke_key(key_id=1, reason="", actor=actor, at=AT)
        with pytest.raises(NotFound):
            actions.revoke_key(key_id=1, reason="", actor=OPERATOR, at=AT)

    def test_signatures_are_recorded_by_those_who_may_sign(self) -> None:
        sign()
        key = SigningKey.objects.get()
        with pytest.raises(Forbidden):
            actions.record_signature(key_id=key.id, digest_before="", digest_after="", actor=CITIZEN, at=AT)


def sign_again() -> bytes:
    """The leader's key is in use still; only the agency's was revoked."""
    return sign()


@pytest.mark.parametrize(
    ("actor", "kind", "owner", "may"),
    [
        (LEADER, OwnerKind.PERSON, 7, True),
        (LEADER, OwnerKind.PERSON, 8, False),
        (CITIZEN, OwnerKind.PERSON, 7, False),
        (SYSTEM, OwnerKind.PERSON, 7, False),
        (SYSTEM, OwnerKind.AGENCY, UNIT, True),
        (LEADER, OwnerKind.AGENCY, UNIT, True),
        (LEADER, OwnerKind.AGENCY, 99, False),
        (CITIZEN, OwnerKind.AGENCY, UNIT, False),
        (ANONYMOUS, OwnerKind.AGENCY, UNIT, False),
    ],
)
def test_who_may_use_a_key(actor: Actor, kind: OwnerKind, owner: int, may: bool) -> None:
    assert permissions.can_use_key(actor, owner_kind=kind, owner_id=owner) is may
