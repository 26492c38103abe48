"""The made-up citizens: the number alone decides who somebody is, and no two are one person."""

from pathlib import Path

import pytest

from tinhso.config.demo.names import Names
from tinhso.lib.identifiers import parse_personal_id

SERIES = 2 * 9_900  # after so many numbers the series of personal ids begins anew


@pytest.fixture
def names(project_root: Path) -> Names:
    return Names(project_root / "content", seed=48)


def test_a_number_is_always_the_same_person(names: Names, project_root: Path) -> None:
    again = Names(project_root / "content", seed=48)
    again.person()  # whoever was drawn before changes nothing
    assert [names.citizen(n) for n in (7, 3)] == [again.citizen(7), again.citizen(3)]
    assert names.citizen(3) != Names(project_root / "content", seed=49).citizen(3)


def test_a_personal_id_fits_its_holder_and_is_hers_alone(names: Names) -> None:
    numbers = [turn * SERIES + series for turn in range(100) for series in (0, 1, 9_899, 9_900, SERIES - 1)]
    people = [names.citizen(number) for number in numbers]
    assert len({person.personal_id for person in people}) == len(people)
    for person in people:
        known = parse_personal_id(person.personal_id)
        assert (known.sex, known.birth_year) == (person.sex, person.birth_date.year)


def test_nobody_drawn_is_one_of_the_shown_people(names: Names) -> None:
    assert all(int(names.citizen(number).personal_id[-4:]) >= 100 for number in range(200))
