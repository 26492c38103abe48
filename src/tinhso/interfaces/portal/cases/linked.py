"""A linked case in one piece: the paper of a leg, and all papers at once (hồ sơ liên thông)."""

import io
import zipfile

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import CaseNotFound
from tinhso.apps.cases.enums import CaseStatus
from tinhso.apps.documents import queries as documents
from tinhso.interfaces.access.policy import citizen
from tinhso.interfaces.portal.requests import actor_of, send_file
from tinhso.kernel import clock


@citizen(level=1)
@require_safe
def leg_result(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """The result paper of one leg, as soon as there is one."""
    for paper in queries.results_of_whole(actor=actor_of(request), code=code):
        if paper.key == key:
            return send_file(paper.file_id, f"ket-qua-{key}-{code}")
    raise CaseNotFound("Bước này chưa có kết quả.")


@citizen(level=1)
@require_POST
def take_bundle(request: HttpRequest, code: str) -> HttpResponse:
    """All result papers in one file; the first download is the delivery (nhận trọn bộ kết quả)."""
    actor = actor_of(request)
    papers = queries.results_of_whole(actor=actor, code=code)
    if not papers:
        raise CaseNotFound("Hồ sơ này chưa có kết quả.")
    case = queries.get_case(actor=actor, code=code)
    if case.status == CaseStatus.RESOLVED:
        actions.deliver_result(case_id=case.pk, to_name=actor.name, method="online", actor=actor, at=clock.now())
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as bundle:
        for number, paper in enumerate(papers, 1):
            with documents.open_file(paper.file_id) as content:
                ending = documents.get_file(paper.file_id).name.rpartition(".")[2]
                bundle.writestr(f"{number}-{paper.key}.{ending}", content.read())
    response = HttpResponse(held.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="ket-qua-{case.code}.zip"'
    response["Cache-Control"] = "private, no-store"
    return response
