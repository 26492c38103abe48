"""Cases on their way to the archive, and a second opinion on packages from another maker's validator."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import snapshots
from tests.factories.cases import RECEIVED_AT, CaseMaker
from tests.factories.files import PDF
from tests.factories.world import World, officer, world
from tinhso.apps.archives import actions
from tinhso.apps.archives.models import ArchivalFile, SubmissionList
from tinhso.apps.cases.models import Case, CaseDocument
from tinhso.apps.documents.actions import store_file
from tinhso.apps.documents.queries import open_file
from tinhso.kernel.actor import SYSTEM, Actor

DUE = RECEIVED_AT + timedelta(days=800)
_VALIDATORS = Path(__file__).resolve().parents[2] / ".venv" / "validators"

# The validator asks for its vocabularies over the network although it carries them: they are given from its own folder.
_SCRIPT = """
import sys, urllib.request
from importlib.util import find_spec
from pathlib import Path
folder = Path(find_spec("eark_validator").origin).parent / "ipxml/resources/vocabs"
urllib.request.urlopen = lambda address, *_, **__: (folder / str(address).rsplit("/", 1)[-1]).open("rb")
from eark_validator.packages import PackageValidator
print("[" + ",".join(PackageValidator(Path(path)).validation_report.model_dump_json() for path in sys.argv[1:]) + "]")
"""


@dataclass(frozen=True)
class Opinion:
    """What the foreign validator says: METS against the schema, the folders, the rules it finds broken."""

    structure: str
    schema: str
    errors: frozenset[str]


def foreign_opinions(*packages: Path) -> list[Opinion]:
    """The other maker's validator on packages; skips the test where it is not installed."""
    if not (_VALIDATORS / "eark_validator").exists():
        pytest.skip("the foreign validator is absent; make setup-dev installs it into .venv/validators")
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *map(str, packages)], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(_VALIDATORS), "PATH": ""},
    )  # fmt: skip
    return [_opinion(report) for report in json.loads(done.stdout)]


def _opinion(report: dict[str, Any]) -> Opinion:
    told = report["metadata"] or {
        "schema_results": {"status": "NONE", "messages": []},
        "schematron_results": {"messages": []},
    }
    messages = [*report["structure"]["messages"], *told["schematron_results"]["messages"]]
    wrong = frozenset(one["rule_id"] for one in messages if one["severity"] not in {"Info", "INFO"})
    return Opinion(report["structure"]["status"], told["schema_results"]["status"], wrong)


@dataclass
class ArchiveMaker:
    """Lists of a commune at any step, through the real actions."""

    place: World
    keeper: Actor
    taker: Actor

    @classmethod
    def make(cls, place: World) -> "ArchiveMaker":
        return cls(place, officer("records_officer", place.commune), officer("records_officer", place.province))

    def closed(self, *, scans: int = 1) -> Case:
        """A case handed over, with a scan among its documents."""
        case = CaseMaker(self.place).at("delivered")
        for number in range(scans):
            stored = store_file(content=PDF, name=f"ban-chup-{number}.pdf", actor=SYSTEM, at=RECEIVED_AT)
            CaseDocument.objects.create(
                case=case, key=f"scan-{number}", name=f"Bản chụp giấy tờ số {number + 1}", presence="uploaded",
                file_id=stored.id, added_at=RECEIVED_AT,
            )  # fmt: skip
        return case

    def listing(self, state: str = "draft", *, cases: int = 1) -> SubmissionList:
        """A list in a state before any package is made: draft, submitted or approved."""
        for _ in range(cases):
            self.closed()
        made = actions.open_list(unit_id=self.place.commune.id, actor=self.keeper, at=DUE)
        if state in {"submitted", "approved"}:
            actions.submit_list(list_id=made.pk, actor=self.keeper, at=DUE)
        if state == "approved":
            actions.approve_list(list_id=made.pk, actor=self.place.officer("leader"), at=DUE)
        return SubmissionList.objects.get(pk=made.pk)


def staged(state: str = "") -> tuple[ArchiveMaker, SubmissionList | None]:
    """The officers of the archive, and a list of one case in a state; built once a run."""
    return snapshots.remembered(("archive", state), lambda: _stage(state))


def _stage(state: str) -> tuple[ArchiveMaker, SubmissionList | None]:
    maker = ArchiveMaker.make(world())
    return maker, maker.listing(state) if state else None


def package_on_disk(file_id: int, path: Path) -> Path:
    """A stored package as a file outside tools can read."""
    with open_file(file_id) as stream:
        path.write_bytes(stream.read())
    return path


def only_file(listing: SubmissionList) -> ArchivalFile:
    """The one archival file of a list."""
    return ArchivalFile.objects.get(listing=listing)
