"""Reading collection lists: for the body's officers by right, for payers by a code and one matching fact."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from tinhso.apps.collections import content, permissions, rules
from tinhso.apps.collections.data import (
    Body,
    CashlessFigure,
    CollectionNotFound,
    CollectionRules,
    Exemption,
    FeeKind,
    ListSums,
    NoSuchBill,
)
from tinhso.apps.collections.enums import LineStatus, ListStatus
from tinhso.apps.collections.models import CollectionLine, CollectionList, LinePayment
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.queries import UnitNotFound
from tinhso.apps.documents import queries as documents
from tinhso.apps.payments import queries as payments
from tinhso.apps.payments.data import OrderData
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.lib.qr import qr_picture

PAGE = 50
SLIPS = 100  # on one file: the typesetter holds them all at once
_OWING = (LineStatus.DUE, LineStatus.PARTLY_PAID)
HEADER = rules.HEADER
_SALT = "collections.line"
_TOKEN_SECONDS = 7_200
_AT_COUNTER = ("cash",)


def rules_now() -> CollectionRules:
    """The rules of content/collections."""
    return content.load(Path(settings.CONTENT_DIR))


def body_of(key: str) -> Body:
    """A body by its key.

    Raises:
        CollectionNotFound: there is none.
    """
    found = rules_now().bodies.get(key)
    if found is None:
        raise CollectionNotFound("Không có đơn vị thu này.")
    return found


def fee_of(key: str) -> FeeKind:
    """What is collected, by its key.

    Raises:
        CollectionNotFound: there is none.
    """
    found = rules_now().fees.get(key)
    if found is None:
        raise CollectionNotFound("Không có khoản thu này.")
    return found


def exemptions_for(fee: FeeKind) -> dict[str, Exemption]:
    """The reductions that apply to a fee."""
    known = rules_now().exemptions
    return {key: known[key] for key in fee.exemptions}


def unit_of(body: Body, on: date) -> int:
    """The unit a body belongs to.

    Raises:
        CollectionNotFound: the directory of this province has no such unit.
    """
    province = directory.get_province(on)
    path = province.path if body.unit == province.path else f"{province.path}/{body.unit}"
    try:
        return directory.get_unit_by_path(path).id
    except UnitNotFound as error:
        raise CollectionNotFound(f"Danh bạ không có đơn vị {body.unit} của {body.name}.") from error


def bodies_for(actor: Actor, on: date) -> list[Body]:
    """The bodies whose lists the actor draws up."""
    found = []
    for body in rules_now().bodies.values():
        try:
            unit_id = unit_of(body, on)
        except CollectionNotFound:
            continue
        if permissions.can_prepare(actor, unit_id):
            found.append(body)
    return found


def list_lists(*, actor: Actor, before: int = 0) -> tuple[list[CollectionList], int]:
    """Rounds of the actor's units, newest first, and where the next page begins (0: there is none)."""
    rows = CollectionList.objects.filter(unit_id__in=permissions.units_seen(actor))
    rows = rows.filter(pk__lt=before) if before else rows
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0


def get_list(*, actor: Actor, list_id: int) -> CollectionList:
    """One round of the actor's units.

    Raises:
        CollectionNotFound: none the actor may see.
    """
    found = CollectionList.objects.filter(pk=list_id, unit_id__in=permissions.units_seen(actor)).first()
    if found is None:
        raise CollectionNotFound
    return found


