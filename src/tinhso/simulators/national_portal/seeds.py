"""What lies on the portal of the demonstration before anybody does anything: a few cases filed, a few of ministries."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tinhso.lib.national import Dossier, Identity
from tinhso.lib.national.values import ZONE
from tinhso.lib.yamltext import load_yaml
from tinhso.simulators.national_portal.state import Portal

_DEFAULT_PROVINCE = "quang-ngai"


def seeds_file() -> Path:
    """Where the demonstration's cases are declared; scenarios they name lie below the same `content/`."""
    content = os.environ.get("TINHSO_CONTENT_DIR") or Path(__file__).resolve().parents[4] / "content"
    return Path(content) / "demo" / "national.yaml"


def sow(portal: Portal, file: Path) -> None:
    """File the declared cases as their applicants would; nothing in a province they are not declared for."""
    if not file.exists():
        return
    declared = load_yaml(file.read_text(encoding="utf-8"))
    if declared["province"] != (os.environ.get("TINHSO_PROVINCE") or _DEFAULT_PROVINCE):
        return
    present = datetime.fromtimestamp(time.time(), ZONE)
    for row in declared["filed"]:
        dossier = _filed(row, file.parents[1], present)
        wire = dossier.to_wire() | {"MaHoSo": ""}
        portal.file(wire, agency=row["agency"], files={})
    for row in declared["elsewhere"]:
        began = present - timedelta(minutes=row["minutes_ago"])
        code = str(row["code"]).replace("{day}", f"{began:%y%m%d}")
        dossier = Dossier(
            code, row["procedure"], int(row["status"]), procedure_name=row["name"], owner=row["owner"],
            agency=row["agency"], submitted_at=began, received_at=began, due_at=began + timedelta(days=3),
        )  # fmt: skip
        portal.elsewhere[code] = dossier.to_wire()


def _filed(row: dict[str, Any], content: Path, present: datetime) -> Dossier:
    applicant, answers = {"full_name": row.get("owner", ""), "personal_id": row.get("personal_id", "")}, {}
    if row.get("scenario"):
        told = load_yaml((content / row["scenario"]).read_text(encoding="utf-8"))
        applicant, answers = told["applicant"], told["answers"]
    return Dossier(
        "x", row["procedure"], 1, procedure_name=row["name"], owner=applicant["full_name"],
        identities=(Identity(applicant["personal_id"]),), phone=str(applicant.get("phone", "")), answers=answers,
        submitted_at=present - timedelta(minutes=row["minutes_ago"]), verified_account=True,
    )  # fmt: skip
