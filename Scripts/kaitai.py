#!/usr/bin/env python3
"""Holds the description for Kaitai Struct against the golden vectors, which our decoder is held against too.

    python3 Scripts/kaitai.py .build/debug/wireproof

Kaitai's compiler is in no package that can be had here, so this interprets the part of the format that the description uses: what
`seq`, `types`, `instances`, `switch-on`, `contents`, `size`, `size-eos`, `if`, `repeat`, `valid` and expressions mean is written down from
the user guide and the grammar of expressions of Kaitai Struct. Anything else in the description is an error. Needs PyYAML; without
it says so and ends with 0.
"""
import json
import pathlib
import re
import subprocess
import sys

try:
    import yaml
except ImportError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parent.parent
INTEGERS = {"u1": 1, "u2": 2, "u4": 4, "u8": 8}
TOKEN = re.compile(r"\s*(0x[0-9a-fA-F]+|\d+|'[^']*'|[A-Za-z_]\w*|>=|<=|==|!=|[-+*/%<>?:().\[\]])")
# Operators by how strongly they bind; all but the ternary are left-associative.
LEVELS = [["or"], ["and"], [">=", "<=", "==", "!=", ">", "<"], ["+", "-"], ["*", "/", "%"]]
OPERATIONS = {">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
              ">": lambda a, b: a > b, "<": lambda a, b: a < b, "+": lambda a, b: a + b, "-": lambda a, b: a - b,
              "*": lambda a, b: a * b, "/": lambda a, b: a // b, "%": lambda a, b: a % b}


class Unreadable(Exception):
    """What the description refuses."""


class Expression:
    """An expression, evaluated in the scope of an object; operands that are not needed are not looked at."""

    def __init__(self, text):
        self.text, self.tokens, self.place = str(text), [], 0
        end = 0
        while self.text[end:].strip():
            match = TOKEN.match(self.text, end)
            if not match:
                raise SystemExit(f"kaitai: no expression: {text}")
            self.tokens.append(match[1])
            end = match.end()

    def value(self, scope, last=None):
        self.scope, self.last, self.place = scope, last, 0
        result = self.ternary()()
        if self.place != len(self.tokens):
            raise SystemExit(f"kaitai: not understood: {self.text}")
        return result

    def take(self, *tokens):
        if self.place < len(self.tokens) and self.tokens[self.place] in tokens:
            self.place += 1
            return self.tokens[self.place - 1]
        return None

    def ternary(self):
        condition = self.binary(0)
        if not self.take("?"):
            return condition
        first = self.ternary()
        self.take(":")
        second = self.ternary()
        return lambda: first() if condition() else second()

    def binary(self, level):
        if level == 2 and self.take("not"):
            operand = self.binary(2)
            return lambda: not operand()
        if level == len(LEVELS):
            return self.postfix()
        left = self.binary(level + 1)
        while operator := self.take(*LEVELS[level]):
            left = self.combined(operator, left, self.binary(level + 1))
        return left

    @staticmethod
    def combined(operator, a, b):
        if operator in ("and", "or"):
            return lambda: (a() and b()) if operator == "and" else (a() or b())
        return lambda: OPERATIONS[operator](a(), b())

    def postfix(self):
        token = self.tokens[self.place]
        self.place += 1
        if token == "(":
            thing = self.ternary()
            self.take(")")
        elif token[0].isdigit():
            thing = lambda: int(token, 0)
        elif token[0] == "'":
            thing = lambda: token[1:-1]
        else:
            scope, last = self.scope, self.last
            thing = lambda: last if token == "_" else scope.member(token)
        while sign := self.take(".", "["):
            if sign == ".":
                thing = self.attribute(thing, self.tokens[self.place])
                self.place += 1
            else:
                thing = self.element(thing, self.ternary())
                self.take("]")
        return thing

    @staticmethod
    def attribute(thing, name):
        return lambda: len(thing()) if name == "size" and isinstance(thing(), (list, Stream)) else thing().member(name)

    @staticmethod
    def element(thing, index):
        return lambda: thing()[index()]


class Stream:
    def __init__(self, data):
        self.data, self.place, self.bits = data, 0, 0

    def __len__(self):
        return len(self.data)

    def read(self, count):
        if count < 0 or self.place + count > len(self.data):
            raise Unreadable(f"{count} bytes at {self.place} of {len(self.data)}")
        self.place += count
        return self.data[self.place - count:self.place]

    def bit_field(self, count):
        """Bits from the highest of a byte on; they do not go over its end in what is interpreted here."""
        byte = self.read(1)[0] if self.bits == 0 else self.data[self.place - 1]
        value = byte >> (8 - self.bits - count) & (1 << count) - 1
        self.bits = (self.bits + count) % 8
        return value


class Thing:
    """An object of a type of the description."""

    def __init__(self, kind, types, stream):
        self.kind, self.types, self.stream, self.values = kind, types, stream, {}
        for attribute in kind.get("seq", []):
            if "if" in attribute and not Expression(attribute["if"]).value(self):
                continue
            self.values[attribute["id"]] = self.repeated(attribute)

    def member(self, name):
        if name == "_io":
            return self.stream
        if name not in self.values:
            instance = self.kind.get("instances", {}).get(name)
            if instance is None:
                raise Unreadable(f"there is no {name}")
            if "if" in instance and not Expression(instance["if"]).value(self):
                raise Unreadable(f"{name} is not there")
            if "value" in instance:
                self.values[name] = Expression(instance["value"]).value(self)
            else:
                place, self.stream.place = self.stream.place, Expression(instance["pos"]).value(self)
                self.values[name] = self.one(instance)
                self.stream.place = place
        return self.values[name]

    def repeated(self, attribute):
        repeat = attribute.get("repeat")
        if repeat is None:
            return self.one(attribute)
        values = []
        while repeat == "until" or self.stream.place < len(self.stream):
            values.append(self.one(attribute))
            if repeat == "until" and Expression(attribute["repeat-until"]).value(self, last=values[-1]):
                break
        return values

    def one(self, attribute):
        known = {"id", "type", "contents", "size", "size-eos", "if", "repeat", "repeat-until", "valid", "doc", "pos"}
        if set(attribute) - known:
            raise SystemExit(f"kaitai: not understood: {set(attribute) - known}")
        kind, stream = attribute.get("type"), self.stream
        if "contents" in attribute:
            found = stream.read(len(attribute["contents"]))
            if found != bytes(attribute["contents"]):
                raise Unreadable(f"{found.hex()} instead of the contents")
            return found
        if "size" in attribute or attribute.get("size-eos"):
            size = Expression(attribute["size"]).value(self) if "size" in attribute else len(stream) - stream.place
            data = stream.read(size)
            return data if kind is None else Thing(self.types[kind], self.types, Stream(data))
        if isinstance(kind, dict):
            chosen = Expression(kind["switch-on"]).value(self)
            kind = next(name for case, name in kind["cases"].items() if Expression(case).value(self) == chosen)
        if re.fullmatch(r"b[1-8]", kind):
            value = stream.bit_field(int(kind[1:]))
            return value == 1 if kind == "b1" else value
        if kind[:2] in INTEGERS:
            value = int.from_bytes(stream.read(INTEGERS[kind[:2]]), "big" if kind.endswith("be") else "little")
            if value < attribute.get("valid", {}).get("min", 0):
                raise Unreadable(f"{attribute['id']} is {value}")
            return value
        return Thing(self.types[kind], self.types, stream)


def frame(description, data, revision):
    """What the description makes of a message: as the vectors say it."""
    if revision is None:
        thing = Thing(description, description["types"], Stream(data)).member("frame")
    else:
        thing = Thing(description["types"]["frame_" + revision.replace(".", "_")], description["types"], Stream(data))
    result = {"protocolId": thing.values.get("protocol_id"), "sn": thing.values.get("sn"), "length": thing.values.get("length"),
              "payload": thing.values.get("payload", b"").hex()}
    if "message" in thing.values:
        fields = thing.values["message"].values["fields"]
        ids = [each.member("integer").member("signed") for each in fields if (each.member("number"), each.member("wire_type")) == (1, 0)]
        parts = [each.member("bytes") for each in fields if (each.member("number"), each.member("wire_type")) == (2, 2)]
        result["protocolId"] = ids[-1] if ids else 0
        result["payload"] = parts[-1].hex() if parts else ""
    return result


def main():
    if yaml is None:
        print("skipped: there is no PyYAML")
        return 0
    text = subprocess.run([sys.argv[1], "dissector", "kaitai"], capture_output=True, text=True, check=True).stdout
    description = yaml.safe_load(text)
    tests = [test for group in json.loads((ROOT / "vectors/frame.json").read_text())["groups"] if group["operation"] == "frame.decode"
             for test in group["tests"]]
    same, bad, taken, refused = 0, 0, 0, 0
    for test in tests:
        data, revision = bytes.fromhex(test["input"]["message"]), test["input"]["revision"]
        try:
            found, reason = frame(description, data, revision), None
            if revision == "1.3.3":
                found = frame(description, data, None)
        except Unreadable as error:
            found, reason = None, error
        if "output" not in test:
            # What only a decoder can know (limits, rules about what follows) a description of bytes does not refuse.
            refused, taken = refused + (found is None), taken + (found is not None)
            continue
        if found is None or any(found[key] != value for key, value in test["output"].items() if key in found):
            bad += 1
            print(f"{test['id']}: {found or reason} instead of {test['output']}")
        else:
            same += 1
    print(f"kaitai: {same} frames the same, {bad} different; of {refused + taken} that are none {refused} are refused")
    return 1 if bad or not same else 0


if __name__ == "__main__":
    sys.exit(main())
