"""What pages of single objects need to be there: a file looked into, a number drawn, a round proposed (đồ đạc của các trang).

Each function makes its objects through the real actions and tells the addresses that no list leads to.
"""

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

from django.core import signing

from tests.architecture.test_routes import NOW, Stage
from tests.factories import files
from tests.factories.archives import ArchiveMaker
from tests.factories.cases import ALLOWANCE, RECEIVED_AT, CaseMaker
from tests.factories.exchange_lines import asked_line
from tests.factories.exchange_place import Place
from tests.factories.mail import department, division, group, settle, worker
from tests.factories.mail_store import archived
from tests.factories.petitions import PetitionMaker
from tests.factories.procedures import national_value
from tests.factories.reception import OfflineDesk
from tests.factories.reorganisations import merge
from tests.factories.scans import sheet
from tests.factories.world import CONTENT, World, citizen, officer
from tinhso.apps.archives import actions as archives
from tinhso.apps.archives.models import ArchivalFile
from tinhso.apps.calendars.actions import publish_calendar
from tinhso.apps.calendars.queries import get_definition
from tinhso.apps.cases import actions, flows
from tinhso.apps.cases.data import DocumentInput
from tinhso.apps.cases.models import CaseDocument, Consultation, Paper, Recomputation
from tinhso.apps.directory.data import UnitData
from tinhso.apps.documents.actions import store_file
from tinhso.apps.exchange import actions as exchange
from tinhso.apps.exchange import queries as services
from tinhso.apps.exchange.data import HubAgency
from tinhso.apps.notifications import queries as notifications
from tinhso.apps.payments import actions as payments
from tinhso.apps.petitions.data import AttachmentInput
from tinhso.apps.procedures import actions as procedures
from tinhso.apps.procedures.content import load_package, package_folders, read_national
from tinhso.apps.procedures.queries import list_versions
from tinhso.apps.reception import actions as reception
from tinhso.apps.signatures import actions as signatures
from tinhso.apps.signatures import queries as signed
from tinhso.apps.signatures.enums import OwnerKind
from tinhso.interfaces.portal.queues.views import KIOSK, KIOSK_SALT
from tinhso.kernel.actor import SYSTEM, Actor
from tinhso.kernel.clock import PROVINCE_TIME
from tinhso.kernel.jobs import run_waiting
from tinhso.lib.worktime import DayKind, SpecialDay

ADMINISTRATOR = "administrator of a department"  # key among a place's officers: she has no commune


def hired(place: World, role: str, unit: UnitData | None = None) -> Actor:
    """An officer of a role that the world has not; the commune's is the one who is signed in for it."""
    key = f"{role}@{(unit or place.commune).path}"
    if key not in place.officers:
        place.officers[key] = officer(role, unit or place.commune)
    return place.officers[key]


def pieces(stage: Stage, between: Place) -> list[str]:
    """Everything below, about the offices `between` which data is shared too. The other commune ends last of all."""
    told = [*_papers(stage), *_opinion(stage), *_scan(stage), *_petitions(stage), *_hall(stage), *_shift(stage)]
    told += [*_archive(stage), *_mail(stage), *_axis(between), *_catalogue(), *_slip(stage)]
    run_waiting()
    return [*told, *_batch(stage), *_code(stage), *_rounds(stage), *_reorganised(stage)]


