"""A hundred thousand cases and more, grown by the product's own generator."""

from typing import Any

from tinhso.config.demo.copies import grow as grow


def tell(found: dict[str, Any], figures: dict[str, Any]) -> str:
    """This part of the report."""
    rows = ", ".join(f"{count:,} in `{table}`" for table, count in found.items())
    lived = "cases" if figures["reused"] else f"{figures['profile']['templates']} cases"
    return f"### Data\n\n{rows}; grown from {lived} lived through the real actions."
