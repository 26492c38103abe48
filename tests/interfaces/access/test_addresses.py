"""Who asks: the address that the trusted proxies give, never what the visitor writes himself."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from deploy.trial.front import Front
from django.test import Client, RequestFactory

from tests.factories import accounts
from tinhso.apps.accounts import rules
from tinhso.apps.accounts.models import SignInFailure
from tinhso.apps.audit.queries import entries_of
from tinhso.interfaces.access.adapters import AccountAdapter
from tinhso.interfaces.access.addresses import source_of
from tinhso.interfaces.access.limits import Budget, Pace
from tinhso.kernel.clock import now, travel
from tinhso.kernel.errors import TooMany

SIGN_IN = "/can-bo/dang-nhap"
LINE = "10.0.0.9"
# What a visitor may write to be somebody else, or nobody, or to break the reader.
FORGED = [
    {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.7, 203.0.113.8 ,203.0.113.9"},
    {"HTTP_X_FORWARDED_FOR": "[2001:db8::7]:443"}, {"HTTP_X_FORWARDED_FOR": "unknown"}, {"HTTP_X_FORWARDED_FOR": ",,,"},
    {"HTTP_X_FORWARDED_FOR": "203.0.113.7," * 500}, {"HTTP_X_FORWARDED_FOR": "9" * 5000}, {"HTTP_X_FORWARDED_FOR": "\x00"},
    {"HTTP_FORWARDED": 'for=203.0.113.7;host=evil.example;proto=https, for="[2001:db8::7]:443"'},
    {"HTTP_X_REAL_IP": "203.0.113.7"}, {"HTTP_CLIENT_IP": "203.0.113.7"}, {"HTTP_X_CLIENT_IP": "203.0.113.7"},
    {"HTTP_TRUE_CLIENT_IP": "203.0.113.7"}, {"HTTP_CF_CONNECTING_IP": "203.0.113.7"},
    {"HTTP_X_CLUSTER_CLIENT_IP": "203.0.113.7"}, {"HTTP_X_ORIGINATING_IP": "127.0.0.1"}, {"HTTP_VIA": "1.1 203.0.113.7"},
    {"HTTP_X_FORWARDED_HOST": "evil.example"}, {"HTTP_X_FORWARDED_PROTO": "https"}, {"HTTP_X_FORWARDED_PORT": "443"},
    {"HTTP_X_FORWARDED_SERVER": "evil.example"}, {"HTTP_X_ORIGINAL_URL": "/can-bo/"}, {"HTTP_X_REWRITE_URL": "/can-bo/"},
]  # fmt: skip


def came_from(told: str | None, *, peer: str = LINE) -> str:
    given: dict[str, Any] = {} if told is None else {"HTTP_X_FORWARDED_FOR": told}
    return source_of(RequestFactory().get("/", REMOTE_ADDR=peer, **given))


@pytest.mark.parametrize(
    ("trusted", "told", "source"),
    [
        # Nobody is trusted: only the line itself counts.
        (0, None, LINE),
        (0, "198.51.100.1", LINE),
        (0, "198.51.100.1, 198.51.100.2", LINE),
        (0, "junk", LINE),
        # One: what it added last. Everything further left the visitor wrote.
        (1, None, LINE),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.7, 198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.7,203.0.113.8,  198.51.100.1 ", "198.51.100.1"),
        (1, "junk, 198.51.100.1:5123", "198.51.100.1"),
        (1, "203.0.113.7, [2001:DB8::5]:5123", "2001:db8::5"),
        (1, "203.0.113.7, 2001:db8::5", "2001:db8::5"),
        (1, "203.0.113.7, ::ffff:198.51.100.1", "198.51.100.1"),
        # Where the trusted one's own word is no address, its line is; the visitor's word never.
        (1, "203.0.113.7, unknown", LINE),
        (1, "203.0.113.7,", LINE),
        (1, "203.0.113.7,,", LINE),
        (1, "203.0.113.7, _hidden", LINE),
        (1, ",", LINE),
        # Two: the inner one added the outer one, the outer one the visitor.
        (2, None, LINE),
        (2, "198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "203.0.113.7, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "203.0.113.7, 203.0.113.8, 203.0.113.9, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "203.0.113.7, junk, 10.0.0.1", LINE),
        # Somebody asked the inner one himself: an error page for him was a mistake, and so is believing more than it said.
        (2, "198.51.100.1", "198.51.100.1"),
        (2, "unknown", LINE),
    ],
)
def test_only_as_many_proxies_are_believed_as_are_trusted(
    settings: Any, trusted: int, told: str | None, source: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = trusted
    assert came_from(told) == source


def test_without_an_address_of_the_line_the_proxy_still_counts(settings: Any) -> None:
    assert came_from("198.51.100.1", peer="") == ""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert came_from("198.51.100.1", peer="") == "198.51.100.1"


@pytest.mark.parametrize("trusted", [0, 1, 2])
@pytest.mark.parametrize("forged", FORGED, ids=str)
def test_a_visitor_cannot_name_himself(settings: Any, trusted: int, forged: dict[str, str]) -> None:
    """However many proxies there are and whatever he sends, they add what they see."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = trusted
    added = ["198.51.100.1", "10.0.0.1"][:trusted]
    came = {**forged, "REMOTE_ADDR": LINE if trusted else "198.51.100.1"}
    if trusted:
        came["HTTP_X_FORWARDED_FOR"] = ", ".join([*filter(None, [forged.get("HTTP_X_FORWARDED_FOR")]), *added])
    request: Any = RequestFactory().get("/trang", **came)
    assert source_of(request) == "198.51.100.1"
    assert AccountAdapter(request).get_client_ip(request) == "198.51.100.1", "the library counts by the same"
    assert request.get_host() == "testserver"
    assert request.get_port() == "80"
    assert request.path == "/trang"
    assert request.build_absolute_uri().endswith("://testserver/trang")


