"""Following the log, and how far behind the portal is."""

from datetime import date, datetime

from tinhso.apps.audit import queries as audit
from tinhso.apps.directory import queries as directory
from tinhso.apps.exchange import queries as exchange
from tinhso.apps.reconciliation import rules
from tinhso.apps.reconciliation.data import SyncOfCase
from tinhso.apps.reconciliation.models import Arrival, CaseSync, Reading, Round

_STREAM = "case:"


def reading() -> Reading | None:
    """How far the log has been read; None before the first round."""
    return Reading.objects.first()


def changed_cases(position: int) -> tuple[list[int], int]:
    """Cases with something to tell after a position of the log, oldest first, and the highest row looked at."""
    streams, highest = audit.streams_changed(after=position, prefix=_STREAM, types=rules.TOLD)
    return [int(stream.removeprefix(_STREAM)) for stream in streams], highest


def agency_code(on: date) -> str:
    """The province's organisation code: who speaks to the portal (`madonvi`)."""
    return directory.code_prefix(directory.get_province(on).id, on)


def told_since() -> datetime | None:
    """Cases filed from this instant on are told; None before the first round."""
    found = reading()
    return found.since if found else None


def is_lagging() -> bool:
    """Whether synchronisation is written down as lagging now."""
    return Reading.objects.filter(lag_incident__isnull=False).exists()


def latest_round() -> Round | None:
    """The latest reconciliation that was begun."""
    return Round.objects.order_by("-id").first()


def sync_of_case(*, case_id: int, code: str) -> SyncOfCase | None:
    """How one case stands towards the portal; None when the portal has nothing to do with it.

    The caller has checked the right to the case. The lag runs from the act to the portal's acknowledgement.
    """
    sync = CaseSync.objects.filter(pk=case_id).first()
    filed_there = Arrival.objects.filter(case_id=case_id).exists()
    if sync is None and not filed_there:
        return None
    sent = [one for one in exchange.messages_about(f"{_STREAM}{case_id}") if one["kind"]]
    lags = [
        int((one["finished_at"] - one["caused_at"]).total_seconds()) for one in sent if one["status"] == "delivered"
    ]
    return SyncOfCase(
        code=code, told_status=sync.told_status if sync else None,
        waiting=sum(one["status"] in {"waiting", "sending"} for one in sent),
        dead=sum(one["status"] == "dead" for one in sent),
        latest_lag_s=lags[-1] if lags else None, worst_lag_s=max(lags, default=None), filed_there=filed_there,
    )  # fmt: skip
