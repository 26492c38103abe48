"""The catalogue the product ships: complete, sound, and found by the words people use."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.factories.procedures import AT, CONTENT, DAY, publish_shipped
from tinhso.apps.procedures import actions, queries
from tinhso.apps.procedures.content import (
    file_digest,
    load_catalogue,
    load_life_events,
    package_folders,
    read_national,
    read_national_file,
)
from tinhso.apps.procedures.content._check import check
from tinhso.apps.procedures.models import ProcedureVersion
from tinhso.kernel.actor import SYSTEM
from tinhso.lib.yamltext import load_yaml

TODAY = date(2026, 11, 22)
QUESTIONS = load_yaml((Path(__file__).parent / "everyday_queries.yaml").read_text())

# Essential services of QĐ 06/QĐ-TTg and QĐ 422/QĐ-TTg that have a code in the national catalogue.
ESSENTIAL = {
    "civil status": {"1.001193", "1.000656", "1.000894", "2.000986", "1.004873", "1.004859", "2.000635"},
    "police": {
        "1.012566", "1.014063", "1.014064", "1.004222", "1.004194", "1.003677", "2.001159", "1.013067", "1.115231",
        "3.000333", "3.000347", "3.000228",
    },
    "insurance": {"1.014748", "1.002179", "1.001939", "1.014173", "1.014163", "1.014166", "1.014169"},
    "tax": {"1.008498", "1.008503", "1.007277", "1.007700", "1.007695", "1.005280"},
    "certification, business, help": {"2.000815", "1.001612", "1.001776", "1.014027", "1.001731", "1.013225"},
}  # fmt: skip


def test_nothing_is_wrong_with_the_catalogue() -> None:
    ours = [problem for problem in check(CONTENT) if problem.file.startswith("catalogue/")]
    assert not ours, "\n".join(str(problem) for problem in ours)


def test_there_are_at_least_two_hundred_procedures_of_province_and_commune() -> None:
    entries, _ = load_catalogue(CONTENT)
    levels = Counter(entry.facts.level for entry in entries)
    assert levels["commune"] + levels["province"] >= 200
    for entry in entries:
        facts = entry.facts
        assert facts.limits, facts.code
        assert facts.agency, facts.code
        assert facts.sources, facts.code
        assert not facts.name.isupper(), facts.code


def test_most_procedures_name_papers_results_and_law() -> None:
    entries, _ = load_catalogue(CONTENT)
    for part in ("documents", "results", "legal_basis", "subjects"):
        without = [entry.facts.code for entry in entries if not getattr(entry.facts, part)]
        assert len(without) <= len(entries) * 0.1, (part, without)
    replaced = [d for entry in entries for d in entry.facts.documents if d.replaced_by]
    assert len(replaced) > 100
    assert all(d.replaced_by and (d.replaced_by.basis or d.replaced_by.assumed) for d in replaced)


@pytest.mark.parametrize("sector", ESSENTIAL)
def test_essential_services_are_there_and_marked(sector: str) -> None:
    entries, _ = load_catalogue(CONTENT)
    essential = {entry.facts.code for entry in entries if entry.facts.essential}
    packages = {folder.name for folder in package_folders(CONTENT)}
    assert ESSENTIAL[sector] - essential - packages == set()


def test_occasions_of_life_are_the_eight_of_the_portal() -> None:
    events, problems = load_life_events(CONTENT)
    assert problems == []
    assert len(events) == 8
    assert all(len(event.codes) >= 10 for event in events)
    assert all(len(set(event.codes)) == len(event.codes) for event in events)


def misses() -> list[str]:
    """The everyday questions whose answer is not among the first three."""
    wrong = []
    for question in QUESTIONS:
        found = [item.code for item in queries.search_procedures(question["q"], on=TODAY, limit=3).items]
        if not set(found) & set(question["expect"]):
            wrong.append(f"{question['q']}: {found}, expected one of {question['expect']}")
    return wrong


@pytest.mark.django_db
def test_people_find_what_they_need_in_the_shipped_catalogue() -> None:
    publish_shipped()
    assert len(QUESTIONS) >= 60
    assert misses() == []


@pytest.mark.django_db
def test_publishing_the_shipped_content_twice_writes_once() -> None:
    publish_shipped()
    count = ProcedureVersion.objects.count()
    assert count >= 200
    publish_shipped()
    assert ProcedureVersion.objects.count() == count
    assert sum(event.count == len(event.codes) for event in queries.list_life_events(on=TODAY)) == 8


@pytest.mark.shared
@pytest.mark.django_db
@pytest.mark.sweep
def test_the_complete_national_catalogue(shared_data: Path) -> None:
    """5,652 procedures: imported, a repeat writes nothing, people still find what they need."""
    path = shared_data / "procedures" / "procedures.jsonl.xz"
    publish_shipped()
    records = [read_national(record) for record in read_national_file(path)]
    report = actions.import_catalogue(
        records=records, file_name=path.name, file_digest=file_digest(path), effective_from=DAY, actor=SYSTEM, at=AT
    )
    assert report.import_id is not None
    actions.approve_import(import_id=report.import_id, actor=SYSTEM, at=AT)
    published = actions.publish_import(import_id=report.import_id, actor=SYSTEM, at=AT)
    assert report.total == len(records)
    assert published == report.new
    assert report.kept + report.new + report.rejected == report.total
    assert report.rejected < 10
    again = actions.import_catalogue(
        records=records, file_name=path.name, file_digest=file_digest(path), effective_from=DAY, actor=SYSTEM, at=AT
    )
    assert (again.import_id, again.changes, again.missing) == (None, 0, 0)
    assert misses() == []
