"""Packages from PyPI for the scripts beside this file, in virtual environments below .build."""
import shutil
import subprocess
import sys
import venv


class Lacking(Exception):
    """The packages cannot be had; the text says why."""


def find(packages, modules, folder):
    """A Python that can import `modules` (a list) of `packages` (a list), in a virtual environment at `folder`."""
    python = folder / "bin" / "python"
    if not python.exists():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            venv.create(folder, with_pip=True)
        except (subprocess.CalledProcessError, OSError) as error:
            # Debian has ensurepip in a package of its own, python3-venv.
            shutil.rmtree(folder, ignore_errors=True)
            raise Lacking(f"no virtual environment can be made (python3-venv is missing?): {error}") from error
    if subprocess.run([python, "-c", "import " + ", ".join(modules)], capture_output=True).returncode != 0:
        install = [python, "-m", "pip", "install", "-q", "--upgrade", "--retries", "1", "--timeout", "15", *packages]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode != 0:
            reason = done.stderr.strip().rsplit("\n", 1)[-1][:200]
            raise Lacking(f"{', '.join(packages)} cannot be installed from PyPI: {reason}")
    return python


def provide(packages, modules, folder, purpose):
    """The same. Where it cannot be had, says so and ends the script with 0: what needs the network must not fail where there is
    none."""
    try:
        return find(packages, modules, folder)
    except Lacking as lack:
        print(f"{purpose}: skipped, {lack}")
        sys.exit(0)
