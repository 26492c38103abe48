"""What somebody who writes in the chat wants (ý định trong hội thoại)."""

import re
from dataclasses import dataclass

from tinhso.apps.notifications.enums import Intent
from tinhso.lib.text import fold

_CASE = re.compile(r"\b[A-Z]\d{2}(?:\.\d{2,3})*-\d{6,8}-\d{4,7}\b")
_LINK = re.compile(r"\blien ?ket\s*(\d{8})\b")
_PAPERS = re.compile(r"can (?:nhung )?(?:giay to|ho so|thu tuc)(?: gi| nao)?|giay to can|can gi|thu tuc")
_MINE = re.compile(r"\bho so cua (toi|minh|em)\b")
_PLACE_OF_CODE = re.compile(r"[?&]ma=([^&\s]+)")
_LONGEST_QUESTION = 120


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish and what it is about: a case's code, a linking code, a question."""

    intent: Intent
    about: str = ""


def wish_of(text: str) -> Wish:
    """What a text asks for. A QR of an acknowledgement, sent as its address, counts as the code in it."""
    plain = fold(text)
    linking = _LINK.search(plain)
    if linking:
        return Wish(Intent.LINK, linking[1])
    upper = text.upper()
    address = _PLACE_OF_CODE.search(text)
    code = _CASE.search(address[1].upper() if address else upper) or _CASE.search(upper)
    if code:
        if re.search(r"\b(bo|ngung|thoi|huy)\s*(theo doi)", plain):
            return Wish(Intent.UNFOLLOW, code[0])
        return Wish(Intent.FOLLOW if "theo doi" in plain else Intent.LOOK, code[0])
    if _MINE.search(plain):
        return Wish(Intent.MINE)
    if _PAPERS.search(plain):
        question = _PAPERS.sub(" ", plain, count=1)
        return Wish(
            Intent.PAPERS, " ".join(question.split()).strip(" ?.,")[:_LONGEST_QUESTION] or plain[:_LONGEST_QUESTION]
        )
    return Wish(Intent.HELP)
