"""Which metrics there are, as the code declares them: for the reference page and for checking rules and dashboards."""

from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase

from tinhso.config.metrics.state import PARTS, READABLE, SECONDS, Figure
from tinhso.lib import meters


def counted() -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Name, kind, labels and words of what the processes count."""
    for one in vars(meters).values():
        if isinstance(one, MetricWrapperBase):
            (family,) = one.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            yield name, family.type, tuple(one._labelnames), family.documentation  # noqa: SLF001 - nowhere else to read


def figures_by_part() -> Iterator[tuple[str, tuple[Figure, ...]]]:
    """The parts of the state, and what each tells."""
    for part in PARTS:
        yield part.name, part.figures
    yield "the asking itself", (READABLE, SECONDS)


def names() -> frozenset[str]:
    """Every name a query may use, with the three of each histogram."""
    found = {figure.name for _, figures in figures_by_part() for figure in figures}
    for name, kind, _labels, _says in counted():
        found |= {f"{name}_{end}" for end in ("bucket", "count", "sum")} if kind == "histogram" else {name}
    return frozenset(found)
