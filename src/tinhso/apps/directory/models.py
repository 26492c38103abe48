"""Tables of the directory: units with dated names and codes, successions, who handles what, posts and their holders.

Periods are closed: `valid_to` is the last day. An absent `valid_from` means "since before our records begin".
"""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.related import ForeignKey

from tinhso.apps.directory.enums import CodeScheme, PostRank, SuccessionExtent, UnitKind, UnitLevel
from tinhso.kernel.models import Model

NEVER_OVERLAP = RangeOperators.OVERLAPS
SAME = RangeOperators.EQUAL


class Period(Func):
    """The closed period of a row as a PostgreSQL range, for exclusion constraints."""

    function = "daterange"

    def __init__(self) -> None:
        super().__init__(F("valid_from"), F("valid_to"), Value("[]"))

    def deconstruct(self) -> tuple[str, tuple[object, ...], dict[str, object]]:
        """Migrations store the class alone: the period of a row never takes another shape."""
        return "tinhso.apps.directory.models.Period", (), {}


def _ends_after_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name=name
    )


class Unit(Model):
    """Đơn vị: an administrative unit, an agency, or an office inside one. Never deleted, only dissolved."""

    path = models.CharField(max_length=200, unique=True)
    source = models.CharField(max_length=60, db_index=True, help_text="the folder of content/units it comes from")
    parent = ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=20, choices=UnitKind.choices)
    level = models.CharField(max_length=10, choices=UnitLevel.choices)
    name = models.CharField(max_length=200, help_text="the latest name; history in UnitName")
    code = models.CharField(max_length=35, blank=True, help_text="the latest code; history in UnitCode")
    gso_code = models.CharField(max_length=5, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    division_key = models.CharField(max_length=60, blank=True)
    calendar_key = models.CharField(max_length=60)
    area_km2 = models.DecimalField(max_digits=11, decimal_places=4, null=True, blank=True)
    population = models.PositiveIntegerField(null=True, blank=True)
    area = models.CharField(max_length=12, blank=True, help_text="mountain: commune where longer limits hold")
    basis = models.CharField(max_length=300, blank=True, help_text="the document that established it")
    assumed = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="unit_kind_known"),
            models.CheckConstraint(condition=Q(level__in=UnitLevel.values), name="unit_level_known"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="unit_not_its_own_parent"),
            _ends_after_start("unit_ends_after_start"),
        ]


class UnitName(Model):
    """Tên đơn vị: a name and the days it was borne. One name on any day."""

    unit = ForeignKey(Unit, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=200)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            _ends_after_start("unit_name_ends_after_start"),
            ExclusionConstraint(name="unit_name_one_a_day", expressions=[(F("unit"), SAME), (Period(), NEVER_OVERLAP)]),
        ]


class UnitCode(Model):
    """Mã đơn vị: a code of one scheme and the days it meant this unit. A code means one unit on any day."""

    unit = ForeignKey(Unit, on_delete=models.CASCADE, related_name="codes")
    scheme = models.CharField(max_length=10, choices=CodeScheme.choices)
    code = models.CharField(max_length=35)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scheme__in=CodeScheme.values), name="unit_code_scheme_known"),
            _ends_after_start("unit_code_ends_after_start"),
            ExclusionConstraint(
                name="unit_code_means_one_unit_a_day",
                expressions=[(F("scheme"), SAME), (F("code"), SAME), (Period(), NEVER_OVERLAP)],
            ),
            ExclusionConstraint(
                name="unit_code_one_of_a_scheme_a_day",
                expressions=[(F("unit"), SAME), (F("scheme"), SAME), (Period(), NEVER_OVERLAP)],
            ),
        ]


class UnitSuccession(Model):
    """Kế thừa: what a unit that was dissolved or divided went into, and from which day on."""

    predecessor = ForeignKey(Unit, on_delete=models.CASCADE, related_name="successions")
    successor = ForeignKey(Unit, on_delete=models.CASCADE, related_name="predecessions")
    on = models.DateField()
    extent = models.CharField(max_length=10, choices=SuccessionExtent.choices)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="unit_succession_once"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="unit_succession_to_another"),
            models.CheckConstraint(
                condition=Q(extent__in=SuccessionExtent.values), name="unit_succession_extent_known"
            ),
        ]


