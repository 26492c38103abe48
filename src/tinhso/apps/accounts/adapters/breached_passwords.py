"""The operator's file of breached passwords (`TINHSO_BREACHED_PASSWORDS`), where there is one."""

import hashlib
import logging

from django.conf import settings

from tinhso.lib import hashlists

_log = logging.getLogger(__name__)


def is_listed(password: str) -> bool:
    """Whether the file has it. A file that fails stops nobody: the check of the installation tells of it."""
    path = settings.BREACHED_PASSWORDS
    if path is None:
        return False
    try:
        # Not a way to keep a password: the published list is of this hash.
        return hashlists.holds(path, hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest())
    except hashlists.HashListError:
        _log.exception("breached passwords were not looked up")
        return False


def problem() -> str | None:
    """Why the file does not serve, or None: it does, or none is given."""
    path = settings.BREACHED_PASSWORDS
    return None if path is None else hashlists.problem_of(path)
