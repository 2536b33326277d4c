#!/usr/bin/env python3
"""Holds the golden vectors against the specification, without any of the code that wireproof itself runs.

    check.py [--self-test] [DIR]       DIR holds the vectors (default: the folder of this file)

Computes each expected value and each permitted alternative again, and looks at what a vector says about itself: its
result, its offsets, its requirements, its id; at the counts of version.json; and at the checksums. Prints, for each
area, how many vectors were computed again of how many there are, and every disagreement; exits 1 on a disagreement, 2
when the vectors cannot be read, 1 also when an area has less than 90 % computed again.

With --self-test the vectors are corrupted in every way that a mistake could corrupt them, and each kind of corruption is
listed with how many of its instances were noticed, by the rules alone and with the checksums; at least 99 % of each kind
have to be noticed.
"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from checker import suite as suites  # noqa: E402
from checker import selftest, verdict  # noqa: E402


def report(suite):
    totals, bad = {}, 0
    for fault in suites.faults(suite):
        bad += 1
        print(fault)
    for area, operation, test in suite.tests():
        total = totals.setdefault(area, [0, 0])
        total[1] += 1
        total[0] += verdict.is_computed(operation)
        for fault in verdict.faults(operation, test, suite.catalogue):
            bad += 1
            print(f"{test.get('id')}: {fault}")
    for area, (done, all_of_it) in totals.items():
        print(f"{area:<14}{done:>6} of {all_of_it:>5} computed again ({100 * done / all_of_it:.1f} %)")
        bad += done < 0.9 * all_of_it
    done, all_of_it = (sum(total[n] for total in totals.values()) for n in (0, 1))
    print(f"{'all':<14}{done:>6} of {all_of_it:>5} computed again, {bad} disagreements")
    return 1 if bad or not all_of_it else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    parser.add_argument("--self-test", action="store_true", help="corrupt the vectors; it must be noticed")
    asked = parser.parse_args()
    try:
        suite = suites.Suite.load(asked.dir)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"{asked.dir}: cannot read the vectors: {error}", file=sys.stderr)
        return 2
    if not suite.files:
        print(f"{asked.dir}: no vectors here", file=sys.stderr)
        return 2
    return selftest.run(suite) if asked.self_test else report(suite)


if __name__ == "__main__":
    sys.exit(main())
