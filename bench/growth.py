"""`python -m bench.growth`: what pages, searches and jobs of the clock cost at 10 thousand, 100 thousand, 1 million cases.

The pages are not named here: each role walks the URL map and the links of what it sees, and every search box it meets is
asked for a name, with and without diacritics, for a code, for a personal number and for nobody. At each size the same
addresses are asked again, in this process, through the whole view. What is compared is how many blocks of 8 kB the database
touched, which no other work on the machine changes; times stand beside it.

A page may cost more at a larger size as a tree gets deeper, not as a table gets longer. Jobs are run once uncounted, so that
what is counted is a round with nothing new: that too must not grow with what is stored.
"""

import argparse
import html
import json
import re
import signal
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from bench.growth_report import curve, write
from bench.pages import busiest, open_session
from bench.province import ROOT, Province, prepared

SIZES = (10_000, 100_000, 1_000_000)
_MOST_PAGES = 400  # a walk that has not ended by then goes in circles
# Whose pages are measured first: who sees most. Of what looks alike to many, two of them are enough.
_FIRST = ("leader", "one_stop_officer", "auditor", "specialist", "accountant")
_OF_EACH = 2
_JOB_S = 100
_SIGN_IN_EVERY = 50  # pages; who asks nothing meanwhile is locked out after a quarter of an hour
_ROUNDS = 3
_LINK = re.compile(r'\bhref="(/[^"#]*)"')
_SEARCH = re.compile(
    r'<form\b[^>]*method="get"[^>]*>(.*?)</form>|<form\b(?![^>]*method=)[^>]*>(.*?)</form>', re.S | re.I
)
_ACTION = re.compile(r'action="([^"]*)"')
_TYPED = re.compile(
    r'<input\b(?=[^>]*type="(?:search|text)")[^>]*name="([^"]+)"|<input\b(?=[^>]*name="([^"]+)")[^>]*type="(?:search|text)"'
)
_BY_ALL = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
_FILES = ("/static/", "/tep/", "/tai-len/")


@dataclass
class Address:
    """One page as somebody asks for it; `cost` by size."""

    role: str
    route: str
    path: str
    cost: dict[int, dict[str, float]] = field(default_factory=dict)


class Meter:
    """How many blocks the database has touched so far, its helpers for large scans included; nobody else is in it."""

    def __init__(self, address: str) -> None:
        self._database = psycopg.connect(address, autocommit=True)

    def blocks(self) -> int:
        """Blocks found in memory or read; what runs here has been counted."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute("SELECT 1")  # at its end the counts are handed over
        self._database.execute("SELECT pg_stat_clear_snapshot()")
        row = self._database.execute(_BY_ALL).fetchone()
        assert row is not None
        return int(row[0] or 0)

    def still(self) -> int:
        """What asking itself touches: to be taken off."""
        first, second, third = self.blocks(), self.blocks(), self.blocks()
        return min(second - first, third - second)


class Visitor:
    """Somebody signed in, in this process."""

    def __init__(self, role: str, username: str | None) -> None:
        from django.test import Client

        self.role, self.client, self._username = role, Client(raise_request_exception=False), username
        self.sign_in()

    def sign_in(self) -> None:
        """Anew at each size: growing takes longer than a session may lie idle."""
        if self._username:
            self.client.cookies["sessionid"] = open_session(self._username)[0]

    def get(self, path: str) -> Any:
        """The answer; a stream is read to its end."""
        answer = self.client.get(path, headers={"host": "localhost"})
        if getattr(answer, "streaming", False):
            for _ in answer.streaming_content:
                pass
        return answer


def visitors(accounts: dict[str, Any]) -> list[Visitor]:
    """One of each role, and somebody who has not signed in. The role's busiest holder, whose pages are the longest."""
    roles = dict.fromkeys(one["role"] for one in (*accounts["accounts"], *accounts["more_accounts"]))
    first = {one["role"]: one["username"] for one in (*accounts["more_accounts"], *accounts["accounts"])}
    found = [Visitor("nobody", None)]
    for role in roles:
        if role == "citizen":
            found.append(Visitor(role, _citizen_with_cases()))
        else:
            found.append(Visitor(role, busiest(role) or first[role]))
    return found


def _citizen_with_cases() -> str | None:
    from django.db.models import Count

    from tinhso.apps.cases.models import Case

    row = (
        Case.objects.filter(account__isnull=False, account__kind="citizen")
        .values_list("account__username").annotate(n=Count("pk")).order_by("-n").first()
    )  # fmt: skip
    return str(row[0]) if row else None


