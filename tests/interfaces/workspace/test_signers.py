"""Who signs with what: the unit's page, the officer's own picture, the operator's queue of time stamps."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageDraw

from tests.factories.accounts import sign_in
from tests.factories.world import officer
from tests.interfaces.workspace.conftest import Office, text_of
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.audit.queries import entries_of
from tinhso.apps.documents.actions import store_file
from tinhso.apps.signatures import actions, queries
from tinhso.apps.signatures.enums import OwnerKind, ServiceKind
from tinhso.apps.signatures.models import KeptPaper, SignerChoice
from tinhso.apps.signatures.rules.picture import PictureRefused, redrawn
from tinhso.interfaces.access.adapters import AccountAdapter
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import now

HERE = "/can-bo/chu-ky-so/"


@pytest.fixture(autouse=True)
def just_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AccountAdapter, "is_reauthentication_required", lambda self, app="": False)


def photo(ink: tuple[int, int, int] = (30, 30, 60), size: tuple[int, int] = (400, 240)) -> bytes:
    """Ink on yellowish paper."""
    picture = Image.new("RGB", size, (235, 230, 220))
    ImageDraw.Draw(picture).line([(60, 180), (150, 60), (180, 200), (320, 90)], fill=ink, width=7)
    out = BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


class TestPicture:
    @pytest.mark.parametrize(("role", "colour"), [("person", (18, 55, 165)), ("agency", (200, 16, 46))])
    def test_ink_becomes_the_colour_and_paper_nothing(self, role: str, colour: tuple[int, int, int]) -> None:
        drawn = Image.open(BytesIO(redrawn(photo(), role=role)))
        assert (drawn.format, drawn.mode) == ("PNG", "RGBA")
        assert drawn.getpixel((0, 0))[3] == 0  # type: ignore[index]  # a picture with four parts
        bands = drawn.getextrema()
        assert [band[0] for band in bands[:3]] == list(colour)
        assert bands[3] == (0, 255)
        assert drawn.size[0] < 400, "empty edges are gone"

    def test_nothing_of_the_brought_file_lives_on(self) -> None:
        assert b"<script>" not in redrawn(photo() + b"<script>", role="person")

    def test_what_is_refused(self) -> None:
        blank = photo(ink=(235, 230, 220))
        for content in (b"x", b"<svg/>", blank, photo(size=(40, 40)), photo()[:200]):
            with pytest.raises(PictureRefused):
                redrawn(content, role="person")


def browser_of(actor: Actor) -> Client:
    client = Client()
    sign_in(client, get_account(actor.account_id or 0))
    return client


@pytest.mark.django_db
class TestPages:
    def test_the_unit_admin_sees_and_sets_signers(self, office: Office) -> None:
        leader, unit = office.actor("leader"), office.place.commune
        actions.set_service(
            key="vgca", kind=ServiceKind.PLUGIN, name="Phần mềm ký", base_url="", account="", secret="", options={},
            actor=SYSTEM, at=now(),
        )  # fmt: skip
        browser = office.browser("unit_admin")
        assert "Chưa có nơi ký." in text_of(browser.get(HERE))
        data = {"owner_kind": "person", "owner_id": str(leader.account_id), "service": "vgca", "unit": str(unit.id)}
        refused = browser.post(f"{HERE}chon", data)
        assert (refused.status_code, "cần tệp chứng thư" in text_of(refused)) == (409, True)
        assert browser.post(f"{HERE}chon", {**data, "user_id": "051090000001"}).status_code == 302
        (chosen,) = queries.list_choices(owner_kind="person", owner_id=leader.account_id or 0, at=now())
        assert "Chưa đăng ký chứng thư" in text_of(browser.get(HERE))
        SignerChoice.objects.update(valid_from=now() - timedelta(hours=1))
        assert browser.post(f"{HERE}noi-ky/{chosen.id}/thoi").status_code == 302
        assert queries.list_choices(owner_kind="person", owner_id=leader.account_id or 0, at=now()) == []

    def test_nobody_sets_the_signer_of_another_unit(self, office: Office) -> None:
        stranger = office.actor("leader", other=True)
        data = {"owner_kind": "person", "owner_id": str(stranger.account_id), "service": "x"}
        browser = office.browser("unit_admin")
        assert browser.post(f"{HERE}chon", data).status_code == 403
        assert browser.get(HERE, {"unit": str(office.place.other_commune.id)}).status_code == 404
        assert office.browser("leader").get(HERE).status_code == 403
        file = SimpleUploadedFile("a.jpg", photo())
        seal = {"owner_kind": "agency", "owner_id": str(office.place.other_commune.id), "picture": file}
        assert browser.post(f"{HERE}anh", seal).status_code == 403

    def test_an_officer_brings_the_own_picture_and_it_is_signed_with(self, office: Office) -> None:
        leader = office.actor("leader")
        browser, own = office.browser("leader"), {"owner_kind": "person", "owner_id": str(leader.account_id)}
        browser.post(f"{HERE}anh", {**own, "picture": SimpleUploadedFile("a.jpg", photo())})
        page = text_of(browser.get(f"{HERE}cua-toi"))
        assert "Đã ghi ảnh" in page
        picture = browser.get(f"{HERE}anh/person/{leader.account_id}")
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
        assert b"".join(picture.streaming_content) == queries.picture_of("person", leader.account_id or 0)
        assert office.browser("leader", other=True).get(f"{HERE}anh/person/{leader.account_id}").status_code == 404
        bad = browser.post(f"{HERE}anh", {**own, "picture": SimpleUploadedFile("a.jpg", b"x")}, follow=True)
        assert "không phải ảnh" in text_of(bad)
        browser.post(f"{HERE}anh", {**own, "remove": "1"})
        assert queries.picture_of("person", leader.account_id or 0) == b""
        told = entries_of(f"signer:person:{leader.account_id}")
        assert [entry.type for entry in told] == ["signature.picture_set"] * 2

    def test_a_certificate_is_revoked_with_a_reason(self, office: Office, settings: Any, tmp_path: Any) -> None:
        settings.DATA_DIR = tmp_path
        actions.create_test_authority(actor=SYSTEM, at=now())
        unit = office.place.commune
        key = actions.issue_key(
            owner_kind=OwnerKind.AGENCY,
            owner_id=unit.id,
            common_name=unit.name,
            organisation="",
            actor=SYSTEM,
            at=now(),
        )
        browser = office.browser("unit_admin")
        assert key.serial in text_of(browser.get(HERE))
        browser.post(f"{HERE}chung-thu/{key.id}/thu-hoi", {"reason": " "})
        assert queries.find_key(owner_kind="agency", owner_id=unit.id, at=now()) is not None
        browser.post(f"{HERE}chung-thu/{key.id}/thu-hoi", {"reason": "Đổi con dấu"})
        assert queries.find_key(owner_kind="agency", owner_id=unit.id, at=now()) is None

    def test_the_operator_sees_the_queue_and_tries_again(self, office: Office) -> None:
        stored = store_file(content=b"%PDF-1.7\n", name="a.pdf", made_here=True, actor=SYSTEM, at=now())
        actions.keep_paper(subject="result:1", file_id=stored.id, sha256=stored.sha256, actor=SYSTEM, at=now())
        paper = KeptPaper.objects.get()
        actions.record_not_strengthened(paper_id=paper.pk, reason="Nơi cấp im lặng.", actor=SYSTEM, at=now())
        browser = browser_of(officer("operator", office.place.province))
        page = text_of(browser.get(f"{HERE}dau-thoi-gian"))
        assert "Nơi cấp im lặng." in page
        assert "Kết quả 1" in page
        assert browser.post(f"{HERE}dau-thoi-gian").status_code == 302
        paper.refresh_from_db()
        assert (paper.tries, paper.due_at is not None and paper.due_at <= now()) == (0, True)
        assert entries_of("kept_papers")[-1].type == "signature.stamps_retried"
        assert office.browser("unit_admin").get(f"{HERE}dau-thoi-gian").status_code == 403
