"""Long work on the catalogue, done by the worker."""

from datetime import datetime

from tinhso.apps.procedures import flows
from tinhso.apps.procedures.events import CatalogueFileReceived, CataloguePublicationRequested
from tinhso.kernel import jobs
from tinhso.kernel.actor import Actor


@jobs.on(CatalogueFileReceived)
def read_file(*, event: CatalogueFileReceived, actor: Actor, at: datetime, entry_id: int) -> None:
    """Đọc tệp danh mục."""
    flows.read_catalogue_import(import_id=event.import_id, actor=actor, at=at)


@jobs.on(CataloguePublicationRequested)
def publish(*, event: CataloguePublicationRequested, actor: Actor, at: datetime, entry_id: int) -> None:
    """Công bố lần nhập danh mục."""
    flows.publish_catalogue_import(import_id=event.import_id, actor=actor, at=at)
