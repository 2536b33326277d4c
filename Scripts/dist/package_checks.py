#!/usr/bin/env python3
"""Looks at the artefacts of dist/ from outside: what the loader needs, how fast it starts, lintian, manual pages, completions, the bill
of materials against CycloneDX's schema, the checksums.

    package_checks.py [FOLDER]

What needs a tool that is not installed is skipped, and said. Exit code 1 if anything is wrong.
"""
import gzip
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import release

sys.path.insert(0, str(release.ROOT / "Scripts"))
import python_package  # noqa: E402

LONGEST_START = 0.020
STARTS = 50
SHELLS = {
    "bash": (["bash", "-n"], "share/bash-completion/completions/wireproof"),
    "zsh": (["zsh", "-n"], "share/zsh/site-functions/_wireproof"),
    "fish": (["fish", "--no-execute"], "share/fish/vendor_completions.d/wireproof.fish"),
}

VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
print(fault or ""); sys.exit(1 if fault else 0)
"""


class Checks:
    def __init__(self):
        self.failures = []

    def say(self, name, good, text):
        print(f"{name:>14}  {'' if good else 'WRONG: '}{text}")
        if not good:
            self.failures.append(name)

    def skip(self, name, tool):
        print(f"{name:>14}  skipped: {tool} is not installed")


def executable(checks, tree):
    path = tree / "bin" / "wireproof"
    needed = release.needed_libraries(path)
    glibc = ".".join(map(str, release.required_glibc(path)))
    foreign = [name for name in needed if name.split(".so")[0] not in ("libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64")]
    checks.say("ldd", not foreign, f"{', '.join(needed)}; glibc {glibc} or later")
    seconds, work = [], []
    for _ in range(STARTS):
        begun, worked = time.perf_counter(), processor_time()
        subprocess.run([str(path), "--version"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - begun)
        work.append(processor_time() - worked)
    # A loaded machine makes any start slow: what is judged is the processor's time.
    checks.say("start", statistics.median(work) <= LONGEST_START,
               f"{statistics.median(work) * 1000:.1f} ms of the processor; by the clock {min(seconds) * 1000:.1f} ms at best, "
               f"{statistics.median(seconds) * 1000:.1f} ms in the middle of {STARTS}")


def processor_time():
    """Seconds that the programs started here have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def texts(checks, tree):
    pages = sorted((tree / "share" / "man" / "man1").glob("*.gz"))
    if shutil.which("mandoc"):
        faults = []
        for page in pages:
            linted = subprocess.run(["mandoc", "-T", "lint", "-W", "error"], input=gzip.decompress(page.read_bytes()), capture_output=True)
            faults += linted.stdout.decode().splitlines()
        checks.say("man pages", not faults, f"{len(pages)} pages{''.join(chr(10) + fault for fault in faults)}")
    else:
        checks.skip("man pages", "mandoc")
    for shell, (command, place) in SHELLS.items():
        if shutil.which(shell):
            done = subprocess.run([*command, str(tree / place)], capture_output=True, text=True)
            checks.say(f"{shell} completion", done.returncode == 0, done.stderr.strip() or "its syntax is right")
        else:
            checks.skip(f"{shell} completion", shell)


def debian(checks, folder):
    path = next(folder.glob("*.deb"))
    if not shutil.which("lintian"):
        return checks.skip("lintian", "lintian")
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", str(path)], capture_output=True, text=True)
    found = (done.stdout + done.stderr).strip()
    errors = [line for line in found.splitlines() if line.startswith("E:")]
    checks.say("lintian", done.returncode == 0, f"{len(errors)} errors\n{found}")


def bill(checks, folder):
    path = next(folder.glob("*.cdx.json"))
    try:
        python = python_package.find(["cyclonedx-python-lib[json-validation]"], ["cyclonedx.validation.json", "jsonschema"],
                                     release.ROOT / ".build" / "cyclonedx")
    except python_package.Lacking as lack:
        return print(f"{'SBOM':>14}  skipped: {lack}")
    done = subprocess.run([python, "-c", VALIDATE, str(path)], capture_output=True, text=True)
    checks.say("SBOM", done.returncode == 0, (done.stdout + done.stderr).strip() or "valid CycloneDX 1.6")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else release.ROOT / "dist")
    archive = next(folder.glob("*.tar.gz"), None)
    if archive is None:
        print(f"{folder} holds no release: make dist")
        return 1
    checks = Checks()
    sums = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, text=True)
    checks.say("checksums", sums.returncode == 0, sums.stdout.strip() or "all right")
    for path in sorted(folder.iterdir()):
        if path.is_file():
            print(f"{path.stat().st_size:>14,}  {path.name}")
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["tar", "-xzf", str(archive.resolve()), "-C", place, "--strip-components=1"], check=True)
        tree = pathlib.Path(place)
        executable(checks, tree)
        texts(checks, tree)
    debian(checks, folder)
    bill(checks, folder)
    return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main())
