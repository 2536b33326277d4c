#!/usr/bin/env python3
"""Counts the lines of each client in adapters/: how much there is to read, copy and look after.

    adapter-lines.py [--write]

Lines with code, without blank ones, comments and tables of data. Compares the table in adapters/README.md with them; --write puts it
there anew. Exit code 1 when they differ.
"""
import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "adapters" / "README.md"
BEGIN, END = "<!-- lines: Scripts/adapter-lines.py --write -->\n", "<!-- end of lines -->\n"
COLUMNS = ["codec", "WebSocket", "client", "driver and harness", "adapter", "tests"]

# By language the files of each column; FILE#SECTION is what stands below `// --- SECTION` in it.
JAVASCRIPT = "javascript/client.mjs"
PARTS = {
    "go": [
        "go/wsclient/frame.go go/wsclient/displacement.go go/wsclient/text.go go/wsclient/errors.go go/wsclient/calls.go",
        "go/wsclient/websocket.go go/wsclient/handshake.go go/wsclient/extensions.go go/wsclient/deflate.go go/wsclient/inflate.go",
        "go/wsclient/client.go go/wsclient/link.go", "go/driver/*.go go/cmd/harness/*.go", "go/operations/*.go go/cmd/adapter/*.go",
        "go/wsclient/*_test.go"],
    "javascript": [
        " ".join(f"{JAVASCRIPT}#{name}" for name in ("frames", "protobuf", "charset", "calls")), "", f"{JAVASCRIPT}#client",
        "javascript/driver.mjs javascript/harness.mjs javascript/parameters.mjs",
        "javascript/adapter.mjs javascript/serve.mjs javascript/operations/*.mjs", "javascript/test/client.test.mjs javascript/test/peer.mjs"],
    "typescript": [
        "", "", "javascript/client.d.mts", "javascript/driver.d.mts typescript/harness.mts", "javascript/serve.d.mts typescript/adapter.mts",
        "typescript/test.mts"],
    "python": [
        "python/client/wsclient/frames.py python/client/wsclient/text.py python/client/wsclient/errors.py python/client/wsclient/calls.py",
        "python/client/wsclient/websocket.py python/client/wsclient/handshake.py python/client/wsclient/compression.py",
        "python/client/wsclient/client.py python/client/wsclient/__init__.py", "python/client/harness.py",
        "python/client/client_adapter.py", "python/client/test_*.py"],
    "cpp": [
        "cpp/wsclient/frame.hpp cpp/wsclient/text.hpp cpp/wsclient/calls.hpp",
        "cpp/wsclient/websocket.hpp cpp/wsclient/handshake.hpp cpp/wsclient/posix.hpp", "cpp/wsclient/session.hpp cpp/wsclient/client.hpp",
        "cpp/harness.cpp cpp/adapter/json.hpp", "cpp/adapter.cpp cpp/adapter/[!j]*.hpp", "cpp/test/test.cpp"],
}


def without_comments(text, suffix):
    """The text without comments that take whole lines, and without docstrings."""
    if suffix == ".py":
        text = re.sub(r'^\s*"""(?:.|\n)*?"""$', "", text, flags=re.MULTILINE)
        return re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*/\*(?:.|\n)*?\*/\s*$", "", text, flags=re.MULTILINE)
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


def section(text, name, file):
    """What stands below a heading, up to the next one."""
    parts = re.split(r"^// -{3,} (.*)$", text, flags=re.MULTILINE)
    for heading, body in zip(parts[1::2], parts[2::2]):
        if heading.startswith(name):
            return body
    raise SystemExit(f"adapter-lines.py: {file} has no section {name}")


def lines(files):
    """How many lines of code the files have together."""
    count = 0
    for pattern in files.split():
        pattern, _, name = pattern.partition("#")
        found = [file for file in sorted((ROOT / "adapters").glob(pattern))
                 if pattern.endswith(("_test.go", "test_*.py")) or not file.name.endswith("_test.go")]
        if not found:
            raise SystemExit(f"adapter-lines.py: there is no adapters/{pattern}")
        for file in found:
            text = file.read_text(encoding="utf-8")
            text = without_comments(section(text, name, file) if name else text, file.suffix)
            count += sum(1 for line in text.splitlines() if line.strip())
    return count


def table():
    rows = [["language", *COLUMNS], ["---", *["---:"] * len(COLUMNS)]]
    rows += [[language, *(str(lines(files)) if files else "" for files in columns)] for language, columns in PARTS.items()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows).replace("|  |", "| |").replace("|  |", "| |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write", action="store_true", help="put the table into adapters/README.md")
    options = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        print(f"adapter-lines.py: {PAGE} has no place for the table, between {BEGIN.strip()} and {END.strip()}")
        return 1
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    wanted = f"{head}{BEGIN}{table()}{END}{tail}"
    if options.write:
        PAGE.write_text(wanted, encoding="utf-8")
    elif wanted != text:
        print(f"adapter-lines.py: the table in {PAGE.relative_to(ROOT)} is stale: run Scripts/adapter-lines.py --write\n\n{table()}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
