"""Reading a file of the national catalogue and publishing it: long work, watched on a page, done by the worker."""

import shutil
import tempfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.procedures import actions, queries
from tinhso.apps.procedures.content import NationalRecord, file_digest, read_national, read_national_file
from tinhso.apps.procedures.enums import ImportStatus
from tinhso.apps.procedures.permissions import can_manage
from tinhso.kernel.actions import require
from tinhso.kernel.actor import SYSTEM, Actor, ActorKind
from tinhso.kernel.errors import DomainError, Invalid
from tinhso.kernel.flows import flow

SHAPES = (".jsonl.xz", ".jsonl")
_EVERY = 250


@flow
def take_catalogue_file(
    *, chunks: Iterable[bytes], file_name: str, effective_from: date, actor: Actor, at: datetime
) -> int:
    """Nhận một tệp danh mục quốc gia: keep it and let the worker read it. `file_name` is the name the official knows.

    Returns the number of the import, whose row says how far the reading is.

    Raises:
        Invalid: not a file of this kind, by its name.
        Forbidden: the actor does not keep the catalogue.
    """
    require(can_manage(actor))
    if not file_name.endswith(SHAPES):
        raise Invalid("Mời chọn tệp danh mục dạng .jsonl hoặc .jsonl.xz.")
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as kept:
        for chunk in chunks:
            kept.write(chunk)
        kept.flush()
        digest = file_digest(Path(kept.name))
        shutil.copyfile(kept.name, _kept_file(digest, file_name))
    return actions.begin_import(
        file_name=file_name, file_digest=digest, effective_from=effective_from, actor=actor, at=at
    )


@flow
def read_catalogue_import(*, import_id: int, actor: Actor, at: datetime) -> None:
    """Đọc tệp của một lần nhập và giữ khác biệt chờ duyệt; what is wrong with the file is told on its page.

    Delivered twice it reads once.
    """
    staged = queries.import_as_staged(import_id)
    if staged is None or staged.status != ImportStatus.READING:
        return
    path = _kept_file(staged.file_digest, staged.file_name)
    try:
        records = _read(path, import_id, at)
        actions.import_catalogue(
            records=records, file_name=staged.file_name, file_digest=staged.file_digest,
            effective_from=staged.effective_from, actor=_person(actor, at), at=at, import_id=import_id,
        )  # fmt: skip
    except DomainError as error:
        reason = error.message.replace(path.name, staged.file_name)
        actions.fail_import(import_id=import_id, reason=reason, actor=SYSTEM, at=at)
    path.unlink(missing_ok=True)


@flow
def publish_catalogue_import(*, import_id: int, actor: Actor, at: datetime) -> None:
    """Công bố một lần nhập đã duyệt, all of it or nothing. Delivered twice it publishes once."""
    staged = queries.import_as_staged(import_id)
    if staged is None or staged.status != ImportStatus.PUBLISHING:
        return
    try:
        actions.publish_import(import_id=import_id, take=staged.take, actor=_person(actor, at), at=at)
    except DomainError as error:
        actions.fail_import(import_id=import_id, reason=error.message, actor=SYSTEM, at=at)


def _read(path: Path, import_id: int, at: datetime) -> list[NationalRecord]:
    records: list[NationalRecord] = []
    problems = 0
    for raw in read_national_file(path):
        records.append(read_national(raw))
        problems += bool(records[-1].problems)
        if len(records) % _EVERY == 0:
            actions.note_progress(
                import_id=import_id, rows_read=len(records), rows_with_problems=problems, actor=SYSTEM, at=at
            )
    return records


def _person(actor: Actor, at: datetime) -> Actor:
    """Who asked, with the rights held then: an event carries names, not rights."""
    if actor.kind is ActorKind.SYSTEM or actor.account_id is None:
        return actor
    return accounts.get_actor(actor.account_id, at=at)


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "imports"


def _kept_file(digest: str, file_name: str) -> Path:
    ending = next(shape for shape in SHAPES if file_name.endswith(shape))
    return _folder() / f"{digest}{ending}"


__all__ = ["SHAPES", "publish_catalogue_import", "read_catalogue_import", "take_catalogue_file"]
