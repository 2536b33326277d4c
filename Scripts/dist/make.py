#!/usr/bin/env python3
"""Makes all artefacts of a release from the release build: `make dist` calls it.

    make.py [FOLDER]     fills FOLDER (dist)
    make.py --stage DIR  installs below DIR: `make install` calls it
"""
import hashlib
import pathlib
import shutil
import sys
import tempfile

import debian_package
import npm_package
import oci_layout
import release
import sbom
import tarball
import wheel
from stage import stage

# What the loader may have to find: glibc, which every distribution has.
LIBRARIES = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}

LARGEST_DOWNLOAD = 15_000_000


def main():
    if sys.argv[1:2] == ["--stage"]:
        stage(sys.argv[2])
        return 0
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else release.ROOT / "dist")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as place:
        tree = stage(pathlib.Path(place) / "tree")
        executable = tree / "bin" / "wireproof"
        foreign = set(release.needed_libraries(executable)) - LIBRARIES
        if foreign:
            print(f"the executable needs {', '.join(sorted(foreign))}, which a bare system has not: "
                  "install the static archives that Scripts/dist/static-libraries.sh names, and build again")
            return 1
        made = [module.build(tree, folder) for module in (tarball, debian_package, wheel, npm_package, oci_layout)]
        bill = folder / f"{release.name()}.cdx.json"
        bill.write_text(sbom.document(executable), encoding="utf-8")
        notice = folder / "NOTICE"
        shutil.copyfile(tree / "share" / "doc" / "wireproof" / "NOTICE", notice)
        print(f"{executable.stat().st_size:>12,}  the executable, stripped")
    made += [bill, notice]
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(made))
    (folder / "SHA256SUMS").write_text(sums)
    for path in made:
        print(f"{path.stat().st_size:>12,}  {path.relative_to(pathlib.Path.cwd()) if path.is_relative_to(pathlib.Path.cwd()) else path}")
    large = [path.name for path in made if path.suffix != ".tar" and path.stat().st_size > LARGEST_DOWNLOAD]
    if large:
        print(f"larger than {LARGEST_DOWNLOAD:,} bytes: {', '.join(large)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
