"""The tree that every artefact holds: bin/, and below share/ the data, manual pages, completions and licences."""
import gzip
import pathlib
import re
import shutil
import subprocess

import licences
import man_pages
from release import BUILD, DATA, ROOT

COMPLETIONS = {
    "bash": "share/bash-completion/completions/wireproof",
    "zsh": "share/zsh/site-functions/_wireproof",
    "fish": "share/fish/vendor_completions.d/wireproof.fish",
}

# What tells a checkout apart from an installation: what tools leave behind, and the captures by which decoders are judged.
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "nasty", "generated")


def stage(prefix, executable=BUILD / "wireproof"):
    """Fills a folder. It is emptied before, unless it is one of the system's, in which others have files."""
    prefix = pathlib.Path(prefix)
    binary = prefix / "bin" / "wireproof"
    binary.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["strip", "-o", str(binary), str(executable)], check=True)
    binary.chmod(0o755)
    data = prefix / "share" / "wireproof"
    for name in DATA:
        shutil.rmtree(data / name, ignore_errors=True)
        shutil.copytree(ROOT / name, data / name, ignore=LEFT_OUT)
    pages = prefix / "share" / "man" / "man1"
    pages.mkdir(parents=True, exist_ok=True)
    for name, text in man_pages.pages(binary).items():
        (pages / f"{name}.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    for shell, place in COMPLETIONS.items():
        script = subprocess.run(
            [str(binary), "--generate-completion-script", shell], check=True, capture_output=True, text=True).stdout
        (prefix / place).parent.mkdir(parents=True, exist_ok=True)
        # They are read by a shell, not run: a first line that names one would say otherwise.
        (prefix / place).write_text(re.sub(r"\A#!.*\n", "", script), encoding="utf-8")
    texts = prefix / "share" / "doc" / "wireproof"
    texts.mkdir(parents=True, exist_ok=True)
    for name in ["README.md", "CHANGELOG.md", "LICENSE"]:
        shutil.copyfile(ROOT / name, texts / name)
    (texts / "NOTICE").write_text(licences.notice(), encoding="utf-8")
    return prefix
