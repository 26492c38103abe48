"""The Typst compiler behind `typeset`: fonts of our own only, one compiler per content folder, no clock."""

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

# Times-metric letters with all of Vietnamese (NĐ 30/2020/NĐ-CP, Phụ lục I, phần I, I.4 asks for Times New Roman).
FONT_PACKAGE = Path("node_modules/@expo-google-fonts/tinos")
# How a template reads its data. The text of the data takes the place of the words: data that came as inputs of the
# compiler would be part of its library, and Typst keeps nothing between papers made with different libraries.
_READS = "json(bytes(sys.inputs.data))"
# A template that names neighbours by their place beside it has to be read from its own place; and the words must stand
# in code alone, for in a comment what the data says could end the comment.
_OTHERWISE = re.compile(
    r"""(?:import|include)\s+"[^/@]|\b(?:image|read|json|yaml|toml|csv|xml|plugin)\s*\(\s*"[^/]|/\*|//.*sys\.inputs"""
)
# What Typst takes for the end of a line and JSON does not escape.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
# Papers must be the same bytes for the same data: the creation time inside the file comes from the data alone.
FIXED_TIMESTAMP = 0


class TypesettingError(Exception):
    """Không dựng được văn bản từ mẫu."""

    def __init__(self, message: str, *, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class _Press:
    """One Typst compiler for one folder of templates; Typst keeps unchanged parts between papers."""

    def __init__(self, root: Path, fonts: typst.Fonts) -> None:
        self._compiler = typst.Compiler(root=str(root), font_paths=fonts)
        self._lock = Lock()  # a compiler keeps the inputs of its latest run, so two threads may not share a run

    def print(self, template: Path, data: Mapping[str, Any]) -> bytes:
        text = json.dumps(data, ensure_ascii=False, sort_keys=True)
        source = template.read_text(encoding="utf-8")
        if source.count("sys.inputs") == 1 and source.count(_READS) == 1 and not _OTHERWISE.search(source):
            try:
                return self._compile(source.replace(_READS, f"json(bytes({_literal(text)}))").encode(), None)
            except typst.TypstError:
                pass  # told below, where the message names the template and shows none of the data
        return self._compile(str(template), {"data": text})

    def _compile(self, source: str | bytes, inputs: dict[str, str] | None) -> bytes:
        with self._lock:
            # The library takes the path of a file or the text of one in bytes, and says so with one letter for both.
            pdf = self._compiler.compile(  # type: ignore[type-var]
                source, format="pdf", sys_inputs=inputs, pdf_standards="a-2b", timestamp=FIXED_TIMESTAMP
            )
        if not isinstance(pdf, bytes):
            raise TypesettingError("Mẫu văn bản không cho ra một tệp PDF.")
        return pdf


def _literal(text: str) -> str:
    """JSON as a string of Typst on one line. Control characters are escaped in JSON already; these two would end it."""
    return '"' + text.translate(_LINE_ENDS).replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=4)
def _fonts(folders: tuple[Path, ...]) -> typst.Fonts:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path) for path in folders]
    )
    if not fonts.fonts():
        looked = ", ".join(str(path) for path in folders)
        raise TypesettingError(f"Không tìm thấy phông chữ để dựng văn bản (đã tìm ở {looked}); hãy chạy npm ci.")
    return fonts


@lru_cache(maxsize=32)  # a compiler holds its templates in memory: one for the present content, some for older versions
def _press(root: Path, folders: tuple[Path, ...]) -> _Press:
    return _Press(root, _fonts(folders))


def typeset(
    *, template: str, data: Mapping[str, Any], root: Path, beside: Path | None = None,
    font_dirs: Sequence[Path] | None = None,
) -> bytes:  # fmt: skip
    """Typeset one paper (dựng văn bản) as PDF/A-2b; the same template and data give the same bytes.

    Args:
        template: path of the `.typ` file relative to `root`.
        data: JSON-able values; the template reads them with `json(bytes(sys.inputs.data))`.
        root: the content folder; templates can read nothing outside it.
        beside: the folder that holds `node_modules` with the fonts; by default the one that holds `root`.
        font_dirs: folders of TTF files, in place of the font package.

    Raises:
        TypesettingError: no such template, a key the template needs is absent, a character no font has, no fonts.
    """
    root = root.resolve()
    path = (root / template).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise TypesettingError(f"Không có mẫu văn bản “{template}”.")
    folders = tuple(font_dirs) if font_dirs is not None else ((beside or root.parent) / FONT_PACKAGE,)
    try:
        return _press(root, folders).print(path, data)
    except typst.TypstError as error:
        raise TypesettingError(_sentence(template, error.message), details=error.diagnostic) from error
    except (TypeError, ValueError) as error:  # json.dumps met something that is not JSON
        raise TypesettingError(f"Dữ liệu cho mẫu “{template}” không phải JSON: {error}") from error


def unpack_templates(sources: Mapping[str, str], folder: Path) -> Path:
    """Lay out template texts (path → text) as files, once for the same texts; returns the folder to use as `root`.

    A running case typesets from the templates of the version it started with, which live in the database.
    """
    digest = hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()[:32]
    target = folder / digest
    if target.is_dir():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        draft = Path(temporary) / "draft"
        draft.mkdir()
        for name, text in sources.items():
            path = (draft / name).resolve()
            if not path.is_relative_to(draft.resolve()):
                raise TypesettingError(f"Đường dẫn của mẫu “{name}” không hợp lệ.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        try:
            draft.rename(target)
        except OSError:  # another process was first with the same texts
            if not target.is_dir():
                raise
    return target


def _sentence(template: str, message: str) -> str:
    missing = re.search(r"the text `\"(.+)\"` could not be displayed", message)
    if missing:
        return f"Không dựng được văn bản từ mẫu “{template}”: phông chữ không có chữ “{missing[1]}”."
    return f"Không dựng được văn bản từ mẫu “{template}”: {message}"
