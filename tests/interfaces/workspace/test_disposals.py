"""Pages of disposal, from a handed-over case through the archive to the file that is gone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.archives import DUE, ArchiveMaker, staged
from tests.factories.world import officer
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.archives.models import ArchivalFile
from tinhso.apps.cases import flows as cases
from tinhso.apps.cases.models import Case, CaseDocument
from tinhso.apps.documents import queries
from tinhso.apps.documents.models import DisposalItem, StoredFile
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import travel

LIST = "/can-bo/tieu-huy/"
LATER = DUE + timedelta(days=365 * 7)


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, get_account(actor.account_id or 0))
    return client


@pytest.fixture
def maker(db: None) -> ArchiveMaker:
    return staged("approved")[0]


@pytest.fixture
def scan(maker: ArchiveMaker, drain_jobs: Callable[[], int]) -> StoredFile:
    """A scan of a case that was handed over long ago, its period begun; the case is not archived yet."""
    with travel(DUE):
        drain_jobs()
        cases.begin_retention(at=DUE)
    document = CaseDocument.objects.get(key="scan-0")
    assert document.file is not None
    return document.file


def kept_in_the_archive() -> None:
    for file in ArchivalFile.objects.all():
        file.status, file.aip_id = "kept", file.sip_id
        file.save()


def test_a_scan_goes_from_the_case_to_nothing(
    maker: ArchiveMaker, scan: StoredFile, drain_jobs: Callable[[], int]
) -> None:
    assert (scan.retention, scan.unit_id) == ("case_document", maker.place.commune.id)
    unit = {"unit": maker.place.commune.id}
    with travel(LATER):
        keeper, leader = browser(maker.keeper), browser(maker.place.officer("leader"))
        refused = keeper.post(LIST, unit)
        assert refused.status_code == 409
        assert "Không có tệp nào hết thời hạn" in refused.content.decode()
        assert queries.needed_files([scan.pk])[scan.pk] == "hồ sơ chưa được lưu trữ"
        kept_in_the_archive()
        address = keeper.post(LIST, unit)["Location"]
        page = keeper.get(address).content.decode()
        assert scan.name in page
        assert "người lập không tự phê duyệt" in page
        assert keeper.post(address, {"verb": "approve"}).status_code == 403
        assert "05 năm" in leader.get(LIST).content.decode()
        assert 'value="approve"' in leader.get(address).content.decode()
        assert leader.post(address, {"verb": "refuse"}).status_code == 422
        assert leader.post(address, {"verb": "approve"}).status_code == 302
        drain_jobs()
        assert "Đã tiêu hủy" in leader.get(address).content.decode()
        case = Case.objects.get(documents__file=scan)
        document = case.documents.get(file=scan)
        looked = browser(maker.place.officer("leader")).get(f"/can-bo/ho-so/{case.code}/tep/{document.pk}/xem")
        assert "đã được tiêu hủy" in looked.content.decode()
        assert (
            browser(maker.place.officer("leader")).get(f"/can-bo/ho-so/{case.code}/tep/{document.pk}").status_code
            == 404
        )
    assert DisposalItem.objects.filter(file=scan).exists()
    scan.refresh_from_db()
    assert scan.disposed_at == LATER


def test_a_file_an_open_case_uses_too_is_never_on_a_list(maker: ArchiveMaker, scan: StoredFile) -> None:
    kept_in_the_archive()
    other = maker.closed(scans=0)
    other.documents.create(key="again", name="x", presence="uploaded", file=scan, added_at=DUE)
    Case.objects.filter(pk=other.pk).update(status="processing")
    assert queries.needed_files([scan.pk])[scan.pk]
    with travel(LATER):
        assert browser(maker.keeper).post(LIST, {"unit": maker.place.commune.id}).status_code == 409


def test_strangers_find_nothing(maker: ArchiveMaker, scan: StoredFile) -> None:
    kept_in_the_archive()
    with travel(LATER):
        address = browser(maker.keeper).post(LIST, {"unit": maker.place.commune.id})["Location"]
        far: Any = officer("records_officer", maker.place.other_commune)
        assert browser(far).get(address).status_code == 404
        assert browser(far).post(LIST, {"unit": maker.place.commune.id}).status_code == 403
        assert browser(maker.place.officer("specialist")).get(address).status_code == 403
