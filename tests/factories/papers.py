"""Papers for tests: the letters of content/ typeset from their samples, and a look at what a PDF/A must show."""

import re
import shutil
import subprocess
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from tinhso.apps.documents.content import load_letters, load_samples
from tinhso.apps.signatures.rules.paper import _dictionaries
from tinhso.lib.qr import qr_svg
from tinhso.lib.typesetting import typeset

CONTENT = Path(__file__).resolve().parents[2] / "content"


def letter_data(key: str) -> dict[str, Any]:
    """The sample data of a letter, with a QR."""
    return {**load_samples(CONTENT)[key], "qr_svg": qr_svg("https://tinhso.example/kiem-tra/7F3K-Q2MD-9XWA")}


@lru_cache
def letter(key: str = "refusal") -> bytes:
    """A letter typeset from its sample."""
    form = load_letters(CONTENT)[key]
    return typeset(template=form.template, data={**letter_data(key), "form": form.form_line}, root=CONTENT)


def pdfa_problems(pdf: bytes) -> list[str]:
    """What can be seen to be wrong with a file that says it is PDF/A-2b; empty when nothing is."""
    reader = PdfFileReader(BytesIO(pdf))
    root = reader.root
    problems = []
    packet = root["/Metadata"].data.decode()
    if "<pdfaid:part>2</pdfaid:part>" not in packet or "<pdfaid:conformance>B</pdfaid:conformance>" not in packet:
        problems.append("XMP does not say PDF/A-2b")
    intents = [item for item in _dictionaries(root) if item.get("/Type") == "/OutputIntent"]
    if not intents or any(intent["/S"] != "/GTS_PDFA1" or "/DestOutputProfile" not in intent for intent in intents):
        problems.append("no output intent with a colour profile")
    for dictionary in _dictionaries(root):
        problems.extend(_object_problems(dictionary))
    if reader.encrypted:
        problems.append("encrypted")
    return problems


def _object_problems(item: generic.DictionaryObject) -> list[str]:
    problems = []
    if item.get("/Type") == "/FontDescriptor" and not {"/FontFile", "/FontFile2", "/FontFile3"} & item.keys():
        problems.append(f"font {item.get('/FontName')} is not embedded")
    if item.get("/S") in ("/JavaScript", "/Launch", "/Movie", "/Sound", "/ResetForm", "/ImportData"):
        problems.append(f"action {item['/S']}")
    if "/JS" in item or "/XFA" in item or "/EF" in item:
        problems.append("script, XFA or attachment")
    if item.get("/Filter") == "/LZWDecode":
        problems.append("LZW stream")
    if item.get("/Subtype") == "/Widget" and not int(item.get("/F", 0)) & 4:
        problems.append("a field that does not print")
    if item.get("/NeedAppearances"):
        problems.append("NeedAppearances")
    return problems


def words_of(pdf: bytes, tmp_path: Path) -> str:
    """The text of a PDF as poppler reads it, in one line."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is absent; apt-get install poppler-utils")
    (tmp_path / "a.pdf").write_bytes(pdf)
    out = subprocess.run(
        ["pdftotext", "-layout", "a.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    return re.sub(r"\s+", " ", out.stdout)
