"""One machine: the units' own ExecStart lines behind nginx with TLS; what an installation promises is looked at from outside.

Then each web server is restarted in the way of `upgrade.sh` while people ask, and nobody may be refused.
"""

import http.client
import json
import os
import re
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from deploy.trial.front import ROOT, Front
from deploy.trial.units import Running, commands, environment, prepared, started
from faults.place import Place

_HEADERS_ONCE = ("Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy")
_ASKING = 4
# Whoever answers after so long on a machine however busy does not answer; what is judged is the answer, not how fast it came.
_PATIENCE_S = 180


class Browser:
    """Asks nginx over TLS, believing the certificate of this trial only."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port, self.trust = port, ssl.create_default_context(cafile=str(certificate))

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        """One request on a line of its own; the answer has been read."""
        line = http.client.HTTPSConnection("localhost", self.port, timeout=_PATIENCE_S, context=self.trust)
        line.request(method, path, body=body, headers=headers)
        answer = line.getresponse()
        answer.text = answer.read().decode(errors="replace")  # type: ignore[attr-defined]
        line.close()
        return answer


def run(*, seed: int, keep: bool) -> dict[str, Any]:
    """Bring it up, look at it, restart it under people's hands; what was found, by name, with what is wrong under `wrong`."""
    with ExitStack() as stack:
        place = prepared(stack, seed=seed, keep=keep)
        folder = place.folder.parent
        ports = (place.port, place.port + 6)
        settings = _settings(place, folder)
        log = folder / "services.log"
        database = Running("tinhso-database.service", settings, log=log)
        stack.callback(database.stop)
        database.start()
        _until_there(place.folder / "postgres" / "data" / "postmaster.pid", database)
        webs = {port: Running("tinhso-web@.service", settings, log=log, instance=str(port)) for port in ports}
        services = [
            *webs.values(),
            *(Running(f"tinhso-{name}.service", settings, log=log) for name in ("worker", "gateway", "metrics")),
        ]
        for service in services:
            stack.callback(service.stop)
            service.start()
        front = Front(
            folder / "nginx", listen=f"127.0.0.1:{place.port + 5}", redirect=f"127.0.0.1:{place.port + 1}", tls=True,
            servers=[f"127.0.0.1:{port}" for port in ports], static=place.folder / "staticfiles",
        )  # fmt: skip
        stack.callback(front.stop)
        front.start()
        for port in (*ports, place.gateway_port):
            place.wait_for(port)
        browser = Browser(place.port + 5, folder / "nginx" / "fullchain.pem")
        found = look(browser, plain_port=place.port + 1, metrics_port=place.port + 4)
        found["backup"] = _backup(settings, folder, stack, found["wrong"])
        found["rolling"] = _roll(browser, front, webs, place)
        if found["rolling"]["refused"]:
            found["wrong"].append("requests were refused while the servers were restarted")
        found["load"] = os.getloadavg()[0]
        return found


def _settings(place: Place, folder: Path) -> dict[str, str]:
    (folder / "metrics.token").write_text("trial")
    return environment(
        **{name: value for name, value in place.environment.items() if name.startswith(("TINHSO_", "PYTHON"))},
        TINHSO_BASE_URL=f"https://localhost:{place.port + 5}", TINHSO_ALLOWED_HOSTS="localhost,127.0.0.1",
        TINHSO_WEB_WORKERS="1", TINHSO_GATEWAY_PORT=str(place.gateway_port), TINHSO_GATEWAY_TLS_PORT=str(place.port + 3),
        TINHSO_METRICS_DIR=str(folder / "counts"), TINHSO_METRICS_PORT=str(place.port + 4),
        TINHSO_METRICS_TOKEN_FILE=str(folder / "metrics.token"),
        TINHSO_BACKUP_DIR=str(folder / "backup"), TINHSO_BACKUP_KEY_FILE=str(folder / "backup.key"),
        TINHSO_TLS_CERTIFICATE=str(folder / "nginx" / "fullchain.pem"),
        TINHSO_GATEWAY_URL=f"http://127.0.0.1:{place.gateway_port}",
    )  # fmt: skip


def _backup(settings: dict[str, str], folder: Path, stack: ExitStack, wrong: list[str]) -> dict[str, float]:
    """The units of the backup one after the other, as their timers would: whole copy, proof, restore; seconds of each."""
    key = folder / "backup.key"
    key.write_text(os.urandom(32).hex())
    (folder / "backup").mkdir(mode=0o755)
    receive = Running("tinhso-backup-receive.service", settings, log=folder / "backup.log")
    stack.callback(receive.stop)
    receive.start()
    took = {}
    for unit in ("tinhso-backup.service", "tinhso-backup-verify.service"):
        for command in commands(unit, settings):
            name, began = " ".join([Path(command[0]).name, *command[1:]]), time.monotonic()
            done = subprocess.run(command, env=started(settings), cwd=ROOT, capture_output=True, text=True, check=False)
            took[name] = round(time.monotonic() - began, 1)
            if done.returncode:
                wrong.append(f"{name}: {done.stdout[-300:]} {done.stderr[-500:]}")
    return took


