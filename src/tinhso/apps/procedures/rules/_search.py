"""Search by meaning-bearing words: reading what a person typed, and scoring a procedure against it.

A question becomes slots, one a word, each with the spellings it may stand for (the word itself, a corrected slip, a
sound that is often confused). Rare words weigh more. A title scores by how much of the question it answers, how much
of it was asked for, and how many neighbouring words stay neighbours.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from tinhso.lib.text import words

MAX_WORDS = 24
MAX_SPELLINGS = 4
EXACT, SLIP, SOUND = 1.0, 0.8, 0.6
# A word this rare may itself be a slip in the catalogue, so what it sounds like is looked for as well.
RARE = 3
# Everyday filler keeps a trace of weight, because "cho" also stands in "cho thuê".
FILLER = 0.08
REWRITTEN = 0.97
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TELEX_PAIRS = (("aa", "a"), ("ee", "e"), ("oo", "o"), ("dd", "d"), ("aw", "a"), ("ow", "o"), ("uw", "u"))
_TELEX_TONES = frozenset("sfrxj")
# Initial sounds that regions of the country confuse in writing.
_SOUNDS = (
    ("s", "x"),
    ("ch", "tr"),
    ("d", "gi"),
    ("r", "d"),
    ("gi", "r"),
    ("l", "n"),
    ("ng", "ngh"),
    ("g", "gh"),
    ("c", "k"),
)
_ENDS = (("n", "ng"), ("t", "c"), ("i", "y"))

Slot = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of the catalogue: in how many entries each stands, filler words, everyday phrases and meanings.

    Make it with `Lexicon.of`, which weighs the words: the logarithm of a word's rarity, a filler nearly nothing.
    """

    entries: int = 0
    frequency: Mapping[str, int] = field(default_factory=dict)
    fillers: frozenset[tuple[str, ...]] = frozenset()
    rewrites: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    _masses: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        *,
        entries: int,
        frequency: Mapping[str, int],
        fillers: Iterable[Sequence[str]] = (),
        rewrites: Iterable[tuple[Sequence[str], Sequence[str]]] = (),
    ) -> Self:
        """A lexicon from the counts of the index and the everyday vocabulary."""
        filler_set = frozenset(tuple(filler) for filler in fillers)
        weights = {word: math.log(1 + (entries + 1) / (count + 1)) for word, count in frequency.items()}
        for filler in filler_set:
            if len(filler) == 1:
                weights[filler[0]] = FILLER * weights.get(filler[0], math.log(2 + entries))
        pairs = tuple((tuple(said), tuple(meant)) for said, meant in rewrites if said and meant)
        return cls(entries, frequency, filler_set, pairs, weights)

    def weight(self, word: str) -> float:
        """How much a word tells; one the catalogue does not know tells as much as the rarest."""
        known = self.weights.get(word)
        return math.log(2 + self.entries) if known is None else known

    def mass(self, title: str) -> float:
        """The weight of all words of a title, each once; remembered, since the same titles are scored again and again."""
        known = self._masses.get(title)
        if known is None:
            known = self._masses[title] = sum(self.weight(word) for word in set(title.split())) or 1.0
        return known


@dataclass(frozen=True, slots=True)
class Question:
    """One reading of what was typed: slots in order, and how far it is from the words themselves."""

    slots: tuple[Slot, ...]
    weights: tuple[float, ...]
    factor: float = 1.0

    @property
    def total(self) -> float:
        return sum(self.weights) or 1.0


def read_question(
    typed_text: str, lexicon: Lexicon, alike: Mapping[str, Sequence[str]] | None = None
) -> list[Question]:
    """The readings of a search text, best first: as typed, and with everyday phrases put into catalogue words.

    `alike` gives words of the catalogue for typed ones that are more than one slip away.
    """
    typed = _without_fillers(words(typed_text)[:MAX_WORDS], lexicon)
    if not typed:
        return []
    readings = [(tuple(_spellings(word, lexicon, alike or {}) for word in _split_joined(typed, lexicon)), 1.0)]
    corrected = [max(slot, key=lambda term: slot[term]) for slot in readings[0][0]]
    rewritten = _rewrite(typed, lexicon) or _rewrite(corrected, lexicon)
    readings += [(tuple({word: EXACT} for word in text), REWRITTEN) for text in rewritten]
    return [Question(slots, tuple(_slot_weight(slot, lexicon) for slot in slots), factor) for slots, factor in readings]


def _slot_weight(slot: Slot, lexicon: Lexicon) -> float:
    return lexicon.weight(max(slot, key=lambda term: slot[term]))


def _without_fillers(typed: list[str], lexicon: Lexicon) -> list[str]:
    """Drop filler phrases of several words ("như thế nào"); keep everything when nothing else is there."""
    phrases = [phrase for phrase in lexicon.fillers if len(phrase) > 1]
    kept = list(typed)
    for phrase in sorted(phrases, key=len, reverse=True):
        for position in _places(kept, phrase):
            kept[position : position + len(phrase)] = []
    return kept or typed


def _places(typed: Sequence[str], phrase: tuple[str, ...]) -> list[int]:
    """Where a phrase stands in a text: its first place, or none."""
    size = len(phrase)
    return [i for i in range(len(typed) - size + 1) if tuple(typed[i : i + size]) == phrase][:1]