def _papers(stage: Stage) -> list[str]:
    """A case with a file looked into, a draft of a result, an extract, a paper with a code, a picture of a signature."""
    maker, place = stage.maker, stage.maker.place
    leader = place.officer("leader")
    case = maker.at("delivered")
    stored = store_file(content=files.pdf(pages=2), name="ban-chup.pdf", actor=SYSTEM, at=RECEIVED_AT)
    document = CaseDocument.objects.create(
        case=case, key="scan", name="Bản chụp giấy chứng nhận", presence="uploaded", file_id=stored.id,
        added_at=RECEIVED_AT,
    )  # fmt: skip
    file = f"ho-so/{case.code}/tep/{document.pk}"
    result = case.results.get()
    asked = actions.request_extract(
        result_id=result.pk, kind="extract", recipient="Nguyễn Thị Ví Dụ", purpose="Nộp hồ sơ",
        actor=place.officer("clerk"), at=NOW,
    )  # fmt: skip
    actions.approve_extract(extract_id=asked.pk, actor=leader, at=NOW)
    signatures.set_picture(
        owner_kind=OwnerKind.PERSON, owner_id=leader.account_id or 0, file_id=_picture(), actor=leader, at=NOW
    )
    return [
        *(f"/{part}{file}{rest}" for part in ("", "can-bo/") for rest in ("", "/xem", "/trang/1")),
        f"/can-bo/ho-so/{maker.at('approval').code}/du-thao", f"/can-bo/so-ket-qua/trich-luc/{asked.pk}",
        f"/can-bo/chu-ky-so/anh/person/{leader.account_id}",
        f"/thong-bao/thoi-nhan/{notifications.unsubscribe_token(maker.person.account_id or 0, 'progress')}",
    ]  # fmt: skip


def _picture() -> int:
    return store_file(content=files.png(64, 64), name="chu-ky.png", actor=SYSTEM, at=NOW).id


def _code(stage: Stage) -> list[str]:
    """What the square on a paper leads to, once the province has a key for such squares."""
    paper = Paper.objects.select_related("case").filter(case__code=stage.own["code"]).exclude(check_code="")[0]
    claim = signed.paper_claim(
        code=paper.check_code, kind="Giấy tiếp nhận", number=paper.number,
        issued_on=paper.created_at.astimezone(PROVINCE_TIME).date(), issuer="Trung tâm", holder=paper.case.applicant_name,
    )  # fmt: skip
    return [signed.paper_address(claim, base_url="")]


def _opinion(stage: Stage) -> list[str]:
    """Another unit's opinion with a paper."""
    maker, place = stage.maker, stage.maker.place
    case = maker.at("appraisal")
    asked: Consultation = actions.ask_consultation(
        case_id=case.pk, step=case.step_key, unit_ids=[place.other_commune.id], question="Người này có hưởng nơi khác không?",
        working_days=3, actor=place.officer("specialist"), at=NOW,
    )[0]  # fmt: skip
    written = store_file(content=files.PDF, name="y-kien.pdf", actor=SYSTEM, at=NOW)
    actions.answer_consultation(
        consultation_id=asked.pk, opinion="agree", text="Không hưởng nơi khác.", file_id=written.id,
        actor=place.officer("specialist", place.other_commune), at=NOW,
    )  # fmt: skip
    return [f"/can-bo/ho-so/{case.code}/y-kien/{asked.pk}"]


def _scan(stage: Stage) -> list[str]:
    """Two pages scanned at the counter, one of them leaning."""
    maker = stage.maker
    case = maker.received(documents=[DocumentInput(key="declaration", presence="paper")])
    pages = [store_file(content=one, name="quet.jpg", actor=SYSTEM, at=NOW).id for one in (sheet(), sheet(lean=5))]
    scan = actions.take_scan(
        case_id=case.pk, key="declaration", file_ids=pages, declared_pages=2, actor=maker.officer("one_stop_officer"),
        at=NOW,
    )  # fmt: skip
    flows.check_scan(scan_id=scan.pk, at=NOW)
    here = f"/can-bo/ho-so/{case.code}/so-hoa"
    return [here, f"{here}/declaration", f"{here}/declaration/trang/1"]


def _petitions(stage: Stage) -> list[str]:
    """One with a file, one that everybody may read."""
    maker = PetitionMaker(stage.maker.place, person=stage.maker.person)
    sent = maker.send(attachments=[AttachmentInput("anh.pdf", BytesIO(files.pdf(pages=2)))])
    file = f"{sent.code}/tep/{sent.attachments.get().pk}"
    ways = [
        f"/{part}/{file}{rest}" for part in ("phan-anh/cua-toi", "can-bo/phan-anh") for rest in ("", "/xem", "/trang/1")
    ]
    return [*ways, f"/phan-anh/{maker.at('published').code}"]


