"""The side navigation of an officer: only places this officer may go to, with what waits there."""

from datetime import datetime
from functools import lru_cache

from django.urls import reverse

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.permissions import AccountPermission, SystemPermission
from tinhso.apps.archives import queries as archives
from tinhso.apps.archives.permissions import ArchivePermission
from tinhso.apps.audit.permissions import AuditPermission
from tinhso.apps.calendars.permissions import CalendarPermission
from tinhso.apps.cases import queries as cases
from tinhso.apps.cases.data import WorkCounts
from tinhso.apps.cases.permissions import CasePermission
from tinhso.apps.cases.queries import Shelf
from tinhso.apps.collections.permissions import CollectionPermission
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.permissions import DirectoryPermission
from tinhso.apps.documents import queries as documents
from tinhso.apps.documents.permissions import can_see_disposals
from tinhso.apps.exchange import queries as exchange
from tinhso.apps.exchange.permissions import ExchangePermission
from tinhso.apps.mailboxes import queries as mailboxes
from tinhso.apps.mailboxes.permissions import MailPermission
from tinhso.apps.notifications import queries as notifications
from tinhso.apps.notifications.permissions import MessagePermission
from tinhso.apps.payments.permissions import PaymentPermission
from tinhso.apps.payouts import queries as payouts
from tinhso.apps.payouts.permissions import PayoutPermission
from tinhso.apps.petitions import queries as petitions
from tinhso.apps.petitions.permissions import PetitionPermission
from tinhso.apps.procedures.permissions import ProcedurePermission
from tinhso.apps.receipts import queries as receipts
from tinhso.apps.receipts.permissions import ReceiptPermission
from tinhso.apps.reception.permissions import ReceptionPermission
from tinhso.apps.reconciliation.permissions import NationalPermission
from tinhso.apps.signatures.permissions import SignaturePermission
from tinhso.apps.subscriptions import queries as subscriptions
from tinhso.apps.subscriptions.permissions import SubscriptionPermission
from tinhso.interfaces.ui.navigation import NavGroup, Navigation, NavLink
from tinhso.kernel import clock
from tinhso.kernel.actor import Actor
from tinhso.kernel.clock import PROVINCE_TIME

# Name, path and title of every shelf, in the order of the menu.
SHELVES: dict[Shelf, tuple[str, str]] = {
    Shelf.MINE: ("mine", "Hồ sơ của tôi"),
    Shelf.WAITING: ("waiting", "Chờ tiếp nhận"),
    Shelf.DUE_SOON: ("due_soon", "Sắp đến hạn"),
    Shelf.LATE: ("late", "Quá hạn"),
    Shelf.SUPPLEMENT: ("supplement", "Chờ bổ sung"),
    Shelf.TO_SIGN: ("to_sign", "Chờ ký"),
    Shelf.TO_DELIVER: ("to_deliver", "Chờ trả kết quả"),
    Shelf.ALL: ("all", "Tất cả hồ sơ"),
}

# A shelf that only some officers have anything to do with.
_NEEDS = {
    Shelf.WAITING: CasePermission.RECEIVE,
    Shelf.TO_SIGN: CasePermission.APPROVE,
    Shelf.TO_DELIVER: CasePermission.DELIVER,
}


@lru_cache(maxsize=128)
def _address(name: str) -> str:
    """The address of a place of the menu: the same for the life of a process, and thirty of them on every page."""
    return reverse(name)


def shelves_of(actor: Actor) -> list[Shelf]:
    """The shelves of the worklist this officer uses (ngăn hồ sơ)."""
    if not actor.has(CasePermission.VIEW):
        return []
    return [shelf for shelf in SHELVES if shelf not in _NEEDS or actor.has(_NEEDS[shelf])]


def shelf_address(shelf: Shelf) -> str:
    """Where a shelf is."""
    return _address(f"workspace:worklist:{SHELVES[shelf][0]}")


def shelf_links(actor: Actor, counts: WorkCounts, *, place: str) -> tuple[NavLink, ...]:
    """The shelves with their numbers."""
    return tuple(
        NavLink(
            SHELVES[shelf][1],
            shelf_address(shelf),
            is_current=place == shelf.value,
            count=None if shelf is Shelf.ALL else getattr(counts, SHELVES[shelf][0]),
            is_late=shelf is Shelf.LATE and counts.late > 0,
        )
        for shelf in shelves_of(actor)
    )


