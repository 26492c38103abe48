"""The registry as shipped, so that agencies may ask, and sources that answer what a test tells them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.factories.exchange import AT
from tests.factories.world import CONTENT
from tinhso.apps.cases.flows import _lookups as flows
from tinhso.apps.exchange import actions as exchange
from tinhso.apps.exchange.content import load_registry
from tinhso.apps.exchange.data import AnswerField, Question, SourceAnswer
from tinhso.apps.exchange.enums import Outcome
from tinhso.kernel.actor import SYSTEM

RESIDENCE = {"province_code": "51", "commune_code": "21025", "detail": "Tổ 4"}
FOUND = SourceAnswer(
    Outcome.FOUND,
    (
        AnswerField("sex", "Giới tính", "female", "Nữ"),
        AnswerField("ethnicity", "Dân tộc", "Kinh", "Kinh"),
        AnswerField("residence", "Nơi thường trú", RESIDENCE, "Tổ 4"),
    ),
    request_id="r-1",
    request_hash="h-1",
)  # fmt: skip


@dataclass
class Sources:
    """Stands in for the exchange: what was asked, and what is answered next."""

    answer: SourceAnswer = FOUND
    asked: list[Question] = field(default_factory=list)

    def ask(self, *, question: Question, at: Any) -> SourceAnswer:
        self.asked.append(question)
        return self.answer


def sources(patch: pytest.MonkeyPatch) -> Sources:
    """Publish the registry as shipped and put a stand-in where the exchange is asked."""
    exchange.publish_registry(value=load_registry(CONTENT), actor=SYSTEM, at=AT)
    made = Sources()
    patch.setattr(flows.exchange, "ask", made.ask)
    return made
