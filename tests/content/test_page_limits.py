"""Every paper lies within the margins of NĐ 30/2020/NĐ-CP, Phụ lục I, phần I, I.2, on every page, however much is to be said.

Top and bottom 20-25 mm, left 30-35 mm, right 15-20 mm of an A4 sheet; from the second page on the number of the page stands
in the middle of the upper margin (I.7), and the block of signatures is never torn apart.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from tests.factories.papers import CONTENT, letter_data
from tinhso.apps.documents.content import load_letters
from tinhso.lib.typesetting import typeset

LETTERS = load_letters(CONTENT)
_POINT = 25.4 / 72
_A4 = (210.0, 297.0)
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</word>')


@dataclass(frozen=True)
class Word:
    """A word on a page; places in millimetres from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def stretched(value: Any) -> Any:
    """The sample with every list of texts and every list of rows made long."""
    if isinstance(value, dict):
        return {key: stretched(part) for key, part in value.items()}
    if isinstance(value, list) and value:
        return [stretched(part) for part in value] * 12
    return value


@cache
def pages(key: str, *, is_long: bool) -> tuple[tuple[tuple[float, float], tuple[Word, ...]], ...]:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is absent; apt-get install poppler-utils")
    given = letter_data(key)
    lists = {name: stretched(value) for name, value in given.items() if name not in {"signer", "recipients"}}
    data = {**given, **lists} if is_long else given
    pdf = typeset(template=LETTERS[key].template, data={**data, "form": LETTERS[key].form_line}, root=CONTENT)
    told = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True, timeout=60
    ).stdout.decode()  # fmt: skip
    found = []
    for part in told.split("<page ")[1:]:
        width, height = (float(side) * _POINT for side in re.findall(r'(?:width|height)="([\d.]+)"', part)[:2])
        words = tuple(Word(text, *(float(side) * _POINT for side in sides)) for *sides, text in _WORD.findall(part))
        found.append(((width, height), words))
    return tuple(found)


cases = pytest.mark.parametrize(("key", "is_long"), [(key, long) for key in sorted(LETTERS) for long in (False, True)])


@cases
def test_nothing_stands_outside_the_margins(key: str, is_long: bool) -> None:
    for (width, height), words in pages(key, is_long=is_long):
        assert (width, height) == pytest.approx(_A4, abs=0.2)
        assert words, "no page is empty"
        assert min(word.left for word in words) >= 29.5
        assert max(word.right for word in words) <= _A4[0] - 15
        text = [word for word in words if not _is_page_number(word)]
        assert min(word.top for word in text) >= 19
        assert max(word.bottom for word in text) <= _A4[1] - 3, "the foot with the code stands in the lower margin"


@cases
def test_pages_are_numbered_from_the_second_on(key: str, is_long: bool) -> None:
    made = pages(key, is_long=is_long)
    for number, (_, words) in enumerate(made, 1):
        found = [word for word in words if _is_page_number(word)]
        assert [word.text for word in found] == ([str(number)] if number > 1 else [])
        for word in found:
            middle = (30 + _A4[0] - 18) / 2
            assert (word.left + word.right) / 2 == pytest.approx(middle, abs=1)


def test_long_papers_take_several_pages_and_keep_their_signatures_together() -> None:
    long = {key for key in LETTERS if len(pages(key, is_long=True)) > 1}
    assert {"acknowledgement", "supplement_request", "refusal"} <= long
    for key in long:
        given = letter_data(key)
        name = given["signer"]["name"] if isinstance(given.get("signer"), dict) else ""
        if not name or LETTERS[key].signed_by == "officer":
            continue
        last = [word.text for word in pages(key, is_long=True)[-1][1]]
        assert name.split()[-1] in last
        title = given["signer"]["title"].upper().split()
        assert not title or title[-1] in last, "title and name stand on one page"


def _is_page_number(word: Word) -> bool:
    return word.bottom < 20 and word.text.isdecimal()
