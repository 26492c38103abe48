"""The load: clients that ask until they are answered, and the log of both."""

import random
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import yaml

from faults.client import BrokenError, Client, sign_in_citizen, sign_in_officer
from faults.operations import UNIT, Asker, Operation, Town, Writer, WrongAnswerError
from faults.oracle import Oracle
from faults.place import ROOT, Place
from faults.tally import Tally

# Of the acknowledged operations, this share is asked once more: the answer must be the same.
_ASKED_AGAIN = 0.03
_MOST_PAUSE_S = 0.5
# How long a client waits before an operation of a kind that is ahead of the others: the longer the further, never for ever.
_AHEAD_S, _AHEAD_AT_MOST_S = 15.0, 3.0
_WRITES, _BANK, _DESK = ("submit", "message", "upload"), ("bank", "payment"), ("move",)


class GoneError(Exception):
    """The product will not come back; what was under way stays unanswered."""


class Load:
    """All clients, each in a thread of its own."""

    def __init__(self, place: Place, oracle: Oracle, *, web_port: int, gateway_port: int, seed: int) -> None:
        self.place, self.oracle = place, oracle
        self.web_port, self.gateway_port, self.seed = web_port, gateway_port, seed
        self.town, self.tally = Town(threading.Lock()), Tally()
        self.lead: Callable[[str], float] = lambda _kind: 0.0
        self._stop, self._gone = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self._askers: list[Asker] = []

    def sign_in(self, *, machines: int, exchangers: int, officers: int, citizens: int) -> None:
        """Make the clients, over the good line; afterwards they ask over the one that breaks."""
        place, dice = self.place, random.Random(self.seed)
        accounts = place.accounts()
        token = {"Authorization": f"Bearer {accounts['api_token']}"}
        askers: list[Asker] = []
        for number in range(machines):
            client = Client(self.web_port, place.host, headers=token if number % 2 else {})
            askers.append(Asker(client, self.town, random.Random(dice.random()), _WRITES if number % 2 else _BANK))
        name = {"X-Road-Client": _client_name(place)}
        for _ in range(exchangers):
            client = Client(self.gateway_port, f"127.0.0.1:{place.gateway_port}", headers=name)
            askers.append(Asker(client, self.town, random.Random(dice.random()), ("exchange",)))
        rows = [*accounts["accounts"], *accounts["more_accounts"]]
        one_stop = next(row for row in rows if row["role"] == "one_stop_officer" and "tỉnh" not in row["unit"])
        first: Client | None = None  # the others are further windows of hers
        for _ in range(officers):
            client = Client(place.port, place.host)
            if first is None:
                sign_in_officer(client, one_stop)
                first = client
            client.close()
            client.port, client.cookies = self.web_port, dict(first.cookies)
            askers.append(Asker(client, self.town, random.Random(dice.random()), _DESK))
        # Each a person of her own: who begins the same procedure twice is given the draft she has.
        for citizen in _people()[:citizens]:
            client = Client(place.port, place.host)
            sign_in_citizen(client, Client(place.port + 1, f"127.0.0.1:{place.port + 1}"), citizen)
            writer = Writer(client, self.town, random.Random(dice.random()))
            writer.begin()
            client.close()
            client.port = self.web_port
            askers.append(writer)
        self._askers = askers
        self._threads = [
            threading.Thread(target=self._live, args=(asker, random.Random(dice.random())), daemon=True)
            for asker in askers
        ]

    def one_call_a_connection(self) -> None:
        """Ask each time anew, as most callers do: then a server that ends politely cuts nobody off."""
        for asker in self._askers:
            asker.client.headers = {**asker.client.headers, "Connection": "close"}

    def start(self, *, lead: Callable[[str], float] | None = None) -> None:
        """Begin; `lead` tells how far a kind is beside its share, beyond 1 it is to be slower."""
        self.lead = lead or self.lead
        for thread in self._threads:
            thread.start()

    def finish(self, *, patience_s: float) -> int:
        """Let every client end what it has begun; how many could not."""
        self._stop.set()
        deadline = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.1))
        return sum(thread.is_alive() for thread in self._threads)

    def abandon(self) -> None:
        """The product is gone for good: nobody is waited for, and nothing more is written down."""
        self._stop.set()
        self._gone.set()
        for thread in self._threads:
            thread.join(30)

    def _live(self, asker: Asker, dice: random.Random) -> None:
        while not self._stop.is_set():
            try:
                operation = asker.draw(self.lead)
                if operation is None:
                    time.sleep(0.05)
                    continue
                if (ahead := self.lead(operation.kind) - 1) > 0:
                    self._stop.wait(min(ahead * _AHEAD_S, _AHEAD_AT_MOST_S))
                self._do(asker, operation, dice)
            except WrongAnswerError as error:
                with self.tally.lock:
                    self.tally.wrong.append(str(error))
                time.sleep(0.05)
            except GoneError:
                return

    def _do(self, asker: Asker, operation: Operation, dice: random.Random) -> None:
        self.oracle.intent(operation.op, operation.kind, operation.facts)
        started = time.monotonic()
        answer, tries = self._until_answered(asker, operation)
        self.oracle.ack(operation.op, operation.kind, answer)
        with self.tally.lock:
            self.tally.acknowledged[operation.kind] += 1
            self.tally.times.append(time.monotonic() - started)
            self.tally.longest = max(self.tally.longest, (self.tally.times[-1], operation.kind, tries))
        asker.followed(operation, answer)
        if operation.kind not in {"draft", "move"} and dice.random() < _ASKED_AGAIN:
            again, _ = self._until_answered(asker, operation)
            with self.tally.lock:
                self.tally.again += 1
                if again != answer:
                    self.tally.different.append(f"{operation.kind} {operation.op}: {answer} then {again}")

    def _until_answered(self, asker: Asker, operation: Operation) -> tuple[dict[str, Any], int]:
        """The answer, and at which try it came."""
        pause = 0.02
        for number in count(1):
            if self._gone.is_set():
                raise GoneError
            began = time.monotonic()
            try:
                with self.tally.lock:
                    self.tally.asked += 1
                return asker.send(operation), number
            except BrokenError as error:
                with self.tally.lock:
                    self.tally.retries += 1
                    self.tally.broken[str(error)[:60]] += 1
            finally:
                with self.tally.lock:
                    one = time.monotonic() - began, operation.kind
                    self.tally.longest_try = max(self.tally.longest_try, one)
            time.sleep(pause)
            pause = min(pause * 1.6, _MOST_PAUSE_S)
        raise AssertionError  # there is no last number


def _people() -> list[str]:
    """Those the simulated national identity knows, by personal number."""
    found = yaml.safe_load((ROOT / "content" / "demo" / "people.yaml").read_text(encoding="utf-8"))
    return [person["personal_id"] for person in found["people"] if person["level"] == 2]


def _client_name(place: Place) -> str:
    """The commune's own system in the exchange, found as any client finds it: in the gateway's list."""
    with place.database() as database:
        found = database.execute(
            "SELECT c.code FROM directory_unitcode c JOIN directory_unitcode g ON g.unit_id = c.unit_id"
            " WHERE c.scheme = 'org' AND g.scheme = 'gso' AND g.code = %s",
            [UNIT],
        ).fetchone()
    assert found is not None
    return f"VN/GOV/{found[0]}/mot-cua"
