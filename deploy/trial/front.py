"""nginx with the configuration of `deploy/one-machine/nginx`, in a folder and on ports of its own, as nobody's service."""

import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ROOT / "deploy" / "one-machine" / "nginx"


class Front:
    """One nginx. Without a certificate it speaks plain HTTP, for drivers that know no TLS; all else stays as it is."""

    def __init__(
        self, folder: Path, *, listen: str, servers: Sequence[str], static: Path, tls: bool = False, redirect: str = ""
    ) -> None:
        self.folder, self.listen, self.servers, self.static = folder, listen, tuple(servers), static
        self.tls, self.redirect = tls, redirect or listen
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Prepare it and run it."""
        self.prepare()
        self._process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, start_new_session=True)

    def prepare(self) -> None:
        """Write the configuration and have nginx check it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        shutil.copy(PARTS / "away.html", self.folder)
        self._show(down="")
        if self.tls:
            self._make_certificate()
        (self.folder / "nginx.conf").write_text(
            f"daemon off; master_process on; worker_processes 2; pid {self.folder}/nginx.pid;\n"
            f"error_log {self.folder}/error.log warn; events {{ worker_connections 1024; }}\n"
            "http { include /etc/nginx/mime.types; default_type application/octet-stream;\n"
            f"client_body_temp_path {self.folder}/bodies; proxy_temp_path {self.folder}/answers;\n"
            f"fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;\n"
            f"include {self.folder}/tinhso.conf; }}\n"
        )
        (self.folder / "tinhso.conf").write_text(self.configuration())
        self._nginx("-t")

    def configuration(self) -> str:
        """The site as `install.sh` would write it, with the paths of this trial."""
        text = (PARTS / "tinhso.conf.in").read_text(encoding="utf-8")
        for mark, value in (
            ("@host@", "localhost"), ("@upload@", "25"), ("@https@", self.listen), ("@http@", self.redirect),
            ("/etc/nginx/tinhso", str(self.folder)), ("/etc/tinhso/tls", str(self.folder)),
            ("/var/lib/tinhso/staticfiles/", f"{self.static}/"), ("/var/log/nginx/tinhso.log", f"{self.folder}/access.log"),
        ):  # fmt: skip
            text = text.replace(mark, value)
        if self.tls:
            return text
        first, second = text.index("server {"), text.rindex("\nserver {")
        kept = text[:first] + text[second:]  # no address to be sent on from
        lines = [line for line in kept.splitlines() if not line.strip().startswith("ssl_")]
        # The driver comes from one address: the limits of one visitor would measure the driver, not the product.
        lines = [line for line in lines if not line.strip().startswith(("limit_req zone", "limit_conn tinhso"))]
        return "\n".join(lines).replace(" ssl http2;", ";") + "\n"

    def without(self, server: str, *, reload: bool = True) -> None:
        """Send nobody to this server, as `upgrade.sh` does; "" sends people to all."""
        self._show(down=server)
        self._nginx("-t")
        if reload:
            self._nginx("-s", "reload")

    def stop(self) -> None:
        """End it and wait."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
            self._process.kill()
            self._process.wait()

    def _show(self, *, down: str) -> None:
        lines = [f"server {one} {'down' if one == down else 'max_fails=2 fail_timeout=5s'};" for one in self.servers]
        (self.folder / "web.conf").write_text("\n".join(lines) + "\n")

    def _command(self) -> list[str]:
        return [
            _program(),
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
            "-e",
            str(self.folder / "error.log"),
        ]

    def _nginx(self, *arguments: str) -> None:
        done = subprocess.run([*self._command(), *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"nginx: {done.stderr.strip()}")

    def _make_certificate(self) -> None:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", self.folder / "key.pem",
             "-out", self.folder / "fullchain.pem"],
            check=True, capture_output=True,
        )  # fmt: skip


def _program() -> str:
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        raise SystemExit("nginx is not installed")
    return found
