"""What has happened to the catalogue."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from tinhso.kernel.events import Event


@dataclass(frozen=True)
class ProcedureVersionPublished(Event):
    """A version of a procedure was published; running cases keep the version they have."""

    type: ClassVar[str] = "procedure.version_published"
    code: str
    version_id: int
    number: int
    source: str
    digest: str
    effective_from: date


@dataclass(frozen=True)
class ProcedureAbolished(Event):
    """A procedure ceases on a day; cases received before that day go on."""

    type: ClassVar[str] = "procedure.abolished"
    code: str
    effective_from: date
    reason: str


@dataclass(frozen=True)
class CatalogueStaged(Event):
    """A file of the national catalogue was read and waits for approval."""

    type: ClassVar[str] = "catalogue.staged"
    import_id: int
    file_name: str
    file_digest: str
    new: int
    changed: int
    kept: int
    rejected: int


@dataclass(frozen=True)
class CatalogueImportApproved(Event):
    """An official approved an import of the catalogue."""

    type: ClassVar[str] = "catalogue.import_approved"
    import_id: int


@dataclass(frozen=True)
class CataloguePublished(Event):
    """Many versions were published at once; `versions_digest` is the SHA-256 over the sorted `code digest` lines."""

    type: ClassVar[str] = "catalogue.published"
    source: str
    import_id: int | None
    count: int
    versions_digest: str
    effective_from: date


@dataclass(frozen=True)
class SynonymsPublished(Event):
    """The everyday vocabulary of search was replaced."""

    type: ClassVar[str] = "catalogue.synonyms_published"
    number: int
    digest: str


@dataclass(frozen=True)
class CatalogueImportDiscarded(Event):
    """An import that waited for approval was dropped."""

    type: ClassVar[str] = "catalogue.import_discarded"
    import_id: int
    file_digest: str
