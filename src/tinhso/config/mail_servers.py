"""Configuration of Postfix, Dovecot and OpenDKIM for official mail, made from `deploy/mail` and `content/mail`.

Values in, files out; nothing is started or changed outside the folder given. Secrets (the database password, the key of
Dovecot's administrative interface) stand only in files that the servers' own users may read.
"""

import os
import pwd
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tinhso.apps.mailboxes.data import MailRules
from tinhso.config.paths import ROOT

TEMPLATES = ROOT / "deploy" / "mail"
_MAP_QUERIES = {
    "box": "SELECT 'box' FROM mail_box WHERE address = '%s'",
    "route": "SELECT target FROM mail_route WHERE address = '%s'",
    "refused": "SELECT reply FROM mail_refused WHERE address = '%s' LIMIT 1",
    "sender": "SELECT login FROM mail_sender WHERE address = '%s'",
    "own": (
        "SELECT '553 5.7.1 Hay dang nhap de gui bang dia chi nay / Sender address rejected: not logged in'"
        " FROM mail_sender WHERE address = '%s' LIMIT 1"
    ),
    "guarded": "SELECT 'guarded_list' FROM mail_guarded WHERE address = '%s'",
}
# Asked by the list policy with "list sender"; neither may hold a space.
_PAIR_QUERY = (
    "SELECT 'OK' FROM mail_group_sender"
    " WHERE address = split_part('%s', ' ', 1) AND sender = split_part('%s', ' ', 2) LIMIT 1"
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Where the mail servers run and lie. The defaults are those of a mail host of its own on Debian."""

    out: Path
    hostname: str
    database_url: str
    certificate: str
    key: str
    doveadm_key: str
    state: Path = Path("/var/lib/tinhso-mail")
    queue: Path = Path("/var/spool/postfix")
    data: Path = Path("/var/lib/postfix")
    run: Path = Path("/run/dovecot")
    vmail_user: str = "vmail"
    vmail_group: str = "vmail"
    postfix_user: str = "postfix"
    smtp: str = "smtp"
    submission: str = "submission"
    submissions: str = "submissions"
    imap: int = 143
    imaps: int = 993
    doveadm_address: str = "127.0.0.1"
    doveadm_port: int = 8993
    doveadm_tls: bool = False
    interfaces: str = "all"
    networks: str = "127.0.0.0/8 [::1]/128"
    submission_host: str = "127.0.0.1:25"
    relayhost: str = ""
    message_mb: int = 35
    dkim: bool = True
    log: Path | None = None
    oauth: bool = False
    python: str = "/usr/bin/python3"
    extra: dict[str, str] = field(default_factory=dict)

    def values(self, rules: MailRules) -> dict[str, str]:
        """What the templates name."""
        private = self.queue / "private"
        return {
            "out": str(self.out), "hostname": self.hostname, "domains": " ".join(rules.domains), "domain": rules.domain,
            "networks": self.networks, "interfaces": self.interfaces,
            "protocols": "ipv4" if self.interfaces == "127.0.0.1" else "all",
            "queue_directory": str(self.queue), "data_directory": str(self.data),
            "logging": f"maillog_file = {self.log}/postfix.log\nmaillog_file_prefixes = {self.log}\n" if self.log else "",
            "dovecot_log": str(self.log / "dovecot.log") if self.log else "syslog",
            "message_bytes": str(self.message_mb * 1_048_576), "lmtp_socket": str(private / "dovecot-lmtp"),
            "auth_socket": str(private / "dovecot-auth"), "quota_socket": str(private / "dovecot-quota"),
            "certificate": self.certificate, "key": self.key, "dsn": _dsn(self.database_url),
            "milters": _MILTERS if self.dkim else "", "relayhost": f"relayhost = {self.relayhost}\n" if self.relayhost else "",
            "milter_socket": "inet:8891@127.0.0.1", "smtp_service": self.smtp, "submission_service": self.submission,
            "submissions_service": self.submissions, "vmail_user": self.vmail_user, "vmail_group": self.vmail_group,
            "postfix_user": self.postfix_user, "python": self.python, "dovecot_run": str(self.run),
            "listen": "127.0.0.1" if self.interfaces == "127.0.0.1" else "*, ::", "imap_port": str(self.imap),
            "imaps_port": str(self.imaps), "mail_directory": str(self.state), "submission_host": self.submission_host,
            "doveadm_address": self.doveadm_address, "doveadm_port": str(self.doveadm_port),
            "doveadm_ssl": "yes" if self.doveadm_tls else "no", "doveadm_key": self.doveadm_key,
            "oauth_mechanisms": " xoauth2 oauthbearer" if self.oauth else "",
            "oauth_passdb": _OAUTH.replace("@out@", str(self.out)) if self.oauth else "",
            "operators_map": f"texthash:{self.out}/postfix/operators " if rules.operators else "",
            **self.extra,
        }  # fmt: skip


_MILTERS = "smtpd_milters = inet:127.0.0.1:8891\nnon_smtpd_milters = $smtpd_milters\nmilter_default_action = accept\n"
_OAUTH = """passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = @out@/dovecot/oauth2.conf.ext
}
"""


def write(plan: Plan, rules: MailRules) -> list[Path]:
    """Write every file anew, each whole or not at all; returns them."""
    values = plan.values(rules)
    made: list[Path] = []
    for template in sorted(TEMPLATES.rglob("*.in")):
        text = _filled(template.read_text(encoding="utf-8"), values)
        name = template.relative_to(TEMPLATES).with_suffix("")
        made.append(_put(plan.out / name, text, owner=_reader_of(name, plan)))
    policy = (TEMPLATES / "postfix" / "list_policy.py").read_text(encoding="utf-8")
    made.append(_put(plan.out / "postfix" / "list_policy.py", policy, owner=""))
    for lookup, query in _MAP_QUERIES.items():
        made.append(
            _put(plan.out / "postfix" / "pgsql" / f"{lookup}.cf", _lookup(plan, query), owner=plan.postfix_user)
        )
    lists = plan.out / "postfix" / "pgsql-lists" / "group_sender.cf"
    made.append(_put(lists, _lookup(plan, _PAIR_QUERY), owner=plan.vmail_user))
    if rules.operators:
        wanted = sorted({*rules.reserved, "postmaster", "abuse"})
        targets = ", ".join(rules.operators)
        lines = [f"{name}@{domain} {targets}" for domain in rules.domains for name in wanted]
        made.append(_put(plan.out / "postfix" / "operators", "\n".join([*lines, ""]), owner=""))
    names = [
        f"tinhso._domainkey.{domain} {domain}:tinhso:{plan.out}/opendkim/{domain}.private" for domain in rules.domains
    ]
    signing = [f"*@{domain} tinhso._domainkey.{domain}" for domain in rules.domains]
    made.append(_put(plan.out / "opendkim" / "keys", "\n".join([*names, ""]), owner=""))
    made.append(_put(plan.out / "opendkim" / "signing", "\n".join([*signing, ""]), owner=""))
    made.append(_put(plan.out / "DNS.txt", dns_text(plan, rules), owner=""))
    return made


def dns_text(plan: Plan, rules: MailRules) -> str:
    """The records each domain needs, in a zone file's words (RFC 7208, 6376, 7489)."""
    lines = [
        "; What other servers look up before they believe a letter. Keys: opendkim-genkey -b 2048 -s tinhso -d DOMAIN"
    ]
    for domain in rules.domains:
        lines += [
            f"{domain}.  IN MX 10 {plan.hostname}.",
            f'{domain}.  IN TXT "v=spf1 mx -all"',
            f'_dmarc.{domain}.  IN TXT "v=DMARC1; p=quarantine; adkim=s; aspf=s; rua=mailto:postmaster@{domain}"',
            f"; tinhso._domainkey.{domain}.  IN TXT: the text of {domain}.txt that opendkim-genkey wrote",
        ]
    return "\n".join([*lines, ""])


