"""Results of before the vault enter it, and what has ended may go."""

from datetime import date, timedelta

import pytest

from tests.factories import vaults
from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.vaults import certificate as kept
from tests.factories.vaults import end, file_of
from tests.factories.world import World
from tinhso.apps.cases import flows, queries
from tinhso.apps.cases.models import Result
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.models import Content, StoredFile
from tinhso.apps.vault import flows as vault_flows
from tinhso.apps.vault.enums import Standing
from tinhso.apps.vault.models import Document
from tinhso.kernel.actor import SYSTEM

HOUR = timedelta(hours=1)
TODAY = date(2026, 3, 2)


@pytest.fixture
def maker(place: World) -> CaseMaker:
    return vaults.in_her_own_name(place)


def resolved(place: World, maker: CaseMaker) -> Result:
    case = maker.at("resolved")
    return Result.objects.get(case=case)


def test_old_results_enter_the_vault_however_often_the_work_is_cut_off(maker: CaseMaker) -> None:
    first, second = resolved(maker.place, maker), resolved(maker.place, maker)
    told: list[tuple[int, int]] = []
    Result.objects.filter(pk=second.pk).update(file_id=file_of("second"))
    Result.objects.filter(pk=second.pk).update(status="revoked", ended_at=RECEIVED_AT, end_reason="Cấp sai đối tượng")
    Content.objects.filter(files=first.file_id).update(scan="pending")
    tell = lambda kept, left: told.append((kept, left))  # noqa: E731 - heard once
    assert flows.backfill_vault(at=RECEIVED_AT, told=tell) == (1, 1)
    assert told == [(1, 1)]
    document = Document.objects.get()
    assert (document.source_key, document.standing, document.end_reason) == (
        f"result:{second.pk}", Standing.REVOKED, "Cấp sai đối tượng",
    )  # fmt: skip
    Content.objects.filter(files=first.file_id).update(scan="made_here")
    assert [flows.backfill_vault(at=RECEIVED_AT) for _ in range(2)] == [(1, 0), (0, 0)]
    assert Document.objects.count() == 2


def test_killed_while_old_results_enter_each_enters_once(maker: CaseMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    for mark in ("one", "two"):
        Result.objects.filter(pk=resolved(maker.place, maker).pk).update(file_id=file_of(mark))

    class Killed(BaseException):
        """The process is gone."""

    def die(name: str) -> None:
        raise Killed(name)

    with monkeypatch.context() as patch:
        patch.setattr("tinhso.apps.cases.flows._vault.crash", die)
        with pytest.raises(Killed, match="backfill_vault:kept"):
            flows.backfill_vault(at=RECEIVED_AT)
    assert Document.objects.count() == 1
    assert flows.backfill_vault(at=RECEIVED_AT) == (1, 0)
    assert Document.objects.count() == 2


def test_a_batch_of_old_results_goes_on_where_it_ended(maker: CaseMaker) -> None:
    results = [resolved(maker.place, maker) for _ in range(2)]
    (only,), after = queries.results_to_backfill(limit=1)
    assert (only.id, after) == (results[0].pk, results[0].pk)
    assert [old.id for old in queries.results_to_backfill(after=after, limit=9)[0]] == [results[1].pk]


def test_the_file_of_an_ended_document_may_go_when_its_time_is_over(maker: CaseMaker) -> None:
    held, ended = (kept("051190000019", mark=mark, unit_id=maker.place.commune.id) for mark in "ab")
    end(document=ended, how=Standing.REVOKED, reason="Cấp sai", actor=SYSTEM, at=RECEIVED_AT)
    assert documents.needed_files([held.file_id, ended.file_id]) == {held.file_id: "còn trong kho giấy tờ của chủ kho"}
    assert [vault_flows.begin_retention(at=RECEIVED_AT) for _ in range(2)] == [1, 0]
    file = StoredFile.objects.get(pk=ended.file_id)
    assert (file.retention, file.unit_id) == ("vault_ended", maker.place.commune.id)
