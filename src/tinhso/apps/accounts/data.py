"""Values accounts hand to their callers."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Self

from tinhso.apps.accounts.enums import SubjectKind
from tinhso.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class PasswordWords:
    """Words that make no password harder to guess, and those that are no unit's own in its name."""

    words: tuple[str, ...]
    generic: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleData:
    """Vai trò, as its file in `content/roles` states it."""

    code: str
    name: str
    purpose: str
    permissions: tuple[str, ...]
    incompatible_with: tuple[str, ...] = ()
    legal_basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionData:
    """Phiên đăng nhập, as its owner sees it: which browser, how and from where one signed in, when it was used last."""

    id: int
    browser: str
    network: str
    method: str
    signed_in_at: datetime
    seen_at: datetime

    @property
    def is_handheld(self) -> bool:
        """Whether it is a telephone or tablet."""
        return self.browser.endswith(("Android", "iPhone", "iPad"))


@dataclass(frozen=True, slots=True)
class IdentityClaims:
    """What the national identity says of the person who signed in (thông tin danh tính điện tử).

    Every value may be missing (empty, `None`, level 0) except that at least one of `personal_id`, `organisation_id`
    and `tech_id` names the subject. `level` is the level of the identity: 0 unstated, 1, 2.
    """

    issuer: str
    subject: SubjectKind = SubjectKind.PERSON
    tech_id: str = ""
    personal_id: str = ""
    organisation_id: str = ""
    full_name: str = ""
    birth_date: date | None = None
    sex: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    level: int = 0
    profile_uri: str = ""
    logout_uri: str = ""

    def to_json(self) -> dict[str, Any]:
        """JSON-able values, for the sign-in library to carry."""
        return asdict(self) | {
            "subject": self.subject.value,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The claims again from `to_json`."""
        known = {item.name: values[item.name] for item in fields(cls) if item.name in values}
        known["subject"] = SubjectKind(known.get("subject", SubjectKind.PERSON))
        if known.get("birth_date"):
            known["birth_date"] = date.fromisoformat(known["birth_date"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class AccountData:
    """One account, for pages that show or choose accounts."""

    id: int
    kind: str
    username: str
    full_name: str
    email: str
    phone: str
    is_active: bool
    lock_reason: str
    subject: str
    personal_id: str
    organisation_id: str
    birth_date: date | None
    sex: str
    address: str
    identity_level: int
    staff_id: int | None


@dataclass(frozen=True, slots=True)
class RoleAssignmentData:
    """One role given to an officer, in a unit and everything under it."""

    id: int
    account_id: int
    account_name: str
    role: str
    role_name: str
    unit_id: int
    fields: tuple[str, ...] | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class MandateData:
    """One mandate. `verified` is false while the paper behind a declared one has not been checked at reception."""

    id: int
    basis: str
    representative_account_id: int | None
    representative_personal_id: str
    representative_name: str
    principal_subject: str
    principal_id: str
    principal_name: str
    document: str
    valid_from: date
    valid_to: date | None
    verified: bool
    revoked_at: datetime | None = None
    revoked_reason: str = ""


@dataclass(frozen=True, slots=True)
class TokenScope:
    """What a machine client's token allows: the actor with its grants, and the procedures it may touch."""

    token_id: int
    actor: Actor
    procedures: frozenset[str] | None = None

    def allows_procedure(self, code: str) -> bool:
        """Whether the token may be used for a procedure (any, when it names none)."""
        return self.procedures is None or code in self.procedures


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token at the only moment its text is known."""

    id: int
    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Lockout:
    """Whether signing in is refused for now, and until when."""

    until: datetime | None = None
    failures: int = 0
