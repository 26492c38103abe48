"""The schemas editors use agree with the reader, and with every file the product ships."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker

from tests.factories.procedures import CONTENT, package_value
from tinhso.apps.calendars.content import schemas as of_calendars
from tinhso.apps.payments.content import schemas as of_payments
from tinhso.apps.petitions.content import schemas as of_petitions
from tinhso.apps.procedures.content import ContentError, parse_package, schemas
from tinhso.apps.procedures.content._reader import plain
from tinhso.apps.reception.content import schemas as of_reception
from tinhso.config.commands.content import command
from tinhso.lib.yamltext import load_yaml

FILES = {
    "procedure.schema.json": "procedures/*/*/procedure.yaml",
    "workflow.schema.json": "procedures/*/*/workflow.yaml",
    "fees.schema.json": "procedures/*/*/fees.yaml",
    "scenario.schema.json": "procedures/*/*/scenarios/*.yaml",
    "group.schema.json": "linked/*/group.yaml",
    "linked-scenario.schema.json": "linked/*/scenarios/*.yaml",
    "legal-documents.schema.json": "catalogue/legal-documents.yaml",
    "life-events.schema.json": "catalogue/life-events.yaml",
    "synonyms.schema.json": "catalogue/synonyms.yaml",
    "catalogue.schema.json": "catalogue/[!ls]*.yaml",
    "calendar.schema.json": "calendars/[!v]*.yaml",
    "public-days.schema.json": "calendars/vn-public-days.yaml",
    "petition-limits.schema.json": "petitions/limits.yaml",
    "offline-rules.schema.json": "reception/offline.yaml",
}


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(made()[name], format_checker=FormatChecker())


def made() -> dict[str, Any]:
    return {**schemas(), **of_calendars(), **of_petitions(), **of_reception(), **of_payments()}


def test_the_committed_schemas_are_those_of_the_code() -> None:
    committed = {path.name: json.loads(path.read_text()) for path in (CONTENT / "schemas").glob("*.schema.json")}
    assert {name: committed.get(name) for name in made()} == made(), "run: tinhso content schemas"


@pytest.mark.parametrize("name", FILES)
def test_every_shipped_file_fits_its_schema(name: str) -> None:
    paths = sorted(CONTENT.glob(FILES[name]))
    assert paths
    for path in paths:
        value = plain(load_yaml(path.read_text()))
        errors = [f"{error.json_path}: {error.message[:120]}" for error in validator(name).iter_errors(value)]
        assert not errors, (path.relative_to(CONTENT), errors)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every mapping of a value that the language gives a fixed set of keys."""
    found = [path] if isinstance(value, dict) and path[-1:] != ("hours",) else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, item in inner for place in places(item, (*path, key))]


@pytest.mark.parametrize("part", ["procedure", "workflow", "fees"])
def test_what_the_schema_does_not_know_the_reader_refuses_and_so_the_other_way(part: str) -> None:
    """An unknown key at any place is an error of both; the model package is none of either."""
    check = validator(f"{part}.schema.json")
    assert not list(check.iter_errors(package_value()[part]))
    for place in places(package_value()[part]):
        value = package_value()
        target = value[part]
        for key in place:
            target = target[key]
        target["unheard_of"] = 1
        assert list(check.iter_errors(value[part])), place
        with pytest.raises(ContentError):
            parse_package(value)


def test_the_reader_takes_every_key_the_schema_offers() -> None:
    """A key only the schema knows would be offered by the editor and then refused."""
    known = schemas()["procedure.schema.json"]["properties"]
    value = package_value()
    value["procedure"].update({key: None for key in known if key not in value["procedure"]})
    document = known["documents"]["items"]["properties"]
    value["procedure"]["documents"][0].update({key: None for key in document if key not in ("key", "name")})
    value["procedure"]["results"][1].update(
        {key: None for key in known["results"]["items"]["properties"] if key not in ("key", "name")}
    )
    assert parse_package(value).code == "9.000001"


def test_paths_of_files_are_all_covered() -> None:
    covered = {path for pattern in FILES.values() for path in CONTENT.glob(pattern)}
    ours = [
        *CONTENT.glob("catalogue/*.yaml"),
        *CONTENT.glob("procedures/*/*/*.yaml"),
        *CONTENT.glob("linked/*/*.yaml"),
        *CONTENT.glob("calendars/*.yaml"),
    ]
    left = {Path(p) for p in ours if p not in covered}
    assert {path.name for path in left} <= {"form.yaml", "draft.yaml", "fees.yaml"}
    fees = validator("fees.schema.json")
    assert [
        path for path in left if path.name == "fees.yaml" and list(fees.iter_errors(plain(load_yaml(path.read_text()))))
    ] == []


def test_a_group_with_a_key_nobody_knows_is_underlined_and_refused(tmp_path: Path) -> None:
    """The same mistake in a group is an error of the schema and of `tinhso content check`."""
    shutil.copytree(CONTENT, tmp_path / "content")
    check = validator("group.schema.json")
    for file in sorted((tmp_path / "content").glob("linked/*/group.yaml")):
        whole = file.read_text()
        for old, new in (
            ("    procedure:", "    unheard_of: 1\n    procedure:"),
            ("\nlegs:", "\nunheard_of: 1\nlegs:"),
        ):
            assert old in whole
            file.write_text(whole.replace(old, new, 1))
            assert list(check.iter_errors(plain(load_yaml(file.read_text())))), (file.parent.name, new)
            run = CliRunner().invoke(command, ["check", "--root", str(tmp_path / "content")])
            assert run.exit_code != 0
            assert "unheard_of" in run.output
        file.write_text(whole)


def test_an_assumption_of_the_calendar_is_listed_with_the_others() -> None:
    run = CliRunner().invoke(command, ["check", "--assumed", "--json"])
    assert run.exit_code == 0, run.output
    listed = [value for value in json.loads(run.output)["assumed"] if value["file"].startswith("calendars/")]
    assert {"calendars/quang-ngai.yaml", "calendars/vn-public-days.yaml"} == {value["file"] for value in listed}
    assert any("Quy định giờ làm việc" in value["value"] for value in listed)