def _hall(stage: Stage) -> list[str]:
    """A number drawn at the kiosk."""
    place = stage.maker.place
    unit_id = OfflineDesk(place).unit_id
    queue = reception.open_queue(
        unit_id=unit_id, name="Hộ tịch", letter="A", fields=[], places=1, actor=place.officer("unit_admin"), at=NOW
    )
    ticket = reception.take_ticket(queue_id=queue.pk, is_priority=False, actor=KIOSK, at=NOW)
    key = signing.dumps(unit_id, salt=KIOSK_SALT)
    return [
        f"/kiosk/{unit_id}/so/{ticket.code}?khoa={key}",
        f"/so-thu-tu/{ticket.code}",
        f"/kiosk/{unit_id}?khoa={key}",
    ]


def _slip(stage: Stage) -> list[str]:
    """What was written at the counter without a line."""
    desk = OfflineDesk(stage.maker.place)
    return [f"/can-bo/quay/ngoai-tuyen/phieu/{desk.store().number}"]


def _shift(stage: Stage) -> list[str]:
    """A drawer with a fee in it; the list of what was taken."""
    place = stage.maker.place
    counter = place.officer("one_stop_officer")
    shift_id = payments.open_shift(unit_id=place.commune.id, float_vnd=100_000, actor=counter, at=NOW)
    return [f"/can-bo/thu-phi/ca/{shift_id}/bang-ke"]


def _archive(stage: Stage) -> list[str]:
    """A list that the archive has taken over, and a file of it that somebody asked to use."""
    place = stage.maker.place
    maker = ArchiveMaker(place, hired(place, "records_officer"), hired(place, "records_officer", place.province))
    listing = maker.listing("approved")
    run_waiting()
    archives.accept_list(list_id=listing.pk, actor=maker.taker, at=NOW)
    run_waiting()
    file = ArchivalFile.objects.filter(listing=listing).order_by("pk")[0]
    use = archives.request_use(
        archival_file_id=file.pk, purpose="Trả lời tòa án", recipient="Tòa án khu vực", actor=maker.keeper, at=NOW
    )
    here = "/can-bo/luu-tru"
    return [f"{here}/{listing.pk}/bien-ban", f"{here}/goi/{file.pk}/sip", f"{here}/khai-thac/{use.pk}"]


def _mail(stage: Stage) -> list[str]:
    """The boxes of a department, with who looks after them; a box of the commune that was closed and is archived."""
    left = worker(stage.maker.place.commune, "deputy_leader", "Võ Văn Xã", "XA1")
    settle(left, units_too=(stage.maker.place.commune,))
    archived(left, b"Subject: mau\r\n\r\nKinh gui.\r\n")
    unit = department()
    desk = worker(division(unit), "specialist", "Đỗ Quản Trị", "QT1", role="unit_admin")
    settle(desk, units_too=(unit,))
    stage.maker.place.officers[ADMINISTRATOR] = desk.actor
    return [f"/can-bo/thu-cong-vu/hop-thu/{desk.box.pk}", f"/can-bo/thu-cong-vu/danh-sach/{group('all', unit).pk}"]


def _axis(place: Place) -> list[str]:
    """An agency of the axis of documents, a service with its trial, a message of the log."""
    agency = HubAgency("H48.99", "Cơ quan mẫu", "", "H48", "mau@example.gov.vn", 1, is_deleted=False)
    exchange.record_axis_directory(agencies=[agency], is_whole=True, actor=SYSTEM, at=NOW)
    line = asked_line(1, None, client=str(place.client), service=str(place.shared))
    line.save()
    service_id = services.service_pk(place.shared)
    here = "/can-bo/chia-se-du-lieu"
    return [
        f"{here}/truc-van-ban/co-quan/{agency.code}", f"{here}/thong-diep/{line.exchange_id}",
        f"{here}/de-nghi/moi/{service_id}", f"{here}/dich-vu/{service_id}/thu", f"{here}/dich-vu/{service_id}/chan-doan",
    ]  # fmt: skip


