"""What official mail computes from values: addresses, who should have what, passwords, what a closed box answers."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from tinhso.apps.directory.enums import PostRank
from tinhso.apps.mailboxes.data import Audience, ListRule, MailRules, SharedRule, StaffPost, WantedPerson
from tinhso.apps.mailboxes.enums import SenderRule
from tinhso.lib.text import fold, words

LONGEST_LOCAL = 64  # RFC 5321 4.5.3.1.1
_LETTERS = re.compile(r"[^a-z0-9]")
_ADDRESS = re.compile(
    r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are taken for one another
_GROUPS, _GROUP = 5, 4


# --- addresses


def name_parts(full_name: str) -> dict[str, str]:
    """A name in ASCII letters for an address: family name first, given name last, as names are written here."""
    syllables = [part for part in (_LETTERS.sub("", word) for word in words(full_name)) if part] or ["canbo"]
    return {
        "given": syllables[-1], "family": syllables[0], "full": "".join(syllables),
        "initials": "".join(part[0] for part in syllables[:-1]),
    }  # fmt: skip


def unit_tag(path: str, name: str, short_name: str, *, is_territory: bool, known: Mapping[str, str]) -> str:
    """How an agency is named in addresses: a territory's name in one word, an office's initials, or as content says."""
    if path in known:
        return known[path]
    syllables = [
        part for part in (_LETTERS.sub("", word) for word in words(short_name if is_territory else name)) if part
    ]
    # A ward called by a number alone is told apart by its kind: `phuong2`.
    return "".join(syllables) if is_territory else "".join(part if part.isdigit() else part[0] for part in syllables)


def local_parts(pattern: str, values: Mapping[str, str]) -> Iterator[str]:
    """The names to try one after another, each a valid local part: first without a number, then 2, 3 ..."""
    number = 1
    while True:
        counted = "" if number == 1 else str(number)
        yield _fitting(pattern, values, counted)
        number += 1


def _fitting(pattern: str, values: Mapping[str, str], number: str) -> str:
    """The pattern filled in, its longest value shortened until it fits."""
    left = dict(values)
    while True:
        filled = re.sub(r"\{(\w+)\}", lambda match: number if match[1] == "n" else left.get(match[1], ""), pattern)
        tidy = re.sub(r"[.-]*([.-])[.-]*", r"\1", filled).strip(".-")
        if len(tidy) <= LONGEST_LOCAL:
            return tidy or f"canbo{number}"
        longest = max((key for key in left if f"{{{key}}}" in pattern), key=lambda key: len(left[key]))
        left[longest] = left[longest][:-1]


def candidates(pattern: str, values: Mapping[str, str], *, rules: MailRules) -> Iterator[str]:
    """The addresses to try one after another; names that nobody may have are left out."""
    for local in local_parts(pattern, values):
        if local not in rules.reserved:
            yield f"{local}@{rules.domain}"


def address_problem(address: str) -> str:
    """What is wrong with an e-mail address, as a sentence; empty when nothing is."""
    if len(address) > 254 or not _ADDRESS.fullmatch(address) or ".." in address:
        return "Địa chỉ thư chưa đúng, ví dụ: tennguoidung@tinh.gov.vn."
    return ""


def is_official(address: str, rules: MailRules) -> bool:
    """Whether an address is of the province or of another state body's domain."""
    domain = address.rpartition("@")[2]
    return domain in rules.domains or any(
        domain == known or domain.endswith(f".{known}") for known in rules.official_domains
    )


# --- what the directory asks for


def wanted_people(posts: Iterable[StaffPost]) -> dict[int, WantedPerson]:
    """One mailbox a person, of the agency of the highest post; of equal ones that with the lowest number, so it stays."""
    best: dict[int, StaffPost] = {}
    for post in posts:
        held = best.get(post.staff_id)
        if held is None or (post.rank, post.agency_id, post.unit_id) < (held.rank, held.agency_id, held.unit_id):
            best[post.staff_id] = post
    return {staff_id: WantedPerson(staff_id, post.full_name, post.agency_id) for staff_id, post in best.items()}


def holders_of(rule: SharedRule, posts: Iterable[StaffPost], with_roles: frozenset[int]) -> frozenset[int]:
    """Who opens the shared box of an agency: holders of the posts named, and those who work there and have a role named."""
    return frozenset(post.staff_id for post in posts if post.key in rule.posts or post.staff_id in with_roles)


def audience_of(
    rule: ListRule,
    senders: SenderRule,
    posts: Iterable[StaffPost],
    *,
    agency_posts: Iterable[StaffPost],
    with_roles: frozenset[int],
) -> Audience:
    """Who stands on a unit's list and who may write to it. `posts` are those of the unit and all under it."""
    members = frozenset(
        post.staff_id
        for post in posts
        if rule.is_everybody or post.key in rule.posts or post.rank in rule.ranks or post.staff_id in with_roles
    )
    leaders = frozenset(post.staff_id for post in agency_posts if post.rank <= PostRank.DEPUTY_LEADER)
    writers = {SenderRule.MEMBERS: members | leaders, SenderRule.LEADERS: leaders}.get(senders, frozenset())
    return Audience(members, writers)


# --- passwords


def new_password() -> str:
    """A password for a mail program: twenty letters, 99 bits, in groups to copy by eye."""
    letters = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP)]
    return "-".join("".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP))


def password_digest(text: str) -> str:
    """What is kept of a password. It is drawn by the machine with 99 bits, so a plain digest cannot be searched.

    The mail server sends the same digest to the database and never the password (`%{sha256:password}`).
    """
    return hashlib.sha256(text.encode()).hexdigest()


# --- what the mail server says


def closed_reply(address: str, *, unit_name: str, shared: str) -> str:
    """What a sender to a closed box is told, in ASCII as mail servers speak: in Vietnamese without marks and in English."""
    other = f" Vui long gui toi {shared}." if shared else ""
    return f"550 5.2.1 Hop thu {address} da dong.{other} / Mailbox closed. {fold(unit_name).title()}"[:400]


def absence_script(*, subject: str, text: str, addresses: Iterable[str], first_day: date, last_day: date) -> str:
    """The Sieve script (RFC 5228, 5230, 5260) that answers on these days, once a week to each who writes."""
    mine = ", ".join(_quoted(address) for address in sorted(addresses))
    return (
        'require ["vacation", "date", "relational"];\n'
        f'if allof (currentdate :zone "+0700" :value "ge" "date" "{first_day.isoformat()}",\n'
        f'          currentdate :zone "+0700" :value "le" "date" "{last_day.isoformat()}") {{\n'
        f"  vacation :days 7 :addresses [{mine}] :subject {_quoted(subject)} {_quoted(text)};\n"
        "}\n"
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\r\n", "\n").replace("\\", "\\\\").replace('"', '\\"')
    # The words of the person are a value; nothing of them may end the string or be taken for a control character.
    clean = "".join(character for character in escaped if character == "\n" or ord(character) >= 32)
    return '"' + clean.replace("\n", "\r\n") + '"'
