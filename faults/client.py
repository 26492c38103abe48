"""A small browser: cookies, forms, one connection that is made anew whenever it breaks."""

import base64
import hashlib
import hmac
import http.client
import json
import re
import struct
import time
import urllib.parse
from dataclasses import dataclass
from typing import Any

# Longer than the product's own patience with its database; a request that takes this long counts as broken.
TIMEOUT_S = 20.0
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class BrokenError(Exception):
    """No answer, or one that says "not now": whether it was done is unknown, so the same is asked again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks one server at `port` (through which a proxy may stand) as `host` names it."""

    def __init__(self, port: int, host: str, *, headers: dict[str, str] | None = None) -> None:
        self.port, self.host = port, host
        self.headers = headers or {}
        self.cookies: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request.

        Raises:
            BrokenError: the line broke, or the server says it cannot (5xx, 429).
        """
        sent = {"Host": self.host, **self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
            self._connection.request(method, path, body=body, headers=sent)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise BrokenError(f"{type(error).__name__}: {error}") from error
        for value in response.headers.get_all("Set-Cookie", []):
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        if response.will_close:
            self.close()
        if response.status >= 500 or response.status == 429:
            raise BrokenError(f"{response.status}: {content[:200].decode(errors='replace')}")
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, content)

    def post_json(self, path: str, value: object, **headers: str) -> Answer:
        return self.ask("POST", path, json.dumps(value).encode(), Content_Type="application/json", **headers)

    def post_form(self, path: str, values: dict[str, str]) -> Answer:
        """A form as the page would send it, with the token against forgery."""
        body = urllib.parse.urlencode(values).encode()
        return self.ask(
            "POST", path, body, Content_Type="application/x-www-form-urlencoded",
            X_CSRFToken=self.cookies.get("csrftoken", ""),
        )  # fmt: skip

    def close(self) -> None:
        """Hang up; the next request dials again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def sign_in_officer(client: Client, account: dict[str, Any]) -> None:
    """Password, then the code of the six digits."""
    client.ask("GET", "/can-bo/dang-nhap")
    first = client.post_form("/can-bo/dang-nhap", {"login": account["username"], "password": account["password"]})
    if first.status != 302:
        raise SystemExit(f"sign-in refused: {first.status}")
    client.ask("GET", "/can-bo/dang-nhap/buoc-hai")
    second = client.post_form("/can-bo/dang-nhap/buoc-hai", {"code": totp(account["totp_secret"])})
    if second.status != 302:
        raise SystemExit(f"second factor refused: {second.status}")


def sign_in_citizen(client: Client, simulators: Client, personal_id: str) -> None:
    """By the simulated national identity, page by page."""
    client.ask("GET", "/dang-nhap")
    leaving = client.post_form("/dang-nhap/dinh-danh", {"next": "/"})
    asked = urllib.parse.urlsplit(leaving.headers["location"])
    page = simulators.ask("GET", f"{asked.path}?{asked.query}").body.decode()
    form = {name: urllib.parse.unquote_plus(_plain(value)) for name, value in _HIDDEN.findall(page)}
    back = simulators.ask(
        "POST", asked.path, urllib.parse.urlencode({**form, "subject": personal_id}).encode(),
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    found = urllib.parse.urlsplit(back.headers["location"])
    done = client.ask("GET", f"{found.path}?{found.query}")
    if done.status != 302 or "sessionid" not in client.cookies:
        raise SystemExit(f"the citizen could not sign in: {done.status}")


def _plain(value: str) -> str:
    for entity, sign in (("&amp;", "&"), ("&#x27;", "'"), ("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">")):
        value = value.replace(entity, sign)
    return value.replace("+", "%2B")


def totp(secret: str) -> str:
    """The six digits of this half minute (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"
