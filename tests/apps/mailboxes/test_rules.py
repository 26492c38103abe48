"""Addresses, audiences, passwords, what a closed box answers, scripts, the configuration: all of it without a database."""

import re
from datetime import date
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.world import CONTENT
from tinhso.apps.directory.enums import PostRank
from tinhso.apps.mailboxes import content, rules
from tinhso.apps.mailboxes.data import MailServerSilent, StaffPost
from tinhso.apps.mailboxes.enums import SenderRule
from tinhso.apps.mailboxes.providers.debian import read_letter
from tinhso.config.mail_servers import Plan, write

KNOWN = content.load(CONTENT)
NAMES = st.text(
    alphabet=st.sampled_from("NguyễnThịĐặngÂuÝÔngƯơng abcdwz'-.’ạọ ĐỗØ\u0301\u0323名"), min_size=1, max_size=90
)
TAGS = st.from_regex(r"[a-z0-9]{1,30}", fullmatch=True)


def test_content_is_right() -> None:
    assert content.check(CONTENT) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('person: "{initials}{given}{n}-{unit}"', 'person: "{given}-{unit}"', "person: mẫu địa chỉ cần có {n}"),
        ("forward_days: 90", "forward_days: 900", "closed: thời gian chuyển tiếp dài hơn"),
        ('address: "vanthu{n}-{unit}"', 'address: "{given}{n}"', "clerk: mẫu địa chỉ của đơn vị không có {given}"),
        ("    posts: [clerk]\n    roles: [clerk]\n", "", "clerk: cần nêu posts hoặc roles"),
        ("key: leaders", "key: clerk", "hai mục cùng khóa"),
        ("senders: members", "senders: friends", "'friends' is not one of"),
    ],
)
def test_wrong_content_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (CONTENT / content.FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "mail").mkdir()
    (tmp_path / content.FILE).write_text(text.replace(old, new), encoding="utf-8")
    assert any(told in problem for problem in content.check(tmp_path)), content.check(tmp_path)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Nguyễn Văn An", "nvan-sxd"),
        ("Đặng Thị Ánh Ngọc", "dtangoc-sxd"),
        ("Y Blô Niê", "ybnie-sxd"),
        ("Hường", "huong-sxd"),
        ("O'Brien Đỗ", "obdo-sxd"),
    ],
)
def test_addresses_as_people_expect_them(name: str, first: str) -> None:
    values = {**rules.name_parts(name), "unit": "sxd"}
    assert next(rules.candidates(KNOWN.person, values, rules=KNOWN)) == f"{first}@{KNOWN.domain}"


@given(name=NAMES, tag=TAGS)
def test_every_name_has_addresses_all_different_and_valid(name: str, tag: str) -> None:
    values = {**rules.name_parts(name), "unit": tag}
    some = list(islice(rules.candidates(KNOWN.person, values, rules=KNOWN), 30))
    assert len(set(some)) == 30
    for address in some:
        assert rules.address_problem(address) == ""
        assert len(address.split("@")[0]) <= rules.LONGEST_LOCAL
        assert address.split("@")[0] not in KNOWN.reserved


@given(name=NAMES)
def test_the_mark_of_a_name_does_not_change_the_address(name: str) -> None:
    import unicodedata

    folded = unicodedata.normalize("NFD", name)
    assert rules.name_parts(folded) == rules.name_parts(unicodedata.normalize("NFC", name))


def test_agencies_are_named_in_short() -> None:
    def tag(path: str, name: str, short: str, *, territory: bool) -> str:
        return rules.unit_tag(path, name, short, is_territory=territory, known=KNOWN.units)

    assert tag("x/y", "Sở Xây dựng", "Sở Xây dựng", territory=False) == "sxd"
    assert tag("x/y", "Phường Cẩm Thành", "Cẩm Thành", territory=True) == "camthanh"
    assert tag("x/y", "Phường 2", "Phường 2", territory=True) == "phuong2"
    assert tag("quang-ngai", "Tỉnh Quảng Ngãi", "Quảng Ngãi", territory=True) == "ubnd"


