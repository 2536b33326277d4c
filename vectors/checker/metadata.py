"""Metadata in the query, and the identity made of it."""
import re

BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
INTEGER = re.compile(rb"[+-]?[0-9]+")
SMALLEST, LARGEST = -2**63, 2**63 - 1


def unescape(raw):
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), raw.replace(b"+", b" "))


def parameters(query):
    """The pairs of a query, decoded; the first of repeated keys wins."""
    found = {}
    for pair in query.split(b"&"):
        if not pair or b";" in pair or BROKEN_ESCAPE.search(pair):
            continue
        key, _, value = pair.partition(b"=")
        found.setdefault(unescape(key), unescape(value))
    return found


def integer(raw):
    if not INTEGER.fullmatch(raw):
        return 0
    return max(SMALLEST, min(LARGEST, int(raw)))


def beyond_64_bits(raw):
    return bool(INTEGER.fullmatch(raw)) and not SMALLEST <= int(raw) <= LARGEST


def parse(asked):
    found = parameters(bytes.fromhex(asked["query"]))
    texts = {name: found.get(name.encode(), b"").hex() for name in ("uid", "deviceId", "source")}
    numbers = {name: str(integer(found.get(name.encode(), b""))) for name in ("typed", "version", "charset")}
    return {**texts, **numbers}


def identity(asked):
    parts = [bytes.fromhex(asked["uid"]), str(asked["typed"]).encode(), bytes.fromhex(asked["deviceId"])]
    if asked.get("withSource", True):
        parts.append(bytes.fromhex(asked.get("source", "")))
    return {"identity": b"-".join(parts).hex()}
