"""Content of the catalogue: packages, shipped facts, national records, scenarios. No database."""

from tinhso.apps.procedures.content._catalogue import (
    CuratedEntry,
    load_catalogue,
    load_life_events,
    load_synonyms,
    synonyms_from_json,
)
from tinhso.apps.procedures.content._check import assumed_values, check, package_folders
from tinhso.apps.procedures.content._facts import facts_from_json
from tinhso.apps.procedures.content._linked import linked_folders
from tinhso.apps.procedures.content._linked_scenarios import load_linked_scenarios
from tinhso.apps.procedures.content._national import NationalRecord, read_national
from tinhso.apps.procedures.content._national_file import NationalFileError, file_digest, read_national_file
from tinhso.apps.procedures.content._package import check_package, load_package, parse_package, read_package_folder
from tinhso.apps.procedures.content._reader import ContentError
from tinhso.apps.procedures.content._scenarios import load_scenarios
from tinhso.apps.procedures.content._schemas import schemas

__all__ = [
    "ContentError",
    "CuratedEntry",
    "NationalFileError",
    "NationalRecord",
    "assumed_values",
    "check",
    "check_package",
    "facts_from_json",
    "file_digest",
    "linked_folders",
    "load_catalogue",
    "load_life_events",
    "load_linked_scenarios",
    "load_package",
    "load_scenarios",
    "load_synonyms",
    "package_folders",
    "parse_package",
    "read_national",
    "read_national_file",
    "read_package_folder",
    "schemas",
    "synonyms_from_json",
]
