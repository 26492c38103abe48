"""Addresses of citizens' pages: Vietnamese without diacritics."""

from django.conf import settings
from django.urls import URLPattern, path

from tinhso.interfaces.portal import gallery, security_txt, views
from tinhso.interfaces.portal.cases import extracts, linked, supplements, thread
from tinhso.interfaces.portal.cases import views as cases
from tinhso.interfaces.portal.catalogue import views as catalogue
from tinhso.interfaces.portal.check import offline as check_offline
from tinhso.interfaces.portal.check import views as check
from tinhso.interfaces.portal.collections import views as collections
from tinhso.interfaces.portal.drafts import documents, lookups, review
from tinhso.interfaces.portal.drafts import views as drafts
from tinhso.interfaces.portal.follow import views as follow
from tinhso.interfaces.portal.messages import choices, hooks, unsubscribe
from tinhso.interfaces.portal.notices import views as notices
from tinhso.interfaces.portal.opendata import views as opendata
from tinhso.interfaces.portal.payments import views as payments
from tinhso.interfaces.portal.petitions import follow as petition_follow
from tinhso.interfaces.portal.petitions import mine as my_petitions
from tinhso.interfaces.portal.petitions import sending as petition_sending
from tinhso.interfaces.portal.petitions import views as petitions
from tinhso.interfaces.portal.queues import views as queues
from tinhso.interfaces.portal.rating import views as rating
from tinhso.interfaces.portal.readings import views as readings
from tinhso.interfaces.portal.vault import parcels as vault_parcels
from tinhso.interfaces.portal.vault import shared as vault_shared
from tinhso.interfaces.portal.vault import views as vault

app_name = "portal"

