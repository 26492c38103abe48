"""The parts of the report: what each measures, and what it may take in the small profile."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import (
    archives,
    casework,
    deadlines,
    files,
    gateway,
    generate,
    log,
    pages,
    papers,
    pgbench,
    search,
    start,
    submissions,
)  # fmt: skip
from bench.profiles import Profile
from bench.province import Province


@dataclass(frozen=True)
class Setting:
    """Where and how much is measured."""

    province: Province
    content: Path
    profile: Profile


@dataclass(frozen=True)
class Part:
    """One subject; `budget_s`: what it may take in the small profile on two quiet cores. `served`: the pages are up."""

    name: str
    budget_s: int
    measure: Callable[[Setting], dict[str, Any]]
    tell: Callable[[dict[str, Any], dict[str, Any]], str]
    served: bool = False


# In the order in which they are measured: what only reads before what fills, the served ones in one row.
PARTS = (
    Part("start", 25, lambda s: start.measure(s.province, templates=s.profile.templates), start.tell),
    Part("pgbench", 6, lambda s: pgbench.measure(s.province, seconds=s.profile.seconds), pgbench.tell),
    Part("papers", 15, lambda s: papers.measure(s.content, papers=s.profile.papers), papers.tell),
    Part("files", 5, lambda s: files.measure(megabytes=s.profile.file_megabytes), files.tell),
    Part("archives", 10, lambda s: archives.measure(packages=s.profile.papers), archives.tell),
    Part(
        "data", 20,
        lambda s: generate.grow(s.province.address("tinhso_owner"), content=s.content, cases=s.profile.cases),
        generate.tell,
    ),
    Part("search", 5, lambda s: search.measure(rounds=s.profile.search_rounds), search.tell),
    Part("pages", 35, lambda s: pages.measure(s.province, requests=s.profile.page_requests), pages.tell, served=True),
    Part(
        "submissions", 25,
        lambda s: submissions.measure(s.province, s.content, requests=s.profile.requests, unpooled=s.profile.unpooled),
        submissions.tell, served=True,
    ),
    Part(
        "casework", 50,
        lambda s: casework.measure(
            s.province, s.content, cases=s.profile.worked_cases, peer_cases=s.profile.peer_cases,
            pages=s.profile.page_requests,
        ),
        casework.tell, served=True,
    ),
    Part("deadlines", 15, lambda s: deadlines.measure(cases=s.profile.open_cases), deadlines.tell),
    Part("log", 8, lambda s: log.measure(rows=s.profile.log_rows), log.tell),
    Part("gateway", 25, lambda s: gateway.measure(seconds=s.profile.seconds), gateway.tell),
)  # fmt: skip
