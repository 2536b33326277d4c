"""The archive for any Linux: unpack it anywhere, or over /usr/local with --strip-components=1."""
import archive
from release import name


def build(tree, folder):
    path = folder / f"{name()}.tar.gz"
    path.write_bytes(archive.gzipped(archive.tar(tree, f"{name()}/")))
    return path
