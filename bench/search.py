"""Finding procedures by what people type: with and without diacritics, with slips of the fingers."""

import random
import time
from pathlib import Path
from typing import Any

from bench.tables import table
from bench.traffic import percentile
from tinhso.lib.text import fold
from tinhso.lib.yamltext import load_yaml

QUERIES = Path(__file__).resolve().parents[1] / "tests" / "content" / "everyday_queries.yaml"
WANTED = 200


def questions() -> list[tuple[str, list[str]]]:
    """Everyday questions and the codes one of which must be among the first three answers: as written, folded, with
    one slip each (two letters exchanged); the same ones every time."""
    written = [(str(row["q"]), list(row["expect"])) for row in load_yaml(QUERIES.read_text(encoding="utf-8"))]
    draw = random.Random(5)
    folded = [(fold(text), codes) for text, codes in written if fold(text) != text]
    slips = [(_slip(fold(text), draw), codes) for text, codes in written]
    return (written + folded + slips)[:WANTED]


def _slip(text: str, draw: random.Random) -> str:
    places = [i for i in range(len(text) - 1) if text[i] != " " and text[i + 1] != " " and text[i] != text[i + 1]]
    if len(text) < 8 or not places:
        return text
    at = draw.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def measure(*, rounds: int) -> dict[str, Any]:
    """Times of the search query in this process, and how often the right procedure is among the first three."""
    from tinhso.apps.procedures.queries import count_procedures, search_procedures
    from tinhso.kernel import clock

    on, asked = clock.today(), questions()
    started = time.perf_counter()
    search_procedures(asked[0][0], on=on)
    first = time.perf_counter() - started
    times, slowest, hits = [], ("", 0.0), 0
    for number in range(rounds):
        for text, codes in asked:
            started = time.perf_counter()
            page = search_procedures(text, on=on)
            seconds = time.perf_counter() - started
            times.append(seconds)
            slowest = max(slowest, (text, seconds), key=lambda pair: pair[1])
            hits += number == 0 and any(item.code in codes for item in page.items[:3])
    return {
        "procedures": count_procedures(on=on), "questions": len(asked), "rounds": rounds,
        "first_ms": round(first * 1000, 1), "p50_ms": round(percentile(times, 0.5) * 1000, 1),
        "p95_ms": round(percentile(times, 0.95) * 1000, 1), "worst_ms": round(slowest[1] * 1000, 1),
        "worst": slowest[0], "found": round(hits / len(asked) * 100, 1),
    }  # fmt: skip


def tell(found: dict[str, Any], figures: dict[str, Any]) -> str:
    """This part of the report."""
    source = (
        "the complete national set" if figures["national"] else "the shipped catalogue (the national set is not here)"
    )
    return (
        f"### Finding a procedure\n\n{found['questions']} everyday questions (with and without diacritics, with slips),"
        f" {found['rounds']} round(s), over {found['procedures']:,} procedures: {source}.\n\n"
        + table(
            ["p50 ms", "p95 ms", "slowest ms", "first question of a process ms", "right one among the first three"],
            [(found["p50_ms"], found["p95_ms"], found["worst_ms"], found["first_ms"], f"{found['found']} %")],
        )
        + f"\n\nSlowest: «{found['worst']}»."
    )
