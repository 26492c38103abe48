"""Addresses of the database: one server, or a primary with its standbys."""

from typing import cast

from tinhso.config import env


def options_of(found: dict[str, object]) -> dict[str, str]:
    return cast("dict[str, str]", found["OPTIONS"])


def test_one_server_is_taken_as_it_stands() -> None:
    found = env.database("postgresql://a:b%40c@may:5433/x?sslmode=verify-full")
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == ("may", "5433", "b@c")
    assert found["OPTIONS"] == {"sslmode": "verify-full"}
    assert env.database("postgresql:///x?host=/run/pg")["HOST"] == "/run/pg"


def test_of_several_servers_the_one_that_takes_writes() -> None:
    found = env.database("postgresql://a:b@may-1,may-2:5433/x?connect_timeout=9")
    assert (found["HOST"], found["PORT"]) == ("may-1,may-2", "5432,5433")
    options = options_of(found)
    assert (options["target_session_attrs"], options["connect_timeout"]) == ("read-write", "9")
    assert options["tcp_user_timeout"], "a machine that is gone without a word is not waited for"
