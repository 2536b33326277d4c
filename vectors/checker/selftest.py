"""Corrupts the vectors in every way that a mistake could, and counts what is noticed.

A corruption is noticed by the rules when they find a fault in the vector, or in the suite, that holds without it. It is
noticed by the checksums as well when the canonical text of the vector is another one, since that is what they are over.
"""
import zlib

from . import layout, suite as suites, verdict

ENOUGH = 99.0


def run(suite):
    if problems := [*suites.faults(suite)][:5]:
        print("the vectors are not right to begin with:", *problems, sep="\n  ")
        return 1
    counts = Counts()
    for area, operation, test in suite.tests():
        if verdict.faults(operation, test, suite.catalogue):
            continue
        text = layout.text(test)
        for kind, changed in corruptions(operation, test, suite.catalogue):
            rules = bool(verdict.faults(operation, changed, suite.catalogue))
            counts.add(kind, rules, rules or layout.text(changed) != text, test["id"])
    for kind, changed in suite_corruptions(suite):
        rules = any(True for _ in set_faults(changed))
        counts.add(kind, rules, rules or texts(changed) != texts(suite), "the suite")
    return counts.report()


class Counts:
    def __init__(self):
        self.kinds = {}

    def add(self, kind, by_rules, by_sums, where):
        tried = self.kinds.setdefault(kind, [0, 0, 0, []])
        tried[0] += 1
        tried[1] += by_rules
        tried[2] += by_rules or by_sums
        if not (by_rules or by_sums):
            tried[3].append(where)

    def report(self):
        print(f"{'what was done to a vector':<44}{'times':>7}{'by rules':>11}{'with sums':>11}")
        enough = True
        for kind, (tried, rules, all_of_it, missed) in self.kinds.items():
            shares = [100 * noticed / tried for noticed in (rules, all_of_it)]
            print(f"{kind:<44}{tried:>7}{shares[0]:>9.2f} %{shares[1]:>9.2f} %")
            enough = enough and shares[1] >= ENOUGH
            for where in missed[:3]:
                print(f"  not noticed: {where}")
        tried, rules, noticed = (sum(kind[n] for kind in self.kinds.values()) for n in (0, 1, 2))
        print(f"self-test: {noticed} of {tried} corruptions noticed ({100 * noticed / tried:.2f} %), "
              f"{rules} by the rules alone ({100 * rules / tried:.2f} %)")
        return 0 if enough else 1


# One vector

def corruptions(operation, test, catalogue):
    """(kind, changed vector) for every corruption of a vector."""
    yield from changed_values(operation, test)
    yield from changed_places(test)
    yield from changed_results(test)
    yield from changed_alternatives(test)
    yield from changed_requirements(test, catalogue)
    yield from changed_inputs(test)


def changed_values(operation, test):
    for name in ("output", "error", "offset", "index"):
        if name not in test:
            continue
        for path in leaves(test[name], (name,)):
            if operation == "handshake.respond" and path[-1] == "reject" and test["output"]["reject"] is not None:
                continue  # for people, not compared
            yield "an expected value is altered", with_alteration(test, path)
    for path in containers(test.get("output"), ("output",)):
        yield "a part of the output is left out", without(test, path)


def changed_places(test):
    for name in ("offset", "index"):
        if name in test:
            yield f"its {name} is removed", without(test, (name,))
        elif "error" in test:
            yield f"an {name} is invented", {**test, name: 0}


def changed_results(test):
    for result in {"valid", "invalid", "acceptable"} - {test["result"]}:
        yield f"{test['result']} becomes {result}", {**test, "result": result}
    if test["result"] != "acceptable":
        other = {"verdict": "nonStrict", **opposite(test)}
        yield "a permission is invented", {**test, "result": "acceptable", "alternatives": [other]}
    rest = {name: value for name, value in test.items() if name not in ("output", "error", "offset", "index")}
    turned = {"valid": "invalid", "invalid": "valid"}.get(test["result"], test["result"])
    yield "it is turned into its opposite", {**rest, "result": turned, **opposite(test)}


def opposite(test):
    """An answer that takes what has to be refused, or refuses what has to be taken."""
    return {"output": {}} if "error" in test else {"error": "malformed", "offset": 0}


