"""A province that gives itself less time than the law does. No published package does yet, so one of ours is shortened."""

from copy import deepcopy
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.cases import ALLOWANCE, RECEIVED_AT, CaseMaker
from tests.factories.world import CONTENT, world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.cases.models import Case
from tinhso.apps.cases.queries import explain_deadline
from tinhso.apps.procedures.actions import publish_package
from tinhso.apps.procedures.content import load_package, package_folders
from tinhso.config.commands import deadline
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME, travel
from tinhso.kernel.errors import Invalid

DECISION = {"document": "99/2026/QĐ-UBND", "article": "Điều 1", "effective_from": "2026-03-01"}
SAID = "Trung ương quy định 10 ngày làm việc; tỉnh đã rút ngắn."


def shortened(limit: str) -> dict[str, Any]:
    """The allowance as published, ten working days by law, with a limit of the province in force from 1 March."""
    folder = next(folder for folder in package_folders(CONTENT) if folder.name == ALLOWANCE)
    value = deepcopy(load_package(folder, root=CONTENT)[0])
    value["procedure"]["effective_from"] = "2026-03-01"
    for rule in value["procedure"]["limits"]:
        rule["national"] = {"limit": rule["limit"], "basis": rule["basis"]}
        rule |= {"limit": limit, "basis": DECISION}
    for step in value["workflow"]["steps"]:
        if step["key"] == "appraisal":
            step["hours"] = 24
    return value


@pytest.mark.django_db
def test_the_shorter_limit_holds_and_the_longer_one_is_told_everywhere() -> None:
    maker = CaseMaker(world())
    publish_package(value=shortened("7 working_day"), actor=SYSTEM, at=RECEIVED_AT)
    with travel(RECEIVED_AT):
        case = Case.objects.get(pk=maker.received().pk)
        assert case.due_at is not None
        assert f"{case.due_at.astimezone(PROVINCE_TIME):%d/%m/%Y %H:%M}" == "11/03/2026 09:00", "seven days, not ten"
        explained = explain_deadline(case, RECEIVED_AT)
        assert explained is not None
        assert (explained.basis, explained.shortened) == ("Điều 1, 99/2026/QĐ-UBND", SAID)
        assert explained.to_dict()["national_limit"] == "10 ngày làm việc"
        assert SAID in CliRunner().invoke(deadline.command, ["explain", "--case", str(case.code)]).stdout
        for actor, page in (
            (maker.person, f"/ho-so/{case.code}"), (maker.officer("division_head"), f"/can-bo/ho-so/{case.code}"),
        ):  # fmt: skip
            browser = Client()
            assert actor.account_id is not None
            sign_in(browser, get_account(actor.account_id))
            assert SAID in browser.get(page).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limit", "why"),
    [("10 working_day", "ngắn hơn"), ("12 working_day", "ngắn hơn"), ("7 calendar_day", "cùng đơn vị")],
)
def test_a_limit_of_the_province_is_never_longer_than_the_law(limit: str, why: str) -> None:
    world(departments=())
    with pytest.raises(Invalid) as refused:
        publish_package(value=shortened(limit), actor=SYSTEM, at=RECEIVED_AT)
    assert why in " ".join(error.message for error in refused.value.errors) + refused.value.message
