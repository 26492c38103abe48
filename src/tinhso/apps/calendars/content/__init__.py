"""Reads calendars (`content/calendars/*.yaml`) and the JSON document a published version keeps.

A file with `years` lists public days that calendars share; a file with `units` is a calendar. Every problem of every
file is found in one reading and told as a Vietnamese sentence with its place.
"""

from pathlib import Path

from tinhso.apps.calendars.content._document import from_document, to_document
from tinhso.apps.calendars.content._files import CalendarFileError, load_calendars
from tinhso.apps.calendars.content._schemas import schemas
from tinhso.apps.calendars.data import CalendarDefinition

__all__ = [
    "CalendarFileError",
    "assumptions",
    "check_calendars",
    "from_document",
    "load_calendars",
    "schemas",
    "to_document",
]


def check_calendars(folder: Path) -> list[str]:
    """What is wrong with the calendar files of a folder; empty when nothing is."""
    try:
        load_calendars(folder)
    except CalendarFileError as error:
        return str(error).splitlines()
    return []


def assumptions(definitions: dict[str, CalendarDefinition]) -> list[str]:
    """What the calendars assume or have still to confirm, one sentence each."""
    return [sentence for definition in definitions.values() for sentence in definition.assumptions]
