"""The wheel (PyPA's binary distribution format): a package that starts the executable that it holds."""
import base64
import hashlib
import stat
import time
import zipfile

import archive
from release import CPU, SUMMARY, moment, required_glibc, version

MAIN = '''"""Starts wireproof, which lies beside this file with its data."""
import os
import pathlib
import sys


def main():
    executable = pathlib.Path(__file__).resolve().parent / "bin" / "wireproof"
    os.execv(executable, ["wireproof", *sys.argv[1:]])


if __name__ == "__main__":
    main()
'''

INIT = f'"""{SUMMARY}."""\n'


def build(tree, folder):
    major, minor = required_glibc(tree / "bin" / "wireproof")
    tag = f"py3-none-manylinux_{major}_{minor}_{CPU}"
    info = f"wireproof-{version()}.dist-info"
    files = {
        "wireproof/__init__.py": (INIT.encode(), 0o644),
        "wireproof/__main__.py": (MAIN.encode(), 0o644),
        f"{info}/METADATA": (metadata(tree).encode(), 0o644),
        f"{info}/WHEEL": (f"Wheel-Version: 1.0\nGenerator: wireproof\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(), 0o644),
        f"{info}/entry_points.txt": (b"[console_scripts]\nwireproof = wireproof.__main__:main\n", 0o644),
    }
    for path in sorted([tree / "bin" / "wireproof", *(tree / "share" / "wireproof").rglob("*")]):
        if path.is_file():
            files[f"wireproof/{path.relative_to(tree)}"] = (path.read_bytes(), archive.mode(path))
    for name in ["LICENSE", "NOTICE"]:
        files[f"{info}/licenses/{name}"] = ((tree / "share" / "doc" / "wireproof" / name).read_bytes(), 0o644)
    record = f"{info}/RECORD"
    lines = [f"{name},sha256={digest(content)},{len(content)}" for name, (content, _) in files.items()]
    files[record] = (("\n".join([*lines, f"{record},,"]) + "\n").encode(), 0o644)
    path = folder / f"wireproof-{version()}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, (content, mode) in files.items():
            entry = zipfile.ZipInfo(name, time.gmtime(max(moment(), 315_532_800))[:6])
            entry.external_attr = (stat.S_IFREG | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, content)
    return path


def digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def metadata(tree):
    readme = (tree / "share" / "doc" / "wireproof" / "README.md").read_text(encoding="utf-8")
    return (
        f"Metadata-Version: 2.4\nName: wireproof\nVersion: {version()}\nSummary: {SUMMARY}\n"
        "License-Expression: Apache-2.0\nLicense-File: LICENSE\nLicense-File: NOTICE\nRequires-Python: >=3.8\n"
        f"Description-Content-Type: text/markdown\n\n{readme}")
