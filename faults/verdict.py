"""The comparison: every acknowledged operation with what is stored, and what is stored with what it hangs on."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg

from faults.oracle import read
from faults.place import Place

_STANDS_STILL_S = 60.0
_AT_MOST_S = 900.0
# A job behind an earlier one of its lock that is to be tried again later waits with it.
_LEFT = """
    SELECT status || ' ' || task_name || ' ' || coalesce(args->>'handler', ''), count(*) FROM procrastinate_jobs j
    WHERE status = 'doing' OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now() AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs e WHERE e.lock = j.lock AND e.id < j.id AND e.status = 'todo'
        AND e.scheduled_at > now())) GROUP BY 1"""
# What the clock starts ends every minute and tells nothing.
_ENDED = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('succeeded', 'failed') AND queue_name <> 'periodic'"
_SHOWN = 5
_LOOKED_AT_S = 30.0


@dataclass
class Verdict:
    """What is wrong, by word: LOST acknowledged and not stored, DUP stored or done twice, ORPHAN one half of a whole."""

    lost: list[str] = field(default_factory=list)
    dup: list[str] = field(default_factory=list)
    orphan: list[str] = field(default_factory=list)
    ambiguous: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.dup or self.orphan)

    def reasons(self) -> dict[str, int]:
        """How often each kind of finding was made: what is lost or doubled by its kind, halves by the question."""
        found = Counter(f"LOST {one.split()[0]}" for one in self.lost)
        found.update(f"DUP {one.split()[0]}" for one in self.dup)
        found.update(f"ORPHAN {one.split(': ')[0]}" for one in self.orphan)
        return dict(found)

    def sentences(self) -> list[str]:
        """The findings, a few of each word."""
        return [
            f"{word}: {one}"
            for word, found in (("LOST", self.lost), ("DUP", self.dup), ("ORPHAN", self.orphan))
            for one in found[:_SHOWN]
        ]


def drain(place: Place) -> tuple[float, dict[str, int]]:
    """Wait until nothing is left in the queue that is due; seconds it took, and what is left when it stands still."""
    started = moved = time.monotonic()
    left: dict[str, int] = {"": 1}
    most, quiet = -1, 0
    while quiet < 3 and time.monotonic() - moved < _STANDS_STILL_S and time.monotonic() - started < _AT_MOST_S:
        time.sleep(0.5)
        try:
            with place.database() as database:
                left = {str(name): int(number) for name, number in database.execute(_LEFT)}
                ((ended,),) = database.execute(_ENDED).fetchall()
        except psycopg.OperationalError:
            continue
        quiet = quiet + 1 if not left else 0
        if ended > most:  # what is done may ask for more: fewer are left only in the end
            most, moved = ended, time.monotonic()
    return time.monotonic() - started, left


def latest_entry(place: Place) -> int:
    """The number of the log's last entry."""
    with place.database() as database:
        row = database.execute("SELECT coalesce(max(id), 0) FROM audit_entry").fetchone()
    assert row is not None
    return int(row[0])


def judge(place: Place, log: Path, peer_log: Path, *, after: int, whole_peer: bool = True) -> Verdict:
    """Compare the oracle's log, the peer's log and the database; `after`: the log's last entry before the run."""
    found, intents, acks = Verdict(), {}, {}
    for line in read(log):
        if line["t"] == "intent":
            intents[line["op"]] = line
        elif line["t"] == "ack":
            acks[line["op"]] = line
    with place.database() as database:
        stored = stored_operations(database)
        for op, ack in acks.items():
            found.compared[ack["kind"]] += 1
            _compare(found, stored, intents[op], ack)
        for op, intent in intents.items():
            if op not in acks and stored.count(intent) > 0:
                found.ambiguous += 1
            if intent["kind"] != "draft" and op not in acks and stored.count(intent) > 1:
                found.dup.append(f"{intent['kind']} {op} stored {stored.count(intent)} times, never acknowledged")
        _drafts(found, database, intents, acks)
        _halves(found, database, after)
        if whole_peer:  # a provider that was asked after the last thing a backup has knows more than it
            _peer(found, database, peer_log, acks)
        _files(found, database, place.folder)
    return found


def silences(log: Path) -> dict[str, list[float]]:
    """The longest time without any answer after each kill of the whole database and each full disk's end, sorted."""
    after = {"whole database killed": list[float](), "full disk": list[float]()}
    acked = list[float]()
    for line in read(log):
        if line["t"] == "ack":
            acked.append(line["at"])
        elif line["t"] == "kill" and line["what"] == "whole database":
            after["whole database killed"].append(line["at"])
        elif line["t"] == "disk has room":
            after["full disk"].append(line["at"])
    return {what: sorted(_longest_gap(acked, at) for at in moments) for what, moments in after.items()}


