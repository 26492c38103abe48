"""`python -m faults`: load, kill, compare. `--profile ci` is the step of every landing, `long` the long run.

`--controls` takes one safeguard away at a time: then the comparison must find what is lost.
"""

import argparse
import json
import random
import signal
import sys
from dataclasses import replace

from faults import controls, report
from faults.course import FAULTS, PROFILES
from faults.place import ROOT
from faults.run import is_clean, run, stage


def main() -> None:
    """Prepare, load, kill, compare, report; ends with 1 when anything is lost, doubled or halved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", choices=list(PROFILES), default="small")
    parser.add_argument("--seed", type=int, default=None, help="the same seed draws the same operations and kills")
    parser.add_argument("--seconds", type=float, help="that a quiet machine may take")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--operations", type=int, help="acknowledged ones to reach")
    parser.add_argument("--without", action="append", choices=FAULTS, help="where the machine does not allow it")
    parser.add_argument("--controls", action="store_true", help="the negative controls, which must turn red")
    parser.add_argument("--only", choices=list(controls.CONTROLS), help="one of the controls")
    parser.add_argument("--keep", action="store_true", help="leave the installation and the logs where they are")
    options = parser.parse_args()
    profile = PROFILES[options.profile]
    given = {
        name: getattr(options, name)
        for name in ("seconds", "kills", "operations")
        if getattr(options, name) is not None
    }
    profile = replace(profile, without=tuple(options.without or ()), **given)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit("stopped"))
    if options.controls:
        raise SystemExit(0 if controls.run_all(seed=seed, only=options.only, keep=options.keep) else 1)
    with stage(profile, seed=seed, keep=options.keep) as staged:
        found = run(staged, profile, seed=seed)
    report.write(found, ROOT / "var" / "faults")
    print(report.table(found))
    if not is_clean(found):
        print(
            json.dumps(
                {k: found[k] for k in ("findings", "answered_differently", "wrong", "short", "rare")},
                ensure_ascii=False,
                indent=1,
            )
        )
        raise SystemExit(1)


if __name__ == "__main__":
    main()
