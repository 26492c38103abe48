"""Every procedure package is complete, explains itself, and prints a result that can be signed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.content.scenarios import CONTENT, FOLDERS, package, scenarios
from tests.factories.papers import pdfa_problems
from tinhso.apps.procedures.content import check
from tinhso.apps.procedures.data import Package
from tinhso.apps.signatures.rules.paper import check_signable
from tinhso.lib import forms
from tinhso.lib.qr import qr_svg
from tinhso.lib.typesetting import TypesettingError, typeset

CODES = {"1.013225", "2.000815", "1.001776", "1.001612", "2.002288", "1.001029", "2.000635", "1.013978"}
folders = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
FOOT_POINTS = 70  # the foot with QR and code takes the lowest 70 points of a page


def template_of(folder: Path) -> str:
    result = package(folder).result_for("grant")
    assert result is not None
    return f"{package(folder).folder}/{result.template}"


def sample(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "letters" / "sample.json").read_text())
    return {**data, "qr_svg": qr_svg(data["verify_url"])}


def test_the_packages_are_there_and_nothing_is_wrong_with_them() -> None:
    assert {folder.name for folder in FOLDERS} >= CODES
    ours = [problem for problem in check(CONTENT) if problem.file.startswith("procedures/")]
    assert not ours, "\n".join(str(problem) for problem in ours)


def test_first_registration_of_land_uses_area_second_date_and_the_heads_notice() -> None:
    """What the engine can do is used by shipped content: longer in the mountains, a second date after the tax."""
    found = next(package(folder) for folder in FOLDERS if folder.name == "1.013978")
    told = {rule.key: (str(rule.limit_in("")), str(rule.limit_in("mountain"))) for rule in found.limits}
    assert told == {
        "register": ("17 working_day", "27 working_day"),
        "certificate": ("20 working_day", "30 working_day"),
    }
    counted = [step for step in found.workflow.steps if step.counted]
    for key, days in {"register": 27, "certificate": 30}.items():
        assert sum(step.hours_for(key, "mountain") for step in counted) == days * 8
    assert str(found.policies.second_limit) == "3 working_day"
    assert found.policies.supplement_by_head


@folders
def test_the_applicant_has_a_week_at_least_to_answer(folder: Path) -> None:
    """No law this content knows gives less than seven days to complete a dossier: a shorter time ends cases of people who
    could not have answered. Who writes less must name the article that says so, and not assume it.
    """
    told = package(folder).policies
    assert told.supplement_days >= 7 or (told.basis is not None and told.basis.article and not told.assumed)


@folders
def test_a_package_has_scenarios_and_a_history(folder: Path) -> None:
    assert len(scenarios(folder)) >= 2
    history = (folder / "CHANGELOG.md").read_text()
    assert package(folder).effective_from.isoformat() in history
    assert "Cần xác nhận" in history


@folders
def test_every_legal_value_names_its_basis(folder: Path) -> None:
    """Documents named as basis of a value are among the legal bases shown on the page, or the deciding one."""
    found = package(folder)
    named = {document.document for document in found.facts.legal_basis}
    assert found.facts.decision is not None
    named.add(found.facts.decision.number)
    for value in (*found.limits, *found.fees, found.policies):
        assert value.basis is not None
        assert value.basis.effective_from is not None
        assert value.assumed or value.basis.document in named, value.basis.document


@folders
def test_letters_look_up_labels_the_form_has(folder: Path) -> None:
    labels = {field.label for section in package(folder).form.sections for field in section.fields}
    wanted = set(re.findall(r'shown\(data, "([^"]+)"\)', (CONTENT / template_of(folder)).read_text()))
    assert wanted <= labels


@folders
def test_letters_read_answers_the_form_asks(folder: Path) -> None:
    keys = {field.key for section in package(folder).form.sections for field in section.fields}
    text = (CONTENT / template_of(folder)).read_text()
    wanted = set(re.findall(r'answer\(data, "(\w+)"\)', text))
    wanted |= {
        key for pair in re.findall(r'answer\(data, if [\w-]+ \{ "(\w+)" \} else \{ "(\w+)" \}\)', text) for key in pair
    }
    assert wanted, "the letter says nothing of what was asked"
    assert wanted <= keys


@folders
def test_the_draft_asks_what_the_letter_reads(folder: Path) -> None:
    """`draft.yaml` is a form: what the specialist may write into the result."""
    form = package(folder).draft
    assert form is not None
    assert forms.check_form(form) == []
    asked = {field.key for section in form.sections for field in section.fields}
    text = (CONTENT / template_of(folder)).read_text()
    assert set(re.findall(r'drafted\(data, "(\w+)"', text)) == asked
    known = sample(folder)["proposal"]["fields"]
    assert forms.validate(form, known, context={"today": "2026-11-22"}).errors == ()


@folders
def test_the_sample_is_what_the_form_gives(folder: Path) -> None:
    data, form = sample(folder), package(folder).form
    outcome = forms.validate(form, without_computed(package(folder), data["answers"]), context={"today": "2026-11-22"})
    assert outcome.errors == ()
    assert outcome.answers == data["answers"]
    words = {row.label: row.value for section in forms.summary(form, outcome.answers) for row in section.rows}
    shown = {label: value for section in data["summary"] for label, value in section["rows"]}
    assert shown.keys() == words.keys()


def without_computed(found: Package, answers: dict[str, Any]) -> dict[str, Any]:
    computed = {field.key for section in found.form.sections for field in section.fields if field.computed}
    return {key: value for key, value in answers.items() if key not in computed}


@folders
def test_the_result_is_pdfa_with_free_places_for_both_signatures(folder: Path) -> None:
    pdf = typeset(template=template_of(folder), data=sample(folder), root=CONTENT)
    assert pdfa_problems(pdf) == []
    found = check_signable(pdf)
    assert found.keys() == {"person", "agency"}
    for place in found.values():
        left, bottom, right, top = place.box
        assert 0 < left < right < 596
        assert FOOT_POINTS < bottom < top < 842


@folders
def test_a_draft_without_number_and_signer_can_be_looked_at(folder: Path) -> None:
    draft = {
        **sample(folder),
        "number": "",
        "issue_date": None,
        "signer": {},
        "proposal": {},
        "qr_svg": None,
        "code": None,
    }
    assert pdfa_problems(typeset(template=template_of(folder), data=draft, root=CONTENT)) == []


@folders
def test_a_result_without_answers_is_refused(folder: Path) -> None:
    with pytest.raises(TypesettingError):
        typeset(template=template_of(folder), data={**sample(folder), "unit": {}}, root=CONTENT)