class FieldAssignment(Model):
    """Phân công lĩnh vực: which office handles a field of procedures.

    At province level `unit` is the department; at commune level it is empty, for every commune is organised alike, and
    `division_key` names the division in each. `central_agency` is filled instead when the field belongs to an agency
    of the central government (ngành dọc), which is no unit of the province.
    """

    source = models.CharField(max_length=60, db_index=True)
    level = models.CharField(max_length=10, choices=UnitLevel.choices)
    field = models.CharField(max_length=400)
    unit = ForeignKey(Unit, on_delete=models.CASCADE, null=True, blank=True, related_name="fields")
    division_key = models.CharField(max_length=60, blank=True)
    central_agency = models.CharField(max_length=200, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "level", "field"], name="field_assignment_one_office"),
        ]


class DirectoryStamp(Model):
    """Dấu phiên bản: one row that changes whenever the units do, so that processes know when to read them again."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.UUIDField()
    fingerprints = models.JSONField(default=dict, help_text="folder -> digest of what was loaded from it")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="directory_stamp_single_row")]


class Post(Model):
    """Chức danh: a post in a unit, whoever holds it. `is_single`: one holder at a time."""

    unit = ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    rank = models.PositiveSmallIntegerField(choices=PostRank.choices)
    is_single = models.BooleanField(default=False)
    is_open = models.BooleanField(default=True, help_text="false: nobody can be appointed any more")

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "key"], name="post_key_once_in_a_unit"),
            models.CheckConstraint(condition=Q(rank__in=PostRank.values), name="post_rank_known"),
        ]


class StaffMember(Model):
    """Cán bộ, công chức, viên chức: a person in the province's service."""

    code = models.CharField(max_length=30, unique=True)
    full_name = models.CharField(max_length=200)

    personal_data: ClassVar[dict[str, str]] = {
        "code": "mã cán bộ; theo hồ sơ nhân sự, giữ cùng các văn bản người đó đã ký",
        "full_name": "họ tên; theo hồ sơ nhân sự, giữ cùng các văn bản người đó đã ký",
    }


class PostHolding(Model):
    """Giữ chức danh: who holds a post, from when to when."""

    post = ForeignKey(Post, on_delete=models.PROTECT, related_name="holdings")
    staff = ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="holdings")
    is_single = models.BooleanField(help_text="copied from the post, for the constraint below")
    decision = models.CharField(max_length=200, blank=True, help_text="number and date of the appointing decision")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    personal_data: ClassVar[dict[str, str]] = {
        "staff": "ai giữ chức danh nào; theo hồ sơ nhân sự, giữ cùng các văn bản người đó đã ký"
    }

    class Meta:
        constraints = [
            _ends_after_start("post_holding_ends_after_start"),
            ExclusionConstraint(
                name="post_holding_once_a_day",
                expressions=[(F("post"), SAME), (F("staff"), SAME), (Period(), NEVER_OVERLAP)],
            ),
            ExclusionConstraint(
                name="post_holding_single_post",
                expressions=[(F("post"), SAME), (Period(), NEVER_OVERLAP)],
                condition=Q(is_single=True),
            ),
        ]


class Delegation(Model):
    """Ủy quyền: the authority of one post lent to another, in writing, for a time (Luật 72/2025/QH15)."""

    from_post = ForeignKey(Post, on_delete=models.PROTECT, related_name="delegations_given")
    to_post = ForeignKey(Post, on_delete=models.PROTECT, related_name="delegations_received")
    fields = ArrayField(models.CharField(max_length=400), default=list, blank=True, help_text="empty: every field")
    document = models.CharField(max_length=200, help_text="number and date of the delegating document")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    personal_data: ClassVar[dict[str, str]] = {}

    class Meta:
        constraints = [
            _ends_after_start("delegation_ends_after_start"),
            models.CheckConstraint(condition=~Q(from_post=F("to_post")), name="delegation_to_another_post"),
        ]