def _secure_header(project_root: Path, trusted: int) -> str:
    """As the settings choose it: in a process of its own, since they are read once."""
    code = "from tinhso.config import settings; print(settings.SECURE_PROXY_SSL_HEADER, settings.ALLAUTH_TRUSTED_PROXY_COUNT)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project_root, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": "src", "TINHSO_TRUSTED_PROXIES": str(trusted), "TINHSO_DEMO": "1", "PATH": ""},
    )  # fmt: skip
    return done.stdout.strip()


def test_nobody_is_believed_about_tls_unless_a_proxy_is_trusted(project_root: Path) -> None:
    assert _secure_header(project_root, 0) == "None 0"
    assert _secure_header(project_root, 2) == "('HTTP_X_FORWARDED_PROTO', 'https') 2"


@pytest.mark.parametrize("trusted", [0, 1, 2])
def test_trying_passwords_under_forged_addresses_is_one_source(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, trusted: int
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = trusted
    monkeypatch.setattr(rules, "SOURCE_FAILURE_LIMIT", 4)
    account = accounts.officer(username="hoa")
    added = ["198.51.100.1", "10.0.0.1"][:trusted]

    def enter(name: str, forged: str) -> str:
        told = ", ".join([forged, *added])
        answer = client.post(
            SIGN_IN, {"login": name, "password": "Sai-mat-khau-1"}, HTTP_X_FORWARDED_FOR=told, HTTP_X_REAL_IP=forged,
            HTTP_FORWARDED=f"for={forged}", REMOTE_ADDR=LINE if trusted else "198.51.100.1",
        )  # fmt: skip
        return answer.content.decode()

    at = now()
    for number, forged in enumerate(["203.0.113.7", "2001:db8::7", "unknown", "203.0.113.8, 203.0.113.9"]):
        with travel(at + timedelta(seconds=number)):
            assert "chưa đúng" in enter("hoa" if number == 0 else f"khong-co-{number}", forged)
    with travel(at + timedelta(seconds=9)):
        assert "Đã sai quá nhiều lần" in enter("nguoi-khac", "203.0.113.10")
    assert set(SignInFailure.objects.values_list("source", flat=True)) == {"198.51.100.1"}
    assert entries_of(f"account:{account.id}")[-1].payload["source"] == "198.51.100.1", "the log names it, too"


def test_a_network_of_ipv6_is_one_source_and_the_log_names_the_address(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SOURCE_FAILURE_LIMIT", 2)
    account = accounts.officer(username="hoa")
    texts = [
        client.post(SIGN_IN, {"login": name, "password": "Sai-1"}, REMOTE_ADDR=f"2001:db8:1:2::{end}").content.decode()
        for end, name in enumerate(["hoa", "binh", "lan"], start=1)
    ]
    assert ["Đã sai quá nhiều lần" in text for text in texts] == [False, False, True]
    assert entries_of(f"account:{account.id}")[-1].payload["source"] == "2001:db8:1:2::1"
    budget, pace = Budget(each=1, all_together=9, seconds=60), Pace(each=1)
    budget.spend("2001:db8:1:2::1", at=now())
    assert pace.take("2001:db8:1:2::1") == 0
    assert pace.take("2001:db8:1:2:9::9") > 0
    assert pace.take("2001:db8:1:3::1") == 0
    budget.require("2001:db8:1:3::1", at=now())
    with pytest.raises(TooMany):
        budget.require("2001:db8:1:2:9::9", at=now())


def test_one_place_reads_what_proxies_say(project_root: Path) -> None:
    """Whoever reads the line's address or a proxy's header elsewhere would one day believe somebody else."""
    sought = re.compile(
        r"REMOTE_ADDR|REMOTE_HOST|X_FORWARDED_FOR|[Xx]-[Ff]orwarded-|X_REAL_IP|X-Real-IP|USE_X_FORWARDED|HTTP_FORWARDED"
        r"|TRUSTED_CLIENT_IP_HEADER|X_FORWARDED_(HOST|PORT|PROTO)|get_client_ip\("
    )
    source = project_root / "src" / "tinhso"
    found = {
        file.relative_to(source).as_posix()
        for file in source.rglob("*.py")
        if any(sought.search(line.partition("#")[0]) for line in file.read_text(encoding="utf-8").splitlines())
    }
    assert found == {
        "config/reference_settings.py",  # explains the setting
        "config/settings.py",  # whether a proxy is believed about TLS
        "interfaces/access/adapters.py",  # tells the library
        "interfaces/access/addresses.py",
        "interfaces/gateway/calls.py",  # takes them out of what is passed on
    }


# --- the web server and the proxy that are shipped

_ECHO = """
import json
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest

settings.configure(ALLAUTH_TRUSTED_PROXY_COUNT=%d, ALLOWED_HOSTS=["*"], SECURE_PROXY_SSL_HEADER=%s)

from tinhso.interfaces.access.addresses import source_of


def application(environ, start):
    request = WSGIRequest(environ)
    told = {"source": source_of(request), "secure": request.is_secure(), "host": environ.get("HTTP_HOST", "")}
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]
"""
_PROXY = '("HTTP_X_FORWARDED_PROTO", "https")'


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(folder: Path, *, trusted: int) -> Iterator[int]:
    """The port of the web server that is shipped, with an application that says whom it believes to be asked by."""
    (folder / "echo.py").write_text(_ECHO % (trusted, _PROXY if trusted else None))
    port = _free_port()
    source = Path(__file__).resolve().parents[3] / "src"
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--no-log",
        "echo:application",
    ]
    with subprocess.Popen(command, cwd=folder, env={"PYTHONPATH": f"{source}:{folder}"}) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            ask(port)
        except (OSError, ValueError):
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(port)


def ask(port: int, *lines: bytes) -> Any:
    """What the application says of a request with these lines in its head."""
    head = b"\r\n".join([b"GET / HTTP/1.1", b"Host: localhost", b"Connection: close", *lines, b"", b""])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head)
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    return json.loads(answer.partition(b"\r\n\r\n")[2])


