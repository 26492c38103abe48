"""Copies of lived cases: as many as asked for, under people, codes and numbers of their own, and the recount finds nothing."""

import pytest
from django.conf import settings
from django.db import connection

from tests.config.recount.test_recount import _recount
from tests.factories.cases import CaseMaker
from tests.factories.world import world
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases.actions import rate_service
from tinhso.apps.cases.models import Case, Rating, RatingSum, Result
from tinhso.apps.notifications.models import Notice
from tinhso.config.demo.copies import CannotCopy, check, multiply
from tinhso.kernel.jobs import run_task, take_off, waiting_jobs

pytestmark = pytest.mark.django_db


def _lived() -> None:
    maker = CaseMaker(world())
    for step in ("delivered", "supplement", "appraisal"):
        case = maker.at(step)
        if case.delivered_at:
            rate_service(
                case_id=case.pk, satisfaction="satisfied", comment="", actor=maker.person, at=case.delivered_at
            )
    for job in waiting_jobs():
        if ".tell_" in str(job.arguments.get("handler", "")):
            run_task(job.task, job.arguments)
        take_off([job.id])


def test_copies_are_whole_and_go_on_from_what_is_there() -> None:
    _lived()
    told = Notice.objects.count()
    with connection.cursor() as cursor:
        for count in (40, 3):
            multiply(cursor.cursor, content=settings.CONTENT_DIR, count=count)
            check(cursor.cursor)
    assert Case.objects.count() == 46
    assert Case.objects.values("code").distinct().count() == 46
    assert (
        Case.objects.values("applicant_personal_id").distinct().count() == 44
    )  # the three lived ones are one person's
    assert Notice.objects.count() > told > 0
    assert Result.objects.values("number").distinct().count() == Result.objects.count() > 10
    found = _recount()
    assert not found.findings, found.findings
    assert found.counted["hồ sơ"] == 46
    whole = RatingSum.objects.filter(field__isnull=True)
    assert sum(one.satisfied for one in whole) == Rating.objects.count() > 10
    copy = Case.objects.latest("pk")
    assert Entry.objects.filter(stream=f"case:{copy.pk}", payload__code=copy.code).exists()


def test_without_a_lived_case_there_is_nothing_to_copy() -> None:
    world()
    with connection.cursor() as cursor, pytest.raises(CannotCopy):
        multiply(cursor.cursor, content=settings.CONTENT_DIR, count=1)