def changed_alternatives(test):
    listed = test.get("alternatives", [])
    for index, alternative in enumerate(listed):
        for path in leaves(alternative, ("alternatives", index)):
            if path[-1] == "reject":
                continue
            yield "an alternative is altered", with_alteration(test, path)
        yield "an alternative is removed", {**test, "alternatives": listed[:index] + listed[index + 1:]}
        for grade in {"pass", "nonStrict", "informational"} - {alternative["verdict"]}:
            graded = [{**other, "verdict": grade} if other is alternative else other for other in listed]
            yield "an alternative earns another verdict", {**test, "alternatives": graded}
    if listed:
        yield "an alternative is added", {**test, "alternatives": [*listed, {"verdict": "pass", **opposite(test)}]}
        yield "all alternatives are dropped", {
            **{name: value for name, value in test.items() if name != "alternatives"},
            "result": "invalid" if "error" in test else "valid"}


def changed_requirements(test, catalogue):
    """Each requirement replaced by, or joined by, another one, chosen by the vector's id so that each run does the same."""
    names = sorted(set(catalogue) - set(test["requirements"]))
    for index in range(len(test["requirements"])):
        other = names[zlib.crc32(f"{test['id']} {index}".encode()) % len(names)]
        replaced = [*test["requirements"]]
        replaced[index] = other
        yield "a requirement is replaced by another", {**test, "requirements": replaced}
        replaced = [*test["requirements"]]
        replaced[index] += "x"
        yield "a requirement is misspelt", {**test, "requirements": replaced}
    other = names[zlib.crc32(test["id"].encode()) % len(names)]
    yield "a requirement is added", {**test, "requirements": [*test["requirements"], other]}
    yield "all requirements are removed", {**test, "requirements": []}


def changed_inputs(test):
    paths = [path for path in leaves(test["input"], ("input",))]
    if paths:
        path = paths[zlib.crc32(test["id"].encode()) % len(paths)]
        yield "a value of the input is altered", with_alteration(test, path)


def leaves(value, path=()):
    """The paths of every value in it that is no container, and of empty containers."""
    if isinstance(value, (dict, list)) and value:
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(member, (*path, key))
    else:
        yield path


def containers(value, path=()):
    """The paths of every member and element."""
    if isinstance(value, (dict, list)):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            if (*path, key)[-1] != "reject":
                yield (*path, key)
            yield from containers(member, (*path, key))


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


def place_of(test, path):
    """A copy of the vector that shares with it whatever is not on the path, and the place where the path ends."""
    changed = place = dict(test)
    for step in path[:-1]:
        place[step] = dict(place[step]) if isinstance(place[step], dict) else list(place[step])
        place = place[step]
    return changed, place


def with_alteration(test, path):
    changed, place = place_of(test, path)
    place[path[-1]] = altered(place[path[-1]])
    return changed


def without(test, path):
    changed, place = place_of(test, path)
    del place[path[-1]]
    return changed


# The suite

def set_faults(suite):
    yield from suites.id_faults(suite)
    yield from suites.count_faults(suite)
    yield from suites.flag_faults(suite)


def texts(suite):
    return {area: layout.text(file) for area, file in suite.files.items()}


def suite_corruptions(suite):
    """(kind, changed suite) for corruptions that concern more than one vector. A few of each: all are alike."""
    for area, file in suite.files.items():
        yield "a file is removed", altered_suite(suite, area, None)
        for number, group in enumerate(file["groups"]):
            def with_tests(tests):
                groups = [*file["groups"]]
                groups[number] = {**group, "tests": tests}
                return altered_suite(suite, area, {**file, "groups": groups})
            tests = group["tests"]
            yield "a vector is removed", with_tests(tests[1:])
            yield "a vector is there twice", with_tests([*tests, tests[0]])
            if len(tests) > 1:
                yield "a vector takes the place of another", with_tests([tests[-1], *tests[1:]])
            yield "a group is removed", altered_suite(
                suite, area, {**file, "groups": file["groups"][:number] + file["groups"][number + 1:]})
            renamed = {**tests[0], "id": tests[0]["id"].replace(".", "-", 1)}
            yield "an id is altered", with_tests([renamed, *tests[1:]])
            yield "a flag is misspelt", with_tests([{**tests[0], "flags": ["mispelt"]}, *tests[1:]])
        yield "a note is removed", altered_suite(suite, area, {**file, "notes": dict([*file["notes"].items()][1:])})


def altered_suite(suite, area, file):
    files = {**suite.files, area: file}
    if file is None:
        del files[area]
    return suites.Suite(files, suite.texts, suite.manifest, suite.catalogue)