def walk_of(visitor: Visitor, words: dict[str, str]) -> Iterator[Address]:
    """Every route of the URL map that the visitor opens, once, and every search box of it, with each of the words."""
    from django.urls import Resolver404, resolve

    from tinhso.interfaces.access.policy import walk

    plain = [f"/{route}" for route, _ in walk() if "<" not in route and not route.startswith("api/")]
    waiting, seen, asked = list(plain), set[str](), 0
    while waiting and asked < _MOST_PAGES:
        path = waiting.pop(0)
        try:
            route = resolve(path.partition("?")[0]).route
        except Resolver404:
            continue
        if route in seen or path.startswith(_FILES):
            continue
        answer = visitor.get(path)
        asked += 1
        if answer.status_code != 200 or not str(answer.get("Content-Type", "")).startswith("text/html"):
            continue
        seen.add(route)
        text = answer.content.decode()
        yield Address(visitor.role, route, path)
        yield from _searches(visitor.role, path, text, words)
        waiting += [html.unescape(link) for link in dict.fromkeys(_LINK.findall(text))]


def _searches(role: str, path: str, text: str, words: dict[str, str]) -> Iterator[Address]:
    from django.urls import Resolver404, resolve

    for form in _SEARCH.finditer(text):
        names = [one or two for one, two in _TYPED.findall(form.group(0))]
        where = _ACTION.search(form.group(0).partition(">")[0])
        place = html.unescape(where.group(1)) if where and where.group(1) else path
        try:
            route = resolve(place.partition("?")[0]).route
        except Resolver404:
            continue
        for name in names:
            for kind, word in words.items():
                asked = f"{place.partition('?')[0]}?{name}={quote(word)}"
                yield Address(role, f"{route} ?{name}= {kind}", asked)


def words_of() -> dict[str, str]:
    """What is typed into every search box: of a case that is there at every size."""
    from tinhso.apps.cases.models import Case
    from tinhso.lib.text import fold

    case = (
        Case.objects.filter(code__isnull=False, applicant_kind="person")
        .exclude(applicant_personal_id="")
        .order_by("pk")[0]
    )
    return {
        "a name": case.applicant_name, "without diacritics": fold(case.applicant_name), "a common surname": "Nguyễn",
        "a code": str(case.code), "a personal number": case.applicant_personal_id, "nobody": "Khongcoai Tennay",
    }  # fmt: skip


def measure_pages(people: list[Visitor], addresses: list[Address], meter: Meter, size: int) -> None:
    """Ask each address a few times; the cheapest count is its own, the median is its time."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    by_role, still = {one.role: one for one in people}, meter.still()
    for number, address in enumerate(addresses):
        visitor, blocks, times = by_role[address.role], [], []
        if number % _SIGN_IN_EVERY == 0:
            for one in people:
                one.sign_in()
        if (status := visitor.get(address.path).status_code) != 200:
            raise SystemExit(
                f"{address.role} {address.path}: {status} at {size:,} cases; all pages were open when walked"
            )
        for _ in range(_ROUNDS):
            before, started = meter.blocks(), time.perf_counter()
            answer = visitor.get(address.path)
            times.append(time.perf_counter() - started)
            blocks.append(meter.blocks() - before - still)
        with CaptureQueriesContext(connection) as captured:
            visitor.get(address.path)
        address.cost[size] = {
            "blocks": max(min(blocks), 0), "ms": round(statistics.median(times) * 1000, 1), "statements": len(captured),
            "status": answer.status_code,
        }  # fmt: skip
        if number % 50 == 0:
            print(f"   {size:,}: {number}/{len(addresses)} pages", flush=True)


def measure_jobs(meter: Meter, size: int, known: dict[str, dict[int, dict[str, Any]]]) -> None:
    """Run every job of the clock twice; the second round, with nothing new, counts.

    A first round that catches up with all that was grown for longer than `_JOB_S` is left, and told as not run.
    """
    from django.db import connection
    from procrastinate.contrib.django import app

    def too_long(_number: int, _frame: object) -> None:
        raise TimeoutError(f"its first round had more than {_JOB_S} s of new work")

    signal.signal(signal.SIGALRM, too_long)
    names = sorted({key[0] for key in app.periodic_registry.periodic_tasks})
    for name in names:
        still = meter.still()
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET statement_timeout = '{_JOB_S}s'")
            signal.alarm(_JOB_S)
            app.tasks[name].func(0)
            before, started, spent = meter.blocks(), time.perf_counter(), time.process_time()
            app.tasks[name].func(0)
            told: dict[str, Any] = {
                "s": round(time.perf_counter() - started, 2), "python_s": round(time.process_time() - spent, 2),
                "blocks": max(meter.blocks() - before - still, 0),
            }  # fmt: skip
        except Exception as error:  # noqa: BLE001 - a job that cannot run here is told as such
            connection.close()
            told = {"not_run": f"{type(error).__name__}: {error}"[:160]}
        finally:
            signal.alarm(0)
        known.setdefault(name, {})[size] = told
        print(f"   {size:,}: {name} {told}", flush=True)
    connection.close()


def explain(address: Address, people: list[Visitor], *, most: int = 2) -> list[dict[str, Any]]:
    """The statements of a page that touch most blocks, at the size that is there now."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    visitor, found = next(one for one in people if one.role == address.role), []
    with CaptureQueriesContext(connection) as captured:
        visitor.get(address.path)
    with connection.cursor() as cursor:
        for query in captured:
            statement = query["sql"]
            if not statement.lstrip().upper().startswith(("SELECT", "WITH")) or "FOR UPDATE" in statement:
                continue
            try:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}")
                (told,) = cursor.fetchone()
            except Exception:  # noqa: BLE001 - a statement of several, or one with values of its own transaction
                connection.close()
                continue
            plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
            blocks = plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)
            found.append({"blocks": blocks, "rows": plan.get("Actual Rows"), "sql": statement[:1500]})
    return sorted(found, key=lambda one: -one["blocks"])[:most]


