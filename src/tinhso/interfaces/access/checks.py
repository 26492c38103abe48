"""What must be set before strangers sign in for real (`tinhso check --deploy`), and what must not be wrong (`tinhso check`)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from tinhso.apps.accounts.adapters import breached_passwords


@register(Tags.security, deploy=True)
def identity_is_the_real_one(**_: Any) -> list[CheckMessage]:
    """Outside a demo, sign-in must not trust the simulator, whose accounts anybody may pick."""
    if settings.DEMO:
        return []
    identity = settings.NATIONAL_IDENTITY
    problems: list[CheckMessage] = []
    if str(identity["authorize_url"]).startswith(settings.SIMULATORS_URL):
        problems.append(
            Error("citizens would sign in with the simulator", hint="TINHSO_IDENTITY_URL", id="access.E002")
        )
    if str(identity["secret"]).startswith("demo-secret"):
        problems.append(Error("the client secret is the demo's", hint="TINHSO_IDENTITY_SECRET_FILE", id="access.E003"))
    return problems


@register(Tags.security)
def breached_passwords_can_be_looked_up(**_: Any) -> list[CheckMessage]:
    """A file of breached passwords that is named must be there, and in order: else nothing would be found in it."""
    problem = breached_passwords.problem()
    hint = "TINHSO_BREACHED_PASSWORDS"
    return [] if problem is None else [Error(problem, hint=hint, id="access.E004")]
