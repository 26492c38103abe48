"""Units, posts and staff for tests: the real province, or a few of its communes, loaded through the real action.

`small_directory()` takes about a tenth of a second; `whole_directory()` about two. Both leave the tree of units warm,
so that counted queries do not depend on which test came first.
"""

import itertools
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from tests.factories import snapshots
from tinhso.apps.directory import queries
from tinhso.apps.directory.actions import appoint_staff, publish_directory, register_staff
from tinhso.apps.directory.content import DirectoryContent, read_directory
from tinhso.apps.directory.data import HoldingData, UnitData
from tinhso.kernel.actor import SYSTEM

FOLDER = Path(__file__).resolve().parents[2] / "content" / "units" / "quang-ngai"
AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
CAM_THANH = "21025"  # a ward of the former city of Quảng Ngãi
KON_TUM = "23293"  # a ward of the former province of Kon Tum
BA_XA = "21538"  # a commune that 1 July 2025 left as it was
LY_SON = "21548"  # the special zone

_numbers = itertools.count(1)


@cache
def province_content() -> DirectoryContent:
    """The folder of Quảng Ngãi, read once a run."""
    return read_directory(FOLDER)


@cache
def small_content(*communes: str) -> DirectoryContent:
    """The same with only the given communes of today (Cẩm Thành and Kon Tum without any) and without its past."""
    return province_content().only_communes(*(communes or (CAM_THANH, KON_TUM)))


def small_directory(*communes: str) -> UnitData:
    """Load the province with all departments and the given communes; returns its top."""
    content = small_content(*communes)
    publish_directory(content=content, actor=SYSTEM, at=AT)
    return queries.get_unit_by_path(content.key)


def whole_directory() -> UnitData:
    """The whole province with its past; returns its top."""
    snapshots.remembered("whole directory", lambda: publish_directory(content=province_content(), actor=SYSTEM, at=AT))
    return queries.get_unit_by_path(province_content().key)


def commune(gso_code: str = CAM_THANH) -> UnitData:
    """A commune of today by its code of the statistics office."""
    return queries.get_unit_by_path(f"{province_content().key}/commune-{gso_code}")


def department(key: str = "construction") -> UnitData:
    """A department by its key in the content."""
    return queries.get_unit_by_path(f"{province_content().key}/{key}")


def appointed(
    unit: UnitData, post_key: str, *, name: str = "Trần Thị Mẫu", since: date = date(2025, 7, 1)
) -> HoldingData:
    """A new member of staff in a post of a unit."""
    post = queries.get_post(unit.id, post_key)
    assert post is not None, f"{unit.name} has no post {post_key}"
    staff = register_staff(code=f"CB{next(_numbers):06d}", full_name=name, actor=SYSTEM, at=AT)
    return appoint_staff(post_id=post.id, staff_id=staff.id, valid_from=since, actor=SYSTEM, at=AT)
