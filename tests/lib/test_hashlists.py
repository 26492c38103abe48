"""A sorted file of hashes looked up without reading it."""

import hashlib
from pathlib import Path

import pytest

from tinhso.lib import hashlists


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.fixture(scope="module")
def words() -> list[str]:
    return [f"mật khẩu {number}" for number in range(2_000)]


@pytest.fixture(params=["\r\n", "\n"])
def file(request: pytest.FixtureRequest, tmp_path: Path, words: list[str]) -> Path:
    """As it is published: counts of differing length, the last line with or without its end."""
    lines = sorted(f"{sha1(word)}:{7 ** (number % 9)}" for number, word in enumerate(words))
    path = tmp_path / "hashes.txt"
    path.write_bytes(request.param.join(lines).encode() + (b"" if request.param == "\n" else b"\r\n"))
    return path


def test_every_line_is_found_first_and_last_too_and_nothing_else(file: Path, words: list[str]) -> None:
    assert hashlists.problem_of(file) is None
    assert [word for word in words if not hashlists.holds(file, sha1(word))] == []
    assert hashlists.holds(file, sha1(words[0]).lower())
    assert not any(hashlists.holds(file, sha1(f"khác {number}")) for number in range(500))
    assert not hashlists.holds(file, "0" * 40)
    assert not hashlists.holds(file, "F" * 40)


def test_a_file_of_one_line_and_one_without_counts(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text(sha1("a"))
    assert hashlists.holds(path, sha1("a"))
    assert not hashlists.holds(path, sha1("b"))
    assert hashlists.problem_of(path) is None


def test_a_missing_an_empty_a_foreign_and_an_unsorted_file_are_told(tmp_path: Path, words: list[str]) -> None:
    missing = tmp_path / "none.txt"
    assert "No such file" in str(hashlists.problem_of(missing))
    with pytest.raises(hashlists.HashListError):
        hashlists.holds(missing, sha1("a"))
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    assert "rỗng" in str(hashlists.problem_of(empty))
    assert not hashlists.holds(empty, sha1("a"))
    for name, content in (
        ("text", b"password\n123456\n" * 500),
        ("endless", b"A" * 4_000),
        ("zip", b"PK\x03\x04\n" * 90),
    ):
        foreign = tmp_path / name
        foreign.write_bytes(content)
        assert "SHA-1" in str(hashlists.problem_of(foreign)), name
        with pytest.raises(hashlists.HashListError):
            hashlists.holds(foreign, sha1("a"))
    unsorted = tmp_path / "by-count.txt"
    unsorted.write_text("\n".join(f"{sha1(word)}:1" for word in words))
    assert "không xếp" in str(hashlists.problem_of(unsorted))
    last = tmp_path / "last.txt"
    last.write_text("\n".join([*sorted(sha1(word) for word in words), "0" * 40]))
    assert "không xếp" in str(hashlists.problem_of(last)), "a download cut off and begun anew"
