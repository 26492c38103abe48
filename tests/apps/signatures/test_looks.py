"""What the eye says of a file: a change the structures would let pass is seen on the page."""

from dataclasses import replace

import pytest

from tests.factories import attacks
from tests.factories.papers import letter
from tests.factories.signatures import AT, World, changed, replace_page_content, sign_with_library
from tinhso.apps.signatures.rules import changes, looks, pixels
from tinhso.apps.signatures.rules.changes import Findings
from tinhso.apps.signatures.rules.verification import verify


def test_our_papers_look_the_same_but_for_what_was_signed_later(world: World) -> None:
    verdict = verify(world.sealed, trust=world.trust, at=AT)
    found = looks.seen(world.sealed, verdict)
    assert found == replace(verdict, pages_compared=1)
    foreign = attacks.foreign(world)
    assert looks.seen(foreign, verify(foreign, trust=world.trust, at=AT)).ok
    assert looks.seen(world.signed, verify(world.signed, trust=world.trust, at=AT)).ok


def test_a_change_the_structures_do_not_tell_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judgement of structures is made blind: the picture still tells."""
    monkeypatch.setattr(changes, "after", lambda *args, **kwargs: Findings(()))
    for name, forged in {
        "after the seal": changed(world.sealed, replace_page_content),
        "between": sign_with_library(changed(world.signed, replace_page_content), world.agency, field="agency"),
    }.items():
        verdict = verify(forged, trust=world.trust, at=AT)
        assert verdict.ok, f"{name}: the test needs a blind judge"
        found = looks.seen(forged, verdict)
        assert (found.ok, found.outcome, found.sealed) == (False, "changed", False), name
        assert found.sentences[-1] == "Trang 1 hiện ra khác với lúc ký."


def test_a_file_that_cannot_be_drawn_is_not_called_good(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise pixels.NotDrawn

    verdict = verify(world.sealed, trust=world.trust, at=AT)
    monkeypatch.setattr(pixels, "compare", fail)
    found = looks.seen(world.sealed, verdict)
    assert (found.ok, found.outcome, found.sealed) == (False, "undetermined", False)


def test_ink_and_differences_are_found_where_they_are(world: World) -> None:
    paper = letter()
    assert pixels.compare(paper, paper, allowed={}).differing == ()
    assert pixels.compare(paper, letter("acknowledgement"), allowed={}).differing != ()
    assert pixels.compare(paper, world.signed, allowed={}).differing == (1,)
    assert pixels.ink_in(paper, 0, (50, 700, 500, 800))
    assert not pixels.ink_in(paper, 0, (0, 400, 40, 500)), "the margin is white"
    assert pixels.ink_in(paper, 9, (0, 0, 1, 1)), "a page that is not there is not free"
    with pytest.raises(pixels.NotDrawn):
        pixels.compare(b"x", paper, allowed={})
