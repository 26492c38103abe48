"""The national catalogue: report, difference, approval, publishing; a repeat that changes nothing writes nothing."""

from datetime import date
from typing import Any

import pytest

from tests.factories.procedures import AT, DAY, curated, national, official, publish_facts, publish_package
from tinhso.apps.audit.models import Entry
from tinhso.apps.procedures import actions, queries
from tinhso.apps.procedures.content import NationalRecord
from tinhso.apps.procedures.data import ImportNotReady, ImportReport, ProcedureNotFound
from tinhso.apps.procedures.models import CatalogueImport, CatalogueImportItem, ProcedureVersion
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db
ONE, TWO, THREE = "9.200001", "9.200002", "9.200003"


def stage(*records: NationalRecord, since: date = DAY, **options: Any) -> ImportReport:
    values = {"file_name": "a.jsonl", "file_digest": "0" * 64, "actor": SYSTEM, "at": AT, **options}
    return actions.import_catalogue(records=records, effective_from=since, **values)


def publish(report: ImportReport, **options: Any) -> int:
    assert report.import_id is not None
    actions.approve_import(import_id=report.import_id, actor=SYSTEM, at=AT)
    return actions.publish_import(import_id=report.import_id, actor=SYSTEM, at=AT, **options)


def changes(report: ImportReport) -> dict[str, str]:
    assert report.import_id is not None
    items, _ = queries.list_import_items(report.import_id, actor=SYSTEM)
    return {item.code: item.change for item in items}


def test_nothing_is_in_force_before_approval() -> None:
    report = stage(national(ONE), national(TWO))
    assert (report.total, report.new, report.changes) == (2, 2, 2)
    with pytest.raises(ProcedureNotFound):
        queries.get_version(ONE, DAY)
    with pytest.raises(ImportNotReady):
        actions.publish_import(import_id=report.import_id or 0, actor=SYSTEM, at=AT)


def test_publishing_an_approved_import() -> None:
    assert publish(stage(national(ONE), national(TWO))) == 2
    version = queries.get_version(ONE, DAY)
    assert (version.source, version.package, version.effective_from) == ("national", None, DAY)
    types = list(Entry.objects.filter(stream="catalogue").order_by("sequence").values_list("type", flat=True))
    assert types == ["catalogue.staged", "catalogue.import_approved", "catalogue.published"]


def test_the_same_file_again_writes_nothing() -> None:
    publish(stage(national(ONE), national(TWO)))
    before = (ProcedureVersion.objects.count(), CatalogueImport.objects.count(), Entry.objects.count())
    report = stage(national(ONE), national(TWO))
    assert (report.import_id, report.changes, report.unchanged) == (None, 0, 2)
    assert before == (ProcedureVersion.objects.count(), CatalogueImport.objects.count(), Entry.objects.count())


def test_a_change_is_shown_and_becomes_a_version_from_its_day() -> None:
    publish(stage(national(ONE), national(TWO)))
    later = date(2026, 6, 1)
    report = stage(
        national(ONE, methods=[{"channel": "direct", "time_value": 3, "time_unit": "working_day"}]),
        national(TWO),
        since=later,
    )
    assert (report.changed, report.unchanged) == (1, 1)
    items, _ = queries.list_import_items(report.import_id or 0, actor=SYSTEM, change="changed")
    parts = {difference["part"] for difference in items[0].differences}
    assert parts == {"limits", "fees"}
    publish(report)
    assert str(queries.get_version(ONE, later).facts.limits[0].limit) == "3 working_day"
    assert str(queries.get_version(ONE, DAY).facts.limits[0].limit) == "5 working_day"
    assert queries.get_version(TWO, later).number == 1


def test_what_the_province_keeps_is_not_replaced_unless_taken() -> None:
    publish_package(code="9.200009")
    publish_facts(curated(ONE, "Tên của danh mục"), curated(TWO, "Tên khác của danh mục"))
    report = stage(national(ONE), national(TWO), national("9.200009"), national(THREE))
    assert changes(report) == {ONE: "kept", TWO: "kept", "9.200009": "kept", THREE: "new"}
    assert publish(report, take=[TWO]) == 2
    assert queries.get_version(ONE, DAY).source == "curated"
    assert queries.get_version(TWO, DAY).source == "national"
    assert queries.get_version("9.200009", DAY).source == "package"


