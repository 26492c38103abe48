"""A case from its filing to its approval over HTTP, and the same work on a peer on the same server.

Ours: one call of the API files a case of 1.013225 with 28 answers, then five officers of the commune do their part
by the forms of the case page: received, handed on, appraised and proposed, checked, approved. Each act asks rights and
step, keeps its row in the log and moves the legal clock; the result's number is reserved. What jobs do
afterwards (letters, the signed paper) is not in it; see Papers.

The peer: a case started, ten answers, five work items completed.
"""

import json
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

from bench import traffic
from bench.pages import open_session
from bench.peers import caluma
from bench.peers.environment import PeerUnavailableError
from bench.province import Province
from bench.rating import listed, rated
from bench.submissions import COMMUNES, Filings
from bench.tables import table

# Who does it, the form's address, and what the form sends.
_ACTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("one_stop_officer", "tiep-nhan", {}),
    ("division_head", "chuyen", {"_step": "assignment"}),
    ("specialist", "trinh", {"_step": "appraisal", "_outcome": "grant", "_text": "Hồ sơ đủ điều kiện."}),
    ("division_head", "chuyen", {"_step": "review"}),
    ("leader", "ky", {"_step": "approval"}),
)
_PLACES = {"one_stop_officer": "/one_stop", "division_head": "/economy", "specialist": "/economy", "leader": ""}
_WARM_UP = 16
_TOKEN = "b" * 32  # the token against forgery: cookie and form must say the same
_LIST = "/can-bo/viec/tat-ca"


