"""Files that people and systems hand in: tables, papers, pictures, archives, letters, packages of content."""

from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf
import yaml
from PIL import Image

from tests.fuzz.targets.target import Target, text
from tinhso.apps.collections.rules import HEADER, read_rows
from tinhso.apps.mailboxes.data import MailServerSilent
from tinhso.apps.mailboxes.providers.debian import read_letter
from tinhso.apps.mailboxes.providers.imap import Folder, read_folder, read_message
from tinhso.apps.payments.rules import read_statement
from tinhso.apps.payouts.rules import LIST_HEADER, RESULT_HEADER, read_list, read_results
from tinhso.apps.procedures.content import ContentError
from tinhso.apps.procedures.content._package import parse_package
from tinhso.lib import spreadsheet
from tinhso.lib.eark import checker
from tinhso.lib.inspection.content import inspect
from tinhso.lib.inspection.report import Limits
from tinhso.lib.mailarchive import ArchiveError, read_archive
from tinhso.lib.places import parse_edition
from tinhso.lib.yamltext import load_yaml

_STATEMENT = (
    "Số giao dịch;Ngày giao dịch;Ghi có;Ghi nợ;Nội dung\nA1;23/11/2026 08:00;150.000;;H48.12-261008-0007\n".encode()
)
_LIST = f"{','.join(LIST_HEADER)}\nNguyễn Văn Mẫu,051090000001,500000,,\n".encode()
_RESULTS = f"{','.join(RESULT_HEADER)}\nA-1,500000,99,Sai số tài khoản,B1\n".encode()
_LINES = f"{','.join(HEADER)}\nTrần Bé Minh Họa,05/09/2021,HS-001,Lá 1,Học phí,1.200.000,,,\n".encode()
_QUEUED = (
    b'{"queue_name":"deferred","queue_id":"A1","arrival_time":1795400000,"message_size":10,'
    b'"recipients":[{"address":"a@b","delay_reason":"x"}]}'
)
_CONTENT = "code: '1.0'\nname: Thử\nfacts: {level: commune}\n".encode()
_FOLDER = Folder("INBOX", ("INBOX",))


def workbook() -> bytes:
    """A small workbook of ours."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        spreadsheet.write_xlsx(path, title="a", header=["Tên", "Số"], rows=[["Nguyễn Văn Mẫu", 1], ["=1+1", 2]])
        return path.read_bytes()


@cache
def _pdf() -> bytes:
    out = BytesIO()
    with pikepdf.new() as paper:
        paper.add_blank_page(page_size=(200, 200))
        paper.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        paper.save(out)
    return out.getvalue()


@cache
def _picture(kind: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, kind)
    return out.getvalue()


def _uploaded(data: bytes) -> Any:
    return inspect(BytesIO(data), Limits(pages=20, pixels=10_000, unpacked=1_000_000))


def _collection(data: bytes) -> Any:
    return read_rows(spreadsheet.read_csv(data.decode("utf-8", "replace")), {}, today=date(2026, 11, 23))


def _package(data: bytes) -> Any:
    value = load_yaml(data.decode("utf-8", "replace"))
    return parse_package(value) if isinstance(value, dict) else None


FILES: dict[str, Target] = {
    "xlsx": Target(
        lambda data: spreadsheet.read_xlsx(data, most_rows=100, most_columns=20), (workbook(),),
        (spreadsheet.SheetError,),
    ),
    "package": Target(lambda data: checker.check_package(BytesIO(data)), (b"PK\x05\x06" + b"\0" * 18, workbook())),
    "upload": Target(_uploaded, (_pdf(), _picture("PNG"), _picture("JPEG"), workbook(), b"MZ")),
    "bank-statement": Target(read_statement, (_STATEMENT,), (ValueError,)),
    "payee-list": Target(text(lambda words: read_list(words, ())), (_LIST,)),
    "payout-results": Target(text(read_results), (_RESULTS,)),
    "collection-list": Target(_collection, (_LINES,), (spreadsheet.SheetError,)),
    "mail-archive": Target(lambda data: read_archive(BytesIO(data)), (workbook(),), (ArchiveError,)),
    "imap-folder": Target(
        read_folder, (b'(\\HasNoChildren) "/" "INBOX"', b'(\\Noselect) NIL "B&AOA-n tin"'), (MailServerSilent,)
    ),
    "imap-message": Target(
        lambda data: read_message(data, _FOLDER),
        (b'1 (UID 7 RFC822.SIZE 120 INTERNALDATE "23-Nov-2026 08:00:00 +0700" FLAGS (\\Seen))',), (MailServerSilent,),
    ),
    "queued-letter": Target(
        text(read_letter),
        (_QUEUED,),
        (MailServerSilent,),
    ),
    "content-package": Target(_package, (_CONTENT,), (ContentError, ValueError, yaml.YAMLError)),
    "places": Target(text(parse_edition), (b"edition: 1\n",), (ValueError,)),
}  # fmt: skip
