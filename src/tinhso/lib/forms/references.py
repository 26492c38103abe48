"""Biểu thức nhắc tới gì (what an expression names and compares), read from its tokens without evaluating it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tinhso.lib.forms.tokens import MACROS, Token, TokenKind, tokenize

ITEM = "[]"
LOCAL = ""
_WORDS = frozenset({"true", "false", "null", "in"})

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path == "value"`, `path != "value"`, `path in ["value"]` or `"value" in path`."""

    path: Path
    value: str


@dataclass(slots=True)
class References:
    """Names an expression uses: dotted paths from their root (`("answers", "members", "[]", "name")`).

    The root `LOCAL` stands for elements of a list that no single path leads to (`[1, 2].map(x, …)`).
    """

    paths: set[Path] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    comparisons: list[Comparison] = field(default_factory=list)

    def keys_of(self, root: str) -> frozenset[str]:
        """The first names under a root: every `x` of `answers.x`."""
        return frozenset(path[1] for path in self.paths if path[0] == root and len(path) > 1)

    def uses_whole(self, root: str) -> bool:
        """True when a root stands alone or is indexed by a computed name, so that its parts cannot be told."""
        return (root,) in self.paths or any(path[:2] == (root, ITEM) for path in self.paths)


@lru_cache(maxsize=4096)
def references_of(source: str) -> References:
    """Read the references of a well-formed expression (one that `compile_expression` has accepted)."""
    return _Reader(tokenize(source)).read()


class _Reader:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.bound: dict[str, Path] = {}
        self.found = References()

    def read(self) -> References:
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.kind is TokenKind.NAME:
                index = self._read_name(index)
            else:
                if token.kind is TokenKind.TEXT:
                    self._read_text_before(index)
                index += 1
        return self.found

    def _at(self, index: int) -> Token | None:
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def _is_sign(self, index: int, *signs: str) -> bool:
        token = self._at(index)
        return token is not None and token.is_sign(*signs)

    def _read_name(self, index: int) -> int:
        name = self.tokens[index].value
        if name in _WORDS:
            return index + 1
        if self._is_sign(index + 1, "("):
            self.found.functions.add(name)
            variable = self._at(index + 2)
            if name in MACROS and variable is not None:
                self.bound.setdefault(variable.value, (LOCAL,))
            return index + 1
        if self._is_sign(index - 1, "."):
            # A member of a call or of a bracket, `f(x).name`: its root is no variable.
            return index + 1
        path, after = self._read_path(index)
        self._bind(path, after)
        self.found.paths.add(path)
        self._read_comparison_after(path, after)
        return after

    def _read_path(self, index: int) -> tuple[Path, int]:
        """The dotted path that starts at a name, and the index of the token behind it."""
        root = self.tokens[index].value
        path = list(self.bound.get(root, (root,)))
        index += 1
        while True:
            following = self._at(index + 1)
            if self._is_sign(index, ".") and following is not None and not self._is_sign(index + 2, "("):
                path.append(following.value)
                index += 2
            elif self._is_sign(index, "[") and following is not None and self._is_sign(index + 2, "]"):
                path.append(following.value if following.kind is TokenKind.TEXT else ITEM)
                if following.kind is TokenKind.NAME:
                    self.found.paths.add(self.bound.get(following.value, (following.value,)))
                index += 3
            elif self._is_sign(index, "["):
                path.append(ITEM)
                return tuple(path), index
            else:
                return tuple(path), index

    def _bind(self, path: Path, index: int) -> None:
        """In `path.exists(m, …)` the name m stands for one element of the list."""
        macro, name = self._at(index + 1), self._at(index + 3)
        if macro is None or name is None or not self._is_sign(index, ".") or macro.value not in MACROS:
            return
        self.bound[name.value] = (*path, ITEM)

    def _read_comparison_after(self, path: Path, index: int) -> None:
        operator, operand = self._at(index), self._at(index + 1)
        if operator is None or operand is None:
            return
        if operator.is_sign("==", "!=") and operand.kind is TokenKind.TEXT:
            self.found.comparisons.append(Comparison(path, operand.value))
        if operator.value == "in" and operand.is_sign("["):
            position = index + 2
            while (token := self._at(position)) is not None and not token.is_sign("]"):
                if token.kind is TokenKind.TEXT:
                    self.found.comparisons.append(Comparison(path, token.value))
                position += 1

    def _read_text_before(self, index: int) -> None:
        """`"value" == path` and `"value" in path`."""
        operator, name = self._at(index + 1), self._at(index + 2)
        if operator is None or name is None or name.kind is not TokenKind.NAME or self._is_sign(index + 3, "("):
            return
        if operator.is_sign("==", "!=") or operator.value == "in":
            path, _ = self._read_path(index + 2)
            self.found.comparisons.append(Comparison(path, self.tokens[index].value))
