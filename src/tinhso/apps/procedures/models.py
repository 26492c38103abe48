"""Tables of the catalogue. A published version never changes; only the day it ends may be set."""

from datetime import date
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q

from tinhso.apps.procedures.enums import UNAPPROVED, ChangeKind, ImportStatus, Level, Source
from tinhso.kernel.models import Model


class DateRange(Func):
    """`daterange(from, to)`: the days a version is in force, the end excluded."""

    function = "daterange"


class Procedure(Model):
    """Thủ tục hành chính: one code for ever; what holds on a day is in its versions."""

    personal_data: ClassVar[dict[str, str]] = {}

    code = models.CharField("mã thủ tục", max_length=32, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]


class ProcedureVersionQuerySet(models.QuerySet["ProcedureVersion"]):
    def in_force(self, on: date) -> "ProcedureVersionQuerySet":
        """Versions that hold on a day: at most one a procedure."""
        return self.filter(Q(effective_to__isnull=True) | Q(effective_to__gt=on), effective_from__lte=on)


class ProcedureVersion(Model):
    """Phiên bản của thủ tục: facts, and for procedures that run here the whole package."""

    personal_data: ClassVar[dict[str, str]] = {}

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("số phiên bản")
    source = models.CharField("nguồn", max_length=16, choices=Source.choices)
    digest = models.CharField("mã băm nội dung", max_length=64)
    facts = models.JSONField("dữ kiện")
    package = models.JSONField("gói thủ tục", null=True)
    effective_from = models.DateField("có hiệu lực từ ngày")
    # First day on which it no longer holds. The one column that may change, and only from empty to a day or earlier.
    effective_to = models.DateField("hết hiệu lực từ ngày", null=True)
    published_at = models.DateTimeField("công bố lúc")
    prepared_by = models.CharField("người chuẩn bị", max_length=200, blank=True)
    approved_by = models.CharField("người duyệt", max_length=200)

    objects = ProcedureVersionQuerySet.as_manager()

    class Meta:
        ordering = ["procedure", "number"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="procedures_version_number"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="procedures_version_ends_after_start",
            ),
            ExclusionConstraint(
                name="procedures_one_version_a_day",
                expressions=[
                    ("procedure", RangeOperators.EQUAL),
                    (DateRange("effective_from", "effective_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class SearchEntry(Model):
    """Chỉ mục tìm kiếm: one row a version, folded text in columns; rebuilt at will."""

    personal_data: ClassVar[dict[str, str]] = {}

    version = models.OneToOneField(ProcedureVersion, on_delete=models.CASCADE, related_name="search_entry")
    code = models.CharField(max_length=32)
    name = models.TextField()
    short_name = models.TextField(blank=True)
    field = models.CharField(max_length=200)
    level = models.CharField(max_length=16, choices=Level.choices)
    agency = models.TextField(blank=True)
    locality = models.CharField(max_length=100, blank=True)
    essential = models.BooleanField()
    runs_here = models.BooleanField()
    limit_label = models.TextField(blank=True)
    fee_label = models.TextField(blank=True)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    # Folded: names and everyday words as they are scored, and the length of the names.
    titles = ArrayField(models.TextField())
    size = models.PositiveIntegerField()
    # Words of names (A), everyday words (B) and field (C); words of papers, results and agency.
    heading = SearchVectorField()
    body = SearchVectorField()

    class Meta:
        ordering = ["code"]
        indexes = [
            # Read at every key a person types, written when an official publishes: no pending list.
            GinIndex(fields=["heading"], name="procedures_search_heading", fastupdate=False),
            GinIndex(fields=["body"], name="procedures_search_body", fastupdate=False),
            models.Index(fields=["field", "code"], name="procedures_search_field"),
            models.Index(fields=["code"], name="procedures_search_code"),
        ]


class SearchTerm(Model):
    """Từ của danh mục: every folded word of names and everyday words, and in how many entries it stands."""

    personal_data: ClassVar[dict[str, str]] = {}

    term = models.CharField(max_length=64, primary_key=True)
    entries = models.PositiveIntegerField()

    class Meta:
        indexes = [GinIndex(fields=["term"], name="procedures_term_trigrams", opclasses=["gin_trgm_ops"])]


class SynonymSet(Model):
    """Bộ từ ngữ thường dùng: a published version of the everyday vocabulary of search."""

    personal_data: ClassVar[dict[str, str]] = {}

    number = models.PositiveIntegerField(unique=True)
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=200)

    class Meta:
        ordering = ["number"]


class SearchState(Model):
    """Thế hệ của chỉ mục tìm kiếm: one row; processes reload their word list when the generation is another."""

    personal_data: ClassVar[dict[str, str]] = {}

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    generation = models.PositiveBigIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="procedures_search_state_is_one_row")]


class CatalogueImport(Model):
    """Lần nhập danh mục: a file that was read, its report, and what became of it."""

    personal_data: ClassVar[dict[str, str]] = {}

    file_name = models.CharField(max_length=255)
    file_digest = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=ImportStatus.choices, default=ImportStatus.DRAFT)
    report = models.JSONField(default=dict)
    effective_from = models.DateField()
    # How far the background work is, for the page that somebody watches.
    rows_read = models.PositiveIntegerField(default=0)
    rows_with_problems = models.PositiveIntegerField(default=0)
    published = models.PositiveIntegerField(default=0)
    take = models.JSONField(default=list)
    failure = models.TextField(blank=True)
    staged_at = models.DateTimeField()
    staged_by = models.CharField(max_length=200)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=UNAPPROVED) | Q(approved_at__isnull=False),
                name="procedures_import_approved_by_someone",
            ),
            models.UniqueConstraint(
                fields=["file_digest", "effective_from"],
                condition=Q(status=ImportStatus.READING),
                name="procedures_import_read_once",
            ),
        ]


class CatalogueImportItem(Model):
    """Một thủ tục trong lần nhập: what would change, and its facts where they would be published."""

    personal_data: ClassVar[dict[str, str]] = {}

    catalogue_import = models.ForeignKey(CatalogueImport, on_delete=models.CASCADE, related_name="items")
    code = models.CharField(max_length=32)
    name = models.TextField()
    change = models.CharField(max_length=16, choices=ChangeKind.choices)
    digest = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(null=True)
    differences = models.JSONField(default=list)
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["catalogue_import", "code"], name="procedures_import_item_once")]
