"""Streams of the log for what belongs to no case: how a unit arranges its work, what an officer keeps for himself.

They are streams of their own, apart from the unit's and the account's, whose writers hold locks in lower apps.
"""

from django.db import connection


def of_unit(unit_id: int) -> str:
    """The stream of a unit's arrangements, locked until the action ends."""
    return _locked(f"work:unit:{unit_id}")


def of_account(account_id: int | None) -> str:
    """The stream of an officer's own arrangements, locked until the action ends."""
    return _locked(f"work:account:{account_id}")


def _locked(stream: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [stream])
    return stream
