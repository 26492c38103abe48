"""`python -m deploy.trial many-machines`: brings it up, breaks it, compares; ends with 1 when anything acknowledged is lost."""

import argparse
import random
import signal
import sys

from deploy.trial import many_machines


def main() -> None:
    """Run one trial and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trial", choices=["many-machines"])
    parser.add_argument("--seconds", type=float, default=40.0, help="of load; the primary dies in the middle")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", action="store_true", help="leave folders and logs where they are")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit("stopped"))
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    found = many_machines.run(seconds=options.seconds, seed=seed, keep=options.keep)
    print(many_machines.told({"seed": seed, **found}))
    raise SystemExit(0 if many_machines.is_clean(found) else 1)


if __name__ == "__main__":
    main()
