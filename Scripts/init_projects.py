"""What the projects of `wireproof init server` need on this machine, for the scripts beside this file."""
import pathlib
import shutil

import python_package

ROOT = pathlib.Path(__file__).resolve().parent.parent
GO_PACKAGE = pathlib.Path("/usr/share/gocode/src/github.com/gorilla/websocket")
NODE_PACKAGES = pathlib.Path("/usr/share/nodejs")
TOMCAT = pathlib.Path("/usr/share/java/tomcat10-embed-websocket.jar")
BOOST = pathlib.Path("/usr/include/boost/beast.hpp")


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
