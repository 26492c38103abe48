"""Signed results laid out by the units in whose registers they stand: what a page of a register is read from."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q

from tinhso.apps.cases.models._case import _KEPT, Result
from tinhso.kernel.models import Model

# The units in whose registers a line stands.
STANDS_AT = Func(
    "unit_id",
    "book_unit_id",
    template="ARRAY[%(expressions)s]",
    output_field=ArrayField(models.BigIntegerField(null=True)),
)
_DECIDED_ELSEWHERE = Q(book_unit_id__isnull=False)


class BookLine(Model):
    """A signed result as a line of the registers it stands in (dòng của sổ kết quả).

    A copy of what registers are ordered, filtered and searched by, and of the units that see the case, so that a page is a
    range of one index. The database keeps it, by triggers on results and on cases (migration `0017_lines_of_registers`);
    nobody else writes it. `queries.visible_results` says who may see which result; a test holds the two against each other,
    and the recount every line against what it is copied from.
    """

    # The trigger deletes the line of a result that goes; the reference is checked at the end of the transaction.
    result = models.OneToOneField(Result, on_delete=models.DO_NOTHING, primary_key=True, related_name="+")
    signed_at = models.DateTimeField()
    unit_id = models.BigIntegerField(help_text="the unit that holds the case")
    book_unit_id = models.BigIntegerField(null=True, help_text="the unit whose book the number is of, where another")
    book = models.TextField()
    field = models.TextField()
    number = models.TextField(help_text="as printed, in small letters without marks")
    seen_unit_ids = ArrayField(models.BigIntegerField(), help_text="every unit that sees the case")
    search_text = models.TextField(help_text="the number, and what the case is found by")

    personal_data: ClassVar[dict[str, str]] = {"search_text": _KEPT}

    class Meta:
        indexes = [
            models.Index(fields=["unit_id", "signed_at", "result"], name="book_of_unit"),
            models.Index(fields=["unit_id", "book", "signed_at", "result"], name="book_of_unit_by_book"),
            models.Index(fields=["unit_id", "field", "signed_at", "result"], name="book_of_unit_by_field"),
            # Decided by another agency than the one that holds the case: few lines, and all of them in its register.
            models.Index(
                fields=["book_unit_id", "signed_at", "result"], name="book_of_decider", condition=_DECIDED_ELSEWHERE
            ),
            models.Index(
                fields=["book_unit_id", "book", "signed_at", "result"],
                name="book_of_decider_by_book",
                condition=_DECIDED_ELSEWHERE,
            ),
            # The order of the whole, for those who see most of the province.
            models.Index(fields=["signed_at", "result"], name="book_whole"),
            models.Index(fields=["book", "signed_at", "result"], name="book_whole_by_book"),
            models.Index(fields=["number", "unit_id"], name="book_number"),
            # What has not been sorted in yet is gone through by every search: little of it.
            GinIndex(
                STANDS_AT, OpClass(F("search_text"), "gin_trgm_ops"), name="book_words", gin_pending_list_limit=256
            ),
        ]
