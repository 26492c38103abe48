"""Words that make no password, and passwords that are known to be breached."""

import hashlib
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.factories import accounts as factory
from tests.factories.accounts import AT
from tests.factories.directory import CAM_THANH, commune, small_directory
from tinhso.apps.accounts import actions, content, queries, rules
from tinhso.apps.accounts.adapters import breached_passwords
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.errors import Invalid

WORDS = ("quảng ngãi", "tinh so", "password")


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("QuangNgai2026!", "quảng ngãi"),
        ("Qu@ng-Ng@1-2026", "quảng ngãi"),
        ("Quảng Ngãi 123", "quảng ngãi"),
        ("P@ssw0rd-1999", "password"),
        ("tinhsotinhso", "tinh so"),
        ("20252026ab", "2025"),
        ("QuangNgai-cá-voi-xanh", None),  # what stands beside it is long enough
        ("tím-biếc-hoàng-hôn", None),
        ("!!!!----", None),  # no word at all: what else is wrong with it is judged elsewhere
    ],
)
def test_a_password_that_leans_on_a_word_is_easy(password: str, word: str | None) -> None:
    assert rules.easy_word(password, WORDS) == word


@pytest.mark.parametrize(
    ("name", "own"),
    [("Ủy ban nhân dân xã Sơn Tịnh", "son tinh"), ("Tỉnh Quảng Ngãi", "quang ngai"), ("Sở Xây dựng", "xay dung")],
)
def test_the_own_part_of_a_units_name(name: str, own: str) -> None:
    generic = content.load_password_words(Path("content")).generic
    assert rules.unit_word(name, generic) == own


@pytest.mark.django_db
def test_words_of_the_province_its_units_the_list_and_the_officer_are_refused_where_passwords_are_set() -> None:
    small_directory()
    account = factory.officer(full_name="Trần Thị Bích Ngọc")
    for password, told in (
        ("Quang.Ngai.2026", "«quang ngai»"), (f"{commune(CAM_THANH).name}2026", "«"),
            ("MatKhau@2026", "«mat khau»"),
        ("Ngọc-2026-Trần", "«"), ("TranThiBichNgoc-9", "họ tên của bạn"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            actions.set_password(account_id=account.id, password=password, actor=SYSTEM, at=AT)
        assert told in refused.value.errors[0].message, password
    actions.set_password(account_id=account.id, password="bão qua rồi nắng lên", actor=SYSTEM, at=AT)


@pytest.mark.django_db
def test_a_breached_password_is_refused_and_a_broken_file_stops_nobody(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = ["nắng hạ vàng ươm", "sóng vỗ bờ đá", "cát trắng biển xanh"]
    lines = sorted(hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in known)
    settings.BREACHED_PASSWORDS = tmp_path / "breached.txt"
    settings.BREACHED_PASSWORDS.write_text("\r\n".join(f"{line}:3" for line in lines))
    for one in known:
        assert "bị lộ" in str(queries.password_problem(one, username="hoa"))
    assert queries.password_problem("gió mùa đông bắc về", username="hoa") is None
    assert breached_passwords.problem() is None
    settings.BREACHED_PASSWORDS.unlink()
    with caplog.at_level(logging.ERROR):
        assert queries.password_problem(known[0], username="hoa") is None
    assert "not looked up" in caplog.text
    assert known[0] not in caplog.text
    assert breached_passwords.problem() is not None
    assert "phổ biến" in str(queries.password_problem("sunshine1", username="hoa")), "the common list stays"


def test_a_wrong_list_of_words_is_told(tmp_path: Path) -> None:
    assert content.check(tmp_path) == [], "content of one's own may have none"
    assert content.load_password_words(tmp_path).words == ()
    content.load_password_words.cache_clear()
    file = tmp_path / content.WORDS_FILE
    file.parent.mkdir()
    file.write_text("version: 1\nwords: []\n")
    assert any("generic" in problem for problem in content.check(tmp_path))
    file.write_text("words: [")
    assert content.check(tmp_path)
