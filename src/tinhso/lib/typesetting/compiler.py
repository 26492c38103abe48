"""The Typst compiler behind `typeset`: fonts of our own only, one compiler per content folder, no clock."""

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import typst

# Times-metric letters with all of Vietnamese (NĐ 30/2020/NĐ-CP, Phụ lục I, phần I, I.4 asks for Times New Roman).
FONT_PACKAGE = Path("node_modules/@expo-google-fonts/tinos")
# Papers must be the same bytes for the same data: the creation time inside the file comes from the data alone.
FIXED_TIMESTAMP = 0


class TypesettingError(Exception):
    """Không dựng được văn bản từ mẫu."""

    def __init__(self, message: str, *, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class _Press:
    """One Typst compiler for one content folder; Typst keeps parsed fonts and unchanged parts between papers."""

    def __init__(self, root: Path, font_dirs: Sequence[Path]) -> None:
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path) for path in font_dirs]
        )
        if not fonts.fonts():
            folders = ", ".join(str(path) for path in font_dirs)
            raise TypesettingError(f"Không tìm thấy phông chữ để dựng văn bản (đã tìm ở {folders}); hãy chạy npm ci.")
        self._root = root
        self._compiler = typst.Compiler(root=str(root), font_paths=fonts)
        self._lock = Lock()  # a compiler keeps the inputs of its latest run, so two threads may not share a run

    def print(self, template: Path, data: dict[str, Any]) -> bytes:
        inputs = {"data": json.dumps(data, ensure_ascii=False, sort_keys=True)}
        with self._lock:
            pdf = self._compiler.compile(
                str(template), format="pdf", sys_inputs=inputs, pdf_standards="a-2b", timestamp=FIXED_TIMESTAMP
            )
        if not isinstance(pdf, bytes):
            raise TypesettingError("Mẫu văn bản không cho ra một tệp PDF.")
        return pdf


_presses: dict[tuple[Path, tuple[Path, ...]], _Press] = {}
_presses_lock = Lock()


def _press(root: Path, font_dirs: tuple[Path, ...]) -> _Press:
    with _presses_lock:
        key = (root, font_dirs)
        if key not in _presses:
            _presses[key] = _Press(root, font_dirs)
        return _presses[key]


def typeset(*, template: str, data: dict[str, Any], root: Path, font_dirs: Sequence[Path] | None = None) -> bytes:
    """Typeset one paper (dựng văn bản) as PDF/A-2b; the same template and data give the same bytes.

    Args:
        template: path of the `.typ` file relative to `root`.
        data: JSON-able values; the template reads them with `json(bytes(sys.inputs.data))`.
        root: the content folder; templates can read nothing outside it.
        font_dirs: folders of TTF files; by default the font package in `node_modules` beside `root`.

    Raises:
        TypesettingError: no such template, a key the template needs is absent, a character no font has, no fonts.
    """
    root = root.resolve()
    path = (root / template).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise TypesettingError(f"Không có mẫu văn bản “{template}”.")
    folders = tuple(font_dirs) if font_dirs is not None else (root.parent / FONT_PACKAGE,)
    press = _press(root, folders)
    try:
        return press.print(path, data)
    except typst.TypstError as error:
        raise TypesettingError(
            f"Không dựng được văn bản từ mẫu “{template}”: {error.message}", details=error.diagnostic
        ) from error
    except TypeError as error:  # json.dumps met something that is not JSON
        raise TypesettingError(f"Dữ liệu cho mẫu “{template}” không phải JSON: {error}") from error
