"""Data sources: asked through the exchange in their own protocols, read as content declares, failing in every way."""

import asyncio
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from tests.factories.exchange import AT
from tests.simulators.serving import serve
from tinhso.apps.exchange import flows
from tinhso.apps.exchange.content import SourcesContentError, check, load_sources
from tinhso.apps.exchange.data import AnswerUnreadable, Question, SourceAnswer, SourceField
from tinhso.apps.exchange.enums import Outcome
from tinhso.apps.exchange.providers import dialects
from tinhso.simulators import business, insurance, population
from tinhso.simulators.troubles import Trouble

CONTENT = Path(__file__).resolve().parents[3] / "content"
_, SOURCES = load_sources(CONTENT)
NHAN = {"personal_id": "051191000001", "full_name": "Nguyễn Thị Hồng Nhạn", "birth_date": "1991-04-12"}
COMPANY = {"tax_code": "4300999012"}


@dataclass
class Road:
    """Stands where the gateway does: passes a call on to the simulators, or fails as told."""

    url: str = ""
    fails: list[str] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    registers: dict[str, Starlette] = field(default_factory=dict)

    def app(self) -> Starlette:
        self.registers = {
            "dancu": population.create_app(),
            "dkkd": business.create_app(),
            "bhxh": insurance.create_app(),
        }
        passing = [
            Mount(f"/r1/VN/GOV/{place}", self.registers[name])
            for name, place in {
                "dancu": "G01/dancu/{service}", "dkkd": "G12/dkkd/{service}", "bhxh": "G12/bhxh/{service}",
            }.items()
        ]  # fmt: skip
        inner = Starlette(routes=[*passing, Route("/{rest:path}", lambda _: PlainTextResponse("?", 404))])

        async def outer(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            headers = {key.decode(): value.decode() for key, value in scope["headers"]}
            self.seen.append(headers)
            fault = self.fails.pop(0) if self.fails else ""
            response = await self._fail(fault, Request(scope, receive))
            if response is not None:
                await response(scope, receive, send)
                return
            service = "/".join(scope["path"].split("/")[2:7])
            other = {"x-road-id": "somebody-else"} if fault == "other" else {}
            marks = {
                "x-road-id": headers["x-road-id"], "x-road-service": service, "x-road-request-id": "r-1",
                "x-road-request-hash": "hash",
            } | other  # fmt: skip

            async def marked(message: MutableMapping[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    message = dict(message) | {
                        "headers": [*message["headers"], *((k.encode(), v.encode()) for k, v in marks.items())]
                    }
                await send(message)

            await inner(scope, receive, marked)

        return outer  # type: ignore[return-value]  # an ASGI application

    @staticmethod
    async def _fail(fault: str, request: Request) -> Response | None:
        if fault in {"", "other"}:
            return None
        if fault == "slow":
            await asyncio.sleep(1.2)
            return PlainTextResponse("too late")
        await request.body()
        if fault == "huge":
            return Response(b" " * 1_500_000, media_type="application/json")
        return Response('{"type": "x"}', 500, headers={"X-Road-Error": fault}, media_type="application/json")


@pytest.fixture(scope="module")
def running() -> Iterator[Road]:
    road = Road()
    with serve(road.app()) as url:
        road.url = url
        yield road


@pytest.fixture
def road(running: Road, settings: Any) -> Iterator[Road]:
    settings.GATEWAY_URL = running.url
    running.seen.clear()
    yield running
    running.fails.clear()
    running.registers["dancu"].state.population.trouble = population.app.Trouble.NONE
    for name in ("dkkd", "bhxh"):
        running.registers[name].state.troubles.trouble = Trouble.NONE


def question(key: str, facts: dict[str, str], **changes: Any) -> Question:
    made = Question(
        source=SOURCES[key], facts=facts, client="VN/GOV/H48.12/mot-cua", user_id="CB-7", issue="H48.12-261122-0001",
        procedure_code="1.001776", unit_code="H48.12", message_id=str(uuid4()),
    )  # fmt: skip
    return replace(made, **changes)


def ask(key: str, facts: dict[str, str], **changes: Any) -> SourceAnswer:
    return flows.ask(question=question(key, facts, **changes), at=AT)


def told(answer: SourceAnswer) -> dict[str, Any]:
    return {one.key: one.value for one in answer.fields}


def test_population_tells_who_fits_number_name_and_birth(road: Road) -> None:
    answer = ask("population", NHAN)
    assert (answer.outcome, answer.request_id, answer.request_hash) == (Outcome.FOUND, "r-1", "hash")
    assert told(answer) == {
        "full_name": "Nguyễn Thị Hồng Nhạn", "birth_date": "1991-04-12", "sex": "female", "ethnicity": "Kinh",
        "residence": {"province_code": "51", "commune_code": "21025", "detail": "Tổ 4"},
        "living_place": {"province_code": "51", "commune_code": "21025", "detail": "Tổ 4"},
    }  # fmt: skip
    texts = {one.key: one.text for one in answer.fields}
    assert (texts["sex"], texts["birth_date"]) == ("Nữ", "12/04/1991")
    sent = road.seen[-1]
    assert (sent["x-road-client"], sent["x-road-userid"]) == ("VN/GOV/H48.12/mot-cua", "CB-7")
    assert (sent["x-road-issue"], len(road.seen)) == ("H48.12-261122-0001", 1)


@pytest.mark.parametrize(
    ("source", "facts", "outcome"),
    [
        ("population", NHAN | {"birth_date": "1991-04-13"}, Outcome.NOT_FOUND),
        ("population_check", NHAN, Outcome.MATCH),
        ("population_check", NHAN | {"full_name": "Ai Đó"}, Outcome.MISMATCH),
        ("population_check", NHAN | {"personal_id": "051191000000"}, Outcome.NOT_FOUND),
        ("business", COMPANY, Outcome.FOUND),
        ("business", {"tax_code": "123"}, Outcome.NOT_FOUND),
        ("health_insurance", NHAN, Outcome.FOUND),
        ("health_insurance", NHAN | {"full_name": "Ai Đó"}, Outcome.NOT_FOUND),
    ],
)
def test_what_is_not_known_is_an_answer_too(road: Road, source: str, facts: dict[str, str], outcome: Outcome) -> None:
    assert (ask(source, facts).outcome, len(road.seen)) == (outcome, 1)


def test_business_and_card_are_read_as_declared(road: Road) -> None:
    company = told(ask("business", COMPANY))
    assert (company["representative"], company["position"]) == ("Lâm Chí Viễn", "Giám đốc")
    assert company["address"] == {"province_code": "51", "commune_code": "21028", "detail": "Khu công nghiệp Quảng Phú"}
    assert company["registered_on"] == "2019-03-15"
    card = told(ask("health_insurance", NHAN))
    assert (card["has_card"], card["valid_to"], len(card["card_number"])) == ("yes", "2026-12-31", 15)


@pytest.mark.parametrize("source", ["population", "business", "health_insurance"])
@pytest.mark.parametrize("trouble", ["down", "wrong", "not_readable"])
def test_a_register_that_is_down_or_lies_tells_nothing(road: Road, source: str, trouble: str) -> None:
    where = {"population": "dancu", "business": "dkkd", "health_insurance": "bhxh"}[source]
    state = road.registers[where].state
    if where == "dancu":
        name = {"down": "down", "wrong": "wrong", "not_readable": "not_xml"}[trouble]
        state.population.trouble = population.app.Trouble(name)
    else:
        state.troubles.trouble = Trouble({"not_readable": "malformed"}.get(trouble, trouble))
    answer = ask(source, COMPANY if source == "business" else NHAN)
    # A look-up that asks about somebody else fits nobody: the population database says so itself.
    lied_plainly = (source, trouble) == ("population", "wrong")
    assert answer.outcome == (Outcome.NOT_FOUND if lied_plainly else Outcome.FAILED)
    assert answer.fields == ()


@pytest.mark.parametrize(
    ("fault", "again", "error", "calls"),
    [
        ("Server.ServerProxy.NetworkError", True, "", 2),
        ("Server.ServerProxy.NetworkError", False, "Server.ServerProxy.NetworkError", 1),
        ("Server.ServerProxy.AccessDenied", True, "Server.ServerProxy.AccessDenied", 1),
        ("other", True, "Client.NotTheExchange", 1),
        ("huge", True, "Client.AnswerTooLarge", 1),
        ("slow", True, "Client.Timeout", 1),
    ],
)
def test_only_what_may_be_repeated_is_asked_again(road: Road, fault: str, again: bool, error: str, calls: int) -> None:
    road.fails.append(fault)
    source = replace(SOURCES["business"], repeatable=again, seconds=1.0 if fault == "slow" else 8.0)
    answer = ask("business", COMPANY, source=source)
    assert (answer.error, answer.outcome, len(road.seen)) == (
        error, Outcome.FAILED if error else Outcome.FOUND, calls,
    )  # fmt: skip
    assert len({one["x-road-id"] for one in road.seen}) == 1


def test_without_a_gateway_the_question_fails_at_once(settings: Any) -> None:
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    answer = ask("business", COMPANY)
    assert (answer.outcome, answer.error) == (Outcome.FAILED, "Client.GatewayUnreachable")
    assert answer.seconds < 5


@limits(max_examples=15)
@given(st.text(max_size=60), st.text(max_size=40))
def test_a_question_stays_well_formed_whatever_is_typed(name: str, number: str) -> None:
    typed = {
        "personal_id": number,
        "full_name": "".join(c for c in name if c.isprintable()),
        "birth_date": "1990-01-02",
    }
    typed["personal_id"] = "".join(c for c in number if c.isprintable())
    from lxml import etree

    root = etree.fromstring(dialects.speak(question("population", typed)).body)
    asked = root.find(".//{http://dancuquocgia.bca}SoDinhDanh")
    assert asked is not None
    assert (asked.text or "") == typed["personal_id"]


@limits(max_examples=15)
@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.dictionaries(st.text(max_size=4), inner, max_size=3) | st.lists(inner, max_size=3),
        max_leaves=8,
    )
)
def test_an_answer_of_any_shape_is_read_or_refused(said: Any) -> None:
    for one in SOURCES["business"].gives:
        dialects.read_field(one, said if isinstance(said, dict) else {"MainInformation": said, "HOAdress": said})


def test_what_stands_nowhere_is_left_out() -> None:
    unknown = SourceField("sex", "Giới tính", "GioiTinh", "choice", values={"1": "male"})
    assert dialects.read_field(unknown, {"GioiTinh": "7"}) is None
    with pytest.raises(AnswerUnreadable):
        dialects.understand(question("business", COMPANY), 302, b"", lambda _: {})


def test_content_says_what_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "exchange"
    folder.mkdir()
    (folder / "sources.yaml").write_text(
        "version: 1\nasks_as: mot-cua\nsources:\n  - {key: a, name: A, holder: B, service: VN/GOV/G01/x/y, method: POST,"
        " path: /v1, dialect: json, kind: look_up, about: person, asks: [personal_id], document: D, purpose: P,"
        " request: {so: tax_code}}\n"
    )
    with pytest.raises(SourcesContentError, match=r"gives.*tax_code"):
        load_sources(tmp_path)
    assert any("sources.yaml" in problem for problem in check(tmp_path))
    assert check(CONTENT) == []
