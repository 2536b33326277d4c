#!/usr/bin/env python3
"""Holds `inspect --proto` against the Python runtime of Protocol Buffers: random schemas, and random messages of them.

    python3 Scripts/typed-payloads.py .build/debug/wireproof [ROUNDS]

Needs the packages protobuf and grpcio-tools (for protoc); without them it says so and ends with 0. Each round has a schema of its own
(proto2, proto3 or edition 2023), which protoc compiles; a capture carries the messages, and the field `message` of the frames in ndjson is
to be what json_format makes of them.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import capture_forge as forge

try:
    from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
    import grpc_tools.protoc
except ImportError:
    descriptor_pb2 = None

SCALARS = ["double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "bytes", "uint32", "sfixed32",
           "sfixed64", "sint32", "sint64"]
KEYS = [each for each in SCALARS if each not in ("double", "float", "bytes")]


def schema(rng, syntax):
    """The source of a schema with messages M0 to M3, each knowing those before and itself."""
    lines = ['edition = "2023";' if syntax == "edition" else f'syntax = "{syntax}";', "package fuzz.deep;",
             "enum E { ZERO = 0; ONE = 1; MINUS = -5; BIG = 2000000000; }"]
    for index in range(4):
        lines.append(f"message M{index} {{")
        numbers = rng.sample(list(range(1, 40)) + [2000, 30000, 536870911], 14)
        for place, number in enumerate(numbers):
            kind = rng.choice(SCALARS + ["E", f"M{rng.randrange(index + 1)}"])
            name = f"f{place}"
            form = rng.choice(["one", "one", "many", "many", "map", "of"])
            label = "optional " if syntax == "proto2" or syntax == "proto3" and rng.random() < 0.3 else ""
            if form == "map":
                lines.append(f"  map<{rng.choice(KEYS)}, {kind}> {name} = {number};")
            elif form == "of":
                lines.append(f"  oneof choice{place} {{ {kind} {name} = {number}; string {name}b = {40 + place}; }}")
            elif form == "many":
                packed = ""
                if kind in SCALARS and kind not in ("string", "bytes") and syntax != "edition":
                    packed = f" [packed = {rng.choice(['true', 'false'])}]"
                lines.append(f"  repeated {kind} {name} = {number}{packed};")
            else:
                lines.append(f"  {label}{kind} {name} = {number};")
        lines.append("}")
    return "\n".join(lines) + "\n"


def value(rng, field, depth):
    """A random value of a field that is no message."""
    kind = field.type
    if kind in (1, 2):
        number = rng.choice([0.0, -0.0, 1.5, -2.25, 1e30, float("inf"), float("-inf"), float("nan"), 2.0 ** -20])
        return number
    if kind == 8:
        return rng.random() < 0.5
    if kind == 9:
        return "".join(rng.choice(["a", "\n", "ü", "你", "\x1b", '"', "\\", "\u202e"]) for _ in range(rng.randrange(8)))
    if kind == 12:
        return rng.randbytes(rng.randrange(10))
    if kind == 14:
        return rng.choice([0, 1, -5, 2000000000])
    bits = 64 if kind in (3, 4, 6, 16, 18) else 32
    number = rng.choice([0, 1, 127, 128, 300, 2 ** (bits - 1) - 1, rng.getrandbits(bits - 1)])
    return number if kind in (4, 6, 7, 13) else rng.choice([number, -number - 1])


def fill(rng, message, depth=0):
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.4 or depth > 3:
            continue
        nested = field.message_type
        if nested and nested.GetOptions().map_entry:
            key, item = nested.fields_by_name["key"], nested.fields_by_name["value"]
            for _ in range(rng.randrange(4)):
                target = getattr(message, field.name)
                chosen = value(rng, key, depth)
                if item.message_type:
                    fill(rng, target[chosen], depth + 1)
                else:
                    target[chosen] = value(rng, item, depth)
        elif field.is_repeated:
            for _ in range(rng.randrange(4)):
                if nested:
                    fill(rng, getattr(message, field.name).add(), depth + 1)
                else:
                    getattr(message, field.name).append(value(rng, field, depth))
        elif nested:
            getattr(message, field.name).SetInParent()
            fill(rng, getattr(message, field.name), depth + 1)
        else:
            setattr(message, field.name, value(rng, field, depth))


def normal(thing):
    """JSON in which numbers that are the same are equal."""
    if isinstance(thing, dict):
        return {key: normal(each) for key, each in thing.items()}
    if isinstance(thing, list):
        return [normal(each) for each in thing]
    return float(thing) if isinstance(thing, (int, float)) and not isinstance(thing, bool) else thing


def round_of(rng, wireproof, folder, messages=40):
    syntax = rng.choice(["proto2", "proto3", "edition"])
    source, compiled = os.path.join(folder, "fuzz.proto"), os.path.join(folder, "fuzz.desc")
    with open(source, "w") as file:
        file.write(schema(rng, syntax))
    if grpc_tools.protoc.main(["protoc", f"-I{folder}", "--include_imports", f"--descriptor_set_out={compiled}", source]) != 0:
        raise SystemExit("protoc refuses the schema")
    described = descriptor_pb2.FileDescriptorSet()
    with open(compiled, "rb") as file:
        described.ParseFromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for each in described.file:
        pool.Add(each)
    kinds = [message_factory.GetMessageClass(pool.FindMessageTypeByName(f"fuzz.deep.M{index}")) for index in range(4)]
    talk = forge.Conversation(rng.getrandbits(32))
    expected = []
    for _ in range(messages):
        index = rng.randrange(4)
        message = kinds[index]()
        fill(rng, message)
        data = message.SerializeToString()
        if rng.random() < 0.3:
            # Two encodings after each other are the merged message.
            other = kinds[index]()
            fill(rng, other)
            data += other.SerializeToString()
            message = kinds[index]()
            message.ParseFromString(data)
        talk.say(0, 100 + index, 0, data)
        expected.append(json_format.MessageToDict(message, preserving_proto_field_name=True))
    wire = forge.Wire()
    records = [(packet.time, data, len(data)) for packet in forge.packets(talk) for data in wire.framed(packet)]
    capture = os.path.join(folder, "fuzz.pcap")
    with open(capture, "wb") as file:
        file.write(forge.pcap(records, 1))
    command = [wireproof, "inspect", "--format", "ndjson", "--proto", compiled]
    for index in range(4):
        command += ["--type", f"{100 + index}=fuzz.deep.M{index}"]
    result = subprocess.run(command + [capture], capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(result.stderr)
    found = [record for record in map(json.loads, result.stdout.splitlines()) if record["type"] == "frame"]
    bad = 0
    if len(found) != len(expected):
        print(f"{len(found)} frames instead of {len(expected)}")
        return 1
    for record, wanted in zip(found, expected):
        if normal(record["message"]) != normal(wanted):
            bad += 1
            print(f"{syntax}: M{record['protocolId'] - 100} {record['payload']}\n  ours   {record.get('messageFault') or record['message']}"
                  f"\n  theirs {wanted}")
    return bad


def main():
    if descriptor_pb2 is None:
        print("skipped: the packages protobuf and grpcio-tools are not there")
        return 0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(rounds):
            bad += round_of(random.Random(seed), sys.argv[1], folder)
    print(f"typed payloads: {rounds} schemas, {rounds * 40} messages, {bad} differences")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
