"""Long work on rounds, reading uploaded sheets, and a payer's way without signing in."""

from datetime import datetime

from tinhso.apps.collections import actions, queries, rules
from tinhso.apps.collections.data import CollectionInvalid, CollectionMoved, NoSuchBill
from tinhso.apps.collections.enums import LineStatus, ListStatus
from tinhso.apps.collections.models import CollectionList
from tinhso.apps.payments import actions as payment_actions
from tinhso.apps.payments import flows as payment_flows
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.crash import crash
from tinhso.kernel.flows import flow
from tinhso.lib.spreadsheet import SheetError, read_csv, read_xlsx

_ZIP = b"PK\x03\x04"


@flow
def import_file(*, list_id: int, content: bytes, actor: Actor, at: datetime) -> int:
    """Nhập danh sách thu từ tệp CSV (UTF-8) hoặc XLSX (trang tính đầu). Returns how many lines the list has.

    Raises:
        CollectionInvalid: it cannot be read, or with every wrong line in words; then nothing is changed.
        CollectionNotFound, CollectionMoved: as `actions.set_lines`.
    """
    if content.startswith(_ZIP):
        try:
            table = read_xlsx(content, most_rows=rules.MOST_LINES + 1, most_columns=len(rules.HEADER) + 5)
        except SheetError as error:
            raise CollectionInvalid(str(error)) from error
    else:
        try:
            table = read_csv(content.decode("utf-8-sig"))
        except SheetError as error:
            raise CollectionInvalid(str(error)) from error
        except UnicodeDecodeError as error:
            raise CollectionInvalid(
                "Tệp không phải văn bản UTF-8 hay XLSX; khi lưu hãy chọn “CSV UTF-8” hoặc “Excel Workbook”."
            ) from error
    return actions.set_lines(list_id=list_id, table=table, actor=actor, at=at)


@flow
def work_list(*, list_id: int, at: datetime) -> CollectionList:
    """Mở hoặc khóa một đợt thu đến hết; stopped or killed, it goes on after the last line."""
    found = actions.work_portion(list_id=list_id, actor=SYSTEM, at=at)
    while found.status in {ListStatus.OPENING, ListStatus.CLOSING}:
        crash("work_list:between")
        found = actions.work_portion(list_id=list_id, actor=SYSTEM, at=at)
    return found


@flow
def work_left_over(*, at: datetime) -> int:
    """Làm tiếp những đợt thu đang dở. Returns how many were looked at."""
    waiting = queries.lists_at_work()
    for list_id in waiting:
        work_list(list_id=list_id, at=at)
    return len(waiting)


@flow
def remind_due(*, at: datetime) -> int:
    """Nhắc những đợt thu đến ngày nhắc theo khoản thu. Returns how many people were told."""
    today = at.astimezone(PROVINCE_TIME).date()
    return sum(actions.remind(list_id=one, actor=SYSTEM, at=at) for one in queries.lists_to_remind(today))


@flow
def start_payment(*, token: str, provider: str, part_vnd: int | None, ip: str, at: datetime) -> str:
    """Bắt đầu nộp một dòng thu bằng mã và thông tin đã khớp, không đăng nhập; the address to send the payer to.

    The token is the whole right, so the system acts for whoever holds it. `part_vnd`: None is all that is left.

    Raises:
        NoSuchBill: no right. CollectionMoved: nothing to pay. CollectionInvalid: a part that may not be paid by itself.
        NoCollectingAccount, ProviderUnavailable: as `payments.flows.start_payment`.
    """
    line = queries.bill_of(token)
    if line.order_id is None or line.status not in {LineStatus.DUE, LineStatus.PARTLY_PAID}:
        raise CollectionMoved("Khoản này không còn phải nộp.")
    least, left = queries.fee_of(line.list.fee).part_from_vnd, line.due_vnd - line.paid_vnd
    if part_vnd is not None and (problem := rules.part_problem(part_vnd, left_vnd=left, least_vnd=least)):
        raise CollectionInvalid(problem)
    return payment_flows.start_payment(
        order_id=line.order_id, provider=provider, part_vnd=part_vnd, ip=ip, actor=SYSTEM, at=at,
        return_path=f"/nop-tien/{token}/tro-ve",
    )  # fmt: skip


@flow
def come_back(*, token: str, reference: str, at: datetime) -> None:
    """Người nộp quay về từ trang thanh toán: the provider is asked, the browser is not believed.

    Raises:
        NoSuchBill: no right, or the try is not one of this line.
    """
    line = queries.bill_of(token)
    if not reference.startswith(f"{line.code}-"):
        raise NoSuchBill
    payment_actions.note_return(reference=reference, actor=SYSTEM, at=at)
