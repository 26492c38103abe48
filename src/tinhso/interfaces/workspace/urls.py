"""Addresses of officers' pages: Vietnamese without diacritics."""

from django.urls import include, path

from tinhso.interfaces.workspace.cases import scans
from tinhso.interfaces.workspace.worklist import views as worklist

app_name = "workspace"

urlpatterns = [
    path("", worklist.home, name="home"),
    path("viec/", include("tinhso.interfaces.workspace.worklist.urls")),
    path("ho-so/", include("tinhso.interfaces.workspace.cases.urls")),
    path("so-hoa/tim", scans.search, name="scan_search"),
    path("ho-so-giay/", include("tinhso.interfaces.workspace.papers.urls")),
    path("quay/hang-doi/", include("tinhso.interfaces.workspace.queues.urls")),
    path("quay/ngoai-tuyen/", include("tinhso.interfaces.workspace.offline.urls")),
    path("cong-viec/", include("tinhso.interfaces.workspace.work.urls")),
    path("quay/", include("tinhso.interfaces.workspace.counter.urls")),
    path("", include("tinhso.interfaces.workspace.signing.urls")),
    path("chu-ky-so/", include("tinhso.interfaces.workspace.signers.urls")),
    path("dong-bo/", include("tinhso.interfaces.workspace.national.urls")),
    path("lien-thong/", include("tinhso.interfaces.workspace.linked.urls")),
    path("don-vi/", include("tinhso.interfaces.workspace.units.urls")),
    path("y-kien", include("tinhso.interfaces.workspace.consultations.urls")),
    path("danh-muc/", include("tinhso.interfaces.workspace.catalogue.urls")),
    path("dong-ho/", include("tinhso.interfaces.workspace.clock.urls")),
    path("so-theo-doi/", include("tinhso.interfaces.workspace.registers.urls")),
    path("chuyen-phien-ban/", include("tinhso.interfaces.workspace.versions.urls")),
    path("ban-giao/", include("tinhso.interfaces.workspace.reorganisations.urls")),
    path("phan-anh/", include("tinhso.interfaces.workspace.petitions.urls")),
    path("tai-khoan/", include("tinhso.interfaces.workspace.staff.urls")),
    path("dai-dien/", include("tinhso.interfaces.workspace.mandates.urls")),
    path("so-ket-qua/", include("tinhso.interfaces.workspace.books.urls")),
    path("thu-phi/", include("tinhso.interfaces.workspace.money.urls")),
    path("bien-lai/", include("tinhso.interfaces.workspace.receipts.urls")),
    path("thu-theo-danh-sach/", include("tinhso.interfaces.workspace.collections.urls")),
    path("chi-tra/", include("tinhso.interfaces.workspace.payouts.urls")),
    path("luu-tru/", include("tinhso.interfaces.workspace.archives.urls")),
    path("tieu-huy/", include("tinhso.interfaces.workspace.disposals.urls")),
    path("chia-se-du-lieu/", include("tinhso.interfaces.workspace.exchange.urls")),
    path("su-kien/", include("tinhso.interfaces.workspace.events.urls")),
    path("tin-nhan/", include("tinhso.interfaces.workspace.messages.urls")),
    path("thu-cong-vu/", include("tinhso.interfaces.workspace.mail.urls")),
    path("nhat-ky/", include("tinhso.interfaces.workspace.log.urls")),
]
