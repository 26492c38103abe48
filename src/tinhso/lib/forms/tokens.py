"""Tách từ của biểu thức (tokens of a CEL expression), as far as static questions need them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<number>0[xX][0-9a-fA-F]+[uU]?|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[uU]?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||[=!<>]=|[-+*/%!<>?:.,()\[\]{}])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")


class TokenError(ValueError):
    """A character that no expression contains, or a text without its closing quote."""


class TokenKind(StrEnum):
    """What a token is."""

    TEXT = "text"
    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; of a text, `value` is what stands between the quotes."""

    kind: TokenKind
    value: str

    def is_sign(self, *signs: str) -> bool:
        return self.kind is TokenKind.SIGN and self.value in signs


def tokenize(source: str) -> list[Token]:
    """Split an expression.

    Raises:
        TokenError: with the place and the rest of the text. Raw, byte and triple-quoted texts are not part of our
            dialect: nobody reading a form file needs them.
    """
    tokens: list[Token] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise TokenError(f"không hiểu từ vị trí {position + 1}: {source[position : position + 20]}")
        kind, value = str(match.lastgroup), match.group()
        before = source[position - 1 : position]
        if kind == "text" and (before.isalnum() or before in {"'", '"'}):
            raise TokenError(f"dấu nháy đứng sát chữ khác ở vị trí {position + 1}")
        if kind == "text":
            value = _ESCAPE.sub(r"\1", value[1:-1])
        if kind != "space":
            tokens.append(Token(TokenKind(kind), value))
        position = match.end()
    return tokens


def bracket_depth(tokens: Sequence[Token]) -> int:
    """How many brackets are open at the deepest place."""
    depth = deepest = 0
    for token in tokens:
        if token.is_sign("(", "[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif token.is_sign(")", "]", "}"):
            depth -= 1
    return deepest


def macro_depth(tokens: Sequence[Token]) -> int:
    """How many list macros stand inside one another at the deepest place."""
    open_brackets: list[bool] = []
    deepest = 0
    for index, token in enumerate(tokens):
        if token.is_sign("(", "[", "{"):
            before = tokens[index - 1] if index else None
            is_macro = token.value == "(" and before is not None and before.value in MACROS
            open_brackets.append(is_macro)
            deepest = max(deepest, sum(open_brackets))
        elif token.is_sign(")", "]", "}") and open_brackets:
            open_brackets.pop()
    return deepest
