"""Officers of the demo province: posts held, roles given, signing keys, second factors, and the table of accounts."""

import json
import secrets
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings

from tinhso.apps.accounts import queries as accounts
from tinhso.apps.accounts.actions import (
    assign_role,
    create_machine_client,
    create_officer,
    enrol_totp,
    issue_api_token,
)
from tinhso.apps.directory import queries as directory
from tinhso.apps.directory.actions import appoint_staff, register_staff
from tinhso.apps.directory.data import UnitData
from tinhso.apps.mailboxes import queries as mailboxes
from tinhso.apps.procedures import queries as procedures
from tinhso.config.demo.names import Names
from tinhso.kernel import jobs
from tinhso.kernel.actor import SYSTEM
from tinhso.kernel.clock import PROVINCE_TIME, now
from tinhso.lib.yamltext import load_yaml

IN_OFFICE_SINCE = date(2025, 7, 1)
# (role, post key, where the post is) in a commune and in a department; the first unit's people are printed.
_COMMUNE_STAFF = (
    ("one_stop_officer", "one_stop_officer", "one_stop"),
    ("division_head", "division_head", "economy"),
    ("specialist", "specialist", "economy"),
    ("division_head", "division_head", "society"),
    ("specialist", "specialist", "society"),
    ("division_head", "division_head", "office"),
    ("specialist", "specialist", "office"),
    ("clerk", "clerk", "office"),
    ("leader", "deputy_leader", ""),
)
_API_PERMISSIONS = ["case.submit", "case.view", "event.subscribe"]


def staffed_places() -> dict[str, list[str]]:
    """Where the demo province has officers: `communes` (codes of the statistics office), `departments` (keys)."""
    found: dict[str, list[str]] = load_yaml((settings.CONTENT_DIR / "demo" / "staff.yaml").read_text(encoding="utf-8"))
    return found


def create_people(*, between: tuple[str, str] | None = None) -> None:
    """Appoint officers, give roles, enrol second factors, issue the demo token, write `demo-accounts.json`.

    `between`: the first and last code (statistics office) of the communes that get officers; else the demonstration's.
    """
    maker = _Maker()
    with jobs.held() as waiting:
        province = _appoint_all(maker, between)
    for name, arguments in waiting:
        handler = str(arguments.get("handler", ""))
        if not handler.startswith("mailboxes."):  # the worker's one comparison is of everybody
            jobs.defer(name, **arguments)
    maker.write(province)
    if mailboxes.has_rules():
        jobs.ask_early("mailboxes.jobs.compare_mail")


def _appoint_all(maker: "_Maker", between: tuple[str, str] | None) -> UnitData:
    """Every officer of the demo province, in the order that their numbers are given; returns the province."""
    province = directory.get_province(now().astimezone(PROVINCE_TIME).date())
    for role in ("unit_admin", "catalogue_admin", "auditor", "operator", "records_officer", "accountant"):
        maker.officer(
            role, province, post_unit=directory.get_unit_by_path(f"{province.path}/committee_office"), post_key=""
        )
    one_stop = directory.get_unit_by_path(f"{province.path}/committee_office/one_stop")
    maker.officer("one_stop_officer", one_stop, post_unit=one_stop, post_key="one_stop_officer", also=True)
    at_work = _divisions_at_work()
    for index, code in enumerate(_communes_here(province, between)):
        commune = directory.get_unit_by_path(f"{province.path}/commune-{code}")
        for role, post_key, office in _COMMUNE_STAFF:
            place = directory.get_unit_by_path(f"{commune.path}/{office}") if office else commune
            maker.officer(role, place, post_unit=place, post_key=post_key, also=index == 0)
        if index == 0:  # draws up the lists that the province's records officer takes over
            office_unit = directory.get_unit_by_path(f"{commune.path}/office")
            maker.officer("records_officer", commune, post_unit=office_unit, post_key="clerk", also=True)
        click.echo(f"      {commune.name}")
    for department_key in staffed_places()["departments"]:
        department = directory.get_unit_by_path(f"{province.path}/{department_key}")
        maker.officer("leader", department, post_unit=department, post_key="deputy_leader", also=True)
        for division in directory.list_units(parent_id=department.id):
            for role, post_key in (("division_head", "division_head"), ("specialist", "specialist")):
                maker.officer(role, division, post_unit=division, post_key=post_key, also=division.id in at_work)
        click.echo(f"      {department.name}")
    here = _communes_here(province, between)
    if here:  # keeps the lists of the schools and the hospital of the first commune
        commune = directory.get_unit_by_path(f"{province.path}/commune-{here[0]}")
        office_unit = directory.get_unit_by_path(f"{commune.path}/office")
        maker.officer("collector", commune, post_unit=office_unit, post_key="", also=True)
    return province


def _divisions_at_work() -> set[int]:
    """The departments' divisions that handle a procedure which runs here: the linked groups' agencies among them."""
    found = set()
    on = now().astimezone(PROVINCE_TIME).date()
    for summary in procedures.list_procedures(runs_here=True, on=on, limit=100).items:
        package = procedures.get_package(summary.code, on)[1]
        if package.group is not None or package.facts.level == "commune":
            continue
        unit = directory.competent_unit(
            level=package.facts.level, field=package.facts.field, commune_unit_id=None, on=on
        )
        division = unit and directory.division_of(unit.id, package.workflow.division, on)
        if division:
            found.add(division.id)
    return found


