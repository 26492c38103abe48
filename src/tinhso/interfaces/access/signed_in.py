"""Who a session belongs to: Django's sessions and allauth's accounts, read by statements composed once.

Every request of somebody signed in makes these two reads.
"""

from datetime import datetime
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError
from django.utils import timezone

from tinhso.apps.accounts import queries
from tinhso.kernel.prepared import Prepared

_DATA = Prepared(
    lambda key, at: (
        db.SessionStore.get_model_class()
        .objects.filter(session_key=key, expire_date__gt=at)
        .values_list("session_data", flat=True)
    ),
    key=str, at=datetime,
)  # fmt: skip


class SessionStore(db.SessionStore):
    """Sessions in the database (`SESSION_ENGINE`)."""

    def load(self) -> dict[str, Any]:
        # By the clock that Django writes the end of a session with.
        data = _DATA.first(key=self.session_key, at=timezone.now())  # noqa: TID251
        if data is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(data)
        return found

    def save(self, must_create: bool = False) -> None:
        """Keep it.

        Raises:
            UpdateError: it was ended meanwhile, on another page.
            DatabaseError: the database's own error, which Django would take for a session that was ended, and answer that
                the person had sent something wrong.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            met = error.__context__
            if isinstance(met, DatabaseError) and type(met) is not DatabaseError:
                raise met from met.__cause__  # by which it is told what to answer
            raise


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Sign-in by name and password; the account of a session (`AUTHENTICATION_BACKENDS`)."""

    def get_user(self, user_id: Any) -> Any:
        account = queries.account_of_session(user_id)
        return account if account is not None and self.user_can_authenticate(account) else None