def lines_of(
    found: CollectionList, *, status: str = "", search: str = "", after: int = 0
) -> tuple[list[CollectionLine], int]:
    """Lines of a round the actor has been let in to, and where the next page begins (0: there is none)."""
    rows = CollectionLine.objects.filter(list=found, number__gt=after)
    rows = rows.filter(status=status) if status else rows
    if search:
        code = rules.read_code(search)
        rows = rows.filter(code=code) if code else rows.filter(
            Q(full_name__icontains=search) | Q(own_number__iexact=search) | Q(group_name__iexact=search)
        )  # fmt: skip
    page = list(rows.order_by("number")[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1].number if len(page) > PAGE else 0


def all_lines(found: CollectionList) -> Any:
    """Every line of a round the actor has been let in to, one after another from the database (xuất danh sách)."""
    return CollectionLine.objects.filter(list=found).order_by("number").iterator(chunk_size=500)


def slip_portions(sums: ListSums) -> range:
    """The portions in which the slips of who still has to pay are printed: 1, 2 ..."""
    waiting = sum(sums.by_status.get(status, 0) for status in _OWING)
    return range(1, -(-waiting // SLIPS) + 1)


def slips_pdf(found: CollectionList, *, portion: int, at: datetime) -> bytes:
    """Slips of a round the actor has been let in to, one for each who still has to pay (phiếu nộp), as PDF/A.

    The code on each is a transfer of what is left where the account takes transfers, else the address of the line's page.

    Raises:
        CollectionNotFound: no such portion. PaperNotTypeset: the template fails.
    """
    owing = CollectionLine.objects.filter(list=found, status__in=_OWING, order_id__isnull=False).order_by("number")
    rows = list(owing[(portion - 1) * SLIPS : portion * SLIPS]) if portion > 0 else []
    if not rows:
        raise CollectionNotFound
    orders = payments.orders_by_id([row.order_id for row in rows if row.order_id is not None])
    body, fee = body_of(found.body), fee_of(found.fee)
    data = {
        "body": body.name, "agency": {"parent": "", "name": directory.get_unit(found.unit_id).agency_name},
        "title": found.title, "due_on": found.due_on.isoformat(),
        "printed_at": at.astimezone(PROVINCE_TIME).strftime("%Y-%m-%dT%H:%M"),
        "least": fee.part_from_vnd, "assumed": bool(settings.DEMO),
        "slips": [_slip(row, orders[row.order_id or 0]) for row in rows],
    }  # fmt: skip
    return documents.typeset_paper("collections/slips.typ", data)


def _slip(line: CollectionLine, order: OrderData) -> dict[str, Any]:
    transfer = payments.transfer_details(order)
    address = f"{settings.BASE_URL}/nop-tien?ma={line.code}"
    return {
        "code": line.code, "name": line.full_name, "group": line.group_name, "own_number": line.own_number,
        "words": line.words, "due": line.due_vnd, "paid": line.paid_vnd, "left": order.left_vnd, "address": address,
        "account": f"{transfer.account_number} - {transfer.bank_name}" if transfer else "",
        "account_name": transfer.account_name if transfer else "", "text": transfer.text if transfer else "",
        "qr_svg": qr_picture(transfer.qr_text if transfer else address),
    }  # fmt: skip


def sums_of(list_ids: list[int]) -> dict[int, ListSums]:
    """Lines and money of each round; one question for all of them."""
    rows = (
        CollectionLine.objects.filter(list_id__in=list_ids)
        .values("list_id", "status")
        .annotate(n=Count("pk"), due=Sum("due_vnd"), paid=Sum("paid_vnd"), back=Sum("refunded_vnd"))
    )
    held: dict[int, list[Any]] = {list_id: [] for list_id in list_ids}
    for row in rows.order_by("list_id", "status"):
        held[row["list_id"]].append(row)
    return {
        list_id: ListSums(
            lines=sum(row["n"] for row in by),
            due_vnd=sum(row["due"] for row in by if row["status"] != LineStatus.CANCELLED),
            paid_vnd=sum(row["paid"] - row["back"] for row in by), by_status={row["status"]: row["n"] for row in by},
        )
        for list_id, by in held.items()
    }  # fmt: skip


def get_line(*, actor: Actor, code: str) -> CollectionLine:
    """One line of the actor's units with its round.

    Raises:
        CollectionNotFound: none the actor may see.
    """
    rows = CollectionLine.objects.select_related("list").filter(list__unit_id__in=permissions.units_seen(actor))
    found = rows.filter(code=rules.read_code(code) or "-").first()
    if found is None:
        raise CollectionNotFound
    return found


def money_of(line: CollectionLine) -> list[LinePayment]:
    """Money that came for a line the actor has been let in to, oldest first."""
    return list(LinePayment.objects.filter(line=line).order_by("paid_at", "pk"))


def find_bill(*, code: str, fact: str) -> str:
    """The token of the line with this code whose birth date or own number was given: two hours' right to see and pay it.

    Raises:
        NoSuchBill: the same sentence for a code that does not exist, is not open yet, or does not match.
    """
    known = CollectionLine.objects.filter(code=rules.read_code(code) or "-").exclude(status=LineStatus.DRAFT).first()
    if known is None or not rules.matches(fact, birth_date=known.birth_date, own_number=known.own_number):
        raise NoSuchBill
    return signing.dumps(known.pk, salt=_SALT)


def bill_of(token: str) -> CollectionLine:
    """The line a token gives the right to.

    Raises:
        NoSuchBill: not one of ours, or two hours have passed.
    """
    try:
        line_id = int(signing.loads(token, salt=_SALT, max_age=_TOKEN_SECONDS))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NoSuchBill("Phiên xem khoản nộp đã hết. Mời nhập lại mã và thông tin.") from error
    found = CollectionLine.objects.select_related("list").filter(pk=line_id).exclude(status=LineStatus.DRAFT).first()
    if found is None:
        raise NoSuchBill
    return found


def printed_code(typed: str) -> str:
    """A code as it is printed, empty where what was typed cannot be one."""
    return rules.read_code(typed)


def subject_of(line: CollectionLine) -> str:
    """The stream a line's orders and receipts carry."""
    return f"collection_line:{line.pk}"


def line_of_order(order_id: int) -> CollectionLine | None:
    """The line an order was raised for; None: the order is none of a list."""
    return CollectionLine.objects.select_related("list").filter(order_id=order_id).first()


def lists_at_work() -> list[int]:
    """Rounds whose lines are being opened or closed."""
    rows = CollectionList.objects.filter(status__in=[ListStatus.OPENING, ListStatus.CLOSING])
    return list(rows.order_by("pk").values_list("pk", flat=True))


def lists_to_remind(today: date) -> list[int]:
    """Open rounds whose payers are to be reminded today, by the days their fee says."""
    rows = CollectionList.objects.filter(status=ListStatus.OPEN).order_by("pk").values_list("pk", "fee", "due_on")
    fees = rules_now().fees
    return [pk for pk, fee, due in rows if fee in fees and (due - today).days in fees[fee].remind_days]


def cashless_figures(*, actor: Actor, since: date, until: date) -> list[CashlessFigure]:
    """What each body of the actor's units took in each month from `since` to before `until`, and how much without cash."""
    start, end = (datetime(day.year, day.month, day.day, tzinfo=PROVINCE_TIME) for day in (since, until))
    rows = (
        LinePayment.objects.filter(
            line__list__unit_id__in=permissions.units_seen(actor), paid_at__gte=start, paid_at__lt=end, amount_vnd__gt=0
        )
        .annotate(month=TruncMonth("paid_at", tzinfo=PROVINCE_TIME))
        .values("month", "line__list__body", "line__list__unit_id")
        .annotate(
            n=Count("pk"), vnd=Sum("amount_vnd"), cash_n=Count("pk", filter=Q(provider__in=_AT_COUNTER)),
            cash_vnd=Sum("amount_vnd", filter=Q(provider__in=_AT_COUNTER)),
        )
        .order_by("-month", "line__list__body")
    )  # fmt: skip
    names = rules_now().bodies
    return [
        CashlessFigure(
            month=row["month"].date(), body=row["line__list__body"],
            body_name=names[row["line__list__body"]].name if row["line__list__body"] in names else row["line__list__body"],
            unit_id=row["line__list__unit_id"], payments=row["n"], total_vnd=row["vnd"],
            cashless_payments=row["n"] - row["cash_n"], cashless_vnd=row["vnd"] - (row["cash_vnd"] or 0),
        )
        for row in rows
    ]  # fmt: skip
