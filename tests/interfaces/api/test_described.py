"""The API held against its own description, for everybody who may ask it: every check of schemathesis."""

from dataclasses import dataclass
from typing import Any, cast

import pytest
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string as new_csrf_string
from django.test import Client, override_settings

from tests.factories import accounts, vaults
from tests.factories.cases import CaseMaker
from tests.factories.described import Findings, carrying, explore, within_the_test
from tests.factories.petitions import PetitionMaker
from tests.factories.subscriptions import follower, publish
from tests.factories.world import world
from tinhso.apps.accounts.queries import get_account
from tinhso.apps.exchange.actions import make_missing_keys
from tinhso.interfaces.access import limits
from tinhso.kernel import clock
from tinhso.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db
DESCRIPTION = "/api/v1/openapi.json"
PERSON = "051190000019"
WHY = "Xét hồ sơ vay vốn ưu đãi"
SCOPES = ("case.submit", "case.view", "vault.read", "vault.verify")


@dataclass
class There:
    """What is there to be asked about, and who asks."""

    token: str
    poor_token: str
    operations: list[dict[str, Any]]
    citizen: Client
    officer: Client


@pytest.fixture
def there() -> There:
    """A delivered case, a published petition, a vault's document, events, and one who asks of each kind."""
    place = world()
    make_missing_keys(actor=SYSTEM, at=clock.now())
    maker = CaseMaker(place)
    case = maker.at("delivered")
    petition = PetitionMaker(place).at("published")
    document = vaults.kept(PERSON, unit_id=place.commune.id)
    publish()
    _, token = follower(place.province.id, granted=SCOPES)
    citizen, officer = Client(), Client()
    accounts.sign_in(citizen, get_account(cast("int", maker.person.account_id)))
    accounts.sign_in(officer, get_account(cast("int", place.officer("specialist").account_id)))
    paper = case.results.get().check_code
    with_file = next((one for one in case.documents.all() if one.file_id), None)
    found = [
        ("/procedures/{code}", {"code": case.procedure_code}), ("/cases/{code}", {"code": case.code}),
        ("/petitions/{code}", {"code": petition.code}), ("/verification/{code}", {"code": paper}),
        ("/vault/documents/{uuid}", {"uuid": str(document.uuid), "purpose": WHY}),
        ("/vault/documents$", {"holder": PERSON, "purpose": WHY}),
        ("/documents/{document_id}", {"code": case.code, "document_id": with_file.pk if with_file else 0}),
    ]  # fmt: skip
    return There(
        token, follower(place.province.id, name="ngheo", granted=())[1],
        [{"include-path-regex": path.replace("{", r"\{").replace("}", r"\}"), "parameters": values} for path, values in found],
        citizen, officer,
    )  # fmt: skip


# What a schema cannot say: a well-formed value may still name nothing of ours, and that is the asker's mistake (422), by
# design. A cursor is opaque; a submission is judged by the form of its procedure; a file by its content; units, types and
# positions by what there is. Everywhere else a call that fits the schema must be carried out.
_JUDGED = [
    ("/api/v1/(procedures|petitions|cases|vault/documents)", "GET"), ("/api/v1/cases", "POST"), ("/api/v1/files", "POST"),
    ("/api/v1/verification", "POST"), ("/api/v1/subscriptions", "POST"),
    ("/api/v1/subscriptions/.subscription_id./replay", "POST"),
]  # fmt: skip
_RIGHT = ["2xx", "3xx", 401, 403, 404, 409, 422, 429]
JUDGED = [
    {
        "include-path-regex": f"^{path}$", "include-method": method,
        "checks": {"positive_data_acceptance": {"expected-statuses": _RIGHT}},
    }
    for path, method in _JUDGED
]  # fmt: skip


def looked_at(there: There, role: str, **more: Any) -> Findings:
    """What a run in somebody's name came to."""
    auth: dict[str, dict[str, str]] = {}
    headers: dict[str, str] = {}
    if role in {"machine", "machine without rights"}:
        auth["MachineToken"] = {"bearer": there.token if role == "machine" else there.poor_token}
    if role == "citizen":
        auth["CitizenSession"] = {"api_key": there.citizen.cookies[settings.SESSION_COOKIE_NAME].value}
        secret = new_csrf_string()
        headers = {"X-CSRFToken": secret, "Cookie": f"{settings.CSRF_COOKIE_NAME}={secret}"}
    if role == "officer":
        headers = {"Cookie": "; ".join(f"{name}={one.value}" for name, one in there.officer.cookies.items())}
    for budget in (limits.WRONG_CODES, limits.FILES):
        budget.forget()
    # A run asks more in a minute than any system may.
    with override_settings(API_PACE=dict.fromkeys(settings.API_PACE, 1_000_000)), within_the_test() as app:
        return explore(carrying(app, headers), DESCRIPTION, auth=auth, operations=[*JUDGED, *there.operations], **more)


def test_some_operations_do_what_their_description_says(there: There) -> None:
    some = r"^/api/v1/(cases/\{code\}|petitions|subscriptions)$"
    found = looked_at(there, "machine", phases=["fuzzing"], examples=3, only=some)
    assert not found.failures, found.told()
    assert len(found.calls) == 4


_ALL = ("examples", "coverage", "fuzzing", "stateful")
_SOME = ("examples", "coverage", "fuzzing")


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("role", "is_known", "phases"),
    [
        ("machine", True, _ALL), ("machine", False, _SOME), ("machine without rights", True, _SOME),
        ("citizen", True, _SOME), ("officer", True, ("fuzzing",)), ("nobody", True, ("fuzzing",)),
    ],
)  # fmt: skip
def test_in_every_way_and_by_everybody(there: There, role: str, is_known: bool, phases: tuple[str, ...]) -> None:
    """`is_known`: about what is there; else about anything a schema allows."""
    if not is_known:
        there.operations.clear()
    found = looked_at(there, role, phases=phases, examples=15)
    assert not found.failures, found.told()
    done = {label for label, statuses in found.statuses.items() if any(200 <= status < 300 for status in statuses)}
    if role == "machine" and is_known:
        assert set(found.calls) - done == NOT_DONE
    if role in {"officer", "nobody"}:
        assert not [label for label in done if "/cases" in label or "/vault" in label or "/subscriptions" in label]


# Submissions that a form takes, messages by whom may write them, and a signing service's call are in tests of their own.
NOT_DONE = {
    "POST /api/v1/cases", "POST /api/v1/cases/{code}/messages", "POST /api/v1/cases/{code}/messages/read",
    "POST /api/v1/signing/smartca/{service}", "GET /api/v1/cases/{code}/documents/{document_id}",
}  # fmt: skip
