"""What a page fetches by itself is said to who cannot see it, and what is wrong with a field is tied to the field.

From the templates, all of them: a new element that asks the server takes part by existing. What the browser makes of it is
listened to on the errands by keyboard (`tests/listening.js`).
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from tests.architecture.test_templates import _templates

# The words of templates that make the parser stumble: an address is its name, a value its name, a block nothing.
_ADDRESS = re.compile(r"{%\s*url\s+['\"]([\w:]+)['\"][^%]*%}")
_VALUE = re.compile(r"{{\s*([\w.]+)[^}]*}}")
_NOTHING = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}|{%.*?%}", re.DOTALL)
_ASKS = ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete")
_A_FORM = "ui/forms/"  # parts of a form that saves itself


@dataclass(frozen=True)
class Asking:
    """An element of a template that asks the server and has something changed by the answer."""

    template: str
    tag: str
    told: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.told).get(name, "")

    @property
    def address(self) -> str:
        """Whom it asks, by name."""
        return next(value for name, value in self.told if name in _ASKS)

    @property
    def key(self) -> tuple[str, str]:
        """By what it is known below."""
        return self.template, self.address


@dataclass(frozen=True)
class Says:
    """The fragments that come say what has changed (`data-announce`), through the region that every page has from the start."""

    fragments: tuple[str, ...]


@dataclass(frozen=True)
class IsHeard:
    """The element is a live region itself and stays: only what is in it comes anew."""


@dataclass(frozen=True)
class Nothing:
    """Nothing a person must hear changes, for this reason."""

    because: str


_SLOT = Says(("portal/drafts/_slot.html",))
_SAVES = Says(("portal/drafts/_place.html",))
SAID: dict[tuple[str, str], Says | IsHeard | Nothing] = {
    ("portal/catalogue/home.html", "portal:suggest"): Says(("portal/catalogue/_suggestions.html",)),
    ("portal/catalogue/search.html", "portal:search"): Says(("portal/catalogue/_results.html",)),
    ("portal/drafts/_slot.html", "portal:draft_remove"): _SLOT,
    ("portal/drafts/_slot.html", "portal:draft_from_vault"): _SLOT,
    ("portal/drafts/_slot.html", "portal:draft_upload"): _SLOT,
    ("portal/drafts/edit.html", "autosave_url"): _SAVES,
    ("portal/queues/_display.html", "portal:display"): Nothing("hangs on a wall; calls are seen, and heard as a sound"),
    ("portal/queues/_ticket.html", "portal:ticket"): Says(("portal/queues/_ticket.html",)),
    ("portal/vault/_parcel.html", "portal:vault_export"): Says(("portal/vault/_parcel.html",)),
    ("workspace/cases/_arrived.html", "workspace:cases:scan_arrived"): Says(("workspace/cases/_arrived.html",)),
    ("workspace/cases/_scan.html", "workspace:cases:scan"): Says(("workspace/cases/_scan.html",)),
    ("workspace/cases/detail.html", "workspace:cases:signing_state"): Nothing(
        "the answer is empty until the whole page comes anew, and that says what stands in its regions"
    ),
    ("workspace/catalogue/import.html", "workspace:catalogue:progress"): IsHeard(),
    ("workspace/counter/_paper.html", "workspace:counter:attach"): Says(("workspace/counter/_paper.html",)),
    ("workspace/counter/_search.html", "workspace:counter:suggest"): Says(("workspace/counter/_hits.html",)),
    ("workspace/counter/intake.html", "workspace:counter:changes"): Says(
        ("workspace/counter/_place.html", "workspace/counter/_money.html")
    ),
    ("workspace/signing/_progress.html", "workspace:signing:progress"): Says(("workspace/signing/_progress.html",)),
    ("workspace/signing/_waiting.html", "workspace:signing:waiting"): Says(("workspace/signing/_waiting.html",)),
}


class _Reader(HTMLParser):
    def __init__(self, template: str) -> None:
        super().__init__()
        self.template, self.found = template, list[Asking]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if any(name in _ASKS for name, _ in attrs):
            self.found.append(Asking(self.template, tag, tuple((name, value or "") for name, value in attrs)))


def _texts() -> dict[str, str]:
    return {name: file.read_text() for name, file in _templates().items() if file.suffix == ".html"}


def _asking(name: str, text: str) -> list[Asking]:
    reader = _Reader(name)
    reader.feed(_NOTHING.sub("", _VALUE.sub(r"\1", _ADDRESS.sub(r"\1", text))))
    return reader.found


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return _texts()


@pytest.fixture(scope="module")
def asking(texts: dict[str, str]) -> list[Asking]:
    return [one for name, text in texts.items() for one in _asking(name, text)]


def test_whatever_asks_the_server_is_known_to_say_what_came(asking: list[Asking]) -> None:
    keys = {one.key for one in asking if not one.template.startswith(_A_FORM)}
    assert len(keys) >= 18
    assert keys - SAID.keys() == set(), "say in SAID how who cannot see the page learns of the answer"
    assert SAID.keys() - keys == set()


def test_what_came_does_say_it(asking: list[Asking], texts: dict[str, str]) -> None:
    wrong = []
    for one in asking:
        match SAID.get(one.key):
            case Says(fragments):
                wrong += [f"{name} says nothing" for name in fragments if "data-announce" not in texts[name]]
                # Asked again and again, it must not say the same again and again.
                polls = "every" in one["hx-trigger"]
                wrong += [
                    f"{name} repeats itself"
                    for name in fragments
                    if polls and "data-announce-change" not in texts[name]
                ]
            case IsHeard():
                # A region that is replaced whole, or changed beside itself, is heard by nobody.
                stays = one["hx-swap"] in {"", "innerHTML"} and not one["hx-target"]
                if not (stays and (one["role"] == "status" or one["aria-live"])):
                    wrong.append(f"{one.key} is no live region that stays")
    assert wrong == []


def test_a_form_that_saves_itself_says_whether_it_has(asking: list[Asking], texts: dict[str, str]) -> None:
    """Parts of a form are sent where the form says, and nothing is swapped but what comes out of band; the form speaks."""
    for one in asking:
        if one.template.startswith(_A_FORM):
            assert one.address == "field.autosave_url", one.key
            assert not one["hx-target"], one.key
    assert 'hx-swap="none"' in texts["ui/forms/_form.html"]
    saving = {name: text for name, text in texts.items() if "data-autosave " in text}
    assert saving
    for name, text in saving.items():
        status = re.search(r'data-autosave-status="([\w-]+)"', text)
        assert status, name
        assert re.search(rf'<p[^>]*id="{status[1]}"[^>]*role="status"', text), (
            f"{name}: nothing hears whether it is saved"
        )


_FIELD = re.compile(r"<(?:input|select|textarea)\b((?:{%.*?%}|{{.*?}}|[^>])*)>", re.DOTALL)
_ERROR = re.compile(
    r'<(?:div|p|span)\b((?:{%.*?%}|{{.*?}}|[^>])*class="[^"]*\binvalid-feedback\b(?:{%.*?%}|{{.*?}}|[^>])*)>'
)


def test_a_field_that_is_wrong_says_so_and_what(texts: dict[str, str]) -> None:
    """Red is for the eye: whoever hears the field hears that it is wrong, and the words beside it."""
    wrong = []
    for name, text in texts.items():
        for found in _FIELD.finditer(text):
            inside = found[1]
            if "is-invalid" in inside and "ui/forms/_state.html" not in inside:
                wrong += [
                    f"{name}: no {mark} in {found[0][:120]}"
                    for mark in ("aria-invalid", "aria-describedby")
                    if mark not in inside
                ]
        for found in _ERROR.finditer(text):
            if not re.search(r'\bid="|role="alert"', found[1]):
                wrong.append(f"{name}: nothing can be tied to {found[0][:120]}")
    assert wrong == []


def test_a_notice_of_what_failed_has_the_keyboard_when_the_page_comes(texts: dict[str, str]) -> None:
    """A region that comes with the page is not read by itself: the keyboard is put on what went wrong."""
    assert 'role="alert" tabindex="-1" data-focus' in texts["ui/components/notice.html"]
    assert "data-focus" in texts["ui/components/error_summary.html"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ('<div {% if x %}hx-get="{% url \'a:b\' case.code %}"{% endif %} hx-trigger="every 2s">', "a:b"),
        ('<input{% if f %} hx-post="{{ field.autosave_url }}"{% endif %}>', "field.autosave_url"),
    ],
)
def test_what_asks_is_found_between_the_words_of_a_template(text: str, address: str) -> None:
    assert [one.address for one in _asking("x.html", text)] == [address]
