"""Errand: the first page on a weak line: what it weighs over the wire, and that it needs nothing from elsewhere."""

import gzip
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response

from tests.journeys.browsing import Town

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

HEAVIEST = 150_000
TEXTS = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")


@pytest.mark.parametrize("width", [390, 1320])
def test_first_page_is_light_and_comes_from_one_place(town: Town, width: int) -> None:
    visitor = town.visitor(width=width)
    answers: list[Response] = []
    visitor.page.on("response", lambda answer: answers.append(answer))
    visitor.open("/")
    visitor.page.wait_for_load_state("networkidle")
    weights = {answer.url.removeprefix(visitor.address): _weight(answer) for answer in answers}
    assert {urlsplit(answer.url).netloc for answer in answers} == {urlsplit(visitor.address).netloc}
    assert any(path.endswith(".css") for path in weights), "the styles were counted"
    assert sum(weights.values()) <= HEAVIEST, sorted(weights.items(), key=lambda pair: -pair[1])


def _weight(answer: Response) -> int:
    """Bytes over the wire: in production text files are stored compressed, pages are not compressed."""
    body = answer.body()
    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
    media_type = answer.headers.get("content-type", "").split(";")[0]
    return headers + len(gzip.compress(body, 9) if media_type in TEXTS else body)
