"""The package for Debian and what is made from it."""
import email.utils
import gzip
import hashlib
import pathlib
import shutil
import subprocess
import tempfile

import archive
from release import DEBIAN_CPU, MAINTAINER, changes, moment, required_glibc, version

DESCRIPTION = """\
 wireproof holds servers and clients of the binary WebSocket protocol of
 goutils/ws against its specification. It probes a running server, checks a
 library against golden vectors, decodes packet captures, plays a server or a
 client that is right or wrong in a chosen way, and writes reports as HTML,
 JUnit, Markdown and more.
"""

# Where the tree of an installation differs from Debian's.
MOVED = {
    "share/zsh/site-functions/_wireproof": "share/zsh/vendor-completions/_wireproof",
    "share/doc/wireproof/LICENSE": None,
    "share/doc/wireproof/CHANGELOG.md": None,
}

# The libraries are held so that one executable runs everywhere; a new release brings their new versions.
OVERRIDES = """\
# One executable for all distributions: it holds what Debian would link.
wireproof: embedded-library *
# Examples, to be read and copied.
wireproof: script-not-executable *
"""


def build(tree, folder):
    with tempfile.TemporaryDirectory() as place:
        root = pathlib.Path(place)
        shutil.copytree(tree, root / "usr")
        for old, new in MOVED.items():
            if new:
                (root / "usr" / new).parent.mkdir(parents=True, exist_ok=True)
                (root / "usr" / old).rename(root / "usr" / new)
                (root / "usr" / old).parent.rmdir()
            else:
                (root / "usr" / old).unlink()
        data = root / "usr" / "share" / "wireproof"
        for path in data.rglob("*"):
            # Examples are read and copied here, not run where they are; only pipelines are.
            if path.is_file() and path.parent != data / "pipelines":
                path.chmod(0o644)
        texts = root / "usr" / "share" / "doc" / "wireproof"
        (texts / "copyright").write_text(copyright_file(), encoding="utf-8")
        (texts / "changelog.gz").write_bytes(gzip.compress(changelog().encode(), 9, mtime=0))
        overrides = root / "usr" / "share" / "lintian" / "overrides" / "wireproof"
        overrides.parent.mkdir(parents=True)
        overrides.write_text(OVERRIDES, encoding="utf-8")
        size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) // 1024
        sums = "".join(
            f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n"
            for path in sorted(root.rglob("*")) if path.is_file())
        return assembled(root, folder, {"control": control(size, root / "usr" / "bin" / "wireproof"), "md5sums": sums})


def control(size, executable):
    glibc = ".".join(map(str, required_glibc(executable)))
    return (
        f"Package: wireproof\nVersion: {version()}\nArchitecture: {DEBIAN_CPU}\nMaintainer: {MAINTAINER}\n"
        f"Installed-Size: {size}\nDepends: libc6 (>= {glibc}), libgcc-s1\nSuggests: libpcap0.8, libzstd1, liblz4-1\n"
        f"Section: devel\nPriority: optional\nDescription: {short_summary()}\n{DESCRIPTION}")


def short_summary():
    """One line without an article and without a verb's s, as Debian wants it."""
    return "conformance suite for the binary WebSocket protocol of goutils/ws"


def changelog():
    date, _ = changes()
    return (
        f"wireproof ({version()}) unstable; urgency=medium\n\n"
        "  * A release; the project's CHANGELOG.md says what is in it.\n\n"
        f" -- {MAINTAINER}  {email.utils.formatdate(moment())}\n")


def copyright_file():
    """copyright in Debian's form (DEP 5). The terms of what the executable holds are in NOTICE, beside it."""
    return (
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        "Upstream-Name: wireproof\n"
        "Comment: The executable holds libraries of others; their terms are in\n"
        " /usr/share/doc/wireproof/NOTICE.\n\n"
        "Files: *\nCopyright: 2026 the wireproof authors\nLicense: Apache-2.0\n"
        " On Debian systems the text of the Apache License, version 2.0, is in\n"
        " /usr/share/common-licenses/Apache-2.0.\n")


def assembled(root, folder, texts):
    """The package from its tree: an ar archive of two tar archives (deb(5))."""
    path = folder / f"wireproof_{version()}_{DEBIAN_CPU}.deb"
    with tempfile.TemporaryDirectory() as place:
        parts = pathlib.Path(place)
        (parts / "meta").mkdir()
        for name, text in texts.items():
            (parts / "meta" / name).write_text(text, encoding="utf-8")
        (parts / "debian-binary").write_text("2.0\n")
        for name, content in (("control", archive.tar(parts / "meta", "./")), ("data", archive.tar(root, "./"))):
            compressed = subprocess.run(["xz", "-9", "--stdout"], input=content, check=True, capture_output=True).stdout
            (parts / f"{name}.tar.xz").write_bytes(compressed)
        path.unlink(missing_ok=True)
        members = ["debian-binary", "control.tar.xz", "data.tar.xz"]
        subprocess.run(["ar", "-rcD", str(path.resolve()), *members], cwd=parts, check=True)
    return path
