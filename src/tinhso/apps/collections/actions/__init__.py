"""Acts on collection lists. Everything not named here is private to this package."""

from tinhso.apps.collections.actions._lines import cancel_line, collect_line, exempt_line, follow_order
from tinhso.apps.collections.actions._lists import add_line, close_list, create_list, open_list, remove_line, set_lines
from tinhso.apps.collections.actions._work import remind, work_portion

__all__ = [
    "add_line",
    "cancel_line",
    "close_list",
    "collect_line",
    "create_list",
    "exempt_line",
    "follow_order",
    "open_list",
    "remind",
    "remove_line",
    "set_lines",
    "work_portion",
]
