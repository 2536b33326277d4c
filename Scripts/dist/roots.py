"""Bare systems to install in: made once by debootstrap below .build/roots, and copied for each try."""
import pathlib
import shutil
import subprocess

from release import ROOT

FOLDER = ROOT / ".build" / "roots"
MIRROR = "http://deb.debian.org/debian"


class Lacking(Exception):
    """A root cannot be made; the text says why."""


def bare(suite, packages=()):
    """The folder of a minimal system of a suite of Debian, with some packages more."""
    base = FOLDER / suite
    if not (base / "etc" / "os-release").exists():
        if not shutil.which("debootstrap"):
            raise Lacking("debootstrap is not installed (apt-get install debootstrap bubblewrap)")
        FOLDER.mkdir(parents=True, exist_ok=True)
        making = FOLDER / f"{suite}.making"
        shutil.rmtree(making, ignore_errors=True)
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", suite, str(making), MIRROR], capture_output=True, text=True)
        if made.returncode != 0:
            raise Lacking(f"debootstrap {suite}: {(made.stdout + made.stderr).strip().splitlines()[-1]}")
        making.rename(base)
    if not packages:
        return base
    grown = FOLDER / f"{suite}-{'-'.join(packages)}"
    if not grown.exists():
        making = FOLDER / f"{grown.name}.making"
        shutil.rmtree(making, ignore_errors=True)
        copy(base, making)
        shutil.copyfile("/etc/resolv.conf", making / "etc" / "resolv.conf")
        done = run(making, f"apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "
                           f"--no-install-recommends {' '.join(packages)}", timeout=580)
        if done.returncode != 0:
            raise Lacking(f"{', '.join(packages)} cannot be installed in {suite}: {done.stderr.strip()[-300:]}")
        making.rename(grown)
    return grown


def copy(source, target):
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def inside(root, user=None, folder="/root", binds=()):
    """The command line before one that is to run with a folder as its root, and the network of this machine."""
    words = ["bwrap", "--bind", str(root), "/", "--proc", "/proc", "--dev", "/dev", "--chdir", folder, "--die-with-parent",
             "--clearenv", "--setenv", "HOME", folder, "--setenv", "LANG", "C.UTF-8",
             "--setenv", "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    for outer, inner in binds:
        words += ["--ro-bind", str(outer), inner]
    if user is not None:
        words += ["--unshare-user", "--uid", str(user), "--gid", str(user)]
    return words


def run(root, command, timeout=120, **options):
    """Runs a shell command in a root."""
    return subprocess.run(
        [*inside(root, **options), "sh", "-ec", command], capture_output=True, text=True, errors="replace", timeout=timeout)