LIES = (
    b"X-Forwarded-For: 203.0.113.7", b"X-Forwarded-For: 203.0.113.8, 203.0.113.9", b"X_Forwarded_For: 203.0.113.10",
    b"X-Forwarded-For: \xff", b"x-forwarded-for:", b"Forwarded: for=203.0.113.11;proto=https", b"X-Real-IP: 203.0.113.12",
    b"X-Forwarded-Host: evil.example", b"X-Forwarded-Proto: https", b"X_Forwarded_Proto: https",
)  # fmt: skip


def test_the_web_server_alone_believes_nobody(tmp_path: Path) -> None:
    with served(tmp_path, trusted=0) as port:
        assert ask(port, *LIES) == {"source": "127.0.0.1", "secure": False, "host": "localhost"}


def test_lines_of_one_name_are_one_list_in_their_order(tmp_path: Path) -> None:
    """A proxy may add a line of its own instead of going on with the visitor's."""
    with served(tmp_path, trusted=1) as port:
        told = ask(port, b"X-Forwarded-For: 203.0.113.7", b"Accept: */*", b"X-Forwarded-For: 198.51.100.1")
        assert told["source"] == "198.51.100.1"
        told = ask(port, b"X-Forwarded-For: 203.0.113.7", b"X-Forwarded-For: \xff198.51.100.1")
        assert told["source"] == "127.0.0.1", "what cannot be read is not made up for by the visitor's word"


def test_through_the_shipped_proxy_every_lie_is_gone(tmp_path: Path) -> None:
    if not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        pytest.skip("nginx is not installed here")
    listen = _free_port()
    with served(tmp_path, trusted=1) as port:
        front = Front(
            tmp_path / "nginx", listen=f"127.0.0.1:{listen}", servers=[f"127.0.0.1:{port}"], static=tmp_path
        )  # fmt: skip
        front.start()
        try:
            _wait_for(listen)
            honest = {"source": "127.0.0.1", "secure": False, "host": "localhost"}
            assert ask(listen) == honest
            assert ask(listen, *LIES) == honest
            for lie in LIES:
                assert ask(listen, lie) == honest, lie
        finally:
            front.stop()


def test_the_shipped_proxy_writes_both_headers_itself() -> None:
    site = (Path(__file__).resolve().parents[3] / "deploy/one-machine/nginx/tinhso.conf.in").read_text(encoding="utf-8")
    assert re.findall(r"proxy_set_header (\S+) ([^;]+);", site) == [
        ("Connection", '""'), ("Host", "$host"), ("X-Forwarded-For", "$remote_addr"), ("X-Forwarded-Proto", "$scheme"),
    ]  # fmt: skip
    # At the level of the server, so that no place of it has other ones; and names with an underscore are dropped.
    assert site.index("proxy_set_header X-Forwarded-Proto") < site.index("location /static/")
    assert not re.search(r"underscores_in_headers|ignore_invalid_headers|real_ip|proxy_pass_request_headers", site)
