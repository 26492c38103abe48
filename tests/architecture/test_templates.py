"""Every template is used; a fragment begins with `_` and a page does not; templates call nothing that queries."""

import re
from pathlib import Path

INTERFACES = Path(__file__).resolve().parents[2] / "src" / "tinhso" / "interfaces"
# Overrides found by name by the libraries that own the pages.
FOUND_BY_LIBRARIES = ("allauth/", "account/", "mfa/", "socialaccount/", "usersessions/", "django/")


def _templates() -> dict[str, Path]:
    return {
        file.relative_to(folder).as_posix(): file
        for folder in INTERFACES.glob("*/templates")
        for file in folder.rglob("*")
        if file.is_file()
    }


def _mentions() -> str:
    sources = [*INTERFACES.parent.rglob("*.py"), *_templates().values()]
    return "\n".join(file.read_text() for file in sources)


def _included() -> set[str]:
    """Names after `{% include "…" %}`, whatever stands between."""
    text = "\n".join(file.read_text() for file in _templates().values())
    return set(re.findall(r'{%\s*include\s+"([^"]+)"', text))


def test_every_template_is_used() -> None:
    mentions = _mentions()
    # Some names are put together: a component by its kind, an icon by its name.
    composed = [re.compile(re.escape(p).replace(r"\{\}", r"[\w-]+")) for p in _composed(mentions)]
    unused = [
        name
        for name in _templates()
        if f'"{name}"' not in mentions
        and f"'{name}'" not in mentions
        and not name.startswith(FOUND_BY_LIBRARIES)
        and not re.fullmatch(r"\d{3}\.html|(.*/)?base[\w]*\.html", name)
        and not any(pattern.fullmatch(name) for pattern in composed)
    ]
    assert unused == []


def _composed(mentions: str) -> set[str]:
    found = re.findall(r'f"([\w/-]*\{[^}]+\}[\w/.-]*\.html)"', mentions)
    return {re.sub(r"\{[^}]+\}", "{}", text) for text in found}


def test_every_named_template_exists() -> None:
    known = set(_templates())
    named = set(re.findall(r'render\(\s*request,\s*"([^"]+)"', _mentions()))
    named |= _included() | set(re.findall(r'{%\s*extends\s+"([^"]+)"', _mentions()))
    ours = {n for n in named if not n.startswith(FOUND_BY_LIBRARIES)}
    assert ours - known == set()


def test_fragments_begin_with_an_underscore_and_pages_do_not() -> None:
    wrong = []
    for name, file in _templates().items():
        text = file.read_text()
        is_page = "{% extends" in text or "<html" in text
        is_fragment = Path(name).name.startswith("_") or "/components/" in name or "/icons/" in name
        if is_page and Path(name).name.startswith("_"):
            wrong.append(f"{name}: a page that looks like a fragment")
        if not is_page and not is_fragment and file.suffix == ".html" and not name.startswith(FOUND_BY_LIBRARIES):
            wrong.append(f"{name}: a fragment that looks like a page")
    assert wrong == []


def test_templates_ask_properties_and_never_the_database() -> None:
    wrong = []
    for name, file in _templates().items():
        text = file.read_text()
        wrong += [f"{name}: {m}" for m in re.findall(r"\{[{%][^}]*\.(?:objects|all|filter|exclude)\b[^}]*[%}]\}", text)]
    assert wrong == []


def test_no_inline_script_or_style() -> None:
    """The content security policy refuses them; so does this test, earlier."""
    wrong = []
    for name, file in _templates().items():
        if file.suffix != ".html":
            continue
        text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", file.read_text(), flags=re.DOTALL)
        scripts = re.findall(r"<script\b[^>]*>", text)
        harmless = ("src=", "application/", "importmap")
        wrong += [f"{name}: {tag}" for tag in scripts if not any(word in tag for word in harmless)]
        wrong += [f"{name}: {m}" for m in re.findall(r"<style\b[^>]*>|\sstyle=\"|\son[a-z]+=\"", text)]
    assert wrong == []