def navigation(actor: Actor, *, place: str, now: datetime, counts: WorkCounts | None = None) -> Navigation:
    """The whole side and top bar of an officer's page; `place` is a shelf or the key of another entry."""
    if counts is None:
        counts = cases.counts(actor=actor, now=now) if actor.has(CasePermission.VIEW) else WorkCounts()
    groups = [
        NavGroup("", shelf_links(actor, counts, place=place)),
        NavGroup("Quầy", _desk(actor, place)),
        NavGroup("Đơn vị khác hỏi", _opinions(actor, place)),
        NavGroup("Lãnh đạo", _leading(actor, place, counts)),
        NavGroup("Ký số", _signing(actor, place)),
        NavGroup("Phản ánh", _petitions(actor, place, now)),
        NavGroup("Phân việc", _work(actor, place)),
        NavGroup("Tra cứu", _reference(actor, place)),
        NavGroup("Thu, biên lai, chi trả", _vouchers(actor, place)),
        NavGroup("Lưu trữ", _archive(actor, place)),
        NavGroup("Quản trị", _administration(actor, place)),
        NavGroup("Tài khoản", (NavLink("Bảo mật, phiên đăng nhập", _address("mfa_index")),)),
    ]
    return Navigation(
        home=_address("workspace:home"),
        search=_address("workspace:worklist:search"),
        role=role_of(actor, now),
        groups=tuple(group for group in groups if group.links),
        sign_out=_address("access:sign_out"),
        bell=_bell(actor, place),
    )


def _bell(actor: Actor, place: str) -> NavLink | None:
    """Notices not seen yet; one short index range, for every page."""
    if not (actor.has(CasePermission.VIEW) or actor.has(ExchangePermission.CATALOGUE)):
        return None
    address = _address("workspace:work:notices")
    return NavLink("Thông báo", address, is_current=place == "notices", count=notifications.unread_count(actor=actor))


def _work(actor: Actor, place: str) -> tuple[NavLink, ...]:
    if not actor.has(CasePermission.VIEW):
        return ()
    links = [NavLink("Nghỉ, làm thay", _address("workspace:work:absences"), is_current=place == "absences")]
    if actor.has(CasePermission.MANAGE_WORK):
        links.insert(0, NavLink("Công việc đơn vị", _address("workspace:work:home"), is_current=place == "unit_work"))
    return tuple(links)


def role_of(actor: Actor, now: datetime) -> str:
    """`Chuyên viên · Phòng Kinh tế`: the latest role, as the top bar says it."""
    if actor.account_id is None:
        return ""
    latest = accounts.latest_role(actor.account_id, on=now.astimezone(PROVINCE_TIME).date())
    return f"{latest[0]} · {directory.get_unit(latest[1]).name}" if latest else "Chưa được giao vai trò"


def _desk(actor: Actor, place: str) -> tuple[NavLink, ...]:
    links = []
    if actor.has(CasePermission.RECEIVE):
        address = _address("workspace:counter:intake")
        links.append(NavLink("Tiếp nhận mới", address, is_current=place == "counter", shortcut="N"))
    if actor.has(ReceptionPermission.SERVE_QUEUE):
        links.append(NavLink("Gọi số", _address("workspace:queues:serving"), is_current=place == "queues"))
    if actor.has(ReceptionPermission.TAKE_OFFLINE):
        address = _address("workspace:offline:slips")
        links.append(NavLink("Phiếu khi mất mạng", address, is_current=place == "slips"))
    if actor.has(ReceptionPermission.MOVE_PAPERS):
        links.append(NavLink("Nhận hồ sơ giấy", _address("workspace:papers:scan"), is_current=place == "papers"))
    if actor.has(ReceptionPermission.MANAGE_QUEUES):
        links.append(
            NavLink("Hàng đợi của quầy", _address("workspace:queues:setup"), is_current=place == "queue_setup")
        )
    if actor.has(ReceptionPermission.VIEW_STATISTICS):
        address = _address("workspace:queues:statistics")
        links.append(NavLink("Thống kê quầy", address, is_current=place == "queue_statistics"))
    return tuple(links)


def _opinions(actor: Actor, place: str) -> tuple[NavLink, ...]:
    if not actor.has(CasePermission.ANSWER_CONSULTATION):
        return ()
    address, waiting = _address("workspace:consultations:asked"), cases.count_asked(actor=actor)
    return (NavLink("Xin ý kiến", address, is_current=place == "consultations", count=waiting),)


