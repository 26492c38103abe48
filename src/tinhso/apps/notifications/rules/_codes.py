"""Codes that prove an address, and addresses as they may be shown."""

import hashlib
import hmac
import re
import secrets

_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_SHOWN = 3


def new_code(digits: int = 6) -> str:
    """Random digits."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def code_digest(code: str, *, salt: str) -> str:
    """What is stored of a code: bound to whom and what it proves."""
    return hashlib.sha256(f"{salt}|{code}".encode()).hexdigest()


def code_matches(typed: str, *, salt: str, digest: str) -> bool:
    """Whether this is the code, in constant time."""
    return hmac.compare_digest(code_digest("".join(typed.split()), salt=salt), digest)


def email_problem(address: str) -> str:
    """What is wrong with an e-mail address, as a sentence; empty when nothing is."""
    return "" if _EMAIL.fullmatch(address.lower()) and len(address) <= 191 else "Địa chỉ thư điện tử không đúng."


def masked(address: str) -> str:
    """An address as operators see it: `+8491•••••78`, `an•••@example.vn`."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:2]}•••@{host}"
    return f"{address[:5]}•••{address[-2:]}" if len(address) > _SHOWN * 2 else "•••"
