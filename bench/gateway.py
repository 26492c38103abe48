"""The exchange beside the direct call and a plain reverse proxy, shortly, in the province at hand; see `bench.exchange`."""

from typing import Any

from bench.exchange import compare, enrol
from bench.tables import table

_SIZE, _CROWD = "10 kB", 32
_WAYS = {"direct": "the provider alone", "nginx": "nginx in front, unsigned", "gateway": "ours: signed, logged"}


def measure(*, seconds: float) -> dict[str, Any]:
    """Calls a second and milliseconds of each way, one at a time and many at once. The province's own registry is gone then."""
    enrol()
    found = compare(sizes=[_SIZE], ways=list(_WAYS), connections=(1, _CROWD), seconds=seconds)[_SIZE]
    ways = {
        way: {"alone": found[f"{way}, 1 at once"], "crowd": found[f"{way}, {_CROWD} at once"]}
        for way in _WAYS
        if f"{way}, 1 at once" in found
    }
    added = ways["gateway"]["alone"]["p50_ms"] - ways["direct"]["alone"]["p50_ms"]
    return {"seconds": seconds, "ways": ways, "added_ms": round(added, 2), "memory_mb": found["gateway memory"]["MB"]}


def tell(found: dict[str, Any], _: dict[str, Any]) -> str:
    """This part of the report."""
    rows = [
        (_WAYS[way], one["alone"]["p50_ms"], one["crowd"]["rps"], one["crowd"]["p50_ms"], one["crowd"]["p99_ms"],
         one["crowd"].get("cpu_ms", ""))
        for way, one in found["ways"].items()
    ]  # fmt: skip
    without = "" if "nginx" in found["ways"] else " nginx is not installed here."
    return (
        f"### The exchange\n\n10 kB sent and 10 kB answered, {found['seconds']:g} s each, one gateway process of"
        f" {found['memory_mb']:.0f} MB; provider, proxy, gateway, load and database on the same machine.{without}\n\n"
        + table(
            ["way", "one at a time p50 ms", f"{_CROWD} at once, calls/s", "p50 ms", "p99 ms", "processor ms a call"],
            rows,
        )
    )