def run(province: Province, sizes: list[int], *, jobs: bool) -> dict[str, Any]:
    """All sizes, smallest first: one database that grows."""
    from django.conf import settings
    from django.db import connection

    from tinhso.config.bootstrap import setup
    from tinhso.config.demo.copies import grow

    setup()
    owner = province.address("tinhso_owner")
    found: dict[str, Any] = {"grown_s": {}}
    people: list[Visitor] = []
    addresses: list[Address] = []
    ran: dict[str, dict[int, dict[str, Any]]] = {}
    for size in sizes:
        started = time.monotonic()
        found["rows"] = grow(owner, content=settings.CONTENT_DIR, cases=size)
        found["grown_s"][size] = round(time.monotonic() - started)
        print(f"   {size:,} cases after {found['grown_s'][size]} s", flush=True)
        with psycopg.connect(owner, autocommit=True) as database:
            database.execute("VACUUM (ANALYZE)")
        connection.close()
        if not addresses:
            people = visitors(province.accounts())
            addresses = _all_addresses(people)
            print(f"   {len(addresses)} addresses of {len(people)} visitors", flush=True)
        meter = Meter(owner)
        measure_pages(people, addresses, meter, size)
        if jobs:
            measure_jobs(meter, size, ran)
        found |= {"sizes": sizes[: sizes.index(size) + 1], "pages": [vars(one) for one in addresses], "jobs": ran}
        keep(found)  # what is known when somebody stops it
    for one in curve(found)["worse"]:
        place = next(a for a in addresses if (a.role, a.route) == (one["role"], one["route"]))
        one["statements"] = explain(place, people)
        found.setdefault("explained", []).append(one)
    return found


def keep(found: dict[str, Any]) -> None:
    """Everything as `var/growth.json`."""
    target = ROOT / "var" / "growth.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, ensure_ascii=False, indent=1, default=str), encoding="utf-8")


def _all_addresses(people: list[Visitor]) -> list[Address]:
    """Every page and search, each as two of those see it who may."""
    words, found, known = words_of(), [], Counter[str]()
    rank = {role: place for place, role in enumerate(_FIRST)}
    for visitor in sorted(people, key=lambda one: rank.get(one.role, len(rank))):
        own = set[str]()
        for address in walk_of(visitor, words):
            if address.route not in own and known[address.route] < _OF_EACH:
                own.add(address.route)
                known[address.route] += 1
                found.append(address)
    return found


def main() -> None:
    """Grow, measure, write `var/growth.json` and the section of the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--templates", type=int, default=400, help="cases lived through the real actions first")
    parser.add_argument("--no-jobs", action="store_true")
    parser.add_argument("--keep", action="store_true", help="leave the province for --reuse")
    parser.add_argument("--reuse", type=Path, help="the folder that an earlier run kept")
    parser.add_argument("--write", action="store_true", help="put the curve into docs/explanation/performance.md")
    options = parser.parse_args()
    with prepared(templates=options.templates, keep=options.keep, reuse=options.reuse) as province:
        found = run(province, sorted(options.sizes), jobs=not options.no_jobs)
    keep(found)
    print(write(found, ROOT / "docs" / "explanation" / "performance.md" if options.write else None))


if __name__ == "__main__":
    main()
