"""Helpers of the tests."""

from tinhso.kernel import jobs


def drain(limit: int = 10_000) -> int:
    """Run the waiting jobs in order until none is left; returns how many ran.

    Reads the queue's own table and calls the task functions directly, so that an error surfaces with its trace.
    """
    from procrastinate.contrib.django.models import ProcrastinateJob
    from django.db import connection

    count = 0
    while count < limit:
        row = ProcrastinateJob.objects.filter(status="todo").order_by("id").values("id", "task_name", "args").first()
        if row is None:
            return count
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [row["id"]])
        jobs.app.tasks[row["task_name"]].func(**row["args"])
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [row["id"]])
        count += 1
    raise AssertionError("jobs keep deferring jobs")
