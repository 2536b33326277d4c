#!/usr/bin/env python3
"""Makes captures with one trouble each, of every class that docs/inspecting-captures.md speaks of, and a manifest of what they
truly hold; then holds the inspector against it with captures/nasty/check.py.

    troublesome-captures.py [--inspect "COMMAND"] [--seeds N] [--keep FOLDER]
    troublesome-captures.py --write

Everything is made from seeds and is the same each time (with the same release of zlib where it is compressed). --seeds N adds N
captures with several troubles at once. --write makes captures/generated anew, without what is large. Exit code 1 if a capture is
misread.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

# The modules beside this script are small: nothing is left behind for them.
sys.dont_write_bytecode = True
from troubles.calls import add_calls
from troubles.collection import Collection
from troubles.files import add_files
from troubles.handshakes import add_handshakes
from troubles.links import add_links
from troubles.losses import add_losses
from troubles.messages import add_messages
from troubles.mixed import add_mixed
from troubles.transport import add_transport

ROOT = pathlib.Path(__file__).resolve().parent.parent
GENERATED = ROOT / "captures/generated"
# What is larger than this does not lie in the repository.
LIMIT = 20_000


def fill(captures, seeds):
    for add in (add_transport, add_losses, add_links, add_files, add_messages, add_handshakes, add_calls):
        add(captures)
    add_mixed(captures, seeds)
    captures.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inspect", default=str(ROOT / ".build/release/wireproof") + " inspect")
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--keep", type=pathlib.Path, help="where to leave the captures")
    parser.add_argument("--write", action="store_true", help="make captures/generated anew")
    arguments = parser.parse_args()
    if arguments.write:
        for old in GENERATED.glob("*.pcap*"):
            old.unlink()
        fill(Collection(GENERATED, LIMIT), arguments.seeds)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or pathlib.Path(temporary)
        fill(Collection(folder), arguments.seeds)
        command = [sys.executable, ROOT / "captures/nasty/check.py", "--inspect", arguments.inspect, folder]
        sys.exit(subprocess.run(command).returncode)


if __name__ == "__main__":
    main()
