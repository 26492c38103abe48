"""Reading scans: page by page, in the confined helper."""

from collections.abc import Iterator

from django.conf import settings

from tinhso.apps.documents import rules
from tinhso.apps.documents.data import FileDisposedOf, FileHeld, FileNotFound, ScannedSheet, ScanUnreadable
from tinhso.apps.documents.models import StoredFile
from tinhso.apps.documents.queries._store import sealed_copy
from tinhso.lib.inspection import helper


def scanned_sheets(file_id: int, *, most: int, with_pictures: bool) -> Iterator[ScannedSheet]:
    """The pages of a scanned file with what was measured of them; at most one picture is in memory at a time.

    Raises:
        FileNotFound, FileHeld, FileDisposedOf. ScanUnreadable: no PDF, JPEG or PNG, or a damaged one.
    """
    file = StoredFile.objects.select_related("content").filter(pk=file_id).first()
    if file is None:
        raise FileNotFound
    if file.disposed_at is not None:
        raise FileDisposedOf
    if rules.is_held(file.content.scan, policy=settings.FILES["scan_policy"]):
        raise FileHeld(f"Tệp “{file.name}” đang chờ quét mã độc.")
    with sealed_copy(file.content) as (path, key):
        try:
            for sheet in helper.sheets(path, key, media_type=file.media_type, most=most, with_pictures=with_pictures):
                yield ScannedSheet(sheet.jpeg, sheet.width, sheet.height, sheet.dpi, sheet.is_gray, sheet.figures())
        except helper.InspectionFailed as error:
            raise ScanUnreadable(f"Không đọc được tệp “{file.name}”: tệp hỏng, hoặc không phải trang quét.") from error
