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
    longest = max([0, *(one["seconds"] for one in found["stopped"])])
    verdict = "  ".join(f"{word.upper()} {found[word]}" for word in ("lost", "dup", "orphan", "ambiguous"))
    lines = [
        f"seed {found['seed']}: {found['kills_total']} kills ({kills})",
        f"{found['acknowledged_total']} acknowledged ({acked}) in {found['loaded_s']} s; {reached}",
        f"{found['retries']} tries broken, {found['asked_again']} asked again",
        f"p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms, longest {found['longest_s']} s",
        f"queue at rest after {found['drained_s']} s, left in it: {found['left_in_queue'] or 'nothing'}",
        f"{found['disk_full']} times a full disk, {found['clock_jumps']} jumps of the clock",
        f"{len(found['stopped'])} processes stopped, the longest for {longest} s",
        f"longest without an answer, median and worst: {_silences(found['silences'])}",
        f"{found['flushed']} flushes for {found['flushed_for']} commits one after another"
        + (f"; NOT FLUSHED: {found['not_flushed']}" if found["not_flushed"] else ""),
        *(f"skipped: {one}" for one in found["skipped"]),
        f"{verdict}  answered differently {len(found['answered_differently'])}  wrong answers {len(found['wrong'])}",
        f"seals {'whole' if all(found['seals']) else 'BROKEN'}",
    ]
    return "\n".join(lines)


def _silences(found: dict[str, list[float]]) -> str:
    told = (f"{what} {times[len(times) // 2]:.1f} and {times[-1]:.1f} s" for what, times in found.items() if times)
    return ", ".join(told) or "nothing to tell"
