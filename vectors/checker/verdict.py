"""What is wrong with one vector."""
import json

from . import OPERATIONS, deflate, duties, permitted
from .fault import Fault

# Where an error has a place: the operations and codes of docs/operations.md that define `offset` or `index`.
PLACES = {
    "frame.decode": ("offset", {"empty", "bad-magic", "short", "length-too-small", "too-large", "trailing-bytes",
                                "bad-protobuf"}),
    "displacement.decode": ("offset", {"bad-protobuf"}),
    "deflate.negotiate": ("offset", {"bad-grammar"}),
    "deflate.decompress": ("index", {"invalid-data", "truncated", "too-large"}),
    "handshake.parse": ("offset", {"bad-header", "bad-framing", "has-content"}),
    "charset.decode": ("offset", {"malformed"}),
    "charset.encode": ("offset", {"unencodable"}),
}
MEMBERS = {"id", "comment", "requirements", "flags", "result", "capture", "input", "output", "error", "offset", "index",
           "alternatives"}


def is_computed(operation):
    return operation in OPERATIONS or operation == "deflate.compress"


def faults(operation, test, catalogue):
    """The faults of a vector, as sentences."""
    try:
        return list(found_in(operation, test, catalogue))
    except (AttributeError, Fault, IndexError, KeyError, TypeError, ValueError) as error:
        return [f"it has not the shape of {operation}: {type(error).__name__} {error}"]


def found_in(operation, test, catalogue):
    yield from shape_faults(operation, test)
    yield from duties.faults(operation, test, catalogue)
    if operation == "deflate.compress":
        if "output" not in test or not deflate.compressed_rightly(test["input"], test["output"]):
            yield "the output does not inflate to the messages"
        strict, others = {"output": None}, []
    elif operation in OPERATIONS:
        strict, others = SOLVED.of(operation, test["input"])
        if not agrees(operation, test, strict):
            yield f"computed {brief(strict)}; the vector expects {brief(expected_of(test))}"
        yield from alternative_faults(operation, test.get("alternatives", []), others)
    else:
        yield f"there is no operation {operation}"
        return
    yield from result_faults(operation, test, strict, others)


def shape_faults(operation, test):
    unknown = sorted(set(test) - MEMBERS)
    if unknown:
        yield f"nobody knows its member {unknown[0]}"
    for member in ("id", "comment", "requirements", "flags", "result", "input"):
        if member not in test:
            yield f"its member {member} is missing"
    for answer in (test, *test.get("alternatives", [])):
        if ("output" in answer) == ("error" in answer):
            yield "an answer is either an output or an error"
        yield from place_faults(operation, answer)


def place_faults(operation, answer):
    name, codes = PLACES.get(operation, (None, ()))
    for place in ("offset", "index"):
        wanted = place == name and answer.get("error") in codes
        if wanted != (place in answer):
            yield f"the error {answer.get('error')} has {'no' if wanted else 'an'} {place}"


def computed(operation, asked):
    """The answer of the checker's own implementation."""
    try:
        return {"output": OPERATIONS[operation](asked)}
    except Fault as fault:
        places = {"offset": fault.offset, "index": fault.index}
        return {"error": fault.code, **{name: place for name, place in places.items() if place is not None}}


class Solved:
    """The answers to the last input, since the self-test looks at the same one many times."""

    def __init__(self):
        self.asked = self.operation = self.found = None

    def of(self, operation, asked):
        """The strict answer and the alternatives."""
        if asked is not self.asked or operation != self.operation:
            strict = computed(operation, asked)
            self.found = strict, permitted.alternatives(operation, asked, strict)
            self.asked, self.operation = asked, operation
        return self.found


SOLVED = Solved()


def expected_of(test):
    return {name: test[name] for name in ("output", "error", "offset", "index") if name in test}


def agrees(operation, test, answer):
    """Whether an answer, strict or not, is what was computed."""
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
    return (set(expected) - {"interim"} == {"status", "headers", "reject"} and expected["status"] == got["status"]
            and identical(expected["headers"], got["headers"])
            and identical(expected.get("interim"), got.get("interim"))
            and (expected["reject"] is None) == (got["reject"] is None)
            and (expected["reject"] is None or isinstance(expected["reject"], str)))


def alternative_faults(operation, listed, others):
    """Alternatives that the rules do not permit, and those that they permit and that are not listed."""
    rest = list(others)
    for alternative in listed:
        match = next((other for other in rest if alternative.get("verdict") == other["verdict"]
                      and set(expected_of(alternative)) == set(expected_of(other))
                      and agrees(operation, alternative, other)), None)
        if match is None:
            yield f"the rules do not permit the alternative {brief(alternative)}"
        else:
            rest.remove(match)
    for other in rest:
        yield f"the rules permit {brief(other)}, which is not listed"


def result_faults(operation, test, strict, others):
    """Whether `result` is what the answers say."""
    if (test["result"] == "acceptable") != bool(others):
        yield f"the result is {test['result']}, with {len(others)} other answers permitted"
    if test["result"] not in ("valid", "invalid", "acceptable"):
        yield f"there is no result {test['result']}"
    violated = duties.violation_shown(operation, test["input"], strict)
    if test["result"] == "invalid" and violated is False:
        yield "the result is invalid, but nothing is violated"
    if test["result"] == "valid" and violated is True:
        yield "the result is valid, but something is violated"


def brief(value):
    return json.dumps(value, ensure_ascii=True)[:300]
