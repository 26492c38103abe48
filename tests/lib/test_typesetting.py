"""Typesetting: PDF/A-2b, our fonts only, the same bytes again, and errors that are sentences."""

import re
import shutil
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.factories.papers import CONTENT, letter, letter_data, pdfa_problems
from tinhso.lib.typesetting import TypesettingError, typeset, unpack_templates

TEMPLATE = "letters/refusal.typ"


def write(folder: Path, text: str, name: str = "a.typ") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def plain(folder: Path, data: dict[str, object], template: str = "a.typ") -> bytes:
    return typeset(template=template, data=data, root=folder, beside=CONTENT.parent)


def test_same_data_same_bytes_and_pdfa() -> None:
    first = typeset(template=TEMPLATE, data=letter_data("refusal"), root=CONTENT)
    assert first == typeset(template=TEMPLATE, data=letter_data("refusal"), root=CONTENT)
    assert first != typeset(template=TEMPLATE, data={**letter_data("refusal"), "place": "Nơi khác"}, root=CONTENT)
    assert pdfa_problems(first) == []


def test_the_look_finds_what_is_not_pdfa() -> None:
    assert pdfa_problems(letter().replace(b"<pdfaid:part>2", b"<pdfaid:part>3"))
    assert any("action" in problem or "script" in problem for problem in pdfa_problems(_with_script(letter())))


def _with_script(pdf: bytes) -> bytes:
    from io import BytesIO

    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {generic.pdf_name("/S"): generic.pdf_name("/JavaScript"), generic.pdf_name("/JS"): generic.pdf_string("1")}
    )
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_no_outside_fonts(tmp_path: Path) -> None:
    """A font of the machine or of the typesetter is not used, even when a template asks for it."""
    for family in ("DejaVu Sans", "Libertinus Serif", "New Computer Modern"):
        write(tmp_path, f'#set text(font: "{family}")\nXin chào')
        assert set(re.findall(rb"/BaseFont ?/[A-Z]{6}\\+([A-Za-z]+)", plain(tmp_path, {}))) <= {b"Tinos"}


def test_a_character_no_font_has_is_named() -> None:
    with pytest.raises(TypesettingError, match="phông chữ không có chữ “😀”"):
        typeset(template=TEMPLATE, data={**letter_data("refusal"), "place": "Sơn 😀"}, root=CONTENT)


def test_every_vietnamese_letter_and_mark_is_there(tmp_path: Path) -> None:
    letters = "aàáảãạăằắẳẵặâầấẩẫậđeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
    minority = "ĕŏŭĭ ƀč ñ Êđê Bơhnar"
    write(tmp_path, '#set text(font: "Tinos", fallback: false)\n#json(bytes(sys.inputs.data)).words')
    assert plain(tmp_path, {"words": letters + letters.upper() + minority}).startswith(b"%PDF")


@pytest.mark.parametrize("words", ["= Tiêu đề", "#panic()", "*đậm* $x$ @nhan <nhan>", '#import "x"', "\\ ` _"])
def test_data_is_text_and_never_markup(words: str, tmp_path: Path) -> None:
    write(tmp_path, '#set text(font: "Tinos", fallback: false)\n#json(bytes(sys.inputs.data)).words')
    assert plain(tmp_path, {"words": words}).startswith(b"%PDF")


_READ = "json(bytes(sys.inputs.data))"


@pytest.mark.parametrize(
    "template",
    [
        f'#let data = {_READ}\n#set text(font: "Tinos")\n#set document(title: data.words)\n.',
        f'// {_READ}\n#let data = {_READ}\n#set text(font: "Tinos")\n#set document(title: data.words)\n.',
        f'/* {_READ} */ #set text(font: "Tinos")\n#set document(title: {_READ}.words)\n.',
        f'#let data = {_READ}\n// sys.inputs.data\n#set text(font: "Tinos")\n#set document(title: data.words)\n.',
    ],
)
def test_what_the_data_says_arrives_whole_and_ends_nothing(template: str, tmp_path: Path) -> None:
    """Quotes, backslashes, ends of comments and of lines: they are data wherever a template reads it."""
    write(tmp_path, template)
    words = 'a "b" \\" \\\\ \\u{41} */ #panic() \u2028#panic() \x85#panic() // /* $ ` \t\n.'
    got = PdfFileReader(BytesIO(plain(tmp_path, {"words": words}))).trailer["/Info"]["/Title"]
    assert str(got).split() == words.split()


