#!/usr/bin/env python3
"""From nothing to a verdict: installs each artefact of dist/ in bare systems, and does there what README shows first.

    first_minute.py [FOLDER] [--suite SUITE]... [--only KIND]... [--server "COMMAND {port}"]

In each root: the version, a probe of a server that runs outside of it with a page of the results, a shipped capture decoded, a
mock server that answers a client; live capture, which says what it needs; and data that are missing. Prints the commands and the
seconds of each. Exit code 1 if anything goes wrong; 0 with one line where no root can be made.
"""
import argparse
import contextlib
import os
import pathlib
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import release
import roots

ROOT = release.ROOT
SERVER = ROOT / "Tests" / "ConformanceTests" / "Servers" / "independent_server.py"
LIMIT = 60

# What each kind needs of a system, and how it is installed, as a user would type it.
KINDS = {
    "tar.gz": ((), "tar -xzf /dist/{tar} -C /usr/local --strip-components=1"),
    "deb": ((), "dpkg -i /dist/{deb}"),
    "wheel": (("python3-pip",), "pip install --break-system-packages --no-index /dist/{wheel}"),
    "npm": (("npm",), "npm install -g --offline --no-audit --no-fund --no-update-notifier /dist/{npm}"),
}


class Failed(Exception):
    pass


def artefacts(folder):
    found = {"tar": "*.tar.gz", "deb": "*.deb", "wheel": "*.whl", "npm": "*.tgz"}
    names = {}
    for kind, pattern in found.items():
        matching = sorted(folder.glob(pattern))
        if len(matching) != 1:
            raise SystemExit(f"{folder} has {len(matching)} of {pattern}: make dist")
        names[kind] = matching[0].name
    return names


@contextlib.contextmanager
def outside_server(command):
    """A server that shares no code with us, outside of every root: its address.

    command: what starts it, with {port} for the port; None: one on Python's websockets.
    """
    port = 18473
    if command is None:
        command = f"{shlex.quote(python_of_websockets())} {shlex.quote(str(SERVER))} --port {{port}}"
    words = shlex.split(command.replace("{port}", str(port)))
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield f"ws://127.0.0.1:{port}/join"
    finally:
        process.terminate()
        process.wait()


def python_of_websockets():
    sys.path.insert(0, str(ROOT / "Scripts"))
    import python_package
    return python_package.find(["websockets"], ["websockets.asyncio.server"], ROOT / ".build" / "websockets")


