"""What the scripts beside this file share that write the projects of `wireproof init` and probe them: their options, the run over
all languages, and what a project of `init server` needs on this machine."""
import argparse
import concurrent.futures
import pathlib
import shutil
import tempfile

import python_package

ROOT = pathlib.Path(__file__).resolve().parent.parent
GO_PACKAGE = pathlib.Path("/usr/share/gocode/src/github.com/gorilla/websocket")
NODE_PACKAGES = pathlib.Path("/usr/share/nodejs")
TOMCAT = pathlib.Path("/usr/share/java/tomcat10-embed-websocket.jar")
BOOST = pathlib.Path("/usr/include/boost/beast.hpp")
# The verdicts that accuse nobody.
GOOD = ("pass", "nonStrict", "informational", "notApplicable")


class Missing(Exception):
    """The machine has no toolchain, or no library; the text says which."""


def environment(language):
    """What the project needs in its environment here in place of `make setup`."""
    def need(condition, text):
        if not condition:
            raise Missing(text)
    tool = {"go": "go", "go-goutils": "go", "node": "node", "cpp": "g++", "java": "javac", "swift": "swift"}.get(language, "python3")
    need(shutil.which(tool), f"{tool} is not installed")
    if language == "go":
        need(GO_PACKAGE.exists(), "Debian's golang-github-gorilla-websocket-dev is not installed")
        return {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": ""}
    if language == "node":
        need((NODE_PACKAGES / "ws").exists(), "Debian's node-ws is not installed")
        return {"NODE_PATH": str(NODE_PACKAGES)}
    if language == "python":
        try:
            python = python_package.find(["websockets"], ["websockets.asyncio.server"], ROOT / ".build" / "websockets")
        except python_package.Lacking as lack:
            raise Missing(str(lack)) from lack
        return {"PYTHON": str(python)}
    if language == "cpp":
        need(BOOST.exists(), "Debian's libboost-dev is not installed")
    if language == "java":
        need(TOMCAT.exists(), "Debian's libtomcat10-embed-java is not installed")
    return {"GO111MODULE": "off", "GOFLAGS": ""} if language == "go-goutils" else {}


def parser(description, languages):
    """The options that both scripts have."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--wireproof", type=lambda path: str(pathlib.Path(path).resolve()), default=str(ROOT / ".build/debug/wireproof"))
    options.add_argument("--short", action="store_true")
    options.add_argument("--language", action="append", choices=languages, help="only this one (repeatable)")
    options.add_argument("--jobs", type=int, default=2, help="projects at once")
    return options


def prove_all(prove, languages, options):
    """Prints the row of each language as `prove(language, options, folder)` gives it; 1 if it says of one that something is wrong."""
    with tempfile.TemporaryDirectory(prefix="wireproof-") as parent, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        bad = 0
        for row, is_bad in pool.map(lambda each: prove(each, options, pathlib.Path(parent)), languages):
            bad |= is_bad
            print(row, flush=True)
    return int(bad)
