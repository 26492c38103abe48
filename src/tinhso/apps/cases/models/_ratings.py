"""Ratings added up: what a page of a period reads, however many there were."""

from typing import ClassVar

from django.db import models

from tinhso.kernel.models import Model


class RatingSum(Model):
    """The ratings of a unit given on one day, of all fields together or of one (cộng đánh giá theo ngày).

    The unit is the one that resolves the case. The database keeps it, by triggers on ratings and on cases (migration
    `0019_sums_of_ratings`); nobody else writes it. `queries.visible_to` says who may see which case, and
    `queries.ratings_by_unit` which of these rows tell that exactly; tests hold the two against each other.
    """

    unit_id = models.BigIntegerField(help_text="the unit that resolves the cases")
    field = models.TextField(null=True, help_text="empty: of all fields together")  # noqa: DJ001 - a case may have none
    day = models.DateField(help_text="the civil day on which they were given")
    very_satisfied = models.IntegerField(default=0)
    satisfied = models.IntegerField(default=0)
    dissatisfied = models.IntegerField(default=0)
    # One for each `ServiceFault`.
    fault_attitude = models.IntegerField(default=0)
    fault_time = models.IntegerField(default=0)
    fault_papers = models.IntegerField(default=0)
    fault_guidance = models.IntegerField(default=0)
    fault_fees = models.IntegerField(default=0)
    fault_system = models.IntegerField(default=0)
    fault_result = models.IntegerField(default=0)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            # Its index is the way to read a period: a range of days, of all units that have any.
            models.UniqueConstraint(
                fields=["field", "day", "unit_id"], name="cases_rating_sum_once", nulls_distinct=False
            )
        ]
