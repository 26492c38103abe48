"""Rating by the link on the slip: three levels, what was wrong, no sign-in (đánh giá mức độ hài lòng)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tinhso.apps.cases import actions, queries
from tinhso.apps.cases.data import CaseNotRateable
from tinhso.apps.cases.enums import Satisfaction, ServiceFault
from tinhso.interfaces.access.policy import public
from tinhso.interfaces.portal.requests import text_of
from tinhso.kernel import clock
from tinhso.kernel.actor import ANONYMOUS
from tinhso.kernel.errors import Invalid

_LONGEST_TOKEN = 200


@public
@require_http_methods(["GET", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """The page the QR leads to; rated once, it says thanks. It names the procedure and nobody's person."""
    token = token[:_LONGEST_TOKEN].replace("\x00", "")
    case = queries.case_as_filed(queries.case_of_rating_link(token))
    context = {
        "title": queries.get_package(case).facts.title,
        "satisfactions": Satisfaction.choices,
        "faults": ServiceFault.choices,
        "values": {"satisfaction": "", "comment": ""} | request.POST.dict(),
        "chosen": request.POST.getlist("faults"),
        "rated": getattr(case, "rating", None) is not None,
        "error": "",
    }
    status = 200
    if request.method == "POST":
        try:
            actions.rate_by_link(
                token=token, satisfaction=request.POST.get("satisfaction", ""), faults=request.POST.getlist("faults"),
                comment=text_of(request.POST, "comment", 2000), actor=ANONYMOUS, at=clock.now(),
            )  # fmt: skip
            context["rated"] = context["thanks"] = True
        except (Invalid, CaseNotRateable) as refusal:
            context["error"], status = refusal.message, refusal.status
    return render(request, "portal/rating/rate.html", context, status=status)
