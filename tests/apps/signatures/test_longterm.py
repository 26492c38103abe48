"""Evidence appended to a sealed paper: accepted by our own check and by two strangers', and nothing signed is touched."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from tests.factories.papers import pdfa_problems
from tests.factories.signatures import AT, World, change_title, changed
from tinhso.apps.signatures.rules import longterm, stamping
from tinhso.apps.signatures.rules.longterm import Evidence
from tinhso.apps.signatures.rules.paper import PaperError
from tinhso.apps.signatures.rules.verification import Trust, verify
from tinhso.simulators import trust
from tinhso.simulators.trust import stamps


@pytest.fixture(scope="module")
def authority() -> trust.Authority:
    return trust.Authority()


def ask(authority: trust.Authority, at: datetime = AT):  # type: ignore[no-untyped-def]
    return lambda query: stamps.answer(query, authority=authority, at=at.astimezone(UTC))


def believed(world: World, authority: trust.Authority, *, fetched: datetime | None = None) -> Trust:
    """Without lists of the installation the file has to speak for itself; `fetched`: the authority's list of that day."""
    root = authority.root.public_bytes(serialization.Encoding.PEM)
    lists = (authority.revocation_list(fetched.astimezone(UTC)),) if fetched else ()
    return Trust(roots=world.trust.roots + b"\n" + root, revocation_lists=lists)


@pytest.fixture(scope="module")
def evidenced(world: World, authority: trust.Authority) -> bytes:
    """B-LT: stamped, with the lists of both authorities inside."""
    stamped, _ = stamping.put_stamp(world.sealed, ask(authority)(stamping.stamp_query(world.sealed)))
    chains = longterm.chains(stamped, known=world.trust.roots)
    lists = (*world.trust.revocation_lists, authority.revocation_list(AT.astimezone(UTC)))
    return longterm.add_evidence(
        stamped, Evidence(tuple(one for chain in chains for one in chain.certificates), lists=lists)
    )


@pytest.fixture(scope="module")
def archived(evidenced: bytes, authority: trust.Authority) -> bytes:
    return longterm.put_document_stamp(evidenced, ask(authority, AT + timedelta(minutes=1)))[0]


def test_chains_name_signer_seal_and_stamp(world: World, authority: trust.Authority, evidenced: bytes) -> None:
    found = longterm.chains(evidenced, known=world.trust.roots)
    assert [chain.kind for chain in found] == ["signer", "signer", "stamp"]
    assert all(len(chain.certificates) >= 2 for chain in found)


def test_evidence_is_accepted_and_makes_the_file_speak_for_itself(
    world: World, authority: trust.Authority, evidenced: bytes
) -> None:
    verdict = verify(evidenced, trust=believed(world, authority), at=AT + timedelta(days=1))
    assert verdict.ok, verdict.sentences
    assert verdict.sealed
    assert all(fact.revocation_checked for fact in verdict.signatures)
    assert longterm.has_evidence(evidenced)
    assert pdfa_problems(evidenced) == []


def test_the_archive_stamp_is_accepted_and_renewed(
    world: World, authority: trust.Authority, evidenced: bytes, archived: bytes
) -> None:
    assert archived.startswith(evidenced)
    verdict = verify(archived, trust=believed(world, authority), at=AT + timedelta(days=1))
    assert verdict.ok, verdict.sentences
    assert (verdict.sealed, [stamp.trusted for stamp in verdict.stamps]) == (True, [True])
    ends = longterm.stamp_ends(archived)
    assert ends is not None
    assert ends > AT
    fresh = Evidence(lists=(authority.revocation_list((AT + timedelta(days=30)).astimezone(UTC)),))
    renewed, attests, _ = longterm.put_document_stamp(
        longterm.add_evidence(archived, fresh), ask(authority, AT + timedelta(days=30))
    )
    assert attests == (AT + timedelta(days=30)).replace(microsecond=0)
    now = AT + timedelta(days=31)
    verdict = verify(renewed, trust=believed(world, authority, fetched=now), at=now)
    assert verdict.ok, verdict.sentences
    assert len(verdict.stamps) == 2


def test_an_archived_paper_outlives_its_signers(world: World, authority: trust.Authority, archived: bytes) -> None:
    """Two years on the signers' certificates have ended; the stamps prove the paper was signed before."""
    later = AT + timedelta(days=760)
    assert verify(archived, trust=believed(world, authority, fetched=later), at=later).ok
    assert not verify(world.sealed, trust=believed(world, authority, fetched=later), at=later).ok


def test_anything_more_is_still_refused(world: World, authority: trust.Authority, archived: bytes) -> None:
    verdict = verify(changed(archived, change_title), trust=believed(world, authority), at=AT + timedelta(days=1))
    assert (verdict.ok, verdict.outcome) == (False, "changed")


def test_answers_that_are_no_stamp_are_refused(evidenced: bytes, authority: trust.Authority) -> None:
    other = ask(authority)(stamping.stamp_query(evidenced)) if not stamping.is_stamped(evidenced) else b"\x30\x00"
    for answer in (b"", b"nonsense", other):
        with pytest.raises(PaperError):
            longterm.put_document_stamp(evidenced, lambda _query, given=answer: given)


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="pdfsig is absent; apt-get install poppler-utils")
def test_poppler_sees_whole_signatures(archived: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(archived)
    told = subprocess.run(
        ["pdfsig", "-nocert", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stdout
    assert told.count("Signature is Valid.") >= 2, told
