"""Every page of the URL map in a real browser: on a desk and on a phone, by day, by night and with more contrast, enlarged,
by keyboard, and read out. What is asked and why: docs/explanation/accessibility.md.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.architecture.doors import Visit, enter
from tests.architecture.furnished import Furnished, furnished
from tests.architecture.page_budgets import over_wire
from tests.architecture.page_tour import NO_PAGES, PEOPLE, Tour, tour
from tests.architecture.replay import named
from tests.browser import browser, look_at
from tests.factories import snapshots
from tests.journeys.browsing import Visitor
from tests.screens import DESK, cut_when_enlarged, lost_by_keyboard, unsaid

__all__ = ["browser"]
pytestmark = [pytest.mark.journey, pytest.mark.sweep, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
FEWEST = 185
# A kiosk gives itself back to the next person after a while: pages are looked at as they stand.
STAYING = """const soon = window.setTimeout;
window.setTimeout = (act, wait, ...more) => (wait >= 15000 ? 0 : soon(act, wait, ...more));"""


@pytest.fixture
def place(transactional_db: None) -> Furnished:
    """A province with something behind every list."""
    return snapshots.remembered("furnished", furnished)


@pytest.fixture
def visit(role: str, place: Furnished) -> Visit:
    """How far this person has come."""
    return enter(role, place.stage)


@pytest.fixture
def visitor(visit: Visit, browser: Browser, live_server: Any) -> Iterator[Visitor]:
    """A window in which this person is signed in; nothing in it moves by itself, so that a look need not wait."""
    context = browser.new_context(viewport=DESK, locale="vi-VN", reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_init_script(STAYING)
    context.add_cookies([
        {"name": name, "value": cookie.value, "url": live_server.url} for name, cookie in visit.client.cookies.items()
    ])  # fmt: skip
    yield Visitor(context.new_page(), live_server.url)
    context.close()


@pytest.mark.parametrize("role", PEOPLE)
def test_every_page_this_person_opens(role: str, place: Furnished, visit: Visit, visitor: Visitor) -> None:
    wrong, titles = [], dict[str, tuple[str, str]]()
    before = {one.route: one.address for one in map(named, visit.told) if one is not None}
    for one in _tour(place).pages.values():
        if one.role != role:
            continue
        visitor.open(before.get(one.route, one.address))
        found = over_wire(one.route, visitor.page)
        found += [*_seen(visitor.page), *unsaid(visitor.page), *cut_when_enlarged(visitor.page)]
        found += [*lost_by_keyboard(visitor.page), *visitor.complaints]
        if "⟦missing" in visitor.page.content():
            found.append("its template names what it was not given")
        shown = visitor.page.inner_text("main")
        route, same = titles.setdefault(visitor.page.title(), (one.route, shown))
        if same != shown:
            found.append(f"the same title as /{route}")
        wrong += [f"{one.address}: {line}" for line in found]
        visitor.complaints.clear()
    assert not wrong, "\n".join(wrong)


def test_no_page_of_the_url_map_is_left_out(place: Furnished) -> None:
    found = _tour(place)
    assert found.missed - NO_PAGES.keys() == set(), "furnish them: tests/architecture/furniture.py"
    assert NO_PAGES.keys() - found.missed == set(), "seen, so no longer to be excused"
    assert len(found.pages) >= FEWEST


# The rows are put back as they were for every test, so who opens what is asked once a run.
_known: list[Tour] = []


def _tour(place: Furnished) -> Tour:
    if not _known:
        _known.append(tour(place))
    return _known[0]


def _seen(page: Page) -> list[str]:
    """What axe finds, and what is wider than the screen, in each size and theme."""
    found = []
    for size, theme, contrast in (
        (DESK, "light", None), (PHONE, "light", None), (PHONE, "dark", None), (DESK, "dark", None), (DESK, "light", "more"),
    ):  # fmt: skip
        page.set_viewport_size(size)  # type: ignore[arg-type]  # the shape Playwright documents
        page.emulate_media(color_scheme=theme, contrast=contrast or "no-preference")  # type: ignore[arg-type]
        try:
            look_at(page, only_colours=theme == "dark" or contrast is not None)
        except AssertionError as error:
            found.append(f"{size['width']} px, {theme}, contrast {contrast}: {error}")
    page.emulate_media(color_scheme="light", contrast="no-preference")
    return found
