"""The signed facts in the QR of a paper: what was signed is read, and nothing altered is."""

import random
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.papers import CONTENT, letter_data
from tinhso.apps.documents.content import load_letters
from tinhso.apps.signatures import queries
from tinhso.apps.signatures.data import PaperClaim
from tinhso.apps.signatures.providers import paperkeys
from tinhso.apps.signatures.rules import papercode
from tinhso.kernel import clock
from tinhso.lib.qr import qr_svg
from tinhso.lib.typesetting import typeset

CODE = "7f3kq2md9xwa0123bcde"
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
CLAIM = queries.paper_claim(
    code=CODE, kind="Giấy phép xây dựng", number="15/GPXD-UBND", issued_on=date(2026, 11, 22),
    issuer="Ủy ban nhân dân phường Cẩm Thành", holder="Nguyễn Thị Đào",
)  # fmt: skip
PAYLOAD = papercode.build(CLAIM, public_key=PUBLIC, sign=KEY.sign)


def test_what_was_signed_is_read() -> None:
    assert papercode.read(CODE, PAYLOAD, public_key=PUBLIC) == CLAIM
    assert CLAIM.holder == "N. T. Đào"
    assert "Nguyễn".encode() not in papercode._raw(PAYLOAD)  # type: ignore[operator]  # it is readable


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=120), min_size=4, max_size=4),
    on=st.none() | st.dates(date(2000, 1, 2), date(2099, 1, 1)),
)
def test_any_facts_go_through(texts: list[str], on: date | None) -> None:
    claim = PaperClaim(CODE, texts[0], texts[1], on, texts[2], texts[3], bytes(12))
    read = papercode.read(CODE, papercode.build(claim, public_key=PUBLIC, sign=KEY.sign), public_key=PUBLIC)
    assert read is not None
    assert (read.issued_on, read.code) == (on, CODE)
    for was, now in zip(texts, (read.kind, read.number, read.issuer, read.holder), strict=True):
        assert now == was or (now.endswith("…") and was.startswith(now[:-1]))


@pytest.mark.sweep
def test_ten_thousand_altered_payloads_are_refused() -> None:
    """Every letter changed into every other kind of letter, letters left out, doubled, swapped, the end cut or added to."""
    rolled = random.Random(7)  # noqa: S311 - the same alterations every time
    altered: set[str] = set()
    for position, letter in enumerate(PAYLOAD):
        altered |= {
            PAYLOAD[:position] + other + PAYLOAD[position + 1 :]
            for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            if other != letter
        }
        altered.add(PAYLOAD[:position] + PAYLOAD[position + 1 :])
        altered.add(PAYLOAD[:position] + letter + PAYLOAD[position:])
        altered.add(PAYLOAD[:position])
    while len(altered) < 12_000:
        one, two = sorted(rolled.sample(range(len(PAYLOAD)), 2))
        altered.add(PAYLOAD[:one] + PAYLOAD[two] + PAYLOAD[one + 1 : two] + PAYLOAD[one] + PAYLOAD[two + 1 :])
    altered.discard(PAYLOAD)
    assert len(altered) >= 10_000
    assert [one for one in altered if papercode.read(CODE, one, public_key=PUBLIC) is not None] == []


def test_another_key_and_another_code_are_refused() -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert papercode.read(CODE, PAYLOAD, public_key=other) is None
    assert papercode.read("0" + CODE[1:], PAYLOAD, public_key=PUBLIC) is None
    assert papercode.read("../../etc/passwd", PAYLOAD, public_key=PUBLIC) is None


@pytest.mark.parametrize("name", ["NGUYỄN THỊ ĐÀO", "nguyen  thi dao", "Nguyễn Thị Đào"])
def test_the_name_is_compared_in_any_spelling(name: str) -> None:
    assert papercode.name_mark(CODE, name) == CLAIM.name_mark
    assert papercode.name_mark(CODE, "Nguyễn Thị Đài") != CLAIM.name_mark


def test_keys_follow_each_other_and_old_papers_stay_checkable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "DATA_DIR", tmp_path)
    assert queries.paper_address(CLAIM, base_url="https://a.example") == f"https://a.example/kiem-tra/{CODE}"
    at = clock.now()
    first = paperkeys.create(queries.keys_folder(), at=at)
    address = queries.paper_address(CLAIM, base_url="https://a.example")
    assert address.startswith(f"HTTPS://A.EXAMPLE/KT/{CODE.upper()}/")
    payload = address.rsplit("/", 1)[1]
    assert papercode.key_of(payload) == first.id
    paperkeys._read_all.cache_clear()
    second = paperkeys.create(queries.keys_folder(), at=at.replace(year=at.year + 1))
    paperkeys._read_all.cache_clear()
    assert [(key.id, key.until) for key in queries.list_paper_keys()] == [(first.id, second.since), (second.id, None)]
    assert queries.read_paper_address(CODE.upper(), payload) == CLAIM
    assert papercode.key_of(queries.paper_address(CLAIM, base_url="https://a.example").rsplit("/", 1)[1]) == second.id


def test_a_printed_paper_can_be_scanned() -> None:
    """The whole way: typeset, drawn as a printer would at 200 dots an inch, read by a reader of codes."""
    import pypdfium2
    import zxingcpp

    address = f"HTTPS://DICHVUCONG.QUANGNGAI.GOV.VN/KT/{CODE.upper()}/{PAYLOAD}"
    form = load_letters(CONTENT)["refusal"]
    data = {**letter_data("refusal"), "form": form.form_line, "qr_svg": qr_svg(address)}
    page = pypdfium2.PdfDocument(typeset(template=form.template, data=data, root=CONTENT))[0]
    picture = page.render(scale=200 / 72).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [address]