def measure(province: Province, content: Path, *, cases: int, peer_cases: int, pages: int) -> dict[str, Any]:
    """Whole cases a second, processor time a case, and lists; ours and the peer's."""
    port, work = province.port, _Work(province, content)
    traffic.walk_all(port, work.lots(_WARM_UP), work.acts_and_pages)
    acts = rated(port, work.lots(cases), work.acts)
    read = rated(port, work.lots(cases // 2), work.acts_and_pages)
    lists = listed(port, work.worklist(), pages)
    found = {"cases": cases, "acts": acts, "acts_and_pages": read, "list": lists}
    work.prove()
    try:
        peer = caluma.measure(province, port + 1, cases=peer_cases, pages=pages)
    except PeerUnavailableError as reason:
        return {**found, "peer_missing": str(reason)}
    ways = (peer["one_by_one"], peer["at_once"])
    return {
        **found, "peer": peer, "ratio": round(acts["rate"] / max(way["rate"] for way in ways), 1),
        "ratio_processor": round(min(way["processor_ms"] for way in ways) / acts["processor_ms"], 1),
    }  # fmt: skip


class _Work:
    """The cases of a run: who files, who acts, what has become of them."""

    def __init__(self, province: Province, content: Path) -> None:
        self._port, self._filings, self._numbers = province.port, Filings(province, content, mark="case work"), count()
        self._codes: list[str] = []
        self._sessions = {
            (commune, role): open_session(_officer(commune, role))[0] for commune in COMMUNES for role in _PLACES
        }

    def lots(self, wanted: int) -> list[tuple[str, bytes]]:
        """The commune and the filing of so many cases."""
        return [self._filings.request(next(self._numbers)) for _ in range(wanted)]

    def acts(self, walk: traffic.Walk, lot: tuple[str, bytes]) -> None:
        """What is written: the filing and five acts."""
        self._live(walk, lot, with_pages=False)

    def acts_and_pages(self, walk: traffic.Walk, lot: tuple[str, bytes]) -> None:
        """As officers do: the page of the case is opened before each act."""
        self._live(walk, lot, with_pages=True)

    def _live(self, walk: traffic.Walk, lot: tuple[str, bytes], *, with_pages: bool) -> None:
        commune, filing = lot
        code = json.loads(walk.ask("file", filing, expect=201).body)["code"]
        for role, slug, values in _ACTS:
            session = self._sessions[commune, role]
            if with_pages:
                walk.ask("page", self._page(f"/can-bo/ho-so/{code}", session))
            walk.ask(slug, self._form(f"/can-bo/ho-so/{code}/viec/{slug}", session, values), expect=302)
        self._codes.append(code)

    def worklist(self) -> bytes:
        """The list of all work of the division's head in the first commune."""
        return self._page(_LIST, self._sessions[COMMUNES[0], "division_head"])

    def prove(self) -> None:
        """What was answered is there: every case approved, with the rows of its steps and its log.

        Raises:
            SystemExit: something is missing.
        """
        from tinhso.apps.audit.models import Entry
        from tinhso.apps.cases.models import Case

        cases = dict(Case.objects.filter(code__in=self._codes).values_list("pk", "step_key"))
        told = Counter(Entry.objects.filter(stream__in=[f"case:{pk}" for pk in cases]).values_list("stream", flat=True))
        if len(cases) != len(self._codes) or set(cases.values()) != {"approval"} or min(told.values()) < len(_ACTS):
            raise SystemExit(
                f"{len(self._codes)} cases were worked: {Counter(cases.values())}, {min(told.values())} rows"
            )

    def _page(self, path: str, session: str) -> bytes:
        return traffic.render("GET", path, port=self._port, headers={"Cookie": f"sessionid={session}"})

    def _form(self, path: str, session: str, values: dict[str, str]) -> bytes:
        cookies = f"sessionid={session}; csrftoken={_TOKEN}"
        return traffic.render_form(path, {"csrfmiddlewaretoken": _TOKEN, **values}, port=self._port, cookies=cookies)


def _officer(commune: str, role: str) -> str:
    """The name to sign in with of who has this role in the commune."""
    from tinhso.apps.accounts.models import Account, RoleAssignment
    from tinhso.apps.directory import queries as directory
    from tinhso.kernel import clock

    province = directory.get_province(clock.today())
    place = directory.get_unit_by_path(f"{province.path}/commune-{commune}{_PLACES[role]}")
    holder = RoleAssignment.objects.filter(role=role, unit_id=place.id).order_by("pk")[0]
    return str(Account.objects.get(pk=holder.account_id).username)


def tell(found: dict[str, Any], _: dict[str, Any]) -> str:
    """This part of the report."""
    ways = [("ours", found["acts"]), ("ours, the page of the case opened before each act", found["acts_and_pages"])]
    lists = [("ours: all work of a division's head, an HTML page", found["list"])]
    verdict = f"Not measured beside Caluma: {found.get('peer_missing')}."
    if "peer" in found:
        peer = found["peer"]
        ways += [("Caluma, an answer a call, as its pages do", peer["one_by_one"])]
        ways += [("Caluma, ten answers in one call", peer["at_once"])]
        lists += [("Caluma: work items with the applicant's name, JSON", peer["list"])]
        verdict = (
            f"Beside the faster of Caluma's two ways ours does {found['ratio']} times as many cases by the clock; a case of"
            f" theirs costs {found['ratio_processor']} times the processor time of ours."
        )
    rows = [
        (name, way["rate"], way["processor_ms"], f"{way['requests']:g}", _steps(way["p50_ms"])) for name, way in ways
    ]
    listed = [(name, *(one[key] for key in ("p50_ms", "p95_ms", "rate", "processor_ms"))) for name, one in lists]
    return (
        f"### A case over HTTP, and the same on Caluma\n\n{found['cases']} cases of 1.013225 by {traffic.CLIENTS} clients:"
        " filed through the API with 28 answers, then received, handed on, appraised and proposed, checked and approved by"
        " five officers through the forms of their pages, with rights, legal clock, log and number. Caluma 11.3.0 (its wheel,"
        " gunicorn 2 × 4, a database of its own on the same server, nobody signed in and everything allowed): a case started,"
        " ten answers saved, five work items completed. Processor time is that of servers and database.\n\n"
        + table(["", "cases/s", "processor ms a case", "requests a case", "p50 ms of each"], rows)
        + f"\n\n{verdict}\n\nA list of twenty:\n\n"
        + table(["", "p50 ms", "p95 ms", f"lists/s, {traffic.CLIENTS} clients", "processor ms"], listed)
    )


def _steps(times: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.0f}" for name, value in times.items())
