"""`python -m deploy.trial one-machine|many-machines`: brings it up, breaks it, compares; 1 when a promise is broken."""

import argparse
import random
import signal
import sys

from deploy.trial import many_machines, one_machine


def main() -> None:
    """Run one trial and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trial", choices=["one-machine", "many-machines"])
    parser.add_argument("--seconds", type=float, default=40.0, help="of load; the primary dies in the middle")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--control", action="store_true", help="many machines, the safeguard taken away: must turn red")
    parser.add_argument("--keep", action="store_true", help="leave folders and logs where they are")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit("stopped"))
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    if options.trial == "one-machine":
        looked = one_machine.run(seed=seed, keep=options.keep)
        print(one_machine.told(looked))
        raise SystemExit(1 if looked["wrong"] else 0)
    found = many_machines.run(seconds=options.seconds, seed=seed, keep=options.keep, control=options.control)
    print(many_machines.told({"seed": seed, **found}))
    raise SystemExit(0 if many_machines.is_clean(found) else 1)


if __name__ == "__main__":
    main()
