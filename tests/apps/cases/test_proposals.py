"""What the specialist writes into a result: asked by the package's draft form, checked by the proposal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from tests.content.scenarios import FOLDERS, package, scenarios
from tests.factories.world import World, world
from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.models import Case
from tinhso.apps.directory.queries import one_stop_of
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME, travel
from tinhso.kernel.errors import Invalid
from tinhso.lib import forms

CODE = "1.001776"
FOLDER = next(folder for folder in FOLDERS if folder.name == CODE)
AT = datetime(2026, 3, 4, 10, 0, tzinfo=PROVINCE_TIME)

pytestmark = pytest.mark.django_db


def at_appraisal(place: World) -> tuple[Case, Actor]:
    """A case of the counter that has come to the specialist, and the specialist."""
    scenario = next(found for found in scenarios(FOLDER) if found.channel == "counter")
    counter = place.officer("one_stop_officer")
    documents = [DocumentInput(key=key, presence="paper") for key in scenario.documents]
    one_stop = one_stop_of(place.commune.id)
    assert one_stop is not None
    with travel(AT):
        case = actions.take_at_counter(
            procedure_code=CODE, unit_id=place.commune.id, intake_unit_id=one_stop.id, applicant=scenario.applicant,
            answers=scenario.answers, documents=documents,
            idempotency_key="proposal", actor=counter, at=AT,
        )  # fmt: skip
        while case.step_kind != "appraisal":
            officer = place.officer(case.step_role)
            case = actions.forward_case(case_id=case.pk, step=case.step_key, actor=officer, at=AT)
    return case, place.officer("specialist")


def propose(case: Case, officer: Actor, *, outcome: str = "grant", **fields: Any) -> Any:
    return actions.propose_result(
        case_id=case.pk, step=case.step_key, outcome=outcome, text="Ý kiến của người thẩm định.", fields=fields,
        actor=officer, at=AT,
    )  # fmt: skip


def test_the_stored_version_asks_what_the_file_asks() -> None:
    case, _ = at_appraisal(world())
    form = queries.draft_form_of(case)
    assert form is not None
    assert form == package(FOLDER).draft
    assert {field.key for field in form.fields} >= {"coefficient", "amount_vnd", "from_month"}


def test_a_proposal_keeps_clean_fields() -> None:
    case, officer = at_appraisal(world())
    result = propose(case, officer, amount_vnd="1.250.000", coefficient=" 2,5 ", note="")
    result.refresh_from_db()
    assert result.fields == {"amount_vnd": 1_250_000, "coefficient": "2,5"}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"amount_vnd": "nhiều"}, "fields.amount_vnd"),
        ({"from_month": "2026"}, "fields.from_month"),
        ({"bonus": "1"}, "fields.bonus"),
    ],
)
def test_a_wrong_or_unknown_field_is_told_at_its_place(fields: dict[str, str], path: str) -> None:
    case, officer = at_appraisal(world())
    with pytest.raises(Invalid) as caught:
        propose(case, officer, **fields)
    assert [error.path for error in caught.value.errors] == [path]
    case.refresh_from_db()
    assert case.step_kind == "appraisal"
    assert not case.results.exists()


def test_a_refusal_keeps_reasons_only() -> None:
    case, officer = at_appraisal(world())
    result = propose(case, officer, outcome="refuse", amount_vnd="nhiều")
    assert result.fields == {}
    assert result.text == "Ý kiến của người thẩm định."


def test_papers_of_a_demonstration_say_so(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    case, officer = at_appraisal(world())
    result = propose(case, officer)
    told: list[bool] = []

    def typeset_paper(template: str, data: Mapping[str, Any], **_: Any) -> bytes:
        told.append(data["assumed"])
        return b"%PDF"

    monkeypatch.setattr("tinhso.apps.documents.queries.typeset_paper", typeset_paper)
    for demo in (True, False):
        settings.DEMO = demo
        queries.draft_pdf(queries.case_as_filed(case.pk), result, base_url="http://localhost")
    assert told == [True, False]


def test_every_draft_form_can_be_left_empty() -> None:
    """The demo and the counter's quick grants write nothing: then the paper prints what was declared."""
    for folder in FOLDERS:
        form = package(folder).draft
        assert form is None or forms.validate(form, {}, context={"today": "2026-11-22"}).errors == ()
