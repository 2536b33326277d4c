#!/usr/bin/env python3
"""Builds the harness of a Qt client with the interface of goutils/ws, from its header and the sources beside it.

    wrap.py HEADER [--class NAME] [--output .build/adapters/cpp-wrapped]

Needs Qt 5 or 6 with its WebSockets (Debian: libqt5websockets5-dev), its moc and g++. Generated protobuf code and a main beside the
header are left out; a displacement is read by a stand-in. Nothing is written beside the header.
"""
import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Lacking(Exception):
    """Something is not installed, or not there; the text says what to do."""


def asked(*command):
    """What a program prints; nothing where it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def qt():
    """The flags to compile and link with, and moc."""
    for version in ("5", "6"):
        flags = asked("pkg-config", "--cflags", "--libs", f"Qt{version}WebSockets", f"Qt{version}Core").split()
        if not flags:
            continue
        folders = [asked("pkg-config", f"--variable={name}", f"Qt{version}Core") for name in ("host_bins", "libexecdir", "bindir")]
        for folder in [*folders, f"/usr/lib/qt{version}/bin", f"/usr/lib/qt{version}/libexec"]:
            if folder and (Path(folder) / "moc").exists():
                return flags, str(Path(folder) / "moc")
        if moc := shutil.which("moc"):
            return flags, moc
    raise Lacking("no Qt with WebSockets and moc (Debian: apt-get install libqt5websockets5-dev)")


def class_of(header, wanted):
    """The name of the class of connections in a header."""
    text = header.read_text(encoding="utf-8", errors="replace")
    classes = re.findall(r"\bclass\s+(?:\w+\s+)?(\w+)\s*(?:final\s*)?:\s*public\s+QObject\b", text)
    fitting = [name for name in classes if name == wanted] if wanted else classes if "SendMsg" in text else []
    if len(fitting) != 1:
        raise Lacking(f"{header}: {len(fitting) or 'no'} classes {f'named {wanted}' if wanted else 'of QObject with SendMsg'} "
                      f"among {', '.join(classes) or 'none'}; name one with --class")
    return fitting[0]


def copied(header, work):
    """The sources beside the header, without generated code and a main, in a folder of ours."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    sources = []
    for file in sorted(header.parent.iterdir()):
        if file.suffix not in (".h", ".hpp", ".cpp", ".cc", ".cxx") or ".pb." in file.name or file.name.startswith("moc_"):
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        if re.search(r"^\s*(?:int|auto)\s+main\s*\(", text, re.MULTILINE):
            continue
        shutil.copyfile(file, work / file.name)
        stand_in_for_generated(text, work)
        if file.suffix in (".cpp", ".cc", ".cxx"):
            sources.append(work / file.name)
    return sources


def stand_in_for_generated(text, work):
    """Puts a stand-in where a source looks for generated protobuf code, below whatever folder."""
    for name in re.findall(r'^\s*#\s*include\s*["<]([^">]+\.pb\.h)[">]', text, re.MULTILINE):
        path = (work / name).resolve()
        if name != "msg.pb.h" and path.is_relative_to(work):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'#include "{HERE / "wrapped/msg.pb.h"}"\n', encoding="utf-8")


def build(options):
    header = options.header.resolve()
    if not header.is_file():
        raise Lacking(f"{options.header}: no such header")
    flags, moc = qt()
    name = class_of(header, options.wanted)
    work = options.output.resolve().with_name(options.output.name + "-source")
    sources = copied(header, work)
    for file in sorted(work.glob("*.h*")):
        if "Q_OBJECT" in file.read_text(encoding="utf-8", errors="replace"):
            generated = work / f"moc_{file.stem}.cpp"
            subprocess.run([moc, str(file), "-o", str(generated)], check=True)
            sources.append(generated)
    command = ["g++", "-std=c++17", "-fPIC", "-pthread", "-include", str(HERE / "wrapped/prelude.hpp"), f"-I{work}", f"-I{HERE / 'wrapped'}",
               f'-DWRAPPED_HEADER="{header.name}"', f"-DWRAPPED_CLASS={name}", "-o", str(options.output.resolve()),
               str(HERE / "wrapped/harness.cpp"), *map(str, sources), *flags]
    subprocess.run(command, check=True)
    shown = options.output if options.output.is_absolute() else f"./{options.output}"
    print(f"{options.output}: drives {name} of {options.header}\n"
          f"wireproof probe client --profile {HERE / 'wrapped/client.yaml'} -- {shown} {{url}}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("header", type=Path, help="the header that declares the class of connections")
    parser.add_argument("--class", dest="wanted", help="its name, where the header has several")
    parser.add_argument("--output", type=Path, default=Path(".build/adapters/cpp-wrapped"))
    options = parser.parse_args()
    try:
        build(options)
    except Lacking as lack:
        print(f"wrap.py: {lack}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as failure:
        print(f"wrap.py: {failure.cmd[0]} ended with {failure.returncode}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
