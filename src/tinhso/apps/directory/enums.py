"""Vocabularies of the directory."""

from django.db.models import IntegerChoices, TextChoices


class UnitLevel(TextChoices):
    """Cấp chính quyền the unit belongs to. Districts existed until 30 June 2025 (Luật 72/2025/QH15)."""

    PROVINCE = "province", "Cấp tỉnh"
    DISTRICT = "district", "Cấp huyện"
    COMMUNE = "commune", "Cấp xã"


class UnitKind(TextChoices):
    """Loại đơn vị. The first group are administrative units (đơn vị hành chính), each with its People's Committee."""

    PROVINCE = "province", "Tỉnh"
    MUNICIPALITY = "municipality", "Thành phố"  # trực thuộc trung ương
    DISTRICT = "district", "Huyện"
    TOWN = "town", "Thị xã"
    DISTRICT_CITY = "district_city", "Thành phố"  # thuộc tỉnh, until 30 June 2025
    URBAN_DISTRICT = "urban_district", "Quận"
    COMMUNE = "commune", "Xã"
    WARD = "ward", "Phường"
    SPECIAL_ZONE = "special_zone", "Đặc khu"
    TOWNSHIP = "township", "Thị trấn"

    DEPARTMENT = "department", "Sở"
    COMMITTEE_OFFICE = "committee_office", "Văn phòng Ủy ban nhân dân"
    INSPECTORATE = "inspectorate", "Thanh tra"
    MANAGEMENT_BOARD = "management_board", "Ban quản lý"
    ONE_STOP = "one_stop", "Trung tâm Phục vụ hành chính công"
    DIVISION = "division", "Phòng"
    SUB_DEPARTMENT = "sub_department", "Chi cục"
    SERVICE_UNIT = "service_unit", "Đơn vị sự nghiệp"

    @property
    def is_administrative(self) -> bool:
        """Whether it is a territory with a People's Committee, not an office of one."""
        return self in _ADMINISTRATIVE

    @property
    def is_commune_level(self) -> bool:
        """Whether it is one of today's three kinds of commune-level units (xã, phường, đặc khu)."""
        return self in _COMMUNE_LEVEL


_ADMINISTRATIVE = frozenset(
    {
        UnitKind.PROVINCE, UnitKind.MUNICIPALITY, UnitKind.DISTRICT, UnitKind.TOWN, UnitKind.DISTRICT_CITY,
        UnitKind.URBAN_DISTRICT, UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE, UnitKind.TOWNSHIP,
    }
)  # fmt: skip
_COMMUNE_LEVEL = frozenset({UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE})


class CodeScheme(TextChoices):
    """Bộ mã. `org`: mã định danh điện tử (QĐ 20/2020/QĐ-TTg); `gso`: mã đơn vị hành chính of the statistics office."""

    ORG = "org", "Mã định danh điện tử"
    GSO = "gso", "Mã đơn vị hành chính"


class SuccessionExtent(TextChoices):
    """Phạm vi kế thừa: how much of the predecessor went into the successor."""

    WHOLE = "whole", "Toàn bộ"
    PARTIAL = "partial", "Một phần"


class PostRank(IntegerChoices):
    """Bậc chức danh, highest first; it orders a unit's people and decides how a signature is introduced."""

    LEADER = 1, "Người đứng đầu"
    DEPUTY_LEADER = 2, "Cấp phó của người đứng đầu"
    HEAD = 3, "Trưởng phòng"
    DEPUTY_HEAD = 4, "Phó trưởng phòng"
    OFFICER = 5, "Công chức, viên chức"
