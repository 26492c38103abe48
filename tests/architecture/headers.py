"""What every answer says to a browser, whatever address was asked and whoever asked."""

import re
from typing import Any

_SCRIPT = re.compile(r"<script\b([^>]*)>")
_HANDLER = re.compile(r"<[a-z][^<>]*?\s(on[a-z]+)\s*=", re.IGNORECASE)
_STYLE = re.compile(r"<style\b|<[a-z][^<>]*?\sstyle\s*=", re.IGNORECASE)
_FOREIGN = re.compile(
    r'<(?:script|link|img|iframe|video|audio|source|object|embed)\b[^>]*?(?:src|href|data)="(https?:)?//', re.IGNORECASE
)
_DATA = ("application/json", "application/ld+json", "speculationrules")
# Published for anybody's programs: keys that check our papers, open data.
_PUBLISHED = ("/.well-known/tinhso-paper-keys.json", "/du-lieu-mo/chia-se-du-lieu.")


def wrong_headers(address: str, answer: Any, *, is_signed_in: bool) -> list[str]:
    """What is missing or too open in the headers and, for a page, in the page."""
    headers, wrong, is_published = answer.headers, [], address.startswith(_PUBLISHED)
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'self'" not in policy and "default-src 'none'" not in policy:
        wrong.append("no content security policy")
    if "script-src 'self';" not in policy and "default-src 'none'" not in policy:
        wrong.append("scripts of others may run")
    if "unsafe-eval" in policy or "unsafe-inline" in policy.replace(
        "style-src 'unsafe-inline'", "" if "default-src 'none'" in policy else "?"
    ):
        wrong.append("inline may run")
    reach = "cross-origin" if is_published else "same-origin"
    wanted = {
        "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": reach,
    }  # fmt: skip
    wrong += [f"{name}: {headers.get(name)}" for name, value in wanted.items() if headers.get(name) != value]
    if "geolocation=()" not in headers.get("Permissions-Policy", ""):
        wrong.append("no permissions policy")
    if "Access-Control-Allow-Origin" in headers and not is_published:
        wrong.append("open to scripts of other sites")
    if {"Server", "X-Powered-By"} & set(headers):
        wrong.append("tells what it runs on")
    if (
        is_signed_in
        and not is_published
        and not re.search("private|no-store|no-cache", headers.get("Cache-Control", ""))
    ):
        wrong.append("a shared cache may keep it")
    wrong += _wrong_cookies(answer)
    if headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
        wrong += _wrong_page(answer.content.decode())
    return [f"{address}: {line}" for line in wrong]


def _wrong_cookies(answer: Any) -> list[str]:
    # The mark against forged requests is read by our own script, on purpose.
    return [
        f"cookie {name} without {flag}"
        for name, cookie in answer.cookies.items()
        for flag in ("httponly", "samesite")
        if not cookie[flag] and not (flag == "httponly" and name.endswith("csrftoken"))
    ]


def _wrong_page(text: str) -> list[str]:
    inline = [tag for tag in _SCRIPT.findall(text) if "src=" not in tag and not any(kind in tag for kind in _DATA)]
    wrong = ["inline script"] if inline else []
    if handlers := _HANDLER.findall(text):
        wrong.append(f"inline handlers {handlers[:3]}")
    if _STYLE.search(text):
        wrong.append("inline style")
    if found := _FOREIGN.search(text):
        wrong.append(f"loads from elsewhere: {found[0][:80]}")
    if 'href="javascript:' in text.lower():
        wrong.append("a link that is script")
    return wrong