def _longest_gap(acked: list[float], at: float) -> float:
    following = [at, *(one for one in acked if at < one < at + _LOOKED_AT_S)]
    return max((b - a for a, b in pairwise(following)), default=_LOOKED_AT_S)


class Stored:
    """What the database has of each kind, by the mark that the operation carried."""

    def __init__(self) -> None:
        self.marks: dict[str, Counter[str]] = defaultdict(Counter)
        self.codes: dict[str, str] = {}
        self.received: Counter[str] = Counter()

    def count(self, intent: dict[str, Any]) -> int:
        kind = intent["kind"]
        if kind == "move":
            return self.received[intent["code"]]
        if kind == "upload":
            return min(self.marks[kind][intent["sha256"]], 1)  # a file handed in twice is two files of one content
        if kind == "exchange":
            return min(self.marks[kind][intent["op"]], 1)  # asked again it is another exchange, with its own lines
        return self.marks["bank" if kind == "payment" else kind][intent["op"]]


def stored_operations(database: "psycopg.Connection[Any]") -> Stored:
    """What the database has of all that carries a mark of the driver's."""
    found = Stored()
    for code, purpose in database.execute("SELECT code, answers->>'purpose' FROM cases_case WHERE code IS NOT NULL"):
        mark = (purpose or "").removeprefix("Phép thử ")
        found.marks["submit"][mark] += 1
        found.codes[mark] = code
    for (text,) in database.execute("SELECT text FROM cases_message"):
        found.marks["message"][text.removeprefix("Tin ")] += 1
    for (digest,) in database.execute("SELECT sha256 FROM documents_storedfile"):
        found.marks["upload"][digest] += 1
    for (number,) in database.execute("SELECT external_id FROM payments_bankline"):
        found.marks["bank"][number] += 1
    for name, times in database.execute(
        "SELECT message_id, count(*) FROM exchange_message WHERE kind = 'response' AND error = '' GROUP BY 1"
    ):
        found.marks["exchange"][name] = times
    for code, times in database.execute(
        "SELECT c.code, count(*) FROM audit_entry e JOIN cases_case c ON e.stream = 'case:' || c.id"
        " WHERE e.type = 'case.received' GROUP BY 1"
    ):
        found.received[code] = times
    return found


def _compare(found: Verdict, stored: Stored, intent: dict[str, Any], ack: dict[str, Any]) -> None:
    kind, op = ack["kind"], ack["op"]
    if kind == "draft":
        return
    times = stored.count(intent)
    if times == 0:
        found.lost.append(f"{kind} {op}")
    elif times > 1:
        found.dup.append(f"{kind} {op} stored {times} times")
    elif kind == "submit" and stored.codes[op] != ack["code"]:
        found.dup.append(f"submit {op} acknowledged as {ack['code']}, stored as {stored.codes[op]}")


def _drafts(found: Verdict, database: "psycopg.Connection[Any]", intents: dict[str, Any], acks: dict[str, Any]) -> None:
    """Of what was typed the last save counts: at least the last that was acknowledged."""
    last: dict[str, int] = defaultdict(int)
    for op in acks:
        if acks[op]["kind"] == "draft":
            last[intents[op]["draft"]] = max(last[intents[op]["draft"]], intents[op]["number"])
    for draft, number in last.items():
        row = database.execute("SELECT answers->>'purpose' FROM cases_case WHERE id = %s", [int(draft)]).fetchone()
        text = str(row[0]) if row else ""
        # What is not a save of ours (a lost draft's number has been given to another case) is no save at all.
        kept = int(text.removeprefix("Lần ")) if text.startswith("Lần ") else 0
        if kept < number:
            found.lost.append(f"draft {draft}: save {number} acknowledged, {kept} stored")