@pytest.mark.parametrize(
    "address", ["a", "a@b", "a b@c.vn", "a@c..vn", "á@c.vn", "a@c.vn\nb@d.vn", "a..b@c.vn", "@c.vn", "a,b@c.vn"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert rules.address_problem(address)


def test_official_is_by_whole_domain() -> None:
    assert rules.is_official(f"a@{KNOWN.domain}", KNOWN)
    assert rules.is_official("a@moha.gov.vn", KNOWN)
    assert not rules.is_official("a@notgov.vn", KNOWN)
    assert not rules.is_official("a@gov.vn.example.org", KNOWN)


def _post(staff: int, rank: PostRank, *, agency: int = 1, unit: int = 1, key: str = "x") -> StaffPost:
    return StaffPost(staff, f"Người {staff}", unit, agency, key, rank)


@given(st.permutations([(PostRank.OFFICER, 5), (PostRank.LEADER, 9), (PostRank.LEADER, 3), (PostRank.HEAD, 1)]))
def test_one_box_of_the_highest_post_whatever_the_order(held: list[tuple[PostRank, int]]) -> None:
    wanted = rules.wanted_people(_post(1, rank, agency=agency) for rank, agency in held)
    assert [(one.staff_id, one.agency_id) for one in wanted.values()] == [(1, 3)]


def test_who_stands_on_lists_and_may_write() -> None:
    posts = [_post(1, PostRank.LEADER), _post(2, PostRank.HEAD), _post(3, PostRank.OFFICER, key="one_stop_officer")]
    by_key = {rule.key: rule for rule in KNOWN.lists}

    def audience(key: str, senders: SenderRule, roles: frozenset[int] = frozenset()) -> tuple[set[int], set[int]]:
        found = rules.audience_of(by_key[key], senders, posts, agency_posts=posts, with_roles=roles)
        return set(found.members), set(found.writers)

    assert audience("all", SenderRule.MEMBERS) == ({1, 2, 3}, {1, 2, 3})
    assert audience("all", SenderRule.LEADERS) == ({1, 2, 3}, {1})
    assert audience("leaders", SenderRule.OFFICIALS) == ({1}, set())
    assert audience("one_stop", SenderRule.MEMBERS, frozenset({2})) == ({2, 3}, {1, 2, 3})


def test_passwords_are_long_different_and_kept_as_the_server_asks() -> None:
    some = {rules.new_password() for _ in range(50)}
    assert len(some) == 50
    assert all(re.fullmatch(r"([a-hj-km-np-z2-9]{4}-){4}[a-hj-km-np-z2-9]{4}", one) for one in some)
    assert rules.password_digest("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


@given(text=st.text(max_size=200), subject=st.text(max_size=80))
def test_words_of_a_person_never_leave_their_string_in_a_script(text: str, subject: str) -> None:
    script = rules.absence_script(
        subject=subject, text=text, addresses=["a@b.vn"], first_day=date(2026, 1, 1), last_day=date(2026, 1, 2)
    )
    outside = re.sub(r'"(?:[^"\\]|\\["\\])*"', '""', script, flags=re.DOTALL)
    assert outside.count("vacation") == 1
    assert '"' not in outside.replace('""', "")
    assert outside.rstrip().endswith("}")


def test_closed_box_answers_in_ascii() -> None:
    said = rules.closed_reply("an@b.vn", unit_name="Sở Xây dựng", shared="vanthu@b.vn")
    assert said == "550 5.2.1 Hop thu an@b.vn da dong. Vui long gui toi vanthu@b.vn. / Mailbox closed. So Xay Dung"


def test_line_of_the_queue_is_read_or_told() -> None:
    line = (
        '{"queue_name": "deferred", "queue_id": "4jX", "arrival_time": 1763863200, "message_size": 9, "sender": "a@b.vn",'
        ' "recipients": [{"address": "c@d.vn", "delay_reason": "timed out"}]}'
    )
    found = read_letter(line)
    assert (found.queue_id, found.recipients, found.reason) == ("4jX", ("c@d.vn",), "timed out")
    with pytest.raises(MailServerSilent):
        read_letter("{}")


def test_configuration_is_whole_and_keeps_its_secrets(tmp_path: Path) -> None:
    plan = Plan(
        out=tmp_path, hostname="mail.tinh.vn", database_url="postgresql://tinhso_mail:b%C3%AD@db:5433/tinhso",
        certificate="/c", key="/k", doveadm_key="khoa", oauth=True,
    )  # fmt: skip
    made = write(plan, KNOWN)
    for file in made:
        text = file.read_text(encoding="utf-8")
        assert re.findall(r"@[a-z_]+@", text) == [], file
        if "password = " in text or "password=" in text or "khoa" in text:
            assert file.stat().st_mode & 0o007 == 0, f"{file} may be read by everybody"
    main = (tmp_path / "postfix" / "main.cf").read_text()
    assert f"virtual_mailbox_domains = {KNOWN.domain}" in main
    assert "hosts = db:5433\nuser = tinhso_mail\npassword = bí\ndbname = tinhso" in (
        tmp_path / "postfix" / "pgsql" / "box.cf"
    ).read_text(encoding="utf-8")
    assert "v=DMARC1" in (tmp_path / "DNS.txt").read_text()
    assert write(plan, KNOWN) == made


@pytest.fixture
def policy() -> ModuleType:
    """The program that Postfix runs, which imports nothing of ours."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("list_policy", CONTENT.parent / "deploy" / "mail" / "postfix" / "list_policy.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_list_policy_reads_questions_and_refuses_who_has_not_signed_in(policy: ModuleType) -> None:
    lines = ["request=x\n", "sender=A@b.vn\n", "sasl_username=\n", "recipient=l@b.vn\n", "\n", "\n", "sender=\n", "\n"]
    first, second = policy.questions(lines)
    assert (first["sender"], second) == ("A@b.vn", {"sender": ""})
    assert policy.answer(first, "/nowhere") == policy.REFUSED
