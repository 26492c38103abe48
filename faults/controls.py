"""Negative controls: a test that cannot turn red proves nothing. Each takes one safeguard away and must be found out."""

import sys
from dataclasses import dataclass

from faults import report
from faults.run import Profile, run, stage


@dataclass(frozen=True)
class Control:
    """A safeguard, what is done to the product without it, and where the comparison must find the harm."""

    profile: Profile
    words: tuple[str, ...]
    settings: tuple[str, ...] = ()


_DATABASE, _WEB = {"whole database": 1}, {"web worker": 1}
CONTROLS = {
    # Commits that wait for no disk: what was acknowledged in the last moments before a kill is gone.
    "synchronous_commit": Control(
        Profile(kills=6, operations=None, seconds=40, broken=0.0, weights=_DATABASE), ("lost", "orphan"),
        ("synchronous_commit = off", "wal_writer_delay = '10s'"),
    ),
    # Jobs queued after the commit: whoever is killed in between leaves a change that nobody follows up.
    "job_after_commit": Control(
        Profile(kills=25, operations=None, seconds=40, broken=0.0, weights=_WEB, sabotage="job_after_commit"),
        ("orphan",),
    ),
    # A key that is not looked at: an answer that was cut off is asked for again, and done again.
    "key_ignored": Control(
        Profile(kills=1, operations=None, seconds=25, broken=0.05, weights=_WEB, sabotage="key_ignored"), ("dup",)
    ),
    # An answer before the commit: whoever is killed in between has promised what is not there.
    "ack_before_commit": Control(
        Profile(kills=25, operations=None, seconds=40, broken=0.0, weights=_WEB, sabotage="ack_before_commit",
                officers=0, citizens=0),
        ("lost",),
    ),
}  # fmt: skip


def run_all(*, seed: int, only: str | None = None, keep: bool = False) -> bool:
    """Every control; whether all of them turned red where they must."""
    good = True
    for name, control in CONTROLS.items():
        if only and name != only:
            continue
        with stage(control.profile, seed=seed, keep=keep) as staged:
            if control.settings:
                staged.place.configure(control.settings)
            found = run(staged, control.profile, seed=seed)
        red = any(found[word] for word in control.words)
        good &= red
        print(report.table(found), file=sys.stderr)
        harm = ", ".join(f"{found[word]} {word}" for word in ("lost", "dup", "orphan"))
        print(f"{'found out' if red else 'NOT FOUND OUT'}: {name} ({harm}; {found['acknowledged_total']} acknowledged)")
    return good