def look(browser: Browser, *, plain_port: int, metrics_port: int) -> dict[str, Any]:
    """What must hold of a fresh installation, asked as strangers ask."""
    wrong: list[str] = []

    def must(holds: bool, sentence: str) -> None:
        if not holds:
            wrong.append(sentence)

    page = browser.ask("/")
    text: str = page.text  # type: ignore[attr-defined]
    must(page.status == 200, f"the first page answers {page.status}")
    for name in _HEADERS_ONCE:
        given = page.headers.get_all(name, [])
        must(len(given) == 1, f"{name} stands {len(given)} times")
    must(
        "__Host-csrftoken" in str(browser.ask("/can-bo/dang-nhap").headers.get("Set-Cookie")),
        "cookies are not bound to the host",
    )
    asset = re.search(r'href="(/static/[^"]+\.css)"', text)
    assert asset is not None
    style = browser.ask(asset[1])
    must(style.status == 200 and "max-age" in str(style.headers["Cache-Control"]), "nginx does not serve the styles")
    must(style.headers["X-Content-Type-Options"] == "nosniff", "styles come without nosniff")
    must(browser.ask("/tai-len", method="POST", body=b"x" * 27_000_000).status == 413, "a body over the limit is taken")
    plain = http.client.HTTPConnection("127.0.0.1", plain_port, timeout=_PATIENCE_S)
    plain.request("GET", "/tra-cuu?x=1", headers={"Host": "localhost"})
    moved = plain.getresponse()
    must(
        (moved.status, moved.headers["Location"]) == (301, "https://localhost/tra-cuu?x=1"),
        "plain HTTP is not sent on to TLS",
    )
    must(browser.ask("/metrics").status == 404, "the metrics are shown to everybody")
    must(_metrics(metrics_port, "") == 401, "the metrics are told without the token")
    must(_metrics(metrics_port, "trial") == 200, "the metrics are not told with the token")
    tried = Counter(_guess(browser, 90))
    must(
        tried[429] > 0 and set(tried) == {404, 429},
        f"under forged addresses codes may be tried for ever: {dict(tried)}",
    )
    answers = Counter(_flood(browser, 400))
    must(answers[429] > 0, "who asks hundreds of times a second is not slowed down")
    for _ in range(_PATIENCE_S):  # until the one who flooded is let in again
        if browser.ask("/static/khong-co").status != 429:
            break
        time.sleep(1)
    time.sleep(4)  # and all that may be asked at once is there again
    return {"wrong": wrong, "flood": {str(status): count for status, count in answers.items()}}


def _metrics(port: int, token: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    line.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
    return line.getresponse().status


def _guess(browser: Browser, count: int) -> Iterator[int]:
    """Codes of papers, tried one after the other as if each came from somewhere else: each server lets 40 go."""
    for number in range(count):
        lie = f"203.0.113.{number}"
        lies = {"X-Forwarded-For": lie, "X_Forwarded_For": lie, "X-Real-IP": lie, "Forwarded": f"for={lie}"}
        yield browser.ask(f"/kiem-tra/{number:020d}", **lies).status
        time.sleep(0.05)  # under the limit of one address


def _flood(browser: Browser, count: int) -> list[int]:
    line = http.client.HTTPSConnection("localhost", browser.port, timeout=_PATIENCE_S, context=browser.trust)
    found = []
    for _ in range(count):
        line.request("GET", "/static/khong-co")
        answer = line.getresponse()
        answer.read()
        found.append(answer.status)
    line.close()
    return found


def _roll(browser: Browser, front: Front, webs: dict[int, Running], place: Place) -> dict[str, Any]:
    """The steps of `upgrade.sh` with each web server, while people ask for pages."""
    stopping, seen, lock = threading.Event(), Counter[str](), threading.Lock()

    def ask() -> None:
        while not stopping.wait(0.25):  # under the limit of one address
            try:
                status = str(browser.ask("/").status)
            except OSError as error:
                status = type(error).__name__
            with lock:
                seen[status] += 1

    people = [threading.Thread(target=ask, daemon=True) for _ in range(_ASKING)]
    for one in people:
        one.start()
    took = []
    for port, web in webs.items():
        began = time.monotonic()
        front.without(f"127.0.0.1:{port}")
        time.sleep(2)
        web.stop()
        web.start()
        place.wait_for(port)
        front.without("")
        took.append(round(time.monotonic() - began, 1))
    time.sleep(1)
    stopping.set()
    for one in people:
        one.join(_PATIENCE_S)
    return {
        "answers": dict(seen),
        "refused": sum(count for status, count in seen.items() if status != "200"),
        "took_s": took,
    }


def _until_there(file: Path, database: Running) -> None:
    while not (file.exists() and "ready" in file.read_text(encoding="utf-8")):
        if not database.is_alive():
            raise SystemExit("the database did not start")
        time.sleep(0.1)


def told(found: dict[str, Any]) -> str:
    """The outcome for people."""
    return json.dumps(found, ensure_ascii=False, indent=1)
