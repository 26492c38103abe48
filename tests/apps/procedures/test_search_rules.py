"""Reading a question: slips, sounds, Telex, joined words, everyday phrases; scoring a title."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinhso.apps.procedures import rules
from tinhso.lib.text import words

NAMES = [
    "đăng ký khai sinh", "đăng ký khai tử", "đăng ký kết hôn", "cấp giấy phép xây dựng nhà ở", "đổi giấy phép lái xe",
    "cấp giấy phép kinh doanh karaoke", "cấp giấy chứng nhận quyền sử dụng đất", "đăng ký thường trú", "cấp giấy phép",
]  # fmt: skip


def lexicon(**values: object) -> rules.Lexicon:
    frequency: dict[str, int] = {}
    for name in NAMES:
        for word in set(words(name)):
            frequency[word] = frequency.get(word, 0) + 5
    options: dict[str, object] = {
        "fillers": [words("làm"), words("cho"), words("như thế nào")],
        "rewrites": [(words("sổ đỏ"), words("giấy chứng nhận quyền sử dụng đất"))],
        **values,
    }
    return rules.Lexicon.of(entries=5 * len(NAMES), frequency=frequency, **options)  # type: ignore[arg-type]


def best(text: str, **values: object) -> str:
    known = lexicon(**values)
    titles = [" ".join(words(name)) for name in NAMES]
    scores = {
        title: max(q.factor * rules.score_title(q, title, known) for q in rules.read_question(text, known))
        for title in titles
    }
    return max(scores, key=lambda title: scores[title])


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("khai sinh", "dang ky khai sinh"),
        ("làm khai sinh cho con như thế nào", "dang ky khai sinh"),
        ("khia sinh", "dang ky khai sinh"),
        ("khai xinh", "dang ky khai sinh"),
        ("khaisinh", "dang ky khai sinh"),
        ("ddangw kys khai sinh", "dang ky khai sinh"),
        ("kết hông", "dang ky ket hon"),
        ("doi giay phep lai xe", "doi giay phep lai xe"),
        ("thường chú", "dang ky thuong tru"),
        ("sổ đỏ", "cap giay chung nhan quyen su dung dat"),
        ("giấy phép", "cap giay phep"),
    ],
)
def test_what_people_type_finds_what_they_mean(text: str, title: str) -> None:
    assert best(text) == title


def test_a_word_far_from_all_others_uses_what_letters_suggest() -> None:
    known = lexicon()
    assert rules.unknown_words("karaoekk", known) == ["karaoekk"]
    question = rules.read_question("karaoekk", known, {"karaoekk": ["karaoke"]})[0]
    assert dict(question.slots[0]) == {"karaoke": 0.6}


def test_known_words_and_single_slips_need_no_suggestion() -> None:
    assert rules.unknown_words("đăng ký khia sinh", lexicon()) == []


def test_fillers_alone_still_ask_something() -> None:
    question = rules.read_question("như thế nào", lexicon())[0]
    assert [set(slot) for slot in question.slots]


def test_a_rare_word_weighs_more_and_a_filler_nearly_nothing() -> None:
    known = lexicon()
    assert known.weight("karaoke") > known.weight("giay") > known.weight("lam") > 0
    assert known.weight("khongco") > known.weight("karaoke")


def test_nothing_typed_is_no_question() -> None:
    assert rules.read_question("  🙂 ", lexicon()) == []


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_and_scores_stay_between_zero_and_one(text: str) -> None:
    known = lexicon()
    for question in rules.read_question(text, known):
        assert len(question.slots) == len(question.weights)
        for name in NAMES:
            assert 0 <= rules.score_title(question, " ".join(words(name)), known) <= 1.0001


def test_neighbours_count() -> None:
    known = lexicon()
    question = rules.read_question("khai sinh", known)[0]
    together = rules.score_title(question, "dang ky khai sinh", known)
    apart = rules.score_title(question, "khai dang ky sinh", known)
    assert together > apart > 0
