"""A server with its console, for as long as a test needs it."""
import contextlib
import subprocess
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit


class Failed(Exception):
    """Something is not as it should be; the text says what."""


def check(is_right, what):
    if not is_right:
        raise Failed(what)


@dataclass
class Served:
    """Where a server and its console are."""
    wireproof: str
    server: str  # ws://127.0.0.1:8003/join
    page: str  # with the token

    @property
    def port(self):
        return urlsplit(self.page).port

    @property
    def token(self):
        return urlsplit(self.page).fragment.removeprefix("token=")


@contextlib.contextmanager
def served(wireproof, *options):
    """Runs `serve --console`, and holds it against ending cleanly."""
    command = [wireproof, "serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--quiet", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline().strip() for _ in range(2)]
        if not lines[1].startswith("console on "):
            process.kill()
            raise Failed(f"serve --console says {lines}, and {process.stderr.read()}")
        yield Served(wireproof, lines[0].removeprefix("listening on "), lines[1].removeprefix("console on "))
        process.terminate()
        check(process.wait(timeout=30) == 0, f"serve --console ends with {process.returncode}: {process.stderr.read()}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def run(*command):
    """Runs a command to its end; exit code and what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, errors="replace")
    if done.stderr:
        print(done.stderr, file=sys.stderr, end="")
    return done.returncode, done.stdout
