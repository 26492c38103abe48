"""Addresses of sign-in and access: Vietnamese without diacritics. The library's views keep the names it looks for."""

from django.urls import include, path

from tinhso.interfaces.access import health, officer_views, session_views, uploads, views

own = [
    path("dang-nhap", views.citizen_sign_in, name="citizen_sign_in"),
    path("dang-nhap/dinh-danh", views.identity_sign_in, name="identity_sign_in"),
    path("dang-nhap/dinh-danh/ket-qua", views.identity_callback, name="identity_callback"),
    path("can-bo/dang-nhap", officer_views.sign_in, name="officer_sign_in"),
    path("dang-xuat", views.sign_out, name="sign_out"),
    path("phien-dang-nhap", session_views.own_sessions, name="sessions"),
    path("phien-dang-nhap/ket-thuc", session_views.end_others, name="end_other_sessions"),
    path("phien-dang-nhap/<int:session_id>/ket-thuc", session_views.end_one, name="end_session"),
    path("khoa-man-hinh", views.lock_screen, name="lock_screen"),
    path("khoa-man-hinh/ngay", views.lock_now, name="lock_now"),
    path("khoa-man-hinh/con-day", views.still_here, name="still_here"),
    path("tiep-tuc/<str:key>", views.kept_form, name="kept_form"),
    path("dai-dien", views.represent, name="represent"),
    path("dai-dien/khai", views.declare_mandate, name="declare_mandate"),
    path("dai-dien/cham-dut", views.revoke_mandate, name="revoke_mandate"),
    path("tai-len", uploads.uploads, name="uploads"),
    path("tai-len/<str:token>", uploads.upload, name="upload"),
    path("healthz", health.healthz, name="healthz"),
]

security = [
    path("can-bo/bao-mat", officer_views.security, name="mfa_index"),
    path("can-bo/bao-mat/mat-khau", officer_views.change_password, name="account_change_password"),
    path("can-bo/bao-mat/xac-nhan", officer_views.confirm_password, name="account_reauthenticate"),
    path("can-bo/bao-mat/xac-nhan/ma", officer_views.confirm_code, name="mfa_reauthenticate"),
    path("can-bo/bao-mat/xac-nhan/khoa", officer_views.confirm_passkey, name="mfa_reauthenticate_webauthn"),
    path("can-bo/bao-mat/ung-dung", officer_views.activate_totp, name="mfa_activate_totp"),
    path("can-bo/bao-mat/ung-dung/go", officer_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("can-bo/bao-mat/khoa", officer_views.list_passkeys, name="mfa_list_webauthn"),
    path("can-bo/bao-mat/khoa/them", officer_views.add_passkey, name="mfa_add_webauthn"),
    path("can-bo/bao-mat/khoa/<int:pk>/ten", officer_views.edit_passkey, name="mfa_edit_webauthn"),
    path("can-bo/bao-mat/khoa/<int:pk>/go", officer_views.remove_passkey, name="mfa_remove_webauthn"),
    path("can-bo/bao-mat/ma-khoi-phuc", officer_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("can-bo/bao-mat/ma-khoi-phuc/tao", officer_views.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("can-bo/bao-mat/ma-khoi-phuc/tai", officer_views.download_recovery_codes, name="mfa_download_recovery_codes"),
]

urlpatterns = [
    path("", include((own, "access"))),
    path("can-bo/dang-nhap", officer_views.sign_in, name="account_login"),
    path("can-bo/dang-nhap/buoc-hai", officer_views.authenticate, name="mfa_authenticate"),
    path("can-bo/dang-nhap/khoa", officer_views.sign_in_with_passkey, name="mfa_login_webauthn"),
    *security,
]