urlpatterns: list[URLPattern] = [
    path("", catalogue.home, name="home"),
    path("tim", catalogue.search, name="search"),
    path("tim/goi-y", catalogue.suggest, name="suggest"),
    path("thu-tuc/<str:code>", catalogue.procedure, name="procedure"),
    path("thu-tuc/<str:code>/quy-trinh.bpmn", catalogue.process, name="process"),
    path("thu-tuc/<str:code>/bat-dau", drafts.start, name="start"),
    path("lam-mot-lan", catalogue.linked, name="linked"),
    path("tra-cuu", follow.follow, name="follow"),
    path("kiem-tra", check.check, name="check"),
    path("kiem-tra/ngoai-tuyen", check_offline.page, name="check_offline"),
    path("kiem-tra/ngoai-tuyen.js", check_offline.worker, name="check_worker"),
    path("kiem-tra/<str:code>", check.check_code, name="check_code"),
    # Capitals: the QR of a paper is drawn smaller when its address has no small letters.
    path("KT/<str:code>/<str:payload>", check.check_signed, name="check_signed"),
    path(".well-known/security.txt", security_txt.security_txt, name="security_txt"),
    path(".well-known/tinhso-paper-keys.json", check_offline.keys, name="paper_keys"),
    path("danh-gia/<str:token>", rating.rate, name="rate_by_link"),
    path("ho-so/", cases.my_cases, name="my_cases"),
    path("ho-so/soan/<int:case_id>", drafts.edit, name="draft"),
    path("ho-so/soan/<int:case_id>/luu", drafts.autosave, name="draft_save"),
    path("ho-so/soan/<int:case_id>/lay-du-lieu/<str:key>", lookups.fetch, name="draft_fetch"),
    path("ho-so/soan/<int:case_id>/bo", drafts.discard, name="draft_discard"),
    path("ho-so/soan/<int:case_id>/giay-to", documents.documents, name="draft_documents"),
    path("ho-so/soan/<int:case_id>/giay-to/<str:key>/them", documents.upload, name="draft_upload"),
    path("ho-so/soan/<int:case_id>/giay-to/<int:document_id>/bo", documents.remove, name="draft_remove"),
    path("ho-so/soan/<int:case_id>/giay-to/<str:key>/tu-kho", documents.take_from_vault, name="draft_from_vault"),
    path("ho-so/soan/<int:case_id>/xem-lai", review.review, name="draft_review"),
    path("ho-so/<str:code>", cases.case, name="case"),
    path("ho-so/<str:code>/bo-sung", supplements.supplement, name="supplement"),
    path("ho-so/<str:code>/trao-doi", thread.talk, name="talk"),
    path("ho-so/<str:code>/rut", cases.withdraw, name="withdraw"),
    path("ho-so/<str:code>/nhan-ket-qua", cases.take_result, name="take_result"),
    path("ho-so/<str:code>/ket-qua", cases.result, name="result"),
    path("ho-so/<str:code>/lien-thong/nhan", linked.take_bundle, name="take_bundle"),
    path("ho-so/<str:code>/lien-thong/<str:key>", linked.leg_result, name="leg_result"),
    path("ho-so/<str:code>/trich-luc", extracts.extracts, name="extracts"),
    path("ho-so/<str:code>/danh-gia", cases.rate, name="rate"),
    path("ho-so/<str:code>/nop-phi", payments.pay, name="pay"),
    path("ho-so/<str:code>/nop-phi/<int:order_id>", payments.start, name="pay_start"),
    path("ho-so/<str:code>/nop-phi/<int:order_id>/chung-tu/<int:attempt_id>", payments.bill, name="pay_bill"),
    path("nop-tien", collections.search, name="bill_search"),
    path("nop-tien/<str:token>", collections.bill, name="bill"),
    path("nop-tien/<str:token>/tra", collections.pay, name="bill_pay"),
    path("nop-tien/<str:token>/tro-ve", collections.back, name="bill_back"),
    path("nop-tien/<str:token>/bien-lai/<int:receipt_id>", collections.receipt, name="bill_receipt"),
    path("thanh-toan/tro-ve", payments.back, name="pay_back"),
    path("thanh-toan/thong-bao", payments.notified, name="pay_notified"),
    path("thanh-toan/ngan-hang", payments.bank_told, name="bank_told"),
    path("ho-so/<str:code>/giay/<int:paper_id>", cases.paper, name="paper"),
    path("ho-so/<str:code>/bien-lai/<int:receipt_id>/<str:kind>", cases.receipt, name="receipt"),
    path("ho-so/<str:code>/tep/<int:document_id>", cases.document, name="document"),
    path("ho-so/<str:code>/tep/<int:document_id>/xem", cases.document_preview, name="document_preview"),
    path("ho-so/<str:code>/tep/<int:document_id>/trang/<int:number>", cases.document_sheet, name="document_sheet"),
    path("kho-giay-to/", vault.vault, name="vault"),
    path("kho-giay-to/da-xem", readings.moved, name="vault_looks"),
    path("ai-da-xem", readings.readings, name="readings"),
    path("kho-giay-to/tai-ve", vault_parcels.export, name="vault_export"),
    path("kho-giay-to/tai-ve/<int:export_id>", vault_parcels.parcel, name="vault_parcel"),
    path("kho-giay-to/chia-se/<int:share_id>/thu-hoi", vault.revoke, name="vault_share_revoke"),
    path("kho-giay-to/<uuid:uuid>", vault.document, name="vault_document"),
    path("kho-giay-to/<uuid:uuid>/tep", vault.file, name="vault_file"),
    path("kho-giay-to/<uuid:uuid>/chia-se", vault.share, name="vault_share"),
    path("chia-se/<str:token>", vault_shared.shared, name="shared"),
    path("kiosk/<int:unit_id>", queues.kiosk, name="kiosk"),
    path("kiosk/<int:unit_id>/so/<str:ticket>", queues.kiosk_ticket, name="kiosk_ticket"),
    path("bang-goi/<int:unit_id>", queues.display, name="display"),
    path("dat-lich", queues.halls, name="halls"),
    path("dat-lich/<int:unit_id>", queues.book, name="book"),
    path("so-thu-tu/<str:ticket>", queues.ticket, name="ticket"),
    path("so-thu-tu/<str:ticket>/tra-lai", queues.give_back, name="give_back"),
    path("thong-bao", notices.notices, name="notices"),
    path("thong-bao/cach-nhan", choices.choices, name="reaching"),
    path("thong-bao/day.js", choices.worker, name="push_worker"),
    path("thong-bao/thoi-nhan/<str:token>", unsubscribe.stop, name="stop_letters"),
    path("tin-nhan/zalo", hooks.zalo, name="zalo_hook"),
    path("tin-nhan/bao-cao/<str:gateway>", hooks.report, name="sms_report"),
    path("phan-anh/", petitions.published, name="petitions"),
    path("phan-anh/gui", petition_sending.send, name="petition_send"),
    path("phan-anh/tra-cuu", petition_follow.follow, name="petition_follow"),
    path("phan-anh/tra-cuu/bo-sung", petition_follow.give, name="petition_follow_give"),
    path("phan-anh/tra-cuu/danh-gia", petition_follow.rate, name="petition_follow_rate"),
    path("phan-anh/cua-toi/", my_petitions.my_petitions, name="my_petitions"),
    path("phan-anh/cua-toi/<str:code>", my_petitions.my_petition, name="my_petition"),
    path("phan-anh/cua-toi/<str:code>/bo-sung", my_petitions.give, name="petition_give"),
    path("phan-anh/cua-toi/<str:code>/danh-gia", my_petitions.rate, name="petition_rate"),
    path("phan-anh/cua-toi/<str:code>/tep/<int:attachment_id>", my_petitions.file, name="petition_file"),
    path(
        "phan-anh/cua-toi/<str:code>/tep/<int:attachment_id>/xem",
        my_petitions.file_preview,
        name="petition_file_preview",
    ),
    path(
        "phan-anh/cua-toi/<str:code>/tep/<int:attachment_id>/trang/<int:number>",
        my_petitions.file_sheet,
        name="petition_file_sheet",
    ),
    path("phan-anh/<str:code>", petitions.published_one, name="petition"),
    path("du-lieu-mo", opendata.page, name="open_data"),
    path("du-lieu-mo/chia-se-du-lieu.csv", opendata.as_csv, name="open_data_csv"),
    path("du-lieu-mo/chia-se-du-lieu.json", opendata.as_json, name="open_data_json"),
    path("ho-tro-tiep-can", views.accessibility, name="accessibility"),
    path("ung-dung.webmanifest", views.manifest, name="manifest"),
]
if settings.DEBUG or settings.DEMO:
    urlpatterns += [
        path("thanh-phan", gallery.gallery, name="gallery"),
        path("thanh-phan/can-bo", gallery.workspace_gallery, name="workspace_gallery"),
    ]