# Each question names halves without their other half; none may be found.
JOBLESS = "an entry without a job for each of the handlers that entries of its type have"
HALVES = {
    "a submitted case without exactly one entry of its submission": """
        SELECT c.code FROM cases_case c LEFT JOIN audit_entry e ON e.stream = 'case:' || c.id AND e.type = 'case.submitted'
        WHERE c.submitted_at IS NOT NULL GROUP BY c.id, c.code HAVING count(e.id) <> 1""",
    "an entry of the log whose sequence has a gap before it": """
        SELECT stream || '#' || sequence FROM (SELECT stream, sequence, row_number() OVER
        (PARTITION BY stream ORDER BY sequence) AS place FROM audit_entry) s WHERE sequence <> place""",
    JOBLESS: """
        WITH jobs AS (SELECT (args->>'entry_id')::bigint AS entry, count(*) AS n FROM procrastinate_jobs
            WHERE task_name = 'audit.deliver' GROUP BY 1),
        per AS (SELECT e.id, e.type, coalesce(j.n, 0) AS n FROM audit_entry e LEFT JOIN jobs j ON j.entry = e.id
            WHERE e.id > %(after)s)
        SELECT id || ' ' || type FROM per JOIN (SELECT type AS of_type, max(n) AS most FROM per GROUP BY 1) m
            ON m.of_type = per.type WHERE n <> most""",
    "a job without the entry it delivers": """
        SELECT j.id || ' ' || j.status || ' ' || j.attempts || ' ' || j.args
        FROM procrastinate_jobs j LEFT JOIN audit_entry e ON e.id = (j.args->>'entry_id')::bigint
        WHERE j.task_name = 'audit.deliver' AND e.id IS NULL""",
    # What the clock asks for is asked for again by the clock; what a change asked for would never be done.
    "a job that was given up": "SELECT id || ' ' || task_name || ' ' || coalesce(args->>'handler', '')"
    " FROM procrastinate_jobs WHERE status = 'failed' AND queue_name <> 'periodic'",
    "a transfer of the bank without its payment": """
        SELECT b.external_id FROM payments_bankline b LEFT JOIN payments_payment p
            ON p.external_id = b.external_id AND p.provider = 'vietqr'
        WHERE b.used_as = 'transfer' GROUP BY b.id, b.external_id HAVING count(p.id) <> 1""",
    "a payment without its entry in the ledger": """
        SELECT p.external_id FROM payments_payment p LEFT JOIN payments_ledgerentry l ON l.key = 'payment:' || p.id
        GROUP BY p.id, p.external_id HAVING count(l.id) <> 1""",
    "an entry of the ledger that does not come to 0 đồng": """
        SELECT entry_id::text FROM payments_ledgerposting GROUP BY entry_id HAVING sum(amount_vnd) <> 0""",
    "an order that says otherwise than its payments": """
        SELECT o.id::text FROM payments_paymentorder o LEFT JOIN payments_payment p ON p.order_id = o.id
        GROUP BY o.id, o.paid_vnd HAVING o.paid_vnd <> coalesce(sum(p.amount_vnd), 0)""",
    "an answer of the exchange without its request, or with two": """
        SELECT exchange_id::text FROM exchange_message GROUP BY exchange_id
        HAVING count(*) FILTER (WHERE kind = 'request') <> 1 AND bool_or(kind = 'response' AND error = '')
        OR count(*) FILTER (WHERE kind = 'response') > 1""",
    "a file without content": """
        SELECT f.id::text FROM documents_storedfile f LEFT JOIN documents_content c ON c.id = f.content_id
        WHERE c.id IS NULL OR c.sha256 <> f.sha256""",
}  # fmt: skip


def _halves(found: Verdict, database: "psycopg.Connection[Any]", after: int) -> None:
    for name, question in HALVES.items():
        rows = database.execute(question.encode(), {"after": after}).fetchall()
        found.orphan += [f"{name}: {row[0]}" for row in rows]


def _peer(found: Verdict, database: "psycopg.Connection[Any]", log: Path, acks: dict[str, Any]) -> None:
    """What was asked of the provider is in the log before it is asked; what was acknowledged was asked."""
    asked = set(log.read_text().split()) if log.exists() else set()
    logged = {
        row[0] for row in database.execute("SELECT DISTINCT message_id FROM exchange_message WHERE kind = 'request'")
    }
    found.orphan += [f"the provider was asked for {name}, the log does not know it" for name in asked - logged]
    exchanged = {op for op, ack in acks.items() if ack["kind"] == "exchange"}
    found.lost += [f"exchange {op} acknowledged, the provider was never asked" for op in exchanged - asked]


def _files(found: Verdict, database: "psycopg.Connection[Any]", folder: Path) -> None:
    """Every content that a row names lies in the store. What lies there and no row names is swept up later."""
    store = folder / "files"
    named = set()
    for blob, size in database.execute("SELECT blob, size FROM documents_content WHERE store = 'disk' AND blob <> ''"):
        named.add(blob)
        path = store / blob
        if not path.exists() or path.stat().st_size < size:
            found.lost.append(f"content {blob}")
    found.counts["contents"] = len(named)
