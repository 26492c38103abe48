"""Whom a question is about: read where content says it lies, kept as a keyed hash, shown to himself alone."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.exchange import AT, registry
from tests.factories.exchange_lines import asked_line
from tinhso.apps.exchange import actions, queries
from tinhso.apps.exchange.data import SubjectPlace, found_subject, subject_mark
from tinhso.apps.exchange.enums import SubjectAt, SubjectOf
from tinhso.apps.exchange.models import Message
from tinhso.kernel.actor import SYSTEM

PERSON, OTHER = "051190000019", "051190000027"
SOAP = b'<s:Body><q:Tra xmlns:q="x"><q:SoDinhDanh id="1">%s</q:SoDinhDanh></q:Tra></s:Body>'


def found(where: SubjectAt, name: str, *, about: SubjectOf = SubjectOf.PERSON, **asked: Any) -> str:
    question = {"path": "/x", "query": "", "headers": [], "body": None} | asked
    return found_subject(SubjectPlace(about, where, name), **question)


@pytest.mark.parametrize(
    ("where", "name", "asked"),
    [
        (SubjectAt.PATH, "/people/{id}", {"path": f"/people/{PERSON}"}),
        (SubjectAt.PATH, "/v1/*/people/{id}/**", {"path": f"/v1/a/people/{PERSON[:3]}%20{PERSON[3:]}/full/1"}),
        (SubjectAt.QUERY, "so", {"query": f"a=1&so={PERSON}"}),
        (SubjectAt.HEADER, "X-So", {"headers": [(b"x-so", PERSON.encode())]}),
        (SubjectAt.BODY, "/so", {"body": b'{"so": "051 190 000019"}'}),
        (SubjectAt.BODY, "/a/0/b~1c", {"body": b'{"a": [{"b/c": "051190000019"}]}'}),
        (SubjectAt.XML, "SoDinhDanh", {"body": SOAP % PERSON.encode()}),
    ],
)
def test_the_number_is_found_where_it_is_declared(where: SubjectAt, name: str, asked: dict[str, Any]) -> None:
    assert found(where, name, **asked) == PERSON
    assert found(where, "khac", **asked) == ""


def test_what_is_no_number_is_nobody() -> None:
    assert found(SubjectAt.QUERY, "so", query="so=abc") == ""
    assert found(SubjectAt.QUERY, "so", query="so=123456789012345") == ""
    assert found(SubjectAt.QUERY, "mst", query="mst=4300999012-001", about=SubjectOf.ORGANISATION) == "4300999012001"


@given(st.binary(max_size=200), st.sampled_from(list(SubjectAt)), st.sampled_from(["/a/0", "{", "/{a}", "a", ""]))
def test_nothing_in_a_question_makes_it_fail(body: bytes, where: SubjectAt, name: str) -> None:
    text = body.decode("latin-1")
    told = found(where, name, body=body, query=text, path=f"/{text}", headers=[(b"a", body)])
    assert not told or (len(told) in {9, 12} and told.isascii() and told.isdecimal())


@pytest.mark.django_db
def test_only_ones_own_lines_are_found_in_three_statements_whatever_there_is() -> None:
    actions.publish_registry(value=registry("http://127.0.0.1:9"), actor=SYSTEM, at=AT)
    assert queries.asked_by_others(about=SubjectOf.PERSON, subject_id=PERSON) == ([], None)
    actions.make_missing_keys(actor=SYSTEM, at=AT)
    key = queries.subject_key()
    assert key is not None
    own, other = (subject_mark(key, SubjectOf.PERSON, number) for number in (PERSON, OTHER))
    lines = [asked_line(number, own if number % 2 else other) for number in range(60)]
    answered = [asked_line(60, None, kind="response", exchange_id=lines[59].exchange_id, status=200)]
    denied = asked_line(61, own, kind="response", error="Server.ServerProxy.AccessDenied", purpose="")
    Message.objects.bulk_create([*lines, *answered, denied])
    with CaptureQueriesContext(connection) as statements:
        page, following = queries.asked_by_others(about=SubjectOf.PERSON, subject_id="051 190 000 019", limit=20)
    assert (len(statements), len(page), following) == (3, 20, page[-1].id)
    assert [(one.refused, one.answered) for one in page[:3]] == [(True, False), (False, True), (False, False)]
    assert (page[1].member, page[1].service, page[1].holder) == ("Cơ quan H48.01", "xac-nhan", "Cơ quan G01")
    rest, end = queries.asked_by_others(about=SubjectOf.PERSON, subject_id=PERSON, before=following, limit=20)
    assert (len(rest), end) == (11, None)
    assert not {one.id for one in page} & {one.id for one in rest}
    assert queries.asked_by_others(about=SubjectOf.ORGANISATION, subject_id=PERSON) == ([], None)


@pytest.mark.django_db
def test_the_list_is_one_run_of_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM exchange_message WHERE subject = %s AND id < 9 ORDER BY id DESC LIMIT 31",
            [bytes(16)],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan
    assert "subject" in plan
