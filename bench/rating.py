"""How much work a second, and what it costs: the clock beside the processor time of servers and database."""

from collections.abc import Callable, Sequence
from typing import Any

from bench import machine, traffic


def rated(port: int, lots: Sequence[traffic.Lot], way: Callable[[traffic.Walk, traffic.Lot], None]) -> dict[str, Any]:
    """Lots a second by the clock, processor milliseconds and requests a lot, p50 of each step."""
    before = machine.served_s()
    steps = traffic.walk_all(port, lots, way)
    spent = machine.served_s() - before
    seconds = next(iter(steps.values())).seconds
    return {
        "rate": round(len(lots) / seconds, 2), "processor_ms": round(spent * 1000 / len(lots), 1),
        "requests": round(sum(len(step.times) for step in steps.values()) / len(lots), 1),
        "p50_ms": {name: round(step.percentile_ms(0.5), 1) for name, step in steps.items()},
    }  # fmt: skip


def listed(port: int, request: bytes, pages: int) -> dict[str, float]:
    """One list asked for so often by one client, and again by all at once."""
    traffic.run(port, [request] * traffic.CLIENTS)
    alone = traffic.run(port, [request] * pages, clients=1)
    before = machine.served_s()
    crowd = traffic.run(port, [request] * pages)
    return {
        "p50_ms": round(alone.percentile_ms(0.5), 1), "p95_ms": round(alone.percentile_ms(0.95), 1),
        "rate": round(crowd.rate, 1), "processor_ms": round((machine.served_s() - before) * 1000 / pages, 1),
    }  # fmt: skip
