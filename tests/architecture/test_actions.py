"""Every action says what it is, checks a right and records what happened; every handler calls one of them."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tinhso.config.reference import load_everything
from tinhso.kernel import actions, flows, jobs

load_everything()

VIETNAMESE = re.compile(r"[àáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]", re.IGNORECASE)
SOURCE = Path(__file__).resolve().parents[2] / "src" / "tinhso"

# Acts that leave no event, each for the reason given.
UNRECORDED = {
    "exchange.actions.begin_lookup": "audit.actions.record_disclosure records it",
    "exchange.actions.close_lookup": "the action that closes what nobody answered records it",
    "exchange.actions.finish_lookup": "the action that asked records what was answered",
    "subscriptions.actions.publish_feed": "what it copies out of the log is in the log",
    "subscriptions.actions.claim_delivery": "a lease of minutes; the row says how far the receiver is",
    "accounts.actions.note_session_seen": "bookkeeping: when a session was used last; its beginning and end are recorded",
    "cases.actions.tell_of_case": "notifications.actions.notify records it",
    "cases.actions.tell_of_moved_dates": "notifications.actions.notify_many records it",
    "vault.actions.tell_of_last_day": "notifications.actions.notify records it",
    "petitions.actions.tell_of_petition": "notifications.actions.notify records it",
    "cases.actions.begin_retention_of_ended": "documents.actions.start_retention records it for each file",
    "cases.actions.note_looks": "bookkeeping: when the round looks again; what it tells is recorded",
    "cases.actions.answer_chat": "notifications.actions.queue_answer records it",
    "notifications.actions.claim_due": "bookkeeping: who sends which; what came of it is recorded",
    "notifications.actions.forget_messages": "deletes what is older than its purpose",
    "notifications.actions.forget_notices": "deletes what is older than its purpose",
    "collections.actions.follow_order": "copies what the order's own events tell",
    "collections.actions.collect_line": "payments.actions.collect_at_counter records it",
    "mailboxes.actions.record_usage": "bookkeeping: how full boxes are, as the server counts",
    "mailboxes.actions.record_queue": "a look at the server's queue, replaced by the next",
    "mailboxes.actions.forget_mail_records": "deletes what is older than its purpose",
    "signatures.actions.begin_request": "the intent before the paper is prepared; preparing it is recorded",
    "signatures.actions.claim_round": "bookkeeping: which papers go together; each was recorded when asked",
    "signatures.actions.give_round_back": "bookkeeping: who sends which round",
    "signatures.actions.claim_papers": "bookkeeping: who works on which paper; what came of it is recorded",
    "signatures.actions.keep_paper": "bookkeeping of a paper whose signing was recorded; each step further is",
    "signatures.actions.want_archived": "bookkeeping: the step itself is recorded when it is done",
    "signatures.actions.record_not_strengthened": "bookkeeping: nothing happened to the paper; it is tried again",
    "cases.actions.take_strengthened_file": "follows `signature.paper_strengthened`, which names both digests",
    "signatures.actions.record_sent": "bookkeeping: the service's handle of what was recorded when asked",
    "signatures.actions.record_poll": "bookkeeping: when the service was asked last",
    "cases.actions.settle_money": "the order records what is cancelled and what is to go back",
    "payments.actions.keep_notice": "the message itself is kept, append-only; its decision is recorded",
    "payments.actions.post": "the act it belongs to is recorded",
    "exchange.actions.seal_messages": "the seal is itself the record",
    "exchange.actions.record_stamp": "the stamp is itself the record",
    "exchange.actions.record_axis_failure": "the mark keeps since when and why; a directory that did change is recorded",
    "exchange.actions.keep_body": "the line of the message in the log is the record; this is what it is about",
    "exchange.actions.queue_message": "the message is itself the record; what it tells of is in the log",
    "exchange.actions.claim_messages": "bookkeeping: who sends which message; what came of it stays on the message",
    "exchange.actions.release_messages": "bookkeeping: given back untried",
    "exchange.actions.record_delivered": "the message keeps when it was taken and with which answer",
    "exchange.actions.forget_bodies": "deletes content older than its purpose; its digest stays",
    "exchange.actions.gather_traffic": "counts what the message log tells; the log is the record",
    "exchange.actions.forget_traffic": "deletes counts finer than their purpose needs",
    "reconciliation.actions.begin_reading": "bookkeeping: from where the log is read",
    "reconciliation.actions.advance_reading": "bookkeeping: how far the log has been read",
    "reconciliation.actions.note_arrival": "bookkeeping: seen there; being taken, held or dismissed is recorded",
    "reconciliation.actions.note_acknowledged": "bookkeeping of the case whose taking is recorded",
    "reconciliation.actions.retry_arrival": "bookkeeping: asked for sooner; what comes of it is recorded",
    "reconciliation.actions.start_round": "bookkeeping: the round's end is recorded",
    "exchange.actions.make_partitions": "prepares room; nothing happened to the data",
    "audit.actions.complete_idempotency": "bookkeeping of the act whose key it is",
    "audit.actions.claim_idempotency": "bookkeeping of the act whose key it is",
    "audit.actions.seal_entries": "the seal is itself the record",
    "audit.actions.forget_idempotency": "deletes bookkeeping older than its purpose",
    "cases.actions.keep_result": "the vault records what enters it",
    "cases.actions.renew_kept_result": "the vault records what is renewed",
    "cases.actions.keep_component": "the vault records what enters it",
    "cases.actions.end_kept_result": "the vault records what ends",
    "cases.actions.begin_paper": "the book records the number it takes; `record_paper` tells of the paper itself",
    "vault.actions.note_export": "how far a package is made; asking, finishing and taking it are the record",
    "procedures.actions.note_progress": "how far a file is read; staging or failing is the record",
    "accounts.actions.forget_expired_sessions": "deletes bookkeeping older than its purpose",
    "documents.actions.append_upload": "a portion is bookkeeping; the start and the end of the upload are recorded",
    "documents.actions.clear_content": "that the bytes went is bookkeeping; that the key was destroyed is recorded",
    "documents.actions.keep_preview": "a likeness is made anew at will; finishing them is recorded",
    "accounts.actions.forget_sign_in_failures": "deletes counts; the failures stay in the log",
}
# Acts that ask for no right, each for the reason given.
UNGUARDED = {
    "audit.actions.seal_entries": "changes nothing but the seals; the clock runs it",
    "audit.actions.forget_idempotency": "deletes bookkeeping only; the clock runs it",
    "signatures.actions.use_link": "the one-time secret given to the signer is the right",
    "vault.actions.open_share": "the secret in the link its holder has given away is the right",
    "notifications.actions.mute_topic": "the signed address printed in a person's letter is the right",
    "cases.actions.rate_by_link": "the signed link printed on the applicant's paper is the right",
}


OURS = {n: f for n, f in sorted(actions.registry.items()) if f.__module__.startswith("tinhso.")}


def _public_name(name: str) -> str:
    return re.sub(r"\.actions\._\w+\.", ".actions.", name)


def _but_for(holds: Callable[[str, Callable[..., Any]], bool]) -> list[str]:
    """Names of the actions of which something does not hold. One test for all: there are hundreds."""
    return [_public_name(name) for name, function in OURS.items() if not holds(name, function)]


def test_there_are_actions_to_look_at() -> None:
    assert len(OURS) > 60


def test_actions_take_keywords_and_say_who_and_when() -> None:
    def holds(name: str, function: Callable[..., Any]) -> bool:
        kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
        hints = inspect.get_annotations(inspect.unwrap(function))
        told = [getattr(hints.get(word), "__name__", "") for word in ("actor", "at")]
        return kinds == {inspect.Parameter.KEYWORD_ONLY} and told == ["Actor", "datetime"]

    assert _but_for(holds) == []


def test_actions_are_told_in_the_words_of_the_law() -> None:
    def holds(name: str, function: Callable[..., Any]) -> bool:
        return bool(VIETNAMESE.search((inspect.getdoc(function) or "").split("\n\n")[0]))

    assert _but_for(holds) == [], "the first paragraph has no Vietnamese term"


def test_actions_record_what_happened() -> None:
    def holds(name: str, function: Callable[..., Any]) -> bool:
        return ("record" in _called_within(function)) is (_public_name(name) not in UNRECORDED)

    assert _but_for(holds) == []


def test_public_actions_check_a_right() -> None:
    def holds(name: str, function: Callable[..., Any]) -> bool:
        if function.is_inner:  # type: ignore[attr-defined]
            return True
        guarded = bool(_called_within(function) & {"require", "Forbidden"})
        return guarded is (_public_name(name) not in UNGUARDED)

    assert _but_for(holds) == []


def test_lists_of_exceptions_name_real_actions() -> None:
    known = {_public_name(name) for name in actions.registry}
    assert {*UNRECORDED, *UNGUARDED} - known == set()


def test_every_handler_calls_one_action_or_flow() -> None:
    acts = {f.__name__ for f in [*actions.registry.values(), *flows.registry.values()]}
    handlers = {n: f for n, f in jobs.handlers.items() if f.__module__.startswith("tinhso.")}
    assert handlers
    for name, handler in handlers.items():
        tree = ast.parse(textwrap.dedent(inspect.getsource(handler)))
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        called = [f.attr for f in calls if isinstance(f, ast.Attribute) and f.attr in acts]
        assert len(called) == 1, f"{name} calls {called}"
        assert len(inspect.getsource(handler).splitlines()) <= 16, f"{name} does more than load and call"


def test_only_jobs_and_interfaces_read_the_clock() -> None:
    allowed = ("kernel/", "interfaces/", "config/", "simulators/")
    readers = []
    for file in SOURCE.rglob("*.py"):
        name = file.relative_to(SOURCE).as_posix()
        if name.startswith(allowed) or re.search(r"/jobs(\.py|/)", name):
            continue
        if re.search(r"from tinhso\.kernel\.clock import [^\n]*\b(now|today)\b|clock\.(now|today)\(", file.read_text()):
            readers.append(name)
    # The library that owns sign-in calls these; nobody else can tell them the time.
    assert set(readers) <= {"apps/accounts/adapters/national_identity.py", "apps/accounts/adapters/second_factor.py"}


def _called_within(function: Callable[..., Any]) -> set[str]:
    """Names called by a function and, through functions of the same package, by those it calls."""
    plain = inspect.unwrap(function)
    package = Path(inspect.getfile(plain))
    known = _functions_of(package.parent if package.parent.name == "actions" else package)
    seen: set[str] = set()
    waiting = [plain.__name__]
    while waiting:
        for name in known.get(waiting.pop(), frozenset()) - seen:
            seen.add(name)
            waiting.append(name)
    return seen


@cache
def _functions_of(source: Path) -> dict[str, frozenset[str]]:
    """The functions of a file, or of every file of a folder, with the names each calls: read once for all its acts."""
    known: dict[str, frozenset[str]] = {}
    for file in sorted(source.glob("*.py")) if source.is_dir() else [source]:
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name not in known:
                known[node.name] = frozenset(filter(None, map(_callee, ast.walk(node))))
    return known


def _callee(node: ast.AST) -> str:
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
        return node.exc.id
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