def _communes_here(province: UnitData, between: tuple[str, str] | None) -> list[str]:
    """The communes between two codes, or those named for the demo; in a province that has none of them, as many of its
    own."""
    here = [unit for unit in directory.list_communes() if unit.path.startswith(province.path)]
    known = [unit.path.rsplit("-", 1)[-1] for unit in here]
    if between is not None:
        return [code for code in known if between[0] <= code <= between[1]]
    named = staffed_places()["communes"]
    return [code for code in named if code in known] or known[: len(named)]


class _Maker:
    """Makes accounts one after another; remembers the first of each role, and further ones that a reviewer needs."""

    def __init__(self) -> None:
        self.password = "-".join("".join(secrets.choice("bcdfghkmnpqrtvwxz") for _ in range(4)) for _ in range(3))
        self.rows: dict[str, dict[str, Any]] = {}
        self.further: list[dict[str, Any]] = []
        self.names = Names(settings.CONTENT_DIR, seed=1)
        self.count = 0

    def officer(self, role: str, unit: UnitData, *, post_unit: UnitData, post_key: str, also: bool = False) -> None:
        """One officer; `also`: in the table even when his role is shown already."""
        at = now() - timedelta(days=500)
        self.count += 1
        person = self.names.person()
        code = f"CB{self.count:04d}"
        username = f"{role.replace('_', '')}{self.count:02d}"
        if accounts.find_account(username) is not None:
            return
        staff = register_staff(code=code, full_name=person.full_name, actor=SYSTEM, at=at)
        post = directory.get_post(post_unit.id, post_key) if post_key else None
        if post is not None and not (post.is_single and directory.holders_of(post.id, IN_OFFICE_SINCE)):
            appoint_staff(post_id=post.id, staff_id=staff.id, valid_from=IN_OFFICE_SINCE, actor=SYSTEM, at=at)
        # Only whom the table of accounts shows can sign in: a password nobody is told is only slow to make.
        shown = self.rows.get(role)
        is_first = shown is None or (role == "one_stop_officer" and "tỉnh" in shown["unit"])
        is_shown = is_first or also
        account = create_officer(
            username=username, full_name=person.full_name, password=self.password if is_shown else None, staff_id=staff.id,
            email=f"{username}@demo.example", actor=SYSTEM, at=at,
        )  # fmt: skip
        assign_role(account_id=account.id, role=role, unit_id=unit.id, valid_from=IN_OFFICE_SINCE, actor=SYSTEM, at=at)
        # One account a role is shown; a commune's people come before the province's, and sit in one commune together.
        if is_shown:
            secret = generate_totp_secret()
            enrol_totp(account_id=account.id, secret=secret, actor=SYSTEM, at=at)
            row = {
                "role": role, "name": account.full_name, "username": username, "password": self.password,
                "totp_secret": secret, "unit": directory.name_with_agency(unit),
            }  # fmt: skip
            if is_first and shown is not None:
                self.further.append(shown)
            if is_first:
                self.rows[role] = row
            else:
                self.further.append(row)

    def write(self, province: UnitData) -> None:
        at = now()
        client = accounts.find_account("demo-client") or create_machine_client(
            username="demo-client", full_name="Hệ thống kết nối mẫu", actor=SYSTEM, at=at
        )
        token = issue_api_token(
            account_id=client.id, name="Tỉnh mẫu", unit_ids=[province.id], granted=_API_PERMISSIONS,
            expires_at=at + timedelta(days=365), actor=SYSTEM, at=at,
        )  # fmt: skip
        citizens = load_yaml((settings.CONTENT_DIR / "demo" / "people.yaml").read_text(encoding="utf-8"))["people"]
        rows = [
            {
                "role": "citizen", "name": citizens[0]["full_name"], "username": citizens[0]["personal_id"],
                "password": None, "totp_secret": None, "unit": "Chọn người này ở trang định danh mô phỏng",
            },
            *{**_known_rows(), **self.rows}.values(),
        ]  # fmt: skip
        further = {row["username"]: row for row in [*_known("more_accounts"), *self.further]}
        found = {
            "portal": f"{settings.BASE_URL}/", "workspace": f"{settings.BASE_URL}/can-bo/", "api_token": token.text,
            "accounts": rows, "more_accounts": list(further.values()),
        }  # fmt: skip
        path = _table()
        path.touch(mode=0o600)
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1))


def _table() -> Path:
    return Path(settings.DATA_DIR) / "demo-accounts.json"


def _known_rows() -> dict[str, dict[str, Any]]:
    """Officers of an earlier run, by role: their accounts stay, and only this file knows their passwords."""
    return {row["role"]: row for row in _known("accounts") if row["role"] != "citizen"}


def _known(key: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(_table().read_text())[key]
    except (OSError, ValueError, KeyError):
        return []
    return [row for row in rows if row["role"] == "citizen" or accounts.find_account(row["username"])]
