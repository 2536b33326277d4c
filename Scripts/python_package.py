"""Packages from PyPI for the scripts beside this file, in virtual environments below .build."""
import shutil
import subprocess
import sys
import venv


def provide(package, module, folder, purpose):
    """A Python that can import `module` of `package`, in a virtual environment at `folder`. Where it cannot be had, says so and ends
    the script with 0: what needs the network must not fail where there is none."""
    python = folder / "bin" / "python"
    if not python.exists():
        try:
            venv.create(folder, with_pip=True)
        except (subprocess.CalledProcessError, OSError) as error:
            # Debian has ensurepip in a package of its own, python3-venv.
            shutil.rmtree(folder, ignore_errors=True)
            print(f"{purpose}: skipped, no virtual environment can be made (python3-venv is missing?): {error}")
            sys.exit(0)
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode != 0:
        install = [python, "-m", "pip", "install", "-q", "--upgrade", "--retries", "1", "--timeout", "15", package]
        if subprocess.run(install, capture_output=True).returncode != 0:
            print(f"{purpose}: skipped, {package} cannot be installed from PyPI")
            sys.exit(0)
    return python