def _batch(stage: Stage) -> list[str]:
    """Two results signed with one consent, to the end."""
    maker, leader = stage.maker, stage.maker.place.officer("leader")
    shown = [(str(one.code), one.step_key) for one in (maker.at("approval"), maker.at("approval"))]
    batch = actions.consent_to_signing(cases=shown, actor=leader, at=NOW)
    run_waiting()
    return [f"/can-bo/ky-duyet/luot/{batch.uuid}"]


def _catalogue() -> list[str]:
    """A national catalogue that was read, with what it would change."""
    read = procedures.import_catalogue(
        records=[read_national(national_value())], file_name="danh-muc.jsonl", file_digest="0" * 64,
        effective_from=date(2026, 12, 1), actor=SYSTEM, at=NOW,
    )  # fmt: skip
    return [f"/can-bo/danh-muc/nhap/{read.import_id}", f"/can-bo/danh-muc/nhap/{read.import_id}/tien-do"]


def _rounds(stage: Stage) -> list[str]:
    """Deadlines computed anew after a day off was announced; running cases offered to a later version."""
    maker = stage.maker
    known = get_definition()
    day = SpecialDay(date(2026, 3, 4), DayKind.HOLIDAY, "Nghỉ đột xuất", "Quyết định mẫu")
    publish_calendar(definition=replace(known, days=(*known.days, day)), actor=SYSTEM, at=NOW)
    run_waiting()
    folder = next(one for one in package_folders(CONTENT) if one.name == ALLOWANCE)
    later = deepcopy(load_package(folder, root=CONTENT)[0])
    later["procedure"]["effective_from"] = "2026-03-03"
    for rule in later["procedure"]["limits"]:
        rule["limit"] = "9 working_day"
        rule.pop("mountain", None)
    next(step for step in later["workflow"]["steps"] if step["key"] == "appraisal")["hours"] = 40
    procedures.publish_package(value=later, actor=SYSTEM, at=NOW)
    maker.at("appraisal")
    move = actions.propose_version_move(
        procedure_code=ALLOWANCE, to_version_id=list_versions(ALLOWANCE)[0].id, reason="Luật mới", basis="Điều 9",
        actor=hired(maker.place, "catalogue_admin", maker.place.province), at=NOW,
    )  # fmt: skip
    here = "/can-bo/chuyen-phien-ban"
    return [
        f"/can-bo/dong-ho/tinh-lai/{Recomputation.objects.latest('pk').pk}", f"{here}/{move.pk}",
        f"{here}/de-nghi?thu-tuc={ALLOWANCE}&phien-ban={move.to_version_id}",
    ]  # fmt: skip


def _reorganised(stage: Stage) -> list[str]:
    """The other commune has gone into this one: one round of its cases is proposed, another unit's is looked at."""
    place = stage.maker.place
    far = CaseMaker(
        World(place.province, place.other_commune, place.commune, place.officers), person=citizen("051190000020")
    )
    far.at("appraisal")
    merge(place.other_commune, place.commune, on=NOW.date() + timedelta(days=1))
    names = {"from_unit_id": place.other_commune.id, "to_unit_id": place.commune.id}
    look = f"/can-bo/ban-giao/de-nghi?tu={place.other_commune.id}&den={place.commune.id}"
    made = actions.propose_reorganisation(
        **names, reason="Sắp xếp đơn vị", basis="12/NQ", actor=place.officer("unit_admin"), at=NOW + timedelta(days=1)
    )
    return [f"/can-bo/ban-giao/{made.pk}", look]
