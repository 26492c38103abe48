"""Every table says which fields are personal data; references point down the ranking."""

import tomllib
from pathlib import Path
from typing import Any

from django.apps import apps

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


def test_models_say_which_fields_are_personal_data() -> None:
    wrong = []
    for model in OURS:
        declared: Any = model.__dict__.get("personal_data")
        names = {field.name for field in model._meta.get_fields()}
        # For how long and why.
        is_said = isinstance(declared, dict) and all(len(why) > 8 for why in declared.values())
        if not is_said or set(declared) - names:
            wrong.append(model._meta.label)
    assert wrong == []


def test_plainly_personal_fields_are_declared() -> None:
    held = [
        f"{model._meta.label}.{field.name}"
        for model in OURS
        for field in model._meta.concrete_fields
        if any(field.name == word or field.name.endswith(f"_{word}") for word in PERSONAL)
        and field.name not in model.__dict__.get("personal_data", {})
    ]
    assert held == []


def test_references_point_down_the_ranking() -> None:
    rank = _rank()
    for model in OURS:
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or field.related_model is None:
                continue
            own, other = model._meta.app_label, field.related_model._meta.app_label
            if other == own or other not in rank:
                continue
            name = f"{model._meta.label}.{field.name}"
            assert rank[other] < rank[own], f"{name} points up to {other}"
            assert field.remote_field.related_name.endswith("+"), f"{name}: a lower app does not know who uses it"  # type: ignore[union-attr]
