"""Papers: typesetting, signing by a person and sealing by an agency, checking."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SAMPLE = "demo/attachment.typ"


def measure(content: Path, *, papers: int) -> dict[str, Any]:
    """Rates in papers a second, one process."""
    from tinhso.apps.accounts import queries as accounts
    from tinhso.apps.cases import queries as cases
    from tinhso.apps.cases.models import Result
    from tinhso.apps.directory import queries as directory
    from tinhso.apps.signatures import flows
    from tinhso.apps.signatures.queries import verify_pdf
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    lived = Result.objects.filter(status="signed", approved_by_id__isnull=False).select_related("case").order_by("id")
    result = lived.first()
    if result is None or result.case.unit_id is None or result.approved_by_id is None:
        raise SystemExit("the demo province has no signed result to measure with")
    case = cases.case_as_filed(result.case_id)
    base = "http://localhost"
    signer, unit = accounts.get_actor(result.approved_by_id, at=clock.now()), directory.get_unit(result.case.unit_id)
    sheet = cases.result_pdf(case, result, base_url=base)
    name = unit.agency_name

    def sign(pdf: bytes) -> bytes:
        return flows.sign_pdf(pdf=pdf, actor=signer, organisation=name, at=clock.now())

    def seal(pdf: bytes) -> bytes:
        return flows.seal_pdf(pdf=pdf, unit_id=unit.id, organisation=name, actor=SYSTEM, at=clock.now())

    signed = sign(sheet)
    sealed = seal(signed)
    verdict = verify_pdf(sealed, at=clock.now())
    if not verdict.ok:
        raise SystemExit(f"the measured paper does not verify: {verdict.sentences}")
    return {
        "papers": papers, "procedure": result.case.procedure_code, "bytes": len(sheet), "sealed_bytes": len(sealed),
        "typeset": _rate(papers, lambda: cases.result_pdf(case, result, base_url=base)),
        "sign": _rate(papers, lambda: sign(sheet)),
        "seal": _rate(papers, lambda: seal(signed)),
        "whole": _rate(papers, lambda: seal(sign(cases.result_pdf(case, result, base_url=base)))),
        "verify": _rate(max(papers // 3, 3), lambda: verify_pdf(sealed, at=clock.now())),
    }  # fmt: skip


def _rate(count: int, work: Callable[[], object]) -> float:
    work()
    started = time.perf_counter()
    for _ in range(count):
        work()
    return round(count / (time.perf_counter() - started), 1)
