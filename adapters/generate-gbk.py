#!/usr/bin/env python3
"""Writes the GBK table of clause 9.3 as the Go and the C++ client carry it, from vectors/gbk-index.txt; --check only compares.

A row for each lead byte 81 to FE, of 190 code points for the trail bytes 40 to 7E and 80 to FE; 0 where there is none.
"""
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
INDEX = HERE.parent / "vectors" / "gbk-index.txt"


def table():
    codes = [0] * (126 * 190)
    for line in INDEX.read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            pair, code = (int(word, 16) for word in line.split())
            lead, trail = pair >> 8, pair & 0xFF
            codes[(lead - 0x81) * 190 + trail - (0x40 if trail < 0x7F else 0x41)] = code
    return codes


def header(codes):
    lines = ["// Written by adapters/generate-gbk.py from vectors/gbk-index.txt.", "#pragma once", "#include <cstdint>", "",
             "namespace wsclient::detail {", "", "inline constexpr std::uint16_t gbk_table[126 * 190] = {"]
    for at in range(0, len(codes), 24):
        lines.append("".join(f"{code:#x}," if code else "0," for code in codes[at:at + 24]))
    return "\n".join([*lines, "};", "", "}  // namespace wsclient::detail", ""]).encode("ascii")


def main():
    codes = table()
    files = {HERE / "go/wsclient/gbk.bin": struct.pack(f"<{len(codes)}H", *codes), HERE / "cpp/wsclient/gbk_table.hpp": header(codes)}
    stale = [path for path, data in files.items() if not path.exists() or path.read_bytes() != data]
    if "--check" not in sys.argv:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[path])
        return 0
    for path in stale:
        print(f"{path.relative_to(HERE.parent)} is not what adapters/generate-gbk.py writes: run it", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