def programs_missing() -> list[str]:
    """Which Debian packages of the mail servers are not on this machine."""
    wanted = {
        "postfix": Path("/usr/lib/postfix/sbin/master"), "postfix-pgsql": Path("/usr/lib/postfix/postfix-pgsql.so"),
        "dovecot-imapd": Path("/usr/lib/dovecot/imap"), "dovecot-lmtpd": Path("/usr/lib/dovecot/lmtp"),
        "dovecot-pgsql": Path("/usr/lib/dovecot/modules/auth/libdriver_pgsql.so"),
        "dovecot-sieve": Path("/usr/lib/dovecot/modules/lib90_sieve_plugin.so"),
    }  # fmt: skip
    return [package for package, file in wanted.items() if not file.exists()]


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _dsn(url: str) -> str:
    """libpq's words for Dovecot, which splits at spaces and knows no quotes."""
    found = urlsplit(url)
    parts = {
        "host": unquote(found.hostname or "localhost"), "port": str(found.port or 5432), "dbname": found.path.lstrip("/"),
        "user": unquote(found.username or ""), "password": unquote(found.password or ""),
    }  # fmt: skip
    return " ".join(f"{name}={value}" for name, value in parts.items())


def _lookup(plan: Plan, query: str) -> str:
    found = urlsplit(plan.database_url)
    host = f"{unquote(found.hostname or 'localhost')}:{found.port or 5432}"
    return (
        f"hosts = {host}\nuser = {unquote(found.username or '')}\npassword = {unquote(found.password or '')}\n"
        f"dbname = {found.path.lstrip('/')}\nquery = {query}\n"
    )


def _reader_of(name: Path, plan: Plan) -> str:
    """Whose a file is besides root: those with a secret are for one user only."""
    secret = {"dovecot.conf": "root", "sql.conf.ext": "root", "absence.conf.ext": "dovecot"}
    return secret.get(name.name, "")


def _put(file: Path, text: str, *, owner: str) -> Path:
    """Write a file beside its place and move it there. `owner`: who besides root may read it; empty: everybody."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.new")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o640 if owner else 0o644)
    partial.write_text(text, encoding="utf-8")
    if owner and os.geteuid() == 0:
        try:
            shutil.chown(partial, "root", pwd.getpwnam(owner).pw_gid)
        except KeyError:  # made on another machine than the mail host; the how-to says whose the files are
            partial.chmod(0o600)
    partial.replace(file)
    return file
