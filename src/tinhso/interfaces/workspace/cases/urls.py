"""Addresses of one case."""

from django.urls import path

from tinhso.interfaces.workspace.cases import acts, files, lookups, received, scans, vault, views, work

app_name = "cases"

urlpatterns = [
    path("<str:code>", views.detail, name="detail"),
    path("<str:code>/viec/<slug:slug>", acts.act, name="act"),
    path("<str:code>/cong-viec/<slug:slug>", work.work, name="work"),
    path("<str:code>/xem-so", views.reveal, name="reveal"),
    path("<str:code>/da-tiep-nhan", received.received, name="received"),
    path("<str:code>/dang-ky-so", views.signing_state, name="signing_state"),
    path("<str:code>/giay-tiep-nhan", files.acknowledgement, name="acknowledgement"),
    path("<str:code>/du-thao", files.draft, name="draft"),
    path("<str:code>/doi-chieu", lookups.lookups, name="lookups"),
    path("<str:code>/kho", vault.vault, name="vault"),
    path("<str:code>/kho/<uuid:uuid>", vault.vault_file, name="vault_file"),
    path("<str:code>/ket-qua", files.result, name="result"),
    path("<str:code>/kiem-soat", files.control_slip, name="control_slip"),
    path("<str:code>/phieu-kiem-soat", files.control_slip_pdf, name="control_slip_pdf"),
    path("<str:code>/tep/<int:document_id>", files.document, name="document"),
    path("<str:code>/tep/<int:document_id>/xem", files.document_preview, name="document_preview"),
    path("<str:code>/tep/<int:document_id>/trang/<int:number>", files.document_sheet, name="document_sheet"),
    path("<str:code>/so-hoa", scans.scans, name="scans"),
    path("<str:code>/so-hoa/<str:key>", scans.scan, name="scan"),
    path("<str:code>/so-hoa/<str:key>/may-quet", scans.arrived, name="scan_arrived"),
    path("<str:code>/so-hoa/<str:key>/nhan", scans.take, name="scan_take"),
    path("<str:code>/so-hoa/<str:key>/xac-nhan", scans.confirm, name="scan_confirm"),
    path("<str:code>/so-hoa/<str:key>/bo", scans.discard, name="scan_discard"),
    path("<str:code>/so-hoa/<str:key>/trang/<int:number>", scans.leaf, name="scan_leaf"),
    path("<str:code>/giay/<int:paper_id>", files.paper, name="paper"),
    path("<str:code>/y-kien/<int:consultation_id>", files.opinion, name="opinion"),
]
