"""Negative controls: a test that cannot turn red proves nothing. Each takes one safeguard away and must be found out."""

import sys
from dataclasses import dataclass

from faults import report
from faults.course import Profile
from faults.run import run, stage
from faults.verdict import JOBLESS


@dataclass(frozen=True)
class Control:
    """A safeguard, what is done to the product without it, and the findings that its absence explains.

    Only those count: any other finding would be a fault of the product or of the comparison, and proves nothing of this one.
    """

    profile: Profile
    explains: tuple[str, ...]
    settings: tuple[str, ...] = ()

    def found_in(self, reasons: dict[str, int]) -> int:
        """How many findings the missing safeguard explains."""
        return sum(number for reason, number in reasons.items() if reason.startswith(self.explains))


UNFLUSHED = "UNFLUSHED"
_DATABASE, _WEB = {"whole database": 1}, {"web worker": 1}
CONTROLS = {
    # Commits that wait for no disk: what was acknowledged in the last moments before a kill is gone. Without exchanges: their
    # journal asks for the disk whatever the server is set to, and takes along what others have written.
    "synchronous_commit": Control(
        Profile(kills=6, operations=None, seconds=40, broken=0.0, weights=_DATABASE, exchangers=0), ("LOST ",),
        ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'"),
    ),
    # Changes that are handed to the kernel and not to the disk: no kill can show it, only the count of flushes.
    "fsync": Control(Profile(kills=0, operations=200, seconds=20, broken=0.0), (UNFLUSHED,), ("fsync = off",)),
    # Jobs queued after the commit: whoever is killed in between leaves a change that nobody follows up.
    "job_after_commit": Control(
        Profile(kills=25, operations=None, seconds=40, broken=0.0, weights=_WEB, sabotage="job_after_commit"),
        (f"ORPHAN {JOBLESS}",),
    ),
    # A key that is not looked at: an answer that was cut off is asked for again, and done again.
    "key_ignored": Control(
        Profile(kills=1, operations=None, seconds=25, broken=0.05, weights=_WEB, sabotage="key_ignored"),
        ("DUP submit", "DUP message"),
    ),
    # An answer before the commit: whoever is killed in between has promised what is not there.
    "ack_before_commit": Control(
        Profile(kills=25, operations=None, seconds=40, broken=0.0, weights=_WEB, sabotage="ack_before_commit",
                officers=0, citizens=0),
        ("LOST ",),
    ),
}  # fmt: skip


def run_all(*, seed: int, only: str | None = None, keep: bool = False) -> bool:
    """Every control; whether all of them turned red by what the missing safeguard explains."""
    good = True
    for name, control in CONTROLS.items():
        if only and name != only:
            continue
        with stage(control.profile, seed=seed, keep=keep) as staged:
            if control.settings:
                staged.place.configure(control.settings)
            found = run(staged, control.profile, seed=seed)
        reasons = dict(found["reasons"])
        if found["flushed"] < found["flushed_for"]:
            reasons[UNFLUSHED] = found["flushed_for"] - found["flushed"]
        harm = control.found_in(reasons)
        good &= harm > 0
        print(report.table(found), file=sys.stderr)
        print(*(f"wrong: {one}" for one in found["wrong"]), sep="\n", file=sys.stderr)
        told = "; ".join(f"{number} {reason}" for reason, number in sorted(reasons.items())) or "nothing"
        print(
            f"{'found out' if harm else 'NOT FOUND OUT'}: {name} ({told}; {found['acknowledged_total']} acknowledged)"
        )
    return good
