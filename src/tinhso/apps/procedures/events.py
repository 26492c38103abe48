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


@dataclass(frozen=True)
class CatalogueFileReceived(Event):
    """A file of the national catalogue was handed in and is to be read in the background."""

    type: ClassVar[str] = "catalogue.file_received"
    import_id: int
    file_name: str
    file_digest: str


@dataclass(frozen=True)
class CatalogueImportFailed(Event):
    """A file could not be read, or its publication stopped; nothing of it was published."""

    type: ClassVar[str] = "catalogue.import_failed"
    import_id: int
    reason: str


@dataclass(frozen=True)
class CataloguePublicationRequested(Event):
    """An official asked for an approved import to be published; `take` names what the national facts shall replace."""

    type: ClassVar[str] = "catalogue.publication_requested"
    import_id: int
    take: list[str]