def _leading(actor: Actor, place: str, counts: WorkCounts) -> tuple[NavLink, ...]:
    if not actor.has(CasePermission.APPROVE):
        return ()
    address = _address("workspace:signing:batch")
    return (NavLink("Ký duyệt hàng loạt", address, is_current=place == "signing", count=counts.to_sign),)


def _signing(actor: Actor, place: str) -> tuple[NavLink, ...]:
    """For those who sign: leaders, clerks with the seal, officers who digitise."""
    if not any(actor.has(one) for one in (CasePermission.APPROVE, CasePermission.ISSUE, CasePermission.RECEIVE)):
        return ()
    address = _address("workspace:signing:plugin")
    return (NavLink("Ký bằng phần mềm trên máy", address, is_current=place == "plugin_signing"),)


def _petitions(actor: Actor, place: str, now: datetime) -> tuple[NavLink, ...]:
    if not actor.has(PetitionPermission.VIEW):
        return ()
    waiting, is_late = petitions.count_waiting(actor=actor, now=now)
    address = _address("workspace:petitions:list")
    link = NavLink("Phản ánh, kiến nghị", address, is_current=place == "petitions", count=waiting, is_late=is_late)
    return (link,)


def _reference(actor: Actor, place: str) -> tuple[NavLink, ...]:
    links = []
    if actor.has(NationalPermission.VIEW):
        links.append(
            NavLink("Đồng bộ quốc gia", _address("workspace:national:overview"), is_current=place == "national")
        )
    if actor.has(CasePermission.VIEW):
        links.append(NavLink("Hồ sơ liên thông", _address("workspace:linked:list"), is_current=place == "linked"))
        address = _address("workspace:scan_search")
        links.append(NavLink("Giấy tờ đã số hóa", address, is_current=place == "scan_search"))
    if actor.has(CasePermission.VIEW_REGISTER):
        links.append(NavLink("Sổ theo dõi", _address("workspace:registers:register"), is_current=place == "register"))
        waiting = cases.count_extracts_waiting(actor=actor, on=clock.today()) or None
        address = _address("workspace:books:list")
        links.append(NavLink("Sổ kết quả", address, is_current=place == "books", count=waiting))
        links.append(NavLink("Đánh giá", _address("workspace:registers:ratings"), is_current=place == "ratings"))
    if actor.has(AccountPermission.RECORD_MANDATE):
        links.append(NavLink("Việc đại diện", _address("workspace:mandates:search"), is_current=place == "mandates"))
    if actor.grants and mailboxes.has_rules():
        links.append(NavLink("Thư công vụ", _address("workspace:mail:mine"), is_current=place == "mail"))
    if actor.has(DirectoryPermission.VIEW) or actor.has(DirectoryPermission.MANAGE):
        links.append(NavLink("Đơn vị, cán bộ", _address("workspace:units:tree"), is_current=place == "units"))
    return tuple(links)


def _vouchers(actor: Actor, place: str) -> tuple[NavLink, ...]:
    """Receipts given and money paid out."""
    links = []
    if actor.has(PaymentPermission.COLLECT):
        links.append(NavLink("Ca thu tiền", _address("workspace:money:shift"), is_current=place == "shift"))
    if actor.has(PaymentPermission.VIEW):
        links.append(NavLink("Thu phí, lệ phí", _address("workspace:money:orders"), is_current=place == "money"))
    if actor.has(PaymentPermission.RECONCILE):
        address = _address("workspace:money:reconciliation")
        links.append(NavLink("Đối soát", address, is_current=place == "reconciliation"))
    if actor.has(ReceiptPermission.VIEW):
        address, waiting = _address("workspace:receipts:list"), receipts.count_waiting(actor) or None
        links.append(NavLink("Biên lai điện tử", address, is_current=place == "receipts", count=waiting))
    if actor.has(CollectionPermission.VIEW):
        address = _address("workspace:collections:list")
        links.append(NavLink("Học phí, viện phí", address, is_current=place == "collections"))
    if actor.has(PayoutPermission.VIEW):
        address, waiting = _address("workspace:payouts:list"), payouts.count_waiting(actor) or None
        links.append(NavLink("Chi trả trợ cấp", address, is_current=place == "payouts", count=waiting))
    return tuple(links)


