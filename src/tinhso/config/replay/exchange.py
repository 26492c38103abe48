"""The exchange's transactions of a day: real calls through the gateway, in this process, at the day's own instants.

The gateway is the product's; only the socket before it is left out. Which transactions there are follows from the seed;
which of them are done is read from the message log by their numbers, so a replay that was killed asks no second time.
"""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from tinhso.apps.directory import queries as directory
from tinhso.config.demo.names import Names, Person
from tinhso.config.replay.scenario import Moments, Scenario, Service
from tinhso.interfaces.gateway.app import Application
from tinhso.kernel.clock import travel

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Transaction:
    """One call: when, of what, about whom."""

    number: int
    at: datetime
    service: Service
    person: Person


class Exchanger:
    """Makes the transactions of one process, day by day."""

    def __init__(self, scenario: Scenario, *, place: int, places: int, share: float) -> None:
        self._scenario, self._share = scenario, share
        self._place, self._places = place, places
        self._moments = Moments(scenario)
        self._names = Names(settings.CONTENT_DIR, seed=scenario.seed)
        province = directory.get_province(scenario.last_day)
        self._client = f"VN/GOV/{directory.code_prefix(province.id, scenario.last_day)}/mot-cua"
        self._by_day = self._dealt()
        self.done = self.failed = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._application = Application()

    def total(self) -> int:
        """How many transactions this process makes in all."""
        return sum(len(numbers) for numbers in self._by_day.values())

    def play(self, day: date) -> None:
        """All of a day that the log does not have yet."""
        numbers = self._by_day.get(day, [])
        known = _logged([self._message_id(number) for number in numbers])
        calls = [self._drawn(number) for number in numbers if self._message_id(number) not in known]
        self.done += len(numbers) - len(calls)
        if not calls:
            return
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.run_until_complete(self._application.start())  # its keys are of today: what is lived is long ago
        self._loop.run_until_complete(self._ask_all(calls))

    def close(self) -> None:
        """Write what waits and hang up."""
        if self._loop is not None:
            self._loop.run_until_complete(self._application.stop())
            self._loop.close()

    def _dealt(self) -> dict[date, list[int]]:
        found: dict[date, list[int]] = {}
        for number in range(self._place, round(self._scenario.exchanges * self._share), self._places):
            draw = random.Random(f"{self._scenario.seed}-exchange-{number}")  # noqa: S311 - repeatable on purpose
            found.setdefault(self._moments.day(draw), []).append(number)
        return found

    def _drawn(self, number: int) -> Transaction:
        draw = random.Random(f"{self._scenario.seed}-exchange-{number}")  # noqa: S311 - repeatable on purpose
        day = self._moments.day(draw)
        at = self._moments.instant(day, draw)
        services = self._scenario.services
        service = draw.choices(services, [one.weight for one in services])[0]
        person = self._names.citizen(draw.randrange(max(self._scenario.cases, 1)))
        return Transaction(number, at, service, person)

    def _message_id(self, number: int) -> str:
        return f"{self._scenario.name}-{number}"

    async def _ask_all(self, calls: Sequence[Transaction]) -> None:
        waiting = iter(sorted(calls, key=lambda call: call.at))

        async def ask() -> None:
            for call in waiting:
                with travel(call.at):
                    await self._ask(call)

        await asyncio.gather(*(ask() for _ in range(_AT_ONCE)))

    async def _ask(self, call: Transaction) -> None:
        body = json.dumps(_body(call.service, call.person), ensure_ascii=False).encode()
        scope = self._scope(call, len(body))
        status = 0
        here = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return here.pop() if here else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]

        await self._application(scope, receive, send)
        self.done += 1
        self.failed += status >= 500 or status == 0

    def _scope(self, call: Transaction, length: int) -> dict[str, Any]:
        path = f"/r1/{call.service.service}{call.service.path}"
        headers = {
            "x-road-client": self._client, "x-road-id": self._message_id(call.number), "content-length": str(length),
            "x-road-userid": f"{self._scenario.name}", "content-type": "application/json", "host": "localhost",
        }  # fmt: skip
        return {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": b"", "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 0),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip


def _body(service: Service, person: Person) -> dict[str, str]:
    known = {
        "personal_id": person.personal_id, "full_name": person.full_name,
        "birth_compact": f"{person.birth_date:%Y%m%d}", "birth_slashed": f"{person.birth_date:%d/%m/%Y}",
    }  # fmt: skip
    return {name: known[what] for name, what in service.body.items()}


def _logged(message_ids: Sequence[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id FROM exchange_message WHERE message_id = ANY(%s) AND kind = 'response'",
            [list(message_ids)],
        )
        return {row[0] for row in cursor.fetchall()}
