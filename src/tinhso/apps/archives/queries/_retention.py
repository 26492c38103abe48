"""Which files of closed cases the archive does not keep yet."""

from tinhso.apps.archives.enums import FileStatus
from tinhso.apps.archives.models import ArchivalFile
from tinhso.apps.cases import queries as cases


def files_not_archived(file_ids: frozenset[int]) -> dict[int, str]:
    """Those of these files that were handed in with a case whose archival package is not kept yet, each with why.

    Every closed case is archived before its working files may go: the package then is what is left of them.
    """
    of_files = cases.cases_of_files(file_ids)
    asked = frozenset().union(*of_files.values())
    kept = set(ArchivalFile.objects.filter(case__in=asked, status=FileStatus.KEPT).values_list("case_id", flat=True))
    return {file_id: "hồ sơ chưa được lưu trữ" for file_id, case_ids in of_files.items() if case_ids - kept}
