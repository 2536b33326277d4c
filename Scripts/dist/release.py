"""What a release is: its version, the machine that it is for, when it was made, and where things are."""
import json
import os
import pathlib
import platform
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / ".build" / "release"
SUMMARY = "Proves that an implementation speaks the binary WebSocket protocol of goutils/ws"
MAINTAINER = "wireproof maintainers <maintainers@wireproof.invalid>"

# What an installation has below share/wireproof beside the executable.
DATA = ["adapters", "captures", "console", "docs", "pipelines", "vectors"]

CPU = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}[platform.machine().lower()]
DEBIAN_CPU = {"x86_64": "amd64", "aarch64": "arm64"}[CPU]
NODE_CPU = {"x86_64": "x64", "aarch64": "arm64"}[CPU]


def version():
    """The version of the suite, which is that of everything: Sources/GoldenVectors has it, and `make vectors` writes it here."""
    return json.loads((ROOT / "vectors" / "version.json").read_text(encoding="utf-8"))["suite"]


def name():
    return f"wireproof-{version()}-linux-{CPU}"


def moment():
    """Seconds since the epoch that all files of a release have, so that the same commit gives the same bytes."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    asked = subprocess.run(["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], capture_output=True, text=True)
    # A release may be made from an unpacked archive, which has no history.
    return int(asked.stdout) if asked.returncode == 0 else int((ROOT / "vectors" / "version.json").stat().st_mtime)


def changes():
    """The changelog of this version: its date and its text."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(version())}(?: - (\S+))?\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    if not found:
        raise SystemExit(f"CHANGELOG.md has no heading \"## {version()}\": the release would say nothing about itself")
    return found[1], found[2].strip()


def required_glibc(executable):
    """The lowest glibc with all symbols that an executable asks for, as (2, 34)."""
    listed = subprocess.run(["readelf", "--version-info", "--wide", str(executable)], check=True, capture_output=True, text=True)
    return max(tuple(map(int, found)) for found in re.findall(r"GLIBC_(\d+)\.(\d+)", listed.stdout))


def needed_libraries(executable):
    """The libraries that the loader has to find for an executable."""
    listed = subprocess.run(["readelf", "--dynamic", "--wide", str(executable)], check=True, capture_output=True, text=True)
    return re.findall(r"\(NEEDED\).*\[(.+)\]", listed.stdout)
