"""What changes the directory: loading units from content, and the posts, holders and delegations of units."""

from tinhso.apps.directory.actions._publish import CodeTaken, UnitsMissing, publish_directory
from tinhso.apps.directory.actions._staff import (
    AlreadyDelegated,
    AlreadyEnded,
    AlreadyHoldsPost,
    PostClosed,
    PostTaken,
    StaffCodeTaken,
    appoint_staff,
    delegate_authority,
    end_appointment,
    end_delegation,
    register_staff,
)

__all__ = [
    "AlreadyDelegated",
    "AlreadyEnded",
    "AlreadyHoldsPost",
    "CodeTaken",
    "PostClosed",
    "PostTaken",
    "StaffCodeTaken",
    "UnitsMissing",
    "appoint_staff",
    "delegate_authority",
    "end_appointment",
    "end_delegation",
    "publish_directory",
    "register_staff",
]
