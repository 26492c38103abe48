"""Reading a file of the national catalogue, which takes seconds and belongs in no transaction."""

from datetime import date, datetime
from pathlib import Path

from tinhso.apps.procedures.actions import import_catalogue
from tinhso.apps.procedures.content import NationalFileError, file_digest, read_national, read_national_file
from tinhso.apps.procedures.data import ImportReport
from tinhso.kernel.actor import Actor
from tinhso.kernel.errors import Invalid
from tinhso.kernel.flows import flow


@flow
def stage_catalogue_file(
    *, path: Path, file_name: str, effective_from: date, actor: Actor, at: datetime
) -> ImportReport:
    """Đọc một tệp danh mục quốc gia và giữ khác biệt chờ duyệt; `file_name` is the name the official knows.

    Raises:
        Invalid: the file cannot be read as a catalogue.
        Forbidden: the actor does not keep the catalogue.
    """
    try:
        records = [read_national(record) for record in read_national_file(path)]
    except NationalFileError as error:
        raise Invalid(str(error)) from error
    return import_catalogue(
        records=records, file_name=file_name, file_digest=file_digest(path), effective_from=effective_from, actor=actor,
        at=at,
    )  # fmt: skip
