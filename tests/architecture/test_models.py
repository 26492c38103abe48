"""Every table says which fields are personal data; references point down the ranking."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
OURS = [model for model in apps.get_models() if model.__module__.startswith("tinhso.apps.")]
# Words in a column's name that make it personal data wherever it stands.
PERSONAL = ("full_name", "applicant", "personal_id", "phone", "email", "birth_date", "address", "answers")


def _rank() -> dict[str, int]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["name"].startswith("2."))
    return {name.strip(" ()"): len(layers) - height for height, layer in enumerate(layers) for name in layer.split("|")}


def test_there_are_models_to_look_at() -> None:
    assert len(OURS) > 30


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_model_says_which_fields_are_personal_data(model: type[models.Model]) -> None:
    declared: Any = model.__dict__.get("personal_data")
    assert isinstance(declared, dict), f"{model._meta.label} does not say"
    names = {field.name for field in model._meta.get_fields()}
    assert set(declared) - names == set()
    assert all(len(why) > 8 for why in declared.values()), "say for how long and why"


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_plainly_personal_fields_are_declared(model: type[models.Model]) -> None:
    declared: Any = model.__dict__.get("personal_data", {})
    held = [
        field.name
        for field in model._meta.concrete_fields
        if any(field.name == word or field.name.endswith(f"_{word}") for word in PERSONAL)
    ]
    assert [name for name in held if name not in declared] == []


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_references_point_down_the_ranking(model: type[models.Model]) -> None:
    rank = _rank()
    own = model._meta.app_label
    for field in model._meta.get_fields():
        if not field.is_relation or field.auto_created or field.related_model is None:
            continue
        other = field.related_model._meta.app_label  # type: ignore[union-attr]
        if other == own or other not in rank:
            continue
        assert rank[other] < rank[own], f"{model._meta.label}.{field.name} points up to {other}"
        assert field.remote_field.related_name.endswith("+"), f"{field.name}: a lower app does not know who uses it"  # type: ignore[union-attr]