def test_what_is_gone_from_the_file_is_reported_and_stays() -> None:
    publish(stage(national(ONE), national(TWO)))
    report = stage(national(ONE), national(THREE))
    assert report.missing == 1
    assert changes(report)[TWO] == "missing"
    publish(report)
    assert queries.get_version(TWO, DAY).facts.code == TWO


def test_rejected_records_and_doubles_do_not_stop_the_rest() -> None:
    report = stage(national(ONE), national(ONE, name="Trùng mã"), national("sai mã"), national(TWO, name=""))
    assert (report.new, report.rejected) == (1, 3)
    report = stage(national(THREE), national("sai mã"))
    assert (report.new, report.rejected) == (1, 1)
    assert publish(report) == 1


def test_problems_are_counted_by_kind_with_examples() -> None:
    report = stage(national(ONE, result=""), national(TWO, result=""), national(THREE, level=None))
    counts = {problem.kind: (problem.count, problem.examples) for problem in report.problems}
    assert counts["result_absent"] == (2, (ONE, TWO))
    assert counts["level"] == (1, (THREE,))
    assert queries.get_import(report.import_id or 0, actor=SYSTEM).report["problems"][0]["count"] == 2


def test_a_curated_entry_published_in_between_stays() -> None:
    report = stage(national(ONE), national(TWO))
    publish_facts(curated(ONE, "Tên của danh mục"))
    assert publish(report) == 1
    assert queries.get_version(ONE, DAY).source == "curated"


def test_publishing_may_find_that_everything_is_kept_by_now() -> None:
    report = stage(national(ONE))
    publish_facts(curated(ONE, "Tên của danh mục"))
    assert publish(report) == 0
    assert Entry.objects.filter(type="catalogue.published").count() == 1


def test_an_import_is_approved_once_and_published_once() -> None:
    report = stage(national(ONE))
    publish(report)
    for action in (actions.approve_import, actions.publish_import, actions.discard_import):
        with pytest.raises(ImportNotReady):
            action(import_id=report.import_id or 0, actor=SYSTEM, at=AT)  # type: ignore[operator]


def test_an_import_may_be_dropped_before_approval() -> None:
    report = stage(national(ONE))
    actions.discard_import(import_id=report.import_id or 0, actor=SYSTEM, at=AT)
    assert not CatalogueImportItem.objects.exists()
    assert Entry.objects.filter(type="catalogue.import_discarded").exists()
    with pytest.raises(NotFound):
        actions.approve_import(import_id=report.import_id or 0, actor=SYSTEM, at=AT)


def test_the_one_who_prepares_is_not_the_one_who_approves_by_right() -> None:
    preparer, approver = official("procedure.manage"), official("procedure.approve")
    report = stage(national(ONE), actor=preparer)
    with pytest.raises(Forbidden):
        actions.approve_import(import_id=report.import_id or 0, actor=preparer, at=AT)
    with pytest.raises(Forbidden):
        stage(national(TWO), actor=approver)
    actions.approve_import(import_id=report.import_id or 0, actor=approver, at=AT)
    with pytest.raises(Forbidden):
        actions.publish_import(import_id=report.import_id or 0, actor=preparer, at=AT)
    assert actions.publish_import(import_id=report.import_id or 0, actor=approver, at=AT) == 1
    with pytest.raises(Forbidden):
        queries.list_imports(actor=official("case.view"))


def test_items_are_paged_by_code() -> None:
    report = stage(*(national(f"9.20000{n}") for n in range(5)))
    first, cursor = queries.list_import_items(report.import_id or 0, actor=SYSTEM, limit=3)
    second, end = queries.list_import_items(report.import_id or 0, actor=SYSTEM, limit=3, cursor=cursor)
    assert [item.code for item in first + second] == [f"9.20000{n}" for n in range(5)]
    assert end is None
