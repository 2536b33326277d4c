"""Metadata, the identity, and the negotiation of version and charset."""
import re

from .refusal import Refused

INTEGER = re.compile(rb"[+-]?[0-9]+")
OFFERED = re.compile(r"ws\.v(0|[1-9][0-9]*)\.c(0|[1-9][0-9]*)")


def unescape(data):
    """Percent escapes and `+`; None if an escape is broken."""
    if re.search(rb"%(?![0-9A-Fa-f]{2})", data):
        return None
    return re.sub(rb"%(..)", lambda escape: bytes.fromhex(escape[1].decode("ascii")), data.replace(b"+", b" "))


def read_query(query):
    """The parameters of a query: broken pairs are dropped, the first of repeated keys wins."""
    found = {}
    for pair in query.split(b"&"):
        key, _, value = pair.partition(b"=")
        key, value = unescape(key), unescape(value)
        if pair and b";" not in pair and key is not None and value is not None:
            found.setdefault(key, value)
    return found


def integer(value):
    """A parameter's number: 0 for what is none, at most 64 bits."""
    return max(-2**63, min(2**63 - 1, int(value))) if INTEGER.fullmatch(value) else 0


def metadata_parse(asked):
    found = read_query(bytes.fromhex(asked["query"]))
    texts = {name: found.get(name.encode("ascii"), b"").hex() for name in ("uid", "deviceId", "source")}
    numbers = {name: str(integer(found.get(name.encode("ascii"), b""))) for name in ("typed", "version", "charset")}
    return {**texts, **numbers}


def identity_format(asked):
    parts = [bytes.fromhex(asked["uid"]), str(asked["typed"]).encode("ascii"), bytes.fromhex(asked["deviceId"])]
    if asked.get("withSource", True):
        parts.append(bytes.fromhex(asked.get("source", "")))
    return {"identity": b"-".join(parts).hex()}


def select(query, protocols, versions, charsets):
    """The version and the charset of a connection; `versions` is {min, max} or None, `charsets` a list or None.

    What can need 64 bits is a string of digits, here as everywhere in the adapter protocol.
    """
    versions = versions and {name: int(bound) for name, bound in versions.items()}
    charsets = None if charsets is None else [int(code) for code in charsets]
    selected = select_numbers(query, protocols, versions, charsets)
    return {**selected, "version": str(selected["version"]), "charset": str(selected["charset"])}


def select_numbers(query, protocols, versions, charsets):
    found = read_query(query)
    version, charset = integer(found.get(b"version", b"")), integer(found.get(b"charset", b""))
    if versions is None and charsets is None:
        return {"version": version, "charset": charset, "protocol": None}
    if protocols is not None:
        return select_protocol(protocols, versions, charsets)
    for name, limits in ((b"version", versions), (b"charset", charsets)):
        if limits is not None and name in found and not INTEGER.fullmatch(found[name]):
            raise Refused("bad-parameter")
    if versions is not None:
        version = version or versions["min"]
        if version < versions["min"]:
            raise Refused("version-too-low")
        version = min(version, versions["max"])
    if charsets is not None and charset not in charsets:
        raise Refused("charset-unsupported")
    return {"version": version, "charset": charset, "protocol": None}


def select_protocol(protocols, versions, charsets):
    for token in protocols.split(","):
        token = token.strip(" \t")
        offer = OFFERED.fullmatch(token)
        if not offer:
            continue
        version, charset = int(offer[1]), int(offer[2])
        if version > 2147483647 or charset > 2147483647:
            continue
        if versions is not None and not versions["min"] <= version <= versions["max"]:
            continue
        if charsets is not None and charset not in charsets:
            continue
        return {"version": version, "charset": charset, "protocol": token}
    raise Refused("no-protocol")


def negotiate_select(asked):
    return select(bytes.fromhex(asked["query"]), asked.get("protocols"), asked.get("versions"), asked.get("charsets"))
