"""Results on their way through signing, and batches a leader approved with one consent."""

from dataclasses import dataclass
from datetime import datetime

from tinhso.apps.cases.data import ResultNotFound
from tinhso.apps.cases.enums import ResultStatus
from tinhso.apps.cases.models import Paper, Result, SigningBatch
from tinhso.apps.signatures import queries as signatures
from tinhso.apps.signatures.data import ChoiceData, RequestData
from tinhso.apps.signatures.enums import OPEN_REQUESTS, OwnerKind
from tinhso.kernel.actor import Actor
from tinhso.lib.text import whole_number

_MOST = 200
_PREPARING = "Đang ký số và đóng dấu."


def signing_subject(result: Result) -> str:
    """The name of a result for its signers. A number given back and reserved anew is another paper."""
    return f"result:{result.pk}:{result.book_entry_id or 0}"


def result_of_subject(subject: str) -> int | None:
    """The result a signer's answer is about; None for papers of others."""
    kind, _, rest = subject.partition(":")
    key = rest.partition(":")[0]
    return whole_number(key) if kind == "result" else None


def case_of_subject(subject: str) -> int | None:
    """The case of a kept paper, result or letter; None for papers of others."""
    kind, _, rest = subject.partition(":")
    key = whole_number(rest.partition(":")[0])
    if key is None or kind not in {"result", "paper"}:
        return None
    rows = Result.objects if kind == "result" else Paper.objects
    return rows.filter(pk=key).values_list("case_id", flat=True).first()


def paper_of_code(check_code: str) -> int | None:
    """The paper with this code. For the job that keeps it."""
    return Paper.objects.filter(check_code=check_code).values_list("pk", flat=True).first()


def signed_results_of(case_id: int) -> list[int]:
    """The results of a case that hold. For the job that archives them."""
    return list(Result.objects.filter(case_id=case_id, status=ResultStatus.SIGNED).values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class BeingSigned:
    """A result a leader approved whose signature or seal is not there yet."""

    result_id: int
    case_code: str
    name: str
    number: str
    sentence: str
    is_stuck: bool
    request: RequestData | None


def results_being_signed(*, actor: Actor) -> list[BeingSigned]:
    """What this leader approved and what stands in the way of each signature, the oldest first."""
    if actor.account_id is None:
        return []
    found = Result.objects.filter(status=ResultStatus.APPROVED, approved_by_id=actor.account_id).select_related("case")
    return _told(list(found.order_by("approved_at", "id")[:_MOST]))


def signing_of(result_id: int) -> BeingSigned | None:
    """The same of one result of a case the caller may see; None when it does not wait for a signature."""
    found = Result.objects.filter(pk=result_id, status=ResultStatus.APPROVED).select_related("case").first()
    return _told([found])[0] if found else None


def _told(results: list[Result]) -> list[BeingSigned]:
    requests = signatures.requests_of([signing_subject(result) for result in results])
    rows = []
    for result in results:
        request = requests.get(signing_subject(result))
        rows.append(
            BeingSigned(
                result_id=result.pk, case_code=result.case.code or "", name=result.name, number=result.number,
                sentence=request.sentence if request else _PREPARING,
                is_stuck=request is not None and request.status not in {*OPEN_REQUESTS, "signed"}, request=request,
            )
        )  # fmt: skip
    return rows


def signers_of(*, actor: Actor, at: datetime) -> list[ChoiceData]:
    """With what the officer may sign now, the usual one first; empty: a key of this server."""
    if actor.account_id is None:
        return []
    return signatures.list_choices(owner_kind=OwnerKind.PERSON.value, owner_id=actor.account_id, at=at)


def get_signing_batch(*, actor: Actor, uuid: str) -> SigningBatch:
    """A batch of this leader, with its lines.

    Raises:
        ResultNotFound: there is none, or it is somebody else's.
    """
    found = (
        SigningBatch.objects.filter(uuid=uuid, account_id=actor.account_id or 0)
        .prefetch_related("lines__result")
        .first()
    )
    if found is None:
        raise ResultNotFound("Không có lượt ký này.")
    return found
