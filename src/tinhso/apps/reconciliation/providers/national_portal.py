"""The national portal's interface for provinces: a session, then one service a call (`madonvi`, `service`, `error_code`).

How the bytes travel is not its business: `post` takes a path, a body and headers, and gives status and content back.
The authoritative specification of 2026 is not public; what differs in it differs here and in `lib/national`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tinhso.apps.reconciliation.data import PortalRefused, PortalUnavailable, Wire
from tinhso.kernel.outbound import trusted
from tinhso.lib.jsontext import read_json

Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes]]
_OK, _NO_SESSION, _EXISTS, _NOT_FOUND = {"0", "00"}, "-1", {"3", "-3"}, "2"


class Portal:
    """One conversation with the portal; it signs in by itself, and again when its session has ended."""

    def __init__(self, post: Post, *, agency: str, username: str, password: str, dstcode: str) -> None:
        self._post, self._agency, self._dstcode = post, agency, dstcode
        self._credentials = {"username": username, "password": password}
        self._session = ""

    def ask(self, service: str, **more: Any) -> Wire:
        """One call of a service.

        Raises:
            PortalUnavailable: not reached, or an answer that is none.
            PortalRefused: with the portal's own sentence.
        """
        for last in (False, True):
            if not self._session:
                self._sign_in()
            body = {"session": self._session, "madonvi": self._agency, "service": service, **more}
            answer = self._send(f"/{service}", body)
            code = str(answer.get("error_code", ""))
            if code in _OK:
                return answer
            if code != _NO_SESSION or last:
                raise PortalRefused(str(answer.get("message") or "") or f"Mã lỗi {code}.", answer=code)
            self._session = ""
        raise AssertionError

    def tell_case(self, wire: Wire, *, updating: bool) -> str:
        """DongBoHoSoMC. What the portal has already is updated, what it has lost is told as new: both are the same wish.

        Raises:
            PortalUnavailable, PortalRefused: as `ask`.
        """
        try:
            return self._tell(wire, updating=updating)
        except PortalRefused as error:
            turned = error.answer in _EXISTS if not updating else error.answer == _NOT_FOUND
            if not turned:
                raise
        return self._tell(wire, updating=not updating)

    def tell_progress(self, rows: list[Wire]) -> str:
        """CapNhatTienDoHoSoMC, at most ten rows. The same row told twice is one at the portal.

        Raises:
            PortalUnavailable, PortalRefused: as `ask`.
        """
        return str(self.ask("CapNhatTienDoHoSoMC", isUpdating="false", data=rows).get("error_code"))

    def _tell(self, wire: Wire, *, updating: bool) -> str:
        said = self.ask("DongBoHoSoMC", isUpdating="true" if updating else "false", data=[wire])
        return str(said.get("error_code"))

    def _sign_in(self) -> None:
        answer = self._send("/login", self._credentials)
        session = answer.get("session")
        if str(answer.get("error_code")) not in _OK or not isinstance(session, str) or not session:
            # A wrong password is for us to mend, and no fault of the message that waits.
            raise PortalUnavailable(f"Không đăng nhập được: {answer.get('message') or 'sai tài khoản'}")
        self._session = session

    def _send(self, path: str, body: Wire) -> Wire:
        content = json.dumps(body, ensure_ascii=False).encode()
        status, said = self._post(path, content, {"dstcode": self._dstcode, "Content-Type": "application/json"})
        if status >= 300:
            raise PortalUnavailable(f"Cổng Dịch vụ công quốc gia trả lời mã {status}; sẽ thử lại.")
        try:
            answer = read_json(said)
        except ValueError as error:
            raise PortalUnavailable("Cổng Dịch vụ công quốc gia trả lời không đọc được; sẽ thử lại.") from error
        if not isinstance(answer, dict) or "error_code" not in answer:
            raise PortalUnavailable("Cổng Dịch vụ công quốc gia trả lời không đọc được; sẽ thử lại.")
        return answer


def post_directly(base_url: str, *, seconds: float) -> Post:
    """Straight to the portal's address, where the registry does not offer it."""

    def post(path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            with httpx.Client(timeout=seconds, trust_env=False, follow_redirects=False, verify=trusted()) as client:
                answer = client.post(f"{base_url}{path}", content=body, headers=dict(headers))
        except httpx.HTTPError as error:
            raise PortalUnavailable from error
        return answer.status_code, answer.content

    return post
