"""What the executable holds of others: each package with its version and licence, told from the build itself."""
import json
import re
import subprocess

from release import BUILD, ROOT

# Archives of the system that are linked in, by the Debian package that has them: name, licence, where it is from.
SYSTEM = {
    "zlib1g-dev": ("zlib", "Zlib", "https://zlib.net"),
    "libssl-dev": ("libcrypto", "Apache-2.0", "https://www.openssl.org"),
    "libyaml-dev": ("libyaml", "MIT", "https://pyyaml.org/wiki/LibYAML"),
    "libgcc-12-dev": ("libgcc", "GPL-3.0-or-later WITH GCC-exception-3.1", "https://gcc.gnu.org"),
    "libstdc++-12-dev": ("libstdc++", "GPL-3.0-or-later WITH GCC-exception-3.1", "https://gcc.gnu.org"),
}

# What is loaded where it is installed, and held by no artefact.
LOADED = {
    "libpcap0.8": ("libpcap", "BSD-3-Clause", "https://www.tcpdump.org"),
    "libzstd1": ("libzstd", "BSD-3-Clause OR GPL-2.0-only", "https://facebook.github.io/zstd"),
    "liblz4-1": ("liblz4", "BSD-2-Clause", "https://lz4.org"),
}

# The files in which packages have their terms, and those of what they hold themselves.
TEXTS = ["LICENSE*", "NOTICE*", "COPYING*", "CONTRIBUTORS-LICENSE*"]


def debian_version(package):
    """The version of an installed Debian package; None where there is none."""
    asked = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True)
    return asked.stdout or None if asked.returncode == 0 else None


def licence_of(text):
    """The SPDX expression of the text of a licence."""
    if "Apache License" in text:
        return "Apache-2.0 WITH Swift-exception" if "Runtime Library Exception" in text else "Apache-2.0"
    if "Permission is hereby granted, free of charge" in text:
        return "MIT"
    if "Redistribution and use in source and binary forms" in text:
        return "BSD-3-Clause" if "endorse or promote" in text else "BSD-2-Clause"
    raise SystemExit("a dependency has a licence that is not known here: look at it, and add it to Scripts/dist/licences.py")


def linked_modules():
    """The modules whose objects are in the executable, from what the linker was given."""
    listed = (BUILD / "wireproof.product" / "Objects.LinkFileList").read_text(encoding="utf-8")
    return set(re.findall(r"/([^/\s]+)\.build/", listed))


def packages():
    """The Swift packages that are resolved, each with whether the executable holds it."""
    state = json.loads((ROOT / ".build" / "workspace-state.json").read_text(encoding="utf-8"))
    modules = linked_modules()
    found = []
    for dependency in sorted(state["object"]["dependencies"], key=lambda d: d["packageRef"]["identity"]):
        folder = ROOT / ".build" / "checkouts" / dependency["subpath"]
        texts = sorted({path for pattern in TEXTS for path in folder.glob(pattern) if path.is_file()})
        main = next(path for path in texts if path.name.startswith(("LICENSE", "COPYING")))
        location = dependency["packageRef"]["location"].removesuffix(".git")
        found.append({
            "name": dependency["packageRef"]["identity"],
            "version": dependency["state"]["checkoutState"]["version"],
            "location": location,
            "licence": licence_of(main.read_text(encoding="utf-8")),
            "texts": texts,
            "isLinked": any((folder / "Sources" / module).is_dir() for module in modules),
        })
    return found


def boringssl():
    """The copy of BoringSSL that swift-nio-ssl holds: the revision that it was taken from."""
    folder = ROOT / ".build" / "checkouts" / "swift-nio-ssl" / "Sources" / "CNIOBoringSSL"
    found = re.search(r"[0-9a-f]{40}", (folder / "hash.txt").read_text(encoding="utf-8"))
    return found[0]


def swift_version():
    printed = subprocess.run(["swift", "--version"], check=True, capture_output=True, text=True)
    return re.search(r"Swift version (\S+)", printed.stdout + printed.stderr)[1]


def notice():
    """NOTICE of a release: our own, and the terms of all that is linked in."""
    parts = [(ROOT / "NOTICE").read_text(encoding="utf-8").rstrip()]
    parts.append("This executable holds the following software of others, under the terms that follow each.")
    for package in packages():
        if package["isLinked"]:
            head = f"{package['name']} {package['version']} ({package['licence']}), {package['location']}"
            texts = [path.read_text(encoding="utf-8").rstrip() for path in package["texts"]]
            parts.append("\n\n".join([f"{'=' * 100}\n{head}", *texts]))
    parts.append(f"{'=' * 100}\nThe Swift runtime {swift_version()} (Apache-2.0 WITH Swift-exception), https://www.swift.org")
    for package, (name, licence, location) in SYSTEM.items():
        version = debian_version(package)
        if version:
            text = ROOT.joinpath("/usr/share/doc", package, "copyright")
            body = text.read_text(encoding="utf-8", errors="replace").rstrip() if text.is_file() else ""
            parts.append(f"{'=' * 100}\n{name} {version} ({licence}), {location}\n\n{body}".rstrip())
    return "\n\n".join(parts) + "\n"
