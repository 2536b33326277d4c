"""The npm package: the executable as its `bin`, and the data beside it; nothing is fetched or run when it is installed."""
import json
import pathlib
import shutil
import tempfile

import archive
from release import NODE_CPU, SUMMARY, version


def build(tree, folder):
    # Names of files from npm pack: the package's name and version, without the platform, which the manifest has.
    path = folder / f"wireproof-{version()}.tgz"
    with tempfile.TemporaryDirectory() as place:
        root = pathlib.Path(place)
        shutil.copytree(tree / "bin", root / "bin")
        shutil.copytree(tree / "share" / "wireproof", root / "share" / "wireproof")
        for name in ["README.md", "LICENSE", "NOTICE"]:
            shutil.copyfile(tree / "share" / "doc" / "wireproof" / name, root / name)
        (root / "package.json").write_text(json.dumps(manifest(), indent=2) + "\n", encoding="utf-8")
        path.write_bytes(archive.gzipped(archive.tar(root, "package/")))
    return path


def manifest():
    return {
        "name": "wireproof", "version": version(), "description": SUMMARY, "license": "Apache-2.0",
        "bin": {"wireproof": "bin/wireproof"}, "os": ["linux"], "cpu": [NODE_CPU], "libc": ["glibc"],
        "files": ["bin", "share", "NOTICE"], "keywords": ["websocket", "conformance", "protocol", "testing"],
    }
