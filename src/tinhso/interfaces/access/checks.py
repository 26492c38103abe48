"""What must be set before strangers sign in for real (`tinhso check --deploy`)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


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