def wait_for(port, process):
    """Returns when something listens on a port of this machine."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"the server that is to be probed does not listen on port {port}")


class Try:
    """One artefact in one root."""

    def __init__(self, label, root, folder):
        self.label, self.root, self.folder, self.seconds, self.count = label, root, folder, 0.0, 0

    def do(self, command, says="", code=0, counted=False):
        """Runs a command; its output has to hold a text, its exit code has to be as said."""
        begun = time.monotonic()
        done = roots.run(self.root, command, timeout=300, binds=[(self.folder, "/dist")])
        took = time.monotonic() - begun
        if counted:
            self.seconds += took
            self.count += 1
        output = done.stdout + done.stderr
        print(f"{self.label:>18} {took:6.2f} s  $ {command}")
        if done.returncode != code or says not in output:
            print(output[-3000:])
            raise Failed(f"{self.label}: \"{command}\" ended with {done.returncode}, {code} is right, and has to say \"{says}\"")
        return output


def first_minute(attempt, install, server):
    attempt.do(install, counted=True)
    attempt.do(f"wireproof probe server {server} --results results.ndjson", "pass", counted=True)
    attempt.do("wireproof report results.ndjson --format html --output report.html && grep -c '<html' report.html", "1", counted=True)
    print(f"{attempt.label:>18} {attempt.seconds:6.2f} s  from nothing to a verdict and its page, {attempt.count} commands")
    if attempt.seconds > LIMIT:
        raise Failed(f"{attempt.label}: {attempt.seconds:.0f} s to the first verdict are more than {LIMIT}")
    attempt.do("wireproof --version", f"wireproof {release.version()} (vectors ")
    attempt.do("wireproof demo --help >/dev/null && wireproof verify | tail -1")
    data = attempt.do("dirname $(find / -xdev -path '*/wireproof/captures/go-client-rpc.pcap' | head -1)").strip()
    attempt.do(f"wireproof inspect {data}/go-client-rpc.pcap", "1 connection")
    attempt.do(
        "wireproof serve --listen 127.0.0.1:18474 > serve.txt & until grep -q listening serve.txt; do sleep 0.05; done; "
        "wireproof connect ws://127.0.0.1:18474/join --call 2:hello; kill $!", "hello")
    attempt.do("wireproof init server go served && wireproof init client cpp called && ls served/.github called/wsclient", "client.hpp")
    attempt.do("wireproof inspect --interface lo", "libpcap is not installed", code=2)
    attempt.do("cp $(find / -xdev -path '*/bin/wireproof' -type f -size +1M | head -1) /tmp/alone; "
               "cd /tmp; ./alone --version; ./alone --help | head -1; ./alone verify", "WIREPROOF_DATA", code=2)


def image(folder, server):
    """The image: read by a tool that is not ours, unpacked, and run as the user that it names."""
    archive = next(folder.glob("*-oci-*.tar"), None)
    if archive is None:
        raise SystemExit(f"{folder} has no OCI image: make dist")
    with tempfile.TemporaryDirectory() as place:
        layout = pathlib.Path(place) / "layout"
        layout.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(layout)], check=True)
        reference = f"oci:{layout}:{release.version()}"
        shown = subprocess.run(["skopeo", "inspect", "--config", reference], capture_output=True, text=True)
        if shown.returncode != 0 or '"65532:65532"' not in shown.stdout:
            raise Failed(f"skopeo does not take the image: {shown.stdout}{shown.stderr}")
        bundle = pathlib.Path(place) / "bundle"
        subprocess.run(["umoci", "unpack", "--image", f"{layout}:{release.version()}", str(bundle)], check=True, capture_output=True)
        root = bundle / "rootfs"
        (root / "work").chmod(0o777)
        for arguments, says in ((["--version"], f"wireproof {release.version()}"),
                                (["probe", "server", server, "--filter", "frame.*", "--results", "r.ndjson"], "pass")):
            begun = time.monotonic()
            done = subprocess.run(
                [*roots.inside(root, user=65532, folder="/work"), "/usr/bin/wireproof", *arguments], capture_output=True, text=True)
            print(f"{'OCI image':>18} {time.monotonic() - begun:6.2f} s  $ wireproof {' '.join(arguments)}")
            if done.returncode != 0 or says not in done.stdout:
                raise Failed(f"the image: {done.returncode} {done.stdout}{done.stderr}")


def main():
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("folder", nargs="?", type=pathlib.Path, default=ROOT / "dist")
    reader.add_argument("--suite", action="append", choices=["bookworm", "trixie"])
    reader.add_argument("--only", action="append", choices=[*KINDS, "oci"])
    reader.add_argument("--server", metavar="COMMAND", help="the server that is probed, with {port} for its port")
    arguments = reader.parse_args()
    if os.geteuid() != 0 or not shutil.which("bwrap"):
        print("first minute: skipped, it needs root and bubblewrap (apt-get install bubblewrap debootstrap umoci skopeo)")
        return 0
    folder = arguments.folder.resolve()
    names = artefacts(folder)
    wanted = arguments.only or [*KINDS, "oci"]
    failures = []
    with outside_server(arguments.server) as server:
        for suite in arguments.suite or ["bookworm", "trixie"]:
            for kind, (packages, install) in KINDS.items():
                if kind not in wanted:
                    continue
                try:
                    base = roots.bare(suite, packages)
                except roots.Lacking as lack:
                    print(f"first minute: {kind} in {suite} skipped, {lack}")
                    continue
                with tempfile.TemporaryDirectory(dir=roots.FOLDER) as place:
                    root = pathlib.Path(place) / "root"
                    roots.copy(base, root)
                    try:
                        first_minute(Try(f"{suite} {kind}", root, folder), install.format(**names), server)
                    except Failed as failure:
                        failures.append(str(failure))
        if "oci" in wanted and shutil.which("umoci") and shutil.which("skopeo"):
            try:
                image(folder, server)
            except Failed as failure:
                failures.append(str(failure))
    for failure in failures:
        print(f"first minute: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
