"""Events of the log itself."""

from dataclasses import dataclass
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class PersonalDataDisclosed(Event):
    """A personal record was shown to somebody (đã xem dữ liệu cá nhân). `fields` are names of fields, never values."""

    type: ClassVar[str] = "personal_data.disclosed"
    subject: str
    purpose: str
    fields: list[str]
