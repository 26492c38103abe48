"""Nothing that reads what comes from outside is forgotten: each such module names its reader here, or why it has none."""

import re
from pathlib import Path

from tests.fuzz.targets import TARGETS

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tinhso"
# What takes bytes or text apart, by our own hand or a library's.
_READS = re.compile(
    r"read_json\(|json\.loads\(|etree\.fromstring\(|csv\.reader\(|zipfile\.ZipFile\(|x509\.load_|pikepdf\.open\(|Image\.open\("
    r"|CertificateList\.load|OCSPResponse\.load|TimeStampResp\.load|ContentInfo\.load|\.json\(\)|b64decode\("
)
_OURS = "what we have written ourselves: the database, our child process, our own file"
_OPERATORS = "a file that the operator has put there"
_ANSWER = "an answer of a service of ours, over a channel that knows it; what cannot be read is the service's absence"
_SIGNED = (
    "read in a child process with limits (`rules/child.py`), whose death is a verdict; its tests give it broken papers"
)
_JSON = "JSON alone, read by `lib/jsontext`, whose refusal is answered in words"
_OVER = "bytes that its reader has taken apart before: "
READERS = {
    "apps/accounts/adapters/national_identity.py": "id-token",
    "apps/archives/flows.py": f"{_OVER}`package`",
    "apps/archives/rules.py": _OURS,
    "apps/audit/queries.py": _OURS,
    "apps/cases/providers/ministries.py": _ANSWER,
    "apps/cases/queries/_letters.py": _OURS,
    "apps/cases/queries/_rows.py": _OURS,
    "apps/exchange/actions/_keys.py": _OPERATORS,
    "apps/exchange/actions/_outbox.py": _OURS,
    "apps/exchange/data/_subjects.py": "subject-of-body",
    "apps/exchange/providers/diagnosis.py": "a certificate that the TLS library has taken apart before",
    "apps/exchange/providers/dialects.py": "source-answer",
    "apps/exchange/providers/document_hub/port.py": _ANSWER,
    "apps/exchange/providers/keyfiles.py": _OPERATORS,
    "apps/exchange/providers/stamps.py": "seal-stamp",
    "apps/exchange/rules.py": _OURS,
    "apps/mailboxes/providers/debian.py": "queued-letter",
    "apps/mailboxes/providers/imap.py": "imap-folder",
    "apps/notifications/providers/sms.py": _ANSWER,
    "apps/notifications/providers/zalo.py": _ANSWER,
    "apps/notifications/queries/_hooks.py": "zalo-webhook",
    "apps/payments/flows/_paying.py": "platform-notice",
    "apps/payments/providers/platform.py": "platform-report",
    "apps/payments/rules/_statements.py": "bank-webhook",
    "apps/procedures/content/_national_file.py": _OPERATORS,
    "apps/receipts/providers/sinvoice.py": _ANSWER,
    "apps/receipts/providers/vnpt.py": "receipt-provider",
    "apps/reconciliation/flows.py": _OURS,
    "apps/reconciliation/providers/national_portal.py": _ANSWER,
    "apps/signatures/actions/_services.py": f"{_OVER}the service's, in `providers`",
    "apps/signatures/flows/__init__.py": _OURS,
    "apps/signatures/providers/anchors.py": _OPERATORS,
    "apps/signatures/providers/csc.py": _ANSWER,
    "apps/signatures/providers/mysign.py": _ANSWER,
    "apps/signatures/providers/paperkeys.py": _OPERATORS,
    "apps/signatures/providers/port.py": _ANSWER,
    "apps/signatures/providers/smartca.py": _ANSWER,
    "apps/signatures/providers/trustservices.py": "status-answer",
    "apps/signatures/queries/__init__.py": _OURS,
    "apps/signatures/queries/_signers.py": _OURS,
    "apps/signatures/rules/changes.py": _SIGNED,
    "apps/signatures/rules/child.py": _OURS,
    "apps/signatures/rules/cms.py": _SIGNED,
    "apps/signatures/rules/handover_child.py": _SIGNED,
    "apps/signatures/rules/longterm.py": "archive-stamp",
    "apps/signatures/rules/picture.py": "a picture that `upload` has looked into before",
    "apps/signatures/rules/stamping.py": "paper-stamp",
    "apps/signatures/rules/trust.py": "revocation-list",
    "apps/subscriptions/providers/jetstream.py": _OURS,
    "apps/vault/flows.py": _OURS,
    "config/backups.py": _OURS,
    "config/installation.py": _OURS,
    "config/metrics/state.py": _OURS,
    "config/commands/demo.py": _OURS,
    "config/commands/signers.py": _OPERATORS,
    "interfaces/access/reaching.py": _JSON,
    "interfaces/access/uploads.py": "base64 alone, whose refusal is a refusal of the upload",
    "interfaces/api/signing.py": "base64 alone, whose refusal is a refusal of the call",
    "interfaces/gateway/evidence.py": _OURS,
    "interfaces/gateway/servers.py": _JSON,
    "interfaces/portal/cases/linked.py": _OURS,
    "interfaces/workspace/exchange/shared.py": "shown-body",
    "kernel/jobs.py": _OURS,
    "kernel/keyset.py": "cursor",
    "lib/eark/_xml.py": "package",
    "lib/eark/checker.py": "package",
    "lib/eark/writer.py": f"{_OVER}`package`",
    "lib/edxml.py": "edxml",
    "lib/inspection/archives.py": "upload",
    "lib/inspection/child.py": _OURS,
    "lib/inspection/helper.py": _OURS,
    "lib/inspection/pdf.py": "upload",
    "lib/inspection/pictures.py": "upload",
    "lib/inspection/scans.py": f"{_OVER}`upload`, and read in a child process",
    "lib/jsontext.py": "described-answer",
    "lib/mailarchive.py": "mail-archive",
    "lib/openapi.py": "described-answer",
    "lib/spreadsheet.py": "xlsx",
    "lib/vxp.py": "hub-headers",
    "lib/webpush.py": "browser-keys",
}
_NOT_OURS_TO_TRY = ("simulators/", "config/demo/", "config/replay/", "config/recount/")


def _reading() -> set[str]:
    found = set()
    for file in sorted(SOURCE.rglob("*.py")):
        name = file.relative_to(SOURCE).as_posix()
        if not name.startswith(_NOT_OURS_TO_TRY) and _READS.search(file.read_text(encoding="utf-8")):
            found.add(name)
    return found


def test_every_module_that_reads_from_outside_is_tried_or_says_why_not() -> None:
    assert _reading() == READERS.keys()


def test_what_is_named_is_tried() -> None:
    named = {told for told in READERS.values() if " " not in told}
    assert named <= TARGETS.keys()
