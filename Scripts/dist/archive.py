"""Archives whose bytes follow from their content alone: sorted, owned by root, of one moment."""
import gzip
import io
import stat
import tarfile

from release import moment


def tar(folder, prefix="", owner="root"):
    """A folder as a tar archive, each name behind a prefix."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in [folder, *sorted(folder.rglob("*"))]:
            name = prefix + str(path.relative_to(folder)) if path != folder else prefix.rstrip("/")
            if not name or name == ".":
                continue
            entry = archive.gettarinfo(str(path), arcname=name)
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = owner
            entry.mtime = moment()
            entry.mode = mode(path)
            if entry.isreg():
                with open(path, "rb") as content:
                    archive.addfile(entry, content)
            else:
                archive.addfile(entry)
    return output.getvalue()


def mode(path):
    """Who may do what: everybody reads, the owner writes, and what is executable is so for all."""
    if path.is_symlink():
        return 0o777
    return 0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644


def gzipped(content):
    return gzip.compress(content, compresslevel=9, mtime=0)
