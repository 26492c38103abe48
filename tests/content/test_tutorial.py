"""The files of the tutorial are a package that works: taken out of the page, checked, and played by the clock."""

import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from tests.content.scenarios import CONTENT, calendar, context_of, instant
from tests.factories.papers import pdfa_problems
from tinhso.apps.procedures import rules
from tinhso.apps.procedures.content import ContentError, load_package, load_scenarios
from tinhso.apps.procedures.data import Package, Scenario
from tinhso.apps.signatures.rules.paper import check_signable
from tinhso.lib import forms
from tinhso.lib.typesetting import typeset
from tinhso.lib.worktime import compute_deadline, lateness

PAGE = CONTENT.parent / "docs" / "tutorial" / "first-procedure.md"
CODE = "2.000908"
_FILE = re.compile(r"^`content/(procedures/[^`]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A content folder with nothing but the shared letters and what the page tells to write."""
    shutil.copytree(CONTENT / "letters", tmp_path / "letters")
    for name, text in _FILE.findall(PAGE.read_text()):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def folder_of(root: Path) -> Path:
    return root / "procedures" / "tu-phap" / CODE


def read(root: Path) -> tuple[Package, tuple[Scenario, ...]]:
    package = load_package(folder_of(root), root=root)[1]
    scenarios, problems = load_scenarios(package, root=root)
    assert problems == []
    return package, scenarios


def test_the_page_gives_every_file_of_a_package(root: Path) -> None:
    package, scenarios = read(root)
    assert package.code == CODE
    assert len(scenarios) == 2
    assert package.draft is not None
    assert [field.key for field in package.draft.fields] == ["paper_number"]


def test_its_scenarios_come_out_as_the_page_says(root: Path) -> None:
    package, scenarios = read(root)
    for scenario in scenarios:
        outcome = forms.validate(package.form, dict(scenario.answers), context=context_of(scenario))
        assert outcome.errors == ()
        assert outcome.dropped == ()
        context = {**context_of(scenario), "answers": outcome.answers}
        assert rules.choose_limit(package, context).key == scenario.expect["limit_key"]
        assert rules.compute_fees(package, context) == []
        asked = {document.key for document in rules.applicable_documents(package, context)}
        assert set(scenario.documents) <= asked
        times = {step.verb: step.at for step in scenario.steps}
        due = compute_deadline(
            received_at=times["receive"], limit=package.limit("standard").limit, calendar=calendar()
        ).due_at
        assert due == instant(scenario.expect["due_at"])
        assert isinstance(due, datetime)
        assert lateness(times["approve"], due, calendar()) == scenario.expect["lateness"]


def test_its_paper_can_be_signed(root: Path) -> None:
    package, scenarios = read(root)
    granted = next(scenario for scenario in scenarios if "result" not in scenario.expect)
    result = package.result_for("grant")
    assert result is not None
    data = {
        "case": {"code": "H48.101-261123-0001", "received_at": "2026-11-23T14:00"},
        "answers": granted.answers,
        "summary": [],
        "unit": {"name": "Ủy ban nhân dân phường Cẩm Thành", "parent_name": "", "place": "Cẩm Thành"},
        "number": "01/BS-SG",
        "issue_date": {"day": 25, "month": 11, "year": 2026, "text": ""},
        "signer": {"title": "Chủ tịch", "name": "Đinh Thị Thử Nghiệm", "on_behalf": "TM. Ủy ban nhân dân"},
        "proposal": {"text": "Sổ gốc số 12.", "fields": {}},
    }
    pdf = typeset(template=f"{package.folder}/{result.template}", data=data, root=root, beside=CONTENT.parent)
    assert pdfa_problems(pdf) == []
    assert check_signable(pdf).keys() == {"person", "agency"}


def test_the_mistakes_it_suggests_are_told(root: Path) -> None:
    workflow = folder_of(root) / "workflow.yaml"
    workflow.write_text(workflow.read_text().replace("hours: 3", "hours: 4"))
    procedure = folder_of(root) / "procedure.yaml"
    procedure.write_text(procedure.read_text().replace("answers.relation != 'self'", "answers.kinship != 'self'"))
    with pytest.raises(ContentError) as caught:
        load_package(folder_of(root), root=root)
    assert "9 giờ" in str(caught.value)
    assert "8 giờ" in str(caught.value)
    assert "answers.kinship" in str(caught.value)
