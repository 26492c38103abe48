"""What the exchange takes from `content/exchange`: the registry, the data sources that procedures ask, how it is run."""

from pathlib import Path
from typing import Any

from tinhso.apps.exchange.content._operations import (
    OperationsContentError,
    check_operations,
    load_operations,
    operations_schema,
)
from tinhso.apps.exchange.content._registry import (
    FILE,
    FOLDER,
    RegistryContentError,
    check_registry,
    load_registry,
    registry_schema,
)
from tinhso.apps.exchange.content._sources import SourcesContentError, check_sources, load_sources, sources_schema

__all__ = [
    "FILE",
    "FOLDER",
    "OperationsContentError",
    "RegistryContentError",
    "SourcesContentError",
    "check",
    "load_operations",
    "load_registry",
    "load_sources",
    "schemas",
]


def schemas() -> dict[str, Any]:
    """JSON Schemas of the files an official writes, by their names in content/schemas/."""
    return {
        "exchange-operations.schema.json": operations_schema(),
        "exchange-registry.schema.json": registry_schema(),
        "exchange-sources.schema.json": sources_schema(),
    }


def check(root: Path) -> list[str]:
    """What is wrong with the registry, the sources and the operations; for `tinhso content check`."""
    return [*check_registry(root), *check_sources(root), *check_operations(root)]
