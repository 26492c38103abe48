"""Whose money it is: the case code in the text that the payer's bank passes on."""

import re

_NOT_BARE = re.compile(r"[^A-Z0-9]")
# Shortest and longest code without its dots and dashes: H48 and two digits, six of the day, four of the number, and beyond.
_SHORTEST, _LONGEST = 13, 30
_START = re.compile(r"[A-Z]\d{2}")


def bare(code: str) -> str:
    """A case code as banks leave it: capitals and digits only (`H48122610080007`)."""
    return _NOT_BARE.sub("", code.upper())


def candidates(text: str) -> list[str]:
    """Everything in a transfer's text that may be a case code, bare, the longest first.

    Banks put words before and behind it, drop dots and dashes, and break lines inside it.
    """
    plain = bare(text)
    found = []
    for start in _START.finditer(plain):
        rest = plain[start.start() : start.start() + _LONGEST]
        tail = re.match(r"[A-Z]\d+", rest)
        digits = tail.group(0) if tail else ""
        found += [digits[:length] for length in range(len(digits), _SHORTEST - 1, -1)]
    return sorted(dict.fromkeys(found), key=len, reverse=True)[:60]


def refund_numbers(text: str) -> list[int]:
    """Numbers of refunds named in the text of an outgoing transfer: `HT-000123` (hoàn trả)."""
    return [int(number) for number in re.findall(r"\bHT[\s-]?0*(\d{1,12})\b", text.upper())]


def refund_code(number: int) -> str:
    """The code a refund's transfer carries: `HT-000123`."""
    return f"HT-{number:06d}"


def settlement_day(text: str) -> str:
    """The day, as yyyymmdd, for which the platform hands over its money; empty when the transfer is something else."""
    found = re.search(r"QUYETTOAN\D{0,12}(20\d{6})", bare(text))
    return found.group(1) if found else ""
