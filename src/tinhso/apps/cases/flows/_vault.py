"""The vault and the case: checking signatures on the way in, telling cases of what ended, the period of files."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tinhso.apps.cases import actions, queries
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.data import FileHeld, StorageUnavailable
from tinhso.apps.documents.queries import retention_kinds
from tinhso.apps.signatures import queries as signatures
from tinhso.apps.signatures.queries import verify_pdf
from tinhso.apps.vault import queries as vault
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.crash import crash
from tinhso.kernel.flows import flow

_RETENTION = "case_document"  # of content/retention/files.yaml


@flow
def keep_result(*, result_id: int, file_id: int, at: datetime) -> int | None:
    """Đưa kết quả đã ký vào kho của chủ hồ sơ, with what the check of its signatures said. Told twice, it enters once."""
    return actions.keep_result(result_id=result_id, report=_signature_report(file_id, at), actor=SYSTEM, at=at)


@flow
def backfill_vault(*, at: datetime, told: Callable[[int, int], None] = lambda kept, left: None) -> tuple[int, int]:
    """Đưa kết quả đã ký từ trước khi có kho vào kho của chủ hồ sơ, in the order they were made.

    Cut off anywhere it is simply run again: what is in a vault is passed over. Returns how many entered, and how many
    could not be read now (`told` hears both after every batch).
    """
    kept = left = 0
    after: int | None = 0
    while after is not None:
        waiting, after = queries.results_to_backfill(after=after)
        for old in waiting:
            try:
                entered = keep_result(result_id=old.id, file_id=old.file_id, at=at)
            except (FileHeld, StorageUnavailable):
                left += 1
                continue
            crash("backfill_vault:kept")
            kept += entered is not None
            if old.ended:
                actions.end_kept_result(result_id=old.id, reason=old.ended, actor=SYSTEM, at=at)
        told(kept, left)
    return kept, left


@flow
def take_strengthened(*, subject: str, at: datetime) -> None:
    """Hồ sơ và kho của chủ hồ sơ dùng bản mới nhất có thêm dấu thời gian, bằng chứng; told twice, it happens once."""
    actions.take_strengthened_file(subject=subject, actor=SYSTEM, at=at)
    crash("strengthened:after_case")
    result_id, file_id = queries.result_of_subject(subject), signatures.current_file_of(subject)
    if result_id is not None and file_id is not None:
        report = _signature_report(file_id, at)
        actions.renew_kept_result(result_id=result_id, report=report, actor=SYSTEM, at=at)


@flow
def keep_components(*, case_id: int, at: datetime) -> int:
    """Đưa các thành phần hồ sơ đã kiểm tra vào kho của chủ hồ sơ; returns how many are there now by this case."""
    kept = 0
    for document_id, file_id in queries.components_to_keep(case_id):
        report = _signature_report(file_id, at)
        made = actions.keep_component(document_id=document_id, report=report, actor=SYSTEM, at=at)
        kept += made is not None
    return kept


@flow
def flag_sources(*, document_id: int, at: datetime) -> int:
    """Báo các hồ sơ đang giải quyết rằng giấy tờ chúng dùng đã bị thay thế, thu hồi; returns how many were told now."""
    ended = vault.list_by_id([document_id], on=at.astimezone(PROVINCE_TIME).date())[document_id]
    return sum(
        actions.flag_source(document_id=component_id, ended_id=document_id, actor=SYSTEM, at=at)
        for component_id in queries.sources_to_flag(ended)
    )


def _signature_report(file_id: int, at: datetime) -> dict[str, Any]:
    """What the check of a file's signatures says on entering the vault: words for people, facts for specialists.

    `checked` is false for what carries no signatures by its kind (pictures, office files).
    """
    file = documents.get_file(file_id)
    if file.media_type != "application/pdf":
        return {"checked": False}
    verdict = verify_pdf(documents.read_file(file_id), at=at)
    return {
        "checked": True, "at": at.isoformat(), "ok": verdict.ok, "outcome": verdict.outcome,
        "headline": verdict.headline, "sentences": list(verdict.sentences), "sealed": verdict.sealed,
        "signers": [
            {"name": one.signer, "organisation": one.organisation, "seal": one.is_seal, "ok": one.ok,
             "signed_at": one.signed_at.isoformat() if one.signed_at else None}
            for one in verdict.signatures
        ],
    }  # fmt: skip


@flow
def begin_retention(*, at: datetime) -> int:
    """Bắt đầu tính thời hạn lưu giữ giấy tờ của những hồ sơ đã kết thúc; run again, what has begun stays. Returns how many."""
    if _RETENTION not in retention_kinds():
        return 0
    total, more = 0, True
    while more:
        begun, more = actions.begin_retention_of_ended(kind=_RETENTION, actor=SYSTEM, at=at)
        total += begun
    return total
