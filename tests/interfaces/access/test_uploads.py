"""Files in portions and in ranges: over the address itself, as a client of tus would."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories import files
from tests.factories.accounts import sign_in
from tests.factories.world import citizen, world
from tinhso.apps.documents import flows, queries
from tinhso.apps.documents.data import FileRefused
from tinhso.apps.documents.models import StoredFile, Upload, UploadPart
from tinhso.apps.procedures.data import UploadLimits
from tinhso.interfaces.access.uploads import FIELD, files_of, keep
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import now, travel

pytestmark = pytest.mark.django_db(transaction=True)
CONTENT = files.pdf(pages=400)
PATCH = "application/offset+octet-stream"


@pytest.fixture
def person() -> Actor:
    world()
    return citizen("051190000031", "Lê Văn Người Lạ")


@pytest.fixture
def site(person: Actor) -> Client:
    return client_of(person)


def client_of(person: Actor) -> Client:
    from types import SimpleNamespace

    client = Client()
    sign_in(client, SimpleNamespace(id=person.account_id), assurance=2)  # type: ignore[arg-type]  # only the id is read
    return client


def begin(site: Client, length: int = len(CONTENT), name: str = "bản vẽ.pdf") -> Any:
    told = base64.b64encode(name.encode()).decode()
    return site.post("/tai-len", headers={"Upload-Length": str(length), "Upload-Metadata": f"filename {told}"})


def send(site: Client, address: str, start: int, portion: bytes, **headers: str) -> Any:
    return site.patch(address, portion, content_type=PATCH, headers={"Upload-Offset": str(start), **headers})


def test_portions_become_one_file(site: Client, person: Actor) -> None:
    address = begin(site)["Location"]
    for start in range(0, len(CONTENT), 20_000):
        assert int(site.head(address)["Upload-Offset"]) == start
        answer = send(site, address, start, CONTENT[start : start + 20_000])
        assert answer.status_code == 204
    assert int(answer["Upload-Offset"]) == len(CONTENT) == int(site.head(address)["Upload-Length"])
    stored = StoredFile.objects.get()
    assert (stored.name, stored.stored_by_id) == ("bản vẽ.pdf", person.account_id)
    assert queries.read_file(stored.pk) == CONTENT


def test_a_form_takes_the_upload_in_place_of_a_file(site: Client, person: Actor, rf: Any) -> None:
    address = begin(site)["Location"]
    send(site, address, 0, CONTENT)
    request = rf.post("/", {f"{FIELD}files": address.rpartition("/")[2]})
    request.actor = person
    (sent,) = files_of(request).getlist("files")
    assert (sent.name, sent.size) == ("bản vẽ.pdf", len(CONTENT))
    with pytest.raises(FileRefused, match="có 400 trang, thủ tục này nhận tối đa 399 trang"):
        keep(sent, person, UploadLimits(most_pages=399))
    assert keep(sent, person, UploadLimits(most_pages=400)).id == StoredFile.objects.get().pk


def test_what_does_not_follow_is_refused_and_nothing_is_lost(site: Client) -> None:
    address = begin(site)["Location"]
    assert send(site, address, 0, CONTENT[:100]).status_code == 204
    for start in (0, 50, 101):
        assert send(site, address, start, b"x").status_code == 409
    assert send(site, address, 100, CONTENT[100:] + b"!").status_code == 409
    assert site.patch(address, b"x", content_type="text/plain", headers={"Upload-Offset": "100"}).status_code == 415
    assert int(site.head(address)["Upload-Offset"]) == 100


def test_a_portion_that_was_changed_on_its_way_is_not_taken(site: Client) -> None:
    address = begin(site)["Location"]
    right = base64.b64encode(hashlib.sha256(CONTENT[:100]).digest()).decode()
    wrong = send(site, address, 0, CONTENT[1:101], **{"Upload-Checksum": f"sha256 {right}"})
    assert (wrong.status_code, wrong["Upload-Offset"]) == (460, "0")
    assert send(site, address, 0, CONTENT[:100], **{"Upload-Checksum": f"sha256 {right}"}).status_code == 204


def test_a_cut_line_keeps_what_had_arrived(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = begin(site)["Location"]
    from django.core.handlers.wsgi import WSGIRequest
    from django.http.request import UnreadablePostError

    pieces = [CONTENT[:5_000]]

    def read(self: WSGIRequest, *args: Any) -> bytes:
        if pieces:
            return pieces.pop()
        raise UnreadablePostError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(WSGIRequest, "read", read)
        send(site, address, 0, CONTENT)
    assert int(site.head(address)["Upload-Offset"]) == 5_000
    assert send(site, address, 5_000, CONTENT[5_000:]).status_code == 204
    assert StoredFile.objects.count() == 1


def test_somebody_elses_upload_looks_like_none(site: Client) -> None:
    address = begin(site)["Location"]
    other = client_of(citizen("051190000048", "Trần Thị Khác"))
    for answer in (other.head(address), send(other, address, 0, b"x"), other.delete(address), site.head("/tai-len/x")):
        assert answer.status_code == 404
    assert Client().post("/tai-len").status_code == 303


def test_limits_and_quota_are_told(site: Client, settings: Any) -> None:
    settings.FILES = {**settings.FILES, "most_uploads": 2}
    assert begin(site, 21 * 1_048_576).status_code == 413
    assert begin(site, 0).status_code == 422
    assert site.post("/tai-len").status_code == 422
    addresses = [begin(site)["Location"] for _ in range(2)]
    assert begin(site).status_code == 429
    assert site.delete(addresses[0]).status_code == 204
    assert site.head(addresses[0]).status_code == 404
    assert begin(site).status_code == 201


def test_what_cannot_be_taken_is_told_at_its_end(site: Client) -> None:
    bad = files.scripted_pdf()
    address = begin(site, len(bad))["Location"]
    answer = send(site, address, 0, bad)
    assert answer.status_code == 422
    assert "mã lệnh" in answer.content.decode()
    assert not StoredFile.objects.exists()
    assert site.head(address).status_code == 404


def test_unfinished_uploads_expire_with_their_portions(site: Client, settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    address = begin(site)["Location"]
    send(site, address, 0, CONTENT[:9_000])
    assert len(list((tmp_path / "files").rglob("*-*"))) == 1
    assert flows.forget_expired_uploads(at=now()) == 0
    with travel(datetime.now(UTC) + timedelta(hours=25)):  # noqa: TID251 - a day after the real clock
        assert flows.forget_expired_uploads(at=now()) == 1
    assert not Upload.objects.exists()
    assert not UploadPart.objects.exists()
    assert list((tmp_path / "files").rglob("*-*")) == []


class TestRanges:
    @pytest.fixture
    def get(self, person: Actor, rf: Any) -> Callable[..., Any]:
        from tinhso.apps.documents.actions import store_file
        from tinhso.interfaces.access.downloads import RangeMiddleware, file_response

        stored = store_file(content=CONTENT, name="a.pdf", actor=person, at=now())
        serve = RangeMiddleware(lambda request: file_response(stored.id, "a", inline="inline" in request.GET))  # type: ignore[arg-type,return-value]  # a streamed answer

        def ask(query: str = "", **headers: str) -> Any:
            answer = serve(rf.get(f"/{query}", headers=headers))
            answer.body = b"".join(answer.streaming_content)
            answer.close()
            return answer

        return ask

    @pytest.mark.parametrize(
        ("asked", "part"),
        [("bytes=0-9", slice(0, 10)), ("bytes=70-", slice(70, None)), ("bytes=-5", slice(-5, None))],
    )
    def test_a_part_is_given(self, get: Callable[..., Any], asked: str, part: slice) -> None:
        answer = get(Range=asked)
        assert (answer.status_code, answer.body) == (206, CONTENT[part])
        assert int(answer["Content-Length"]) == len(CONTENT[part])

    @pytest.mark.parametrize("asked", ["", "bytes=0-1,5-6", "lines=1-2", "bytes=-"])
    def test_else_the_whole(self, get: Callable[..., Any], asked: str) -> None:
        answer = get(Range=asked)
        assert (answer.status_code, answer.body) == (200, CONTENT)

    def test_beyond_the_end_and_another_version(self, get: Callable[..., Any]) -> None:
        beyond = get(Range=f"bytes={len(CONTENT)}-")
        assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")
        assert get(**{"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200

    def test_no_browser_runs_what_is_in_it(self, get: Callable[..., Any]) -> None:
        answer = get()
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert get("?inline")["Content-Disposition"].startswith("inline")
