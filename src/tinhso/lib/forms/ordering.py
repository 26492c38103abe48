"""Thứ tự tính điều kiện (in which order conditions are evaluated): by what each field's presence and value depend on.

Only `visible_when` and `computed` make a dependency: they decide what other expressions see. `required_when` and
`rules` only judge, and are evaluated at the end over everything.
"""

from collections.abc import Iterable, Mapping

from tinhso.lib.forms.cel import Expression
from tinhso.lib.forms.language import Field, Section
from tinhso.lib.forms.references import references_of


class CycleError(ValueError):
    """Các điều kiện phụ thuộc vòng tròn; `keys` are the fields in the circle."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = tuple(keys)
        super().__init__(f"Các trường phụ thuộc vòng tròn: {' → '.join(self.keys)}.")


def order_sections(sections: Iterable[Section]) -> tuple[tuple[str, ...], ...]:
    """Layers of field keys of a form: a field stands in a later layer than everything it depends on.

    Raises:
        CycleError: there is no such order.
    """
    graph: dict[str, frozenset[str]] = {}
    for section in sections:
        shared = _keys(section.visible_when, root="answers")
        for field in section.fields:
            inner = [_field_keys(part, root="answers") for part in field.fields]
            graph[field.key] = shared.union(_field_keys(field, root="answers"), *inner)
    return _layers(graph)


def order_group(fields: Iterable[Field]) -> tuple[tuple[str, ...], ...]:
    """The same for the fields of one group, by what they say of `item`.

    Raises:
        CycleError: there is no such order.
    """
    return _layers({field.key: _field_keys(field, root="item") for field in fields})


def _field_keys(field: Field, *, root: str) -> frozenset[str]:
    return _keys(field.visible_when, root=root) | _keys(field.computed, root=root)


def _keys(expression: Expression | None, *, root: str) -> frozenset[str]:
    return references_of(expression.source).keys_of(root) if expression else frozenset()


def _layers(graph: Mapping[str, frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    # Names of no field cannot delay anything; the static check reports them.
    waiting = {key: {name for name in names if name in graph} for key, names in graph.items()}
    layers: list[tuple[str, ...]] = []
    while waiting:
        ready = tuple(key for key, names in waiting.items() if not names)
        if not ready:
            raise CycleError(_circle(waiting))
        layers.append(ready)
        waiting = {key: names.difference(ready) for key, names in waiting.items() if key not in ready}
    return tuple(layers)


def _circle(waiting: Mapping[str, set[str]]) -> list[str]:
    """Walk from any waiting field to one it waits for until a field comes up twice."""
    key = next(iter(waiting))
    seen: list[str] = []
    while key not in seen:
        seen.append(key)
        key = min(waiting[key])
    return [*seen[seen.index(key) :], key]
