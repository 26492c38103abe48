"""The sign-in library's own pages change second factors; its signals become rows of the log."""

from typing import Any

from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.dispatch import receiver
from django.http import HttpRequest

from tinhso.apps.accounts import actions, queries
from tinhso.interfaces.access import sessions
from tinhso.kernel.clock import now


def _record(request: HttpRequest, user: Any, authenticator: Any, change: str) -> None:
    at = now()
    actions.record_second_factor_change(
        account_id=user.pk, factor=authenticator.type, change=change, actor=queries.actor_of(user, at=at), at=at
    )


@receiver(authenticator_added)
def on_added(*, request: HttpRequest, user: Any, authenticator: Any, **_: Any) -> None:
    """A second factor was enrolled: the session of the officer who did it counts as having one."""
    _record(request, user, authenticator, "added")
    if authenticator.type != "recovery_codes":
        sessions.add_second_factor(request)


@receiver(authenticator_removed)
def on_removed(*, request: HttpRequest, user: Any, authenticator: Any, **_: Any) -> None:
    """A second factor was removed."""
    _record(request, user, authenticator, "removed")


@receiver(authenticator_reset)
def on_reset(*, request: HttpRequest, user: Any, authenticator: Any, **_: Any) -> None:
    """Recovery codes were made anew."""
    _record(request, user, authenticator, "reset")
