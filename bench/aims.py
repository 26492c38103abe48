"""What the product promises of its speed, and whether this run kept it.

Beside each aim stands why it is missed where it is, and what comes next: a judgement, to be written anew when it changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.tables import table


@dataclass(frozen=True)
class Aim:
    """One promise: the part it reads, the figure in words, whether it is kept, and what to say when it is not."""

    words: str
    part: str
    figure: Callable[[dict[str, Any]], str]
    met: Callable[[dict[str, Any]], bool]
    missed: str


AIMS = (
    Aim(
        "ten times the case work of Caluma on the same server", "casework",
        lambda f: f"{f['ratio']} times by the clock, {f['ratio_processor']} times by processor time"
        if "ratio" in f else "Caluma could not be installed",
        lambda f: f.get("ratio", 0) >= 10,
        "an act also reads rights, keeps the clock and writes the log; most of it is Python: fewer and composed statements"
        " on the way of each act",
    ),
    Aim(
        "100 submissions a second through the API, p95 within 500 ms", "submissions",
        lambda f: f"{f['pooled']['rate']}/s, p95 {f['pooled']['p95_ms']:.0f} ms; {f['pooled']['processor_ms']} ms of"
        f" processor time each, the bare floor does {f['ratio']:.1f} times as many",
        lambda f: f["pooled"]["rate"] >= 100 and f["pooled"]["p95_ms"] <= 500,
        "processor time of Python: checking the form, the package and the rights; load and database share the two cores",
    ),
    Aim(
        "lists of officers: p95 within 60 ms, one client", "pages",
        lambda f: f"worst {max(one['p95_ms'] for one in f['lists'])} ms",
        lambda f: max(one["p95_ms"] for one in f["lists"]) <= 60,
        "few requests a page in the small profile, so one slow answer is the figure; see the section of lists for a"
        " million cases",
    ),
    Aim(
        "100 papers a second of one core, typeset, signed, sealed and logged", "papers",
        lambda f: f"{f['whole_per_core']}, signing and sealing alone {f['core']['ours']}"
        f" (pyHanko as it comes {f['core']['library']})",
        lambda f: f["whole_per_core"] >= 100,
        "the typesetter takes a third, questions to the database made by the ORM another; see Papers",
    ),
    Aim(
        "1,500 exchanges a second at 10 kB, signed and logged, p50 added within 5 ms", "gateway",
        lambda f: f"{f['ways']['gateway']['crowd']['rps']:.0f}/s, {f['added_ms']} ms",
        lambda f: f["ways"]["gateway"]["crowd"]["rps"] >= 1_500 and f["added_ms"] <= 5,
        "signatures of both sides and two durable commits an exchange share two cores with everybody else",
    ),
    Aim(
        "the second start of the demo within 5 s", "start",
        lambda f: f"{f['healthz_s']} s ({f['healthz_cpu_s']} s of processor time)",
        lambda f: f["healthz_s"] <= 5, "imports of the web process on a busy machine",
    ),
)  # fmt: skip
_BUDGET_S = 300
_QUIET_CORES = 0.1


def tell(figures: dict[str, Any]) -> str:
    """The table of this run."""
    rows = [
        (aim.words, aim.figure(figures[aim.part]), *_verdict(aim.met(figures[aim.part]), aim.missed))
        for aim in AIMS
        if aim.part in figures
    ]
    if figures["profile"]["name"] == "small":
        late = "the machine was shared; see what each part took of its budget"
        rows.append(
            (
                "this report within five minutes",
                f"{figures['seconds']} s",
                *_verdict(figures["seconds"] <= _BUDGET_S, late),
            )
        )
    return f"{how_quiet(figures)}\n\n" + table(["aim", "figure", "met", "if not: why, and what comes next"], rows)


def how_quiet(figures: dict[str, Any]) -> str:
    """Whether the figures are those of a machine that had nothing else to do."""
    watch, cores = figures["watch"], figures["machine"]["cores"]
    if watch["others_cores"] + watch["steal_cores"] < _QUIET_CORES:
        return "The machine was quiet."
    return (
        f"**The machine was shared**: other work kept {watch['others_cores']} of {cores} processors busy. Rates and times by"
        " the clock are worse than they would be; processor times and ratios within the run tell more."
    )


def _verdict(is_met: bool, missed: str) -> tuple[str, str]:
    return ("yes", "") if is_met else ("**no**", missed)
