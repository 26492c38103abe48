"""Tables of cases. The log is the history; these rows are the state it has led to."""

from tinhso.apps.cases.models._book import STANDS_AT, BookLine
from tinhso.apps.cases.models._case import (
    NEVER,
    SIGHT,
    URGENCY,
    Case,
    CaseDocument,
    CaseStep,
    CodeCounter,
    Paper,
    Rating,
    Result,
    Supplement,
)
from tinhso.apps.cases.models._clock import Extension, Incident, IncidentRound, Pause, Recomputation, RecomputedDeadline
from tinhso.apps.cases.models._consultations import Consultation
from tinhso.apps.cases.models._extracts import Extract
from tinhso.apps.cases.models._life import EndedCase, SupplementProposal, Transfer
from tinhso.apps.cases.models._linked import Leg
from tinhso.apps.cases.models._lookups import CaseLookup
from tinhso.apps.cases.models._ratings import RatingSum
from tinhso.apps.cases.models._reorganisations import Reorganisation, ReorganisationLine
from tinhso.apps.cases.models._scans import Scan, ScanSource
from tinhso.apps.cases.models._signing import SigningBatch, SigningBatchLine
from tinhso.apps.cases.models._vault import SourceAlert
from tinhso.apps.cases.models._versions import VersionMove, VersionMoveLine
from tinhso.apps.cases.models._work import (
    Absence,
    CaseLabel,
    Label,
    Message,
    Note,
    ReadyText,
    Reminder,
    ReminderLook,
    SavedFilter,
    Team,
    TeamMember,
)
from tinhso.apps.cases.models._worklist import WorklistEntry

__all__ = [
    "NEVER",
    "SIGHT",
    "STANDS_AT",
    "URGENCY",
    "Absence",
    "BookLine",
    "Case",
    "CaseDocument",
    "CaseLabel",
    "CaseLookup",
    "CaseStep",
    "CodeCounter",
    "Consultation",
    "EndedCase",
    "Extension",
    "Extract",
    "Incident",
    "IncidentRound",
    "Label",
    "Leg",
    "Message",
    "Note",
    "Paper",
    "Pause",
    "Rating",
    "RatingSum",
    "ReadyText",
    "Recomputation",
    "RecomputedDeadline",
    "Reminder",
    "ReminderLook",
    "Reorganisation",
    "ReorganisationLine",
    "Result",
    "SavedFilter",
    "Scan",
    "ScanSource",
    "SigningBatch",
    "SigningBatchLine",
    "SourceAlert",
    "Supplement",
    "SupplementProposal",
    "Team",
    "TeamMember",
    "Transfer",
    "VersionMove",
    "VersionMoveLine",
    "WorklistEntry",
]