def test_a_template_beside_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep", "#let words = [một]", "near.typ")
    write(tmp_path / "deep", f'#import "near.typ": words\n#set text(font: "Tinos")\n#words #{_READ}.x', "a.typ")
    assert plain(tmp_path, {"x": "hai"}, "deep/a.typ").startswith(b"%PDF")


def test_missing_key_and_missing_template_are_sentences() -> None:
    data = letter_data("refusal")
    del data["signer"]
    with pytest.raises(TypesettingError, match="signer") as caught:
        typeset(template=TEMPLATE, data=data, root=CONTENT)
    assert "common.typ" in caught.value.details or "refusal.typ" in caught.value.details
    with pytest.raises(TypesettingError, match="Không có mẫu"):
        typeset(template="letters/khong-co.typ", data={}, root=CONTENT)


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    inside = tmp_path / "content"
    inside.mkdir()
    write(tmp_path, "ngoài", "outside.typ")
    write(inside, '#include "../outside.typ"')
    with pytest.raises(TypesettingError):
        plain(inside, {})
    with pytest.raises(TypesettingError, match="Không có mẫu"):
        plain(inside, {}, template="../outside.typ")


def test_data_that_is_not_json_is_refused() -> None:
    with pytest.raises(TypesettingError, match="không phải JSON"):
        typeset(template=TEMPLATE, data={"a": object()}, root=CONTENT)


def test_fonts_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(TypesettingError, match="npm ci"):
        typeset(template=TEMPLATE, data={}, root=CONTENT, font_dirs=[tmp_path])


def test_a_changed_template_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, '#set text(font: "Tinos")\nmột')
    first = plain(tmp_path, {})
    write(tmp_path, '#set text(font: "Tinos")\nmột hai ba')
    assert plain(tmp_path, {}) != first


def test_threads_share_a_compiler_without_mixing_data(tmp_path: Path) -> None:
    write(tmp_path, '#set text(font: "Tinos")\n#set document(title: json(bytes(sys.inputs.data)).title)\n.')
    wanted = {f"Tiêu đề {i}": plain(tmp_path, {"title": f"Tiêu đề {i}"}) for i in range(8)}
    got: dict[str, bytes] = {}
    threads = [Thread(target=lambda t=title: got.update({t: plain(tmp_path, {"title": t})})) for title in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == wanted


def test_templates_of_an_older_version(tmp_path: Path) -> None:
    sources = {path.relative_to(CONTENT).as_posix(): path.read_text() for path in (CONTENT / "letters").glob("*.typ")}
    folder = unpack_templates(sources, tmp_path)
    assert unpack_templates(dict(reversed(sources.items())), tmp_path) == folder
    old = typeset(template=TEMPLATE, data=letter_data("refusal"), root=folder, beside=CONTENT.parent)
    assert old == typeset(template=TEMPLATE, data=letter_data("refusal"), root=CONTENT)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_two_processes_lay_out_the_same_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loser of the race takes the winner's folder; any other failure of the disk is told."""
    real = Path.rename

    def late(self: Path, target: Path) -> Path:
        shutil.copytree(self, target)
        return real(self, target)

    monkeypatch.setattr(Path, "rename", late)
    folder = unpack_templates({"a.typ": "x"}, tmp_path)
    assert (folder / "a.typ").read_text() == "x"
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        unpack_templates({"a.typ": "y"}, tmp_path)


def test_a_template_path_cannot_leave_its_folder(tmp_path: Path) -> None:
    with pytest.raises(TypesettingError, match="không hợp lệ"):
        unpack_templates({"../evil.typ": "x"}, tmp_path)
    assert list(tmp_path.iterdir()) == []
