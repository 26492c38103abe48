"""The curve of `bench.growth`: how each page's cost grows with what is stored, judged and told."""

import math
from pathlib import Path
from typing import Any

from bench.tables import table

# A tree of ten times as many rows is at most one page deeper. A page that touches some hundred rows by trees so touches some
# hundred blocks more; whoever touches more than that, and half as much again, reads what got longer.
_DEEPER = 150
_FACTOR = 1.5
_MARKS = ("<!-- growth: begin -->", "<!-- growth: end -->")
_SHOWN = 25


def kind_of(first: float, last: float, decades: float) -> str:
    """`constant`, `logarithmic` or `worse`, from the blocks at the smallest and at the largest size."""
    if last <= first * 1.2 + 10:
        return "constant"
    return "logarithmic" if last <= first * _FACTOR + _DEEPER * decades else "worse"


def curve(found: dict[str, Any]) -> dict[str, Any]:
    """Pages and jobs with their kind; those that are worse, the worst first."""
    sizes = list(found["sizes"])
    decades = math.log10(sizes[-1] / sizes[0])
    pages = []
    for page in found["pages"]:
        blocks = [page["cost"][size]["blocks"] for size in sizes]
        pages.append({
            "role": page["role"], "route": page["route"], "path": page["path"], "blocks": blocks,
            "ms": [page["cost"][size]["ms"] for size in sizes], "kind": kind_of(blocks[0], blocks[-1], decades),
            "status": [page["cost"][size]["status"] for size in sizes],
        })  # fmt: skip
    jobs = []
    for name, cost in found["jobs"].items():
        if any("not_run" in cost[size] for size in sizes):
            jobs.append(
                {"name": name, "kind": "not run", "why": next(c["not_run"] for c in cost.values() if "not_run" in c)}
            )
            continue
        blocks = [cost[size]["blocks"] for size in sizes]
        jobs.append(
            {
                "name": name,
                "blocks": blocks,
                "s": [cost[size]["s"] for size in sizes],
                "kind": kind_of(blocks[0], blocks[-1], decades),
            }
        )
    worse = sorted((one for one in pages if one["kind"] == "worse"), key=lambda one: -one["blocks"][-1])
    return {"pages": pages, "jobs": jobs, "worse": worse}


def tell(found: dict[str, Any]) -> str:
    """The section in words and tables."""
    known, sizes = curve(found), [f"{size:,}" for size in found["sizes"]]
    kinds = {kind: sum(one["kind"] == kind for one in known["pages"]) for kind in ("constant", "logarithmic", "worse")}
    dearest = sorted(known["pages"], key=lambda one: -one["blocks"][-1])[:_SHOWN]
    head = ["who", "page", *(f"blocks at {size}" for size in sizes), *(f"ms at {size}" for size in sizes), "kind"]
    jobs = [one for one in known["jobs"] if one["kind"] != "not run"]
    grown = ", ".join(f"{size:,} after {seconds} s" for size, seconds in found["grown_s"].items())
    left = [one for one in known["jobs"] if one["kind"] == "not run"]
    pages = [(one["role"], f"`{one['path'][:60]}`", *one["blocks"], *one["ms"], one["kind"]) for one in dearest]
    rounds = [
        (f"`{one['name']}`", *one["blocks"], *one["s"], one["kind"])
        for one in sorted(jobs, key=lambda one: -one["blocks"][-1])[:_SHOWN]
    ]
    of_jobs = ["job", *(f"blocks at {one}" for one in sizes), *(f"s at {one}" for one in sizes), "kind"]
    missing = "; ".join(f"`{one['name']}` ({one['why']})" for one in left)
    return (
        f"Of {len(known['pages'])} pages and searches {kinds['constant']} cost the same at every size,"
        f" {kinds['logarithmic']} grow as a tree gets deeper, **{kinds['worse']} grow worse**. Grown by"
        f" `tinhso demo generate`: {grown}. Blocks are 8 kB of the database touched in memory or on disk by one request.\n\n"
        f"The {len(dearest)} dearest at the largest size:\n\n{table(head, pages)}"
        + (f"\n\nJobs of the clock, in a round with nothing new:\n\n{table(of_jobs, rounds)}" if rounds else "")
        + (f"\n\nNot run, for want of what they ask: {missing}." if missing else "")
    )


def write(found: dict[str, Any], page: Path | None) -> str:
    """The section; put between its marks of the page, where one is given."""
    said = tell(found)
    if page is not None:
        whole = page.read_text(encoding="utf-8")
        before, _, rest = whole.partition(_MARKS[0])
        _, _, after = rest.partition(_MARKS[1])
        page.write_text(f"{before}{_MARKS[0]}\n\n{said}\n\n{_MARKS[1]}{after}", encoding="utf-8")
    return said
