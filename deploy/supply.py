"""What the product is made of, whether anything secret lies in it, and whether advisories name it.

`supply.py sbom` writes CycloneDX 1.6 of all that is locked, Python and npm. `supply.py secrets` looks through the files of
the repository. `supply.py audit` asks for advisories, and fails where it could not ask: a tool that skipped what it should
have looked at reports no weakness, which is no answer.
"""

import base64
import json
import math
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_PACKAGE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_KINDS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "cloud key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "token of a code host": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bglpat-[A-Za-z0-9_-]{20}\b"),
    "token of a messenger": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}\b|\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    "signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}"),
    "password in an address": re.compile(r"\b[a-z][a-z0-9+]{2,}://[^/\s:@'\"{}$<>]+:([^@/\s'\"{}$<>]{6,})@"),
    "secret in an assignment": re.compile(
        r"(?i)(?:secret|passw(?:or)?d|api_?key|token)[a-z_]*\s*[:=]\s*[\"']([A-Za-z0-9+/_=-]{20,})[\"']"
    ),
}
# Whoever writes one of these means a stand-in. Each is looked at by the reviewer of the line.
_STAND_IN = re.compile(
    r"(?i)demo|example|not-for-production|placeholder|mat-khau|xxxx|0000|1111|test|sample|:password@"
)
_RANDOM = 3.6  # bits a character, above which a value is no word
_LEFT_OUT = ("package-lock.json", "requirements", "tests/", ".svg", ".pdf", ".png", ".ttf", ".woff2")


def bill() -> dict[str, Any]:
    """The CycloneDX document of everything locked; the same for the same locks."""
    parts = [*_python(ROOT / "requirements.lock"), *_npm(ROOT / "package-lock.json")]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "tinhso", "bom-ref": "tinhso"}},
        "components": sorted(parts, key=lambda part: str(part["purl"])),
    }


def _python(lock: Path) -> list[dict[str, Any]]:
    text, found = lock.read_text(encoding="utf-8"), []
    places = list(_PACKAGE.finditer(text))
    for number, place in enumerate(places):
        end = places[number + 1].start() if number + 1 < len(places) else len(text)
        hashes = [{"alg": "SHA-256", "content": value} for value in _HASH.findall(text[place.end() : end])]
        found.append(_part("pypi", place[1].lower(), place[2], hashes))
    return found


def _npm(lock: Path) -> list[dict[str, Any]]:
    packages: dict[str, dict[str, Any]] = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    found = []
    for path, one in packages.items():
        if path:
            algorithm, _, value = one.get("integrity", "").partition("-")
            digest = base64.b64decode(value).hex() if value else ""
            hashes = [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": digest}] if digest else []
            found.append(_part("npm", path.rpartition("node_modules/")[2], str(one["version"]), hashes))
    return found


def _part(kind: str, name: str, version: str, hashes: list[dict[str, str]]) -> dict[str, Any]:
    purl = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "hashes": hashes}


def secrets_in(text: str) -> list[tuple[int, str]]:
    """Line and kind of everything that looks like a secret."""
    found = []
    for kind, pattern in _KINDS.items():
        for match in pattern.finditer(text):
            begin = text.rfind("\n", 0, match.start()) + 1
            end = text.find("\n", match.end())
            line = text[begin : end if end >= 0 else len(text)]
            if not _STAND_IN.search(line) and _is_random(match):
                found.append((text.count("\n", 0, match.start()) + 1, kind))
    return found


def _is_random(match: re.Match[str]) -> bool:
    if not match.re.groups:
        return True
    value = match[1]
    counted = Counter(value)
    bits = -sum(n / len(value) * math.log2(n / len(value)) for n in counted.values())
    return "://" in match[0] or (bits > _RANDOM and any(c.isdigit() for c in value))


def look_through(root: Path = ROOT) -> list[str]:
    """Every file of the repository with what looks secret in it."""
    names = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    found = []
    for name in names:
        if not any(part in name for part in _LEFT_OUT) and (root / name).is_file():
            text = (root / name).read_text(encoding="utf-8", errors="ignore")
            found += [f"{name}:{number}: {kind}" for number, kind in secrets_in(text)]
    return found


def judge(report: dict[str, Any]) -> list[str]:
    """What is wrong in a report of pip-audit; a package it could not look at is wrong too."""
    parts = report.get("dependencies", [])
    if not parts:
        return ["nothing was looked at"]
    wrong = [f"{one['name']}: not looked at ({one['skip_reason']})" for one in parts if "skip_reason" in one]
    return wrong + [f"{one['name']} {one['version']}: {flaw['id']}" for one in parts for flaw in one.get("vulns", [])]


def audit() -> list[str]:
    """Ask for advisories about everything locked."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        str(ROOT / "requirements.lock"),
        "--require-hashes",
        "-f",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return judge(json.loads(done.stdout))
    except ValueError:
        return [f"no audit: {(done.stderr.strip().splitlines() or ['pip-audit said nothing'])[-1]}"]


def main(what: str) -> int:
    """Do what is asked; 1 where something is wrong."""
    if what == "sbom":
        print(json.dumps(bill(), indent=1))
        return 0
    wrong = look_through() if what == "secrets" else audit()
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