def _archive(actor: Actor, place: str) -> tuple[NavLink, ...]:
    links = []
    if actor.has(ArchivePermission.VIEW):
        waiting = archives.count_waiting(actor=actor)
        address = _address("workspace:archives:list")
        links.append(NavLink("Nộp lưu, lưu trữ", address, is_current=place == "archives", count=waiting))
    if actor.has(MailPermission.READ_ARCHIVE) and mailboxes.has_rules():
        links.append(
            NavLink("Thư đã lưu trữ", _address("workspace:mail:archives"), is_current=place == "mail_archives")
        )
    if can_see_disposals(actor):
        waiting = documents.count_disposals_waiting(actor)
        address = _address("workspace:disposals:list")
        links.append(NavLink("Tệp hết thời hạn", address, is_current=place == "disposals", count=waiting))
    return tuple(links)


def _administration(actor: Actor, place: str) -> tuple[NavLink, ...]:
    links = []
    if actor.has(AccountPermission.MANAGE):
        links.append(NavLink("Tài khoản cán bộ", _address("workspace:staff:list"), is_current=place == "staff"))
    if actor.has(ProcedurePermission.MANAGE) or actor.has(ProcedurePermission.APPROVE):
        links.append(NavLink("Danh mục thủ tục", _address("workspace:catalogue:home"), is_current=place == "catalogue"))
    if actor.has(CasePermission.PROPOSE_VERSION_MOVE):
        address = _address("workspace:versions:list")
        links.append(NavLink("Chuyển phiên bản", address, is_current=place == "versions"))
    if actor.has(CasePermission.PROPOSE_REORGANISATION):
        address = _address("workspace:reorganisations:list")
        links.append(NavLink("Bàn giao hồ sơ", address, is_current=place == "reorganisations"))
    if actor.has(CalendarPermission.PUBLISH):
        links.append(NavLink("Lịch làm việc", _address("workspace:clock:calendar"), is_current=place == "calendar"))
    if actor.has(CasePermission.RECOMPUTE):
        links.append(NavLink("Tính lại thời hạn", _address("workspace:clock:rounds"), is_current=place == "rounds"))
    if actor.has(CasePermission.RECORD_INCIDENT):
        links.append(NavLink("Sự cố", _address("workspace:clock:incidents"), is_current=place == "incidents"))
    if actor.has(SignaturePermission.MANAGE_SIGNERS):
        links.append(NavLink("Nơi ký, con dấu", _address("workspace:signers:list"), is_current=place == "signers"))
    if actor.has(SystemPermission.OPERATE):
        links.append(NavLink("Dấu thời gian", _address("workspace:signers:queue"), is_current=place == "stamps"))
    if actor.has(ExchangePermission.CATALOGUE):
        address = _address("workspace:exchange:services")
        alarms = exchange.count_alarms() or None if actor.has(ExchangePermission.MANAGE) else None
        links.append(
            NavLink("Chia sẻ dữ liệu", address, is_current=place == "exchange", count=alarms, is_late=bool(alarms))
        )
    if actor.has(SubscriptionPermission.MANAGE):
        address, waiting = _address("workspace:events:list"), subscriptions.count_paused() or None
        links.append(
            NavLink("Sự kiện gửi đi", address, is_current=place == "events", count=waiting, is_late=bool(waiting))
        )
    if actor.has(MailPermission.MANAGE) and mailboxes.has_rules():
        address, waiting = _address("workspace:mail:boxes"), mailboxes.count_waiting(actor) or None
        links.append(NavLink("Hộp thư của đơn vị", address, is_current=place == "mail_unit", count=waiting))
    if actor.has(MailPermission.OPERATE) and mailboxes.has_rules():
        links.append(NavLink("Máy chủ thư", _address("workspace:mail:servers"), is_current=place == "mail_servers"))
    if actor.has(MessagePermission.OPERATE):
        links.append(
            NavLink("Tin nhắn gửi ra ngoài", _address("workspace:messages:list"), is_current=place == "messages")
        )
    if actor.has(AuditPermission.VIEW):
        links.append(NavLink("Nhật ký", _address("workspace:log:entries"), is_current=place == "log"))
    return tuple(links)


def first_page(actor: Actor) -> str:
    """Where an officer who works on no cases begins."""
    if actor.has(ProcedurePermission.MANAGE):
        return _address("workspace:catalogue:home")
    if actor.has(AuditPermission.VIEW):
        return _address("workspace:log:entries")
    if actor.has(ArchivePermission.KEEP):
        return _address("workspace:archives:list")
    if actor.has(PaymentPermission.RECONCILE):
        return _address("workspace:money:orders")
    if actor.has(AccountPermission.MANAGE) or actor.has(DirectoryPermission.VIEW):
        return _address("workspace:units:tree")
    return ""
