"""What has happened: frozen dataclasses, past tense, identifiers only. A published language with stable names."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar, Self, TypeVar

registry: dict[str, type["Event"]] = {}
publishers: dict[str, Callable[[Sequence[Any]], Iterable["Publication"]]] = {}
P = TypeVar("P", bound=Callable[[Sequence[Any]], Iterable["Publication"]])


@dataclass(frozen=True)
class Event:
    """Base of every event. A subclass sets `type` (`"case.received"`) and carries JSON-able fields."""

    type: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.__dict__.get("type"):
            raise TypeError(f"{cls.__name__} needs a stable `type` such as 'case.received'")
        if cls.type in registry and registry[cls.type].__qualname__ != cls.__qualname__:
            raise TypeError(f"two events are called {cls.type}")
        registry[cls.type] = cls

    def payload(self) -> dict[str, Any]:
        """The fields as JSON values; instants and dates in ISO 8601."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        """The event again from its stored payload. Instants come back as aware datetimes."""
        values = {}
        for field in fields(cls):
            if field.name not in payload:
                continue
            value = payload[field.name]
            annotation = str(field.type).replace("datetime.", "")  # the module's name is not the type's
            if isinstance(value, str) and "datetime" in annotation:
                value = datetime.fromisoformat(value)
            elif isinstance(value, str) and "date" in annotation:
                value = date.fromisoformat(value)
            elif isinstance(value, list) and "tuple" in annotation:
                value = tuple(value)
            values[field.name] = value
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Publication:
    """What other systems may be told of a recorded event (sự kiện công bố): no personal data, no free text of people.

    `unit_ids` are the units in one of which a subscriber must hold a right; `data` is JSON-able and never changes again.
    """

    entry_id: int
    subject: str
    procedure: str
    unit_ids: tuple[int, ...]
    data: dict[str, Any]


def publishes(*classes: type[Event]) -> Callable[[P], P]:
    """Register the function that shapes these events for other systems: rows of the log in, publications out.

    A row for which it gives nothing (a draft, a thing of the past) is told to nobody.
    """

    def register(function: P) -> P:
        for one in classes:
            publishers[one.type] = function
        return function

    return register


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
