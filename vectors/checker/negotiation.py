"""Version and charset, chosen at the handshake."""
import re

from .fault import Fault
from .metadata import INTEGER, integer, parameters

TOKEN = re.compile(r"ws\.v(0|[1-9][0-9]*)\.c(0|[1-9][0-9]*)")
LARGEST = 2147483647


def select(asked):
    found = parameters(bytes.fromhex(asked["query"]))
    return choose(found, asked.get("protocols"), asked.get("versions"), asked.get("charsets"))


def choose(found, protocols, versions, charsets):
    """What is selected, as `negotiate.select` answers it: integers that can need 64 bits are strings, in and out."""
    versions = versions and {name: int(bound) for name, bound in versions.items()}
    charsets = None if charsets is None else [int(code) for code in charsets]
    chosen = choose_numbers(found, protocols, versions, charsets)
    return {**chosen, "version": str(chosen["version"]), "charset": str(chosen["charset"])}


def choose_numbers(found, protocols, versions, charsets):
    version, charset = integer(found.get(b"version", b"")), integer(found.get(b"charset", b""))
    if versions is None and charsets is None:
        return {"version": version, "charset": charset, "protocol": None}
    if protocols is not None:
        return by_protocol(protocols, versions, charsets)
    if versions is not None:
        if b"version" in found and not INTEGER.fullmatch(found[b"version"]):
            raise Fault("bad-parameter")
    if charsets is not None:
        if b"charset" in found and not INTEGER.fullmatch(found[b"charset"]):
            raise Fault("bad-parameter")
    if versions is not None:
        if version == 0:
            version = versions["min"]
        if version < versions["min"]:
            raise Fault("version-too-low")
        version = min(version, versions["max"])
    if charsets is not None and charset not in charsets:
        raise Fault("charset-unsupported")
    return {"version": version, "charset": charset, "protocol": None}


def by_protocol(protocols, versions, charsets):
    for token in (part.strip(" \t") for part in protocols.split(",")):
        match = TOKEN.fullmatch(token)
        if not match:
            continue
        version, charset = int(match[1]), int(match[2])
        if max(version, charset) > LARGEST:
            continue
        if versions is not None and not versions["min"] <= version <= versions["max"]:
            continue
        if charsets is None or charset in charsets:
            return {"version": version, "charset": charset, "protocol": token}
    raise Fault("no-protocol")
