"""The figures of a run, as JSON to keep and as lines to read."""

import json
from pathlib import Path
from typing import Any


def write(found: dict[str, Any], folder: Path) -> None:
    """Keep the figures of the latest run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")


def table(found: dict[str, Any]) -> str:
    """A few lines for people."""
    wanted = found["profile"]
    slower = f", {found['loaded_s'] / wanted['seconds']:.1f} times what a quiet machine may take"
    reached = (
        ("all done" if found["reached"] else f"NOT {wanted['kills']} kills and {wanted['operations']} operations")
        + (slower if found["loaded_s"] > wanted["seconds"] + 1 else "")
        + f", load {found['load_average']}"
    )
    kills = ", ".join(f"{number} {name}" for name, number in sorted(found["kills"].items()))
    acked = ", ".join(f"{number} {name}" for name, number in sorted(found["acknowledged"].items()))
    verdict = "  ".join(f"{word.upper()} {found[word]}" for word in ("lost", "dup", "orphan", "ambiguous"))
    lines = [
        f"seed {found['seed']}: {found['kills_total']} kills ({kills})",
        f"{found['acknowledged_total']} acknowledged ({acked}) in {found['loaded_s']} s; {reached}",
        f"{found['retries']} tries broken, {found['asked_again']} asked again",
        f"p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms, longest {_longest(found)}",
        f"queue at rest after {found['drained_s']} s, left in it: {found['left_in_queue'] or 'nothing'}",
        *_faults(found),
        *(f"TOO LITTLE {kind}: {done} of at least {least}" for kind, (done, least) in sorted(found["short"].items())),
        f"longest without an answer, median and worst: {_silences(found['silences'])}",
        f"{found['flushed']} flushes for {found['flushed_for']} commits one after another"
        + (f"; NOT FLUSHED: {found['not_flushed']}" if found["not_flushed"] else ""),
        *(f"left out by choice: {one}" for one in wanted["without"]),
        f"{verdict}  answered differently {len(found['answered_differently'])}  wrong answers {len(found['wrong'])}",
        f"seals {'whole' if all(found['seals']) else 'BROKEN'}",
    ]
    return "\n".join(lines)


def _longest(found: dict[str, Any]) -> str:
    """The longest operation, with all its client's asking again, and the longest single try of any."""
    return (
        f"{found['longest_s']} s ({found['longest']}, at try {found['longest_tries']}),"
        f" longest try {found['longest_try_s']} s ({found['longest_try']})"
    )


def _faults(found: dict[str, Any]) -> list[str]:
    """How often each fault was met, and what was asked and acknowledged meanwhile."""
    told = [
        f"{one['met']} times a {what}, {one['seconds']} s in all: {one['asked']} asked and {one['acknowledged']} answered in it"
        for what, one in found["faults"].items() if "seconds" in one
    ]  # fmt: skip
    lines = ", ".join(f"{one['met']} {what}" for what, one in found["faults"].items() if "seconds" not in one)
    told += [f"lines: {lines}"] if lines else []
    return told + [f"TOO SELDOM {what}: {met} of at least {least}" for what, (met, least) in found["rare"].items()]


def _silences(found: dict[str, list[float]]) -> str:
    told = (f"{what} {times[len(times) // 2]:.1f} and {times[-1]:.1f} s" for what, times in found.items() if times)
    return ", ".join(told) or "nothing to tell"
