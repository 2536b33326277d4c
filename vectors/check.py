#!/usr/bin/env python3
"""Computes the expected values of the golden vectors again, without any of the code that wireproof itself runs.

    check.py [--self-test] [DIR]       DIR holds the vectors (default: the folder of this file)

Prints, for each area, how many vectors were computed again of how many there are, and every disagreement; exits 1 on
a disagreement, 2 when the vectors cannot be read, 1 also when an area has less than 90 % computed again. With --self-test
each expected value is altered in turn, and the checker must notice at least 99 % of the alterations.
"""
import argparse
import copy
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from checker import OPERATIONS, deflate, frame  # noqa: E402
from checker.fault import Fault  # noqa: E402

NOT_VECTORS = {"requirements.json", "schema.json", "adapter.schema.json", "report.schema.json",
               "requirements.schema.json", "version.json"}


def load(folder):
    """(area, operation, test) of every vector."""
    for path in sorted(folder.glob("*.json")):
        if path.name in NOT_VECTORS or path.name.endswith(".schema.json"):
            continue
        file = json.loads(path.read_text(encoding="utf-8"))
        for group in file["groups"]:
            for test in group["tests"]:
                yield file["area"], group["operation"], test


def computed(operation, asked):
    """The answer of the checker's own implementation."""
    try:
        return {"output": OPERATIONS[operation](asked)}
    except Fault as fault:
        return {"error": fault.code, "offset": fault.offset, "index": fault.index}


def agrees(operation, test, answer):
    """Whether what the vector expects, strictly, is what was computed."""
    if operation == "deflate.compress":
        return "output" in test and deflate.compressed_rightly(test["input"], test["output"])
    if "output" in test:
        if operation == "handshake.respond" and "output" in answer:
            return respond_agrees(test["output"], answer["output"])
        return identical(test["output"], answer.get("output"))
    members = ("error", *(name for name in ("offset", "index") if name in test))
    return all(identical(test.get(name), answer.get(name)) for name in members)


def identical(one, other):
    """Equality that tells 1 from True and 1.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def respond_agrees(expected, got):
    """A refusal's reason is for people: only whether there is one counts."""
    return (expected["status"] == got["status"] and identical(expected["headers"], got["headers"])
            and (expected.get("reject") is None) == (got["reject"] is None))


def alternative_agrees(operation, test, alternative):
    """Whether an alternative is one that the rules permit; None where that cannot be computed."""
    if operation == "frame.decode" and "output" in alternative and test.get("error") == "trailing-bytes":
        return identical(alternative["output"], frame.decode(test["input"], lenient=True))
    return None


def check(operation, test):
    """The faults of one vector, None when its operation is not computed here."""
    if operation not in OPERATIONS and operation != "deflate.compress":
        return None
    answer = computed(operation, test["input"]) if operation in OPERATIONS else {}
    faults = []
    if not agrees(operation, test, answer):
        faults.append(f"computed {json.dumps(answer)[:300]}")
    for alternative in test.get("alternatives", []):
        if alternative_agrees(operation, test, alternative) is False:
            faults.append("an alternative that the rules do not permit")
    if test["result"] == "invalid" and shows_violation(operation, test.get("output")) is False:
        faults.append("result is invalid, but neither an error nor a violation is expected")
    if test["result"] == "valid" and ("error" in test or shows_violation(operation, test["output"])):
        faults.append("result is valid, but an error or a violation is expected")
    return faults


def shows_violation(operation, output):
    """Whether an output (None: an error was expected) says that something was violated; None for operations that say it in ways of their own."""
    if output is None:
        return True
    if operation in ("ws.decode", "frame.stream"):
        return output["violation"] is not None
    if operation == "handshake.respond":
        return output["status"] != 101
    return None if operation in ("rpc.timeline", "deflate.negotiate") else False


def report(vectors):
    totals, bad = {}, 0
    for area, operation, test in vectors:
        total = totals.setdefault(area, [0, 0])
        total[1] += 1
        faults = check(operation, test)
        if faults is None:
            continue
        total[0] += 1
        for fault in faults:
            bad += 1
            print(f"{test['id']}: {fault}; the vector expects {json.dumps(expected_of(test))[:300]}")
    for area, (done, all_of_it) in totals.items():
        print(f"{area:<14}{done:>6} of {all_of_it:>5} computed again ({100 * done / all_of_it:.1f} %)")
        bad += done < 0.9 * all_of_it
    done, all_of_it = (sum(total[n] for total in totals.values()) for n in (0, 1))
    print(f"{'all':<14}{done:>6} of {all_of_it:>5} computed again, {bad} disagreements")
    return 1 if bad or not all_of_it else 0


def expected_of(test):
    return {name: test[name] for name in ("output", "error", "offset", "index") if name in test}


# The self-test

def leaves(value, path=()):
    """The paths of every value in it that is no container, and of empty containers."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from leaves(member, (*path, key))
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            yield from leaves(member, (*path, index))
    else:
        yield path


def altered(value):
    """Another value of the same kind: a bit, a digit or a unit away."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return 0
    if isinstance(value, str):
        if not value:
            return "00"
        middle = len(value) // 2
        return value[:middle] + ("1" if value[middle] != "1" else "0") + value[middle + 1:]
    return [0] if isinstance(value, list) else {"unexpected": 0}


def with_alteration(test, path):
    changed = copy.deepcopy(test)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = altered(place[path[-1]])
    return changed


def self_test(vectors):
    tried = noticed = 0
    missed = []
    for _, operation, test in vectors:
        if check(operation, test) != []:
            continue
        for name in expected_of(test):
            for path in leaves(test[name], (name,)):
                if operation == "handshake.respond" and path[-1] == "reject" and test["output"]["reject"] is not None:
                    continue  # for people, not compared
                tried += 1
                if notices(operation, with_alteration(test, path)):
                    noticed += 1
                else:
                    missed.append(f"{test['id']}: {'.'.join(map(str, path))}")
    for line in missed[:20]:
        print(f"not noticed: {line}")
    share = 100 * noticed / tried if tried else 0
    print(f"self-test: {noticed} of {tried} alterations noticed ({share:.2f} %)")
    return 0 if share >= 99 else 1


def notices(operation, test):
    try:
        return bool(check(operation, test))
    except (AttributeError, KeyError, TypeError, ValueError):
        return True  # an expected value of another shape than the operation's


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    parser.add_argument("--self-test", action="store_true", help="alter each expected value; all must be noticed")
    asked = parser.parse_args()
    try:
        vectors = list(load(asked.dir))
    except (OSError, ValueError, KeyError) as error:
        print(f"{asked.dir}: cannot read the vectors: {error}", file=sys.stderr)
        return 2
    if not vectors:
        print(f"{asked.dir}: no vectors here", file=sys.stderr)
        return 2
    return self_test(vectors) if asked.self_test else report(vectors)


if __name__ == "__main__":
    sys.exit(main())
