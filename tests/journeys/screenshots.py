"""Renews the pictures of the documentation (`make screenshots`): a demo province of its own, photographed, thrown away.

While working on the look, name a folder to keep the province in: `python -m tests.journeys.screenshots /tmp/province`.
The pictures show fictional people only. One that is too heavy for the documentation is reduced to 256 colours.
"""

import base64
import hmac
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import CHROMIUM, FLAGS

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "images"
CASES = 200
LARGEST = 250_000
DESK: dict[str, Any] = {"viewport": {"width": 1320, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def main(keep: str = "") -> None:
    """Take every picture, of the province kept in a folder or of a new one."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with _province(keep) as found, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        _public_pages(browser, found)
        _citizen_pages(browser, found)
        _officer_pages(browser, found)
        browser.close()


def _public_pages(browser: Browser, found: dict[str, Any]) -> None:
    for suffix, size in (("", DESK), ("-phone", PHONE)):
        page = browser.new_context(**size, locale="vi-VN").new_page()
        page.goto(found["portal"])
        _shoot(page, f"portal-home{suffix}")
        page.goto(f"{found['portal']}/tim?q=xin+giay+phep+xay+nha")
        page.get_by_role("link", name="Cấp giấy phép xây dựng mới").first.click()
        page.wait_for_url("**/thu-tuc/*")
        _shoot(page, f"procedure{suffix}")
        page.context.close()


def _citizen_pages(browser: Browser, found: dict[str, Any]) -> None:
    page = browser.new_context(**PHONE, locale="vi-VN").new_page()
    page.goto(f"{found['portal']}/dang-nhap?next=/ho-so/")
    page.get_by_role("button", name="Tiếp tục với định danh điện tử").click()
    page.get_by_role("button", name=_account(found, "citizen")["name"]).click()
    page.wait_for_url("**/ho-so/")
    _shoot(page, "my-cases-phone")
    page.locator("main li.card a[href*='/H48']").first.click()
    page.wait_for_url("**/ho-so/H48*")
    _shoot(page, "my-case-phone")
    page.context.close()


def _officer_pages(browser: Browser, found: dict[str, Any]) -> None:
    for role, size, suffix in (("specialist", DESK, ""), ("specialist", PHONE, "-phone")):
        page = browser.new_context(**size, locale="vi-VN").new_page()
        _sign_in(page, found, _account(found, role))
        _shoot(page, f"worklist{suffix}")
        page.locator("tr[data-row] a").first.click()
        page.wait_for_url("**/can-bo/ho-so/*")
        _shoot(page, f"case{suffix}")
        page.context.close()
    page = browser.new_context(**DESK, locale="vi-VN").new_page()
    _sign_in(page, found, _account(found, "one_stop_officer"))
    page.goto(found["portal"] + "/can-bo/quay/tiep-nhan")
    _shoot(page, "counter")
    page.context.close()


def _account(found: dict[str, Any], role: str) -> dict[str, Any]:
    return next(row for row in found["accounts"] if row["role"] == role)


def _sign_in(page: Page, found: dict[str, Any], account: dict[str, Any]) -> None:
    """Password, then the code of the moment; one code opens one door, so a second sign-in waits for the next."""
    page.goto(f"{found['portal']}/can-bo/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(account["username"])
    page.get_by_label("Mật khẩu").fill(account["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/buoc-hai**")
    for _ in range(40):
        page.get_by_label("Mã xác thực").fill(_code_of_the_moment(account["totp_secret"]))
        page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
        if re.search(r"/can-bo/(viec/.*)?$", page.url):
            return
        time.sleep(5)
    raise RuntimeError(f"{account['username']} cannot sign in")


def _code_of_the_moment(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238); without Django, which this program does not load."""
    counter = int(time.time()) // 30
    digest = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def _shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    taken = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    target = PICTURES / f"{name}.png"
    taken.save(target, optimize=True)
    if target.stat().st_size > LARGEST:
        taken.quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)
    size = target.stat().st_size
    if size > LARGEST:
        raise RuntimeError(f"{target.name} is {size} bytes, more than {LARGEST}")
    sys.stdout.write(f"{target.relative_to(ROOT)} {size // 1000} kB\n")


@contextmanager
def _province(keep: str) -> Iterator[dict[str, Any]]:
    """A demo province in a folder of its own; its addresses and accounts."""
    folder = Path(keep or tempfile.mkdtemp(prefix="tinhso-pictures-"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    port = _free_pair()
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TINHSO_", "DATABASE_"))}
    environment = {**kept, "TINHSO_DATA_DIR": str(folder / "data"), "TINHSO_PORT": str(port), "TINHSO_DEMO": "1"}
    tinhso = [sys.executable, "-m", "tinhso.config.cli", "demo"]
    running = subprocess.Popen([*tinhso, "run", "--cases", "60"], cwd=ROOT, env=environment)
    try:
        _wait_for(f"http://localhost:{port}/healthz", running)
        subprocess.run([*tinhso, "load", "--up-to", str(CASES)], cwd=ROOT, env=environment, check=True)
        said = subprocess.run(
            [*tinhso, "accounts", "--json"], cwd=ROOT, env=environment, check=True, capture_output=True
        )
        found: dict[str, Any] = json.loads(said.stdout)
        yield {**found, "portal": f"http://localhost:{port}"}
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _wait_for(address: str, running: subprocess.Popen[bytes]) -> None:
    for _ in range(1800):
        if running.poll() is not None:
            raise RuntimeError(f"the demo province stopped with {running.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - loopback
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(1)
    raise TimeoutError("the demo province does not answer")


def _free_pair() -> int:
    """A port whose next one is free too: the simulators listen there."""
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise RuntimeError("no two free ports side by side")


if __name__ == "__main__":
    main(*sys.argv[1:2])