def _rewrite(typed: list[str], lexicon: Lexicon) -> list[tuple[str, ...]]:
    """The text with its longest everyday phrases replaced by what they mean; at most two readings."""
    found = [(position, phrase, meaning) for phrase, meaning in lexicon.rewrites for position in _places(typed, phrase)]
    found.sort(key=lambda row: -len(row[1]))
    readings = [(*typed[:at], *meaning, *typed[at + len(phrase) :]) for at, phrase, meaning in found[:2]]
    return list(dict.fromkeys(tuple(dict.fromkeys(reading)) for reading in readings))


def _split_joined(typed: list[str], lexicon: Lexicon) -> list[str]:
    """Words typed without the space between them ("khaisinh") as two known ones."""
    result: list[str] = []
    for word in typed:
        if word not in lexicon.frequency and len(word) >= 5 and word.isalpha():
            cuts = [(word[:i], word[i:]) for i in range(2, len(word) - 1)]
            known = [cut for cut in cuts if all(lexicon.frequency.get(part, 0) > 1 for part in cut)]
            if known:
                result += max(known, key=lambda cut: min(lexicon.frequency[part] for part in cut))
                continue
        result.append(word)
    return result


def _spellings(word: str, lexicon: Lexicon, alike: Mapping[str, Sequence[str]]) -> Slot:
    """What a typed word may stand for in the catalogue, with how sure that is."""
    if not word.isalpha() or len(word) < 2:
        return {word: EXACT}
    if lexicon.frequency.get(word, 0) > RARE:
        return {word: EXACT}
    if word in lexicon.frequency:
        sounds = [other for other in _confused(word) if lexicon.frequency.get(other, 0) > RARE]
        return {word: EXACT, **dict.fromkeys(sounds[: MAX_SPELLINGS - 1], SOUND)}
    near = _near(word, lexicon)
    if near:
        return dict.fromkeys(near, SLIP)
    return dict.fromkeys(alike.get(word, ()), SOUND) or {word: EXACT}


def unknown_words(typed_text: str, lexicon: Lexicon) -> list[str]:
    """The words of a search text that no single slip explains."""
    typed = _split_joined(_without_fillers(words(typed_text)[:MAX_WORDS], lexicon), lexicon)
    return [
        word for word in typed if word.isalpha() and len(word) > 3 and word not in lexicon.frequency
        and not _near(word, lexicon)
    ]  # fmt: skip


def _near(word: str, lexicon: Lexicon) -> list[str]:
    """Words of the catalogue one slip away from an unknown one, likeliest first."""
    near = [other for other in _plain_telex(word) if other in lexicon.frequency]
    near += [other for other in _confused(word) if other in lexicon.frequency]
    if not near:
        near = sorted(
            {other for other in _one_edit(word) if other in lexicon.frequency},
            key=lambda other: (-_likeness(word, other), -lexicon.frequency[other], other),
        )
    return near[:MAX_SPELLINGS]


def _likeness(word: str, other: str) -> int:
    """Swapped letters and a doubled or lost letter are likelier slips than another letter; the first one holds."""
    return (sorted(word) == sorted(other)) * 2 + (len(word) != len(other)) + (word[0] == other[0])


def _plain_telex(word: str) -> Iterator[str]:
    """Words a keyboard in Telex would have written, when it was off ("giaays", "giaasy" are giay, "ddaats" is dat)."""
    for pair, letter in _TELEX_PAIRS:
        word = word.replace(pair, letter)
    yield word
    for i in range(len(word) - 1, 0, -1):
        if word[i] in _TELEX_TONES:
            yield word[:i] + word[i + 1 :]


def _confused(word: str) -> Iterator[str]:
    for first, second in _SOUNDS:
        for one, other in ((first, second), (second, first)):
            if word.startswith(one):
                yield other + word[len(one) :]
    for first, second in _ENDS:
        for one, other in ((first, second), (second, first)):
            if word.endswith(one) and not (one == "n" and word.endswith("ng")):
                yield word[: len(word) - len(one)] + other


@lru_cache(maxsize=2048)
def _one_edit(word: str) -> frozenset[str]:
    """Every spelling one slip away: a letter lost, doubled, swapped with its neighbour or hit beside."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    lost = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    beside = {a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS}
    added = {a + letter + b for a, b in cuts for letter in _LETTERS}
    return frozenset(lost | swapped | beside | added) - {word}


def score_title(question: Question, title: str, lexicon: Lexicon) -> float:
    """How well a title (folded words, one space between them) answers a question, 0 to 1."""
    present = set(title.split())
    gained = asked = 0.0
    found: list[str] = []
    for slot, weight in zip(question.slots, question.weights, strict=True):
        term = max((term for term in slot if term in present), key=slot.__getitem__, default="")
        found.append(term)
        if term:
            gained += weight * slot[term]
            present.discard(term)
            asked += lexicon.weight(term)
    if not gained:
        return 0.0
    recall = gained / question.total
    precision = asked / lexicon.mass(title)
    return recall * (0.55 + 0.2 * precision + 0.25 * _neighbours(question, found, f" {title} "))


def _neighbours(question: Question, found: Sequence[str], padded: str) -> float:
    """The share of neighbouring words of the question that are neighbours in the title, by weight."""
    together = total = 0.0
    for i in range(len(found) - 1):
        weight = question.weights[i] + question.weights[i + 1]
        total += weight
        if found[i] and found[i + 1] and f" {found[i]} {found[i + 1]} " in padded:
            together += weight
    return together / total if total else 1.0
