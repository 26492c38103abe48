"""What the side navigation of the workspace shows; the workspace prepares it, the base page draws it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NavLink:
    """One place; `count` is how many cases wait there, `shortcut` the single key that opens it."""

    name: str
    href: str
    is_current: bool = False
    count: int | None = None
    is_late: bool = False
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Places under one heading (none for the first group)."""

    title: str
    links: tuple[NavLink, ...]


@dataclass(frozen=True, slots=True)
class Navigation:
    """The whole side and top bar: template variable `nav`."""

    home: str
    search: str
    role: str
    groups: tuple[NavGroup, ...]
    sign_out: str = ""
    bell: NavLink | None = None
