#!/usr/bin/env python3
"""Runs every client that this project has against every server that it has, and prints a table.

    cross-matrix.py [--wireproof PATH] [--client NAME]... [--server NAME]... [--built] [--results DIR] [--jobs N]

Clients: our own, and those in adapters/. Servers: our own, the independent one over Python's websockets, and the projects of
`wireproof init server`. A relay between the two tells the client what to do (docs/client-driver.md) and reads what crosses. What the
machine has no toolchain or library for is skipped, and said. Exit code 1 when two do not work together.

--results writes a result file for each client: `wireproof report DIR/*.ndjson --format html --output matrix.html` is one page.
"""
import argparse
import asyncio
import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import adapters
import init_projects
import python_package
from cross_matrix import results
from cross_matrix.checks import CHECKS, DoesNotApply
from cross_matrix.relay import NotMet, Relay

ROOT = Path(__file__).resolve().parent.parent
INDEPENDENT = ROOT / "Tests" / "ConformanceTests" / "Servers" / "independent_server.py"
PROJECTS = ["node", "python", "go", "cpp", "java"]
SERVERS = ["serve", "independent", *PROJECTS]
# How a harness is asked to offer compression; Node's own WebSocket is not asked, and the C++ client has none.
COMPRESSED = {"python": "--compress", "go": "-compress", "javascript": "--websocket ws"}
STARTS_WITHIN = 30  # seconds
# What is known to fail now and then: a check, its client and its server, and whose fault it is.
NODE_LOSES = ("Node 20's WebSocket inflates beside its reading, and loses a compressed message when the end of the connection follows it "
              "closely: the client does not hear that it was displaced")
MAY_FAIL = {("displacement", client, server): NODE_LOSES for client in ("javascript", "typescript") for server in ("serve", "node", "independent")}


class Skipped(Exception):
    """What cannot be run on this machine; the text says why."""


@dataclass
class Client:
    name: str
    language: str
    command: str  # of the shell, without the URL
    compressed: str  # the same, offering compression
    environment: dict = field(default_factory=dict)


class Pair:
    """A client's processes against one server, for one check."""

    def __init__(self, client, check, relay):
        self.client, self.check, self.relay, self.processes = client, check, relay, []

    async def start(self):
        """Starts the client once more, under the same identity; its connection, when the server has taken it."""
        number = len(self.relay.links) + 1
        url = f"ws://127.0.0.1:{self.relay.port}/join?uid={self.client.name}-{self.check.name}&typed=1&deviceId=d&source=cross{self.check.query}"
        command = self.client.compressed if self.check.is_compressed else self.client.command
        self.processes.append(await asyncio.create_subprocess_shell(
            f"exec {command} '{url}'", cwd=ROOT, env={**os.environ, **self.client.environment}, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE))
        return await self.relay.opened(number)

    async def exit_code(self):
        try:
            return await asyncio.wait_for(self.processes[-1].wait(), self.relay.patience)
        except asyncio.TimeoutError:
            raise NotMet("the client's process does not end") from None

    async def end(self):
        """Ends what still runs; what the processes wrote to standard error."""
        for process in self.processes:
            if process.returncode is None:
                process.kill()
        return b"".join([(await process.communicate())[1] for process in self.processes]).decode(errors="replace")


async def prove(client, server, port, check, patience):
    """The record of one check."""
    began, verdict, reason, transcript = time.monotonic(), "pass", None, []
    async with Relay(port, patience) as relay:
        pair = Pair(client, check, relay)
        try:
            await check.run(pair)
        except DoesNotApply as lack:
            verdict, reason = "notApplicable", str(lack)
        except NotMet as fault:
            verdict, reason = "fail", str(fault)
        errors = await pair.end()
        if verdict == "fail":
            crossed = [f"#{number} {event}" for number, link in enumerate(relay.links, 1) for event in link.events[-20:]]
            reason += "".join(f"\n  {line}" for line in crossed) + (f"\nthe client wrote:\n{errors[-1000:]}" if errors.strip() else "")
    known = MAY_FAIL.get((check.name, client.name, server)) if verdict == "fail" else None
    return results.case(check, server, verdict, reason, time.monotonic() - began, transcript, known)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def server_command(name, wireproof, folder):
    """The words that start a server on a port, a function of it, and their environment; Skipped when it cannot be."""
    if name == "serve":
        return lambda port: [wireproof, "serve", "--quiet", "--compress", "--listen", f"127.0.0.1:{port}"], {}
    if name == "independent":
        try:
            python = python_package.find(["websockets"], ["websockets.asyncio.server"], ROOT / ".build" / "websockets")
        except python_package.Lacking as lack:
            raise Skipped(str(lack)) from lack
        return lambda port: [str(python), str(INDEPENDENT), "--compress", "--port", str(port)], {}
    try:
        variables = init_projects.environment(name)
    except init_projects.Missing as missing:
        raise Skipped(str(missing)) from missing
    make = ["make", "-s", "-C", str(folder / name)]
    if "PYTHON" in variables:
        make.append("PYTHON=" + variables.pop("PYTHON"))
    for command in [[wireproof, "init", "server", name, str(folder / name)], [*make, "build"]]:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", env={**os.environ, **variables}, check=False)
        if done.returncode != 0:
            raise Skipped(f"{' '.join(command)}: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return lambda port: [*make, "run", f"PORT={port}"], variables


class Server:
    """A server that runs while it is the context."""

    def __init__(self, name, wireproof, folder):
        self.name = name
        self.command, self.variables = server_command(name, wireproof, folder)

    async def __aenter__(self):
        self.port = free_port()
        self.process = await asyncio.create_subprocess_exec(
            *self.command(self.port), env={**os.environ, **self.variables}, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self.process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return self
            except OSError:
                await asyncio.sleep(0.05)
        await self.__aexit__()
        raise Skipped(f"{' '.join(self.command(self.port))} does not listen")

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)  # make, and what it started
            await self.process.wait()


def client(name, wireproof, is_built):
    """One client, built, unless it is; Skipped when it cannot be."""
    if name == "connect":
        command = f"'{wireproof}' connect --no-input --behavior driver"
        return Client(name, "Swift", command, command.replace("connect", "connect --compress", 1))
    language = next(one for one in adapters.LANGUAGES if one.name == name)
    missing = adapters.missing(language)
    if missing:
        raise Skipped(f"{' and '.join(missing)} not installed")
    (ROOT / adapters.BUILD).mkdir(parents=True, exist_ok=True)
    try:
        for line in [] if is_built else language.build:
            adapters.run(line)
    except adapters.Failed as fault:
        raise Skipped(str(fault)) from fault
    compressed = f"{language.harness} {COMPRESSED[name]}" if name in COMPRESSED else language.harness
    return Client(name, name, language.harness, compressed, {"NODE_PATH": str(init_projects.NODE_PACKAGES)})


def header(client, wireproof, folder):
    """The header of a client's result file: the suite is that of the executable, which writes it into every file of its own."""
    example = folder / "suite.ndjson"
    subprocess.run([wireproof, "verify", "--filter", "identity.*", "--results", str(example)], capture_output=True, check=False)
    suite = json.loads(example.read_text(encoding="utf-8").split("\n", 1)[0])
    return {"suite": suite["suite"], "suiteHash": suite["suiteHash"], "command": f"Scripts/cross-matrix.py --client {client.name}",
            "iut": {"name": f"client {client.name}", "language": client.language, "version": "", "capabilities": []}, "profile": None, "seed": None,
            "startedAt": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}


def cell(cases):
    """What a client and a server came to."""
    counts = {verdict: sum(one["verdict"] == verdict for one in cases) for verdict in results.VERDICTS}
    judged = len(cases) - counts["notApplicable"]
    return f"{counts['pass']}/{judged}" + (f" ({counts['notApplicable']} n/a)" if counts["notApplicable"] else "")


async def matrix(clients, servers, options):
    """The records of all checks, by client and server."""
    slots = asyncio.Semaphore(options.jobs)

    async def one(client, server, check):
        async with slots:
            return await prove(client, server.name, server.port, check, options.patience)

    table = {}
    for server in servers:
        print(f"{server.name} …", file=sys.stderr, flush=True)
        async with server:
            done = await asyncio.gather(*(one(client, server, check) for client in clients for check in CHECKS))
        for at, client in enumerate(clients):
            table[client.name, server.name] = done[at * len(CHECKS):(at + 1) * len(CHECKS)]
    return table


def available(names, make):
    """Those of `names` that can be had, and a line for each other."""
    found = []
    for name in names:
        try:
            found.append(make(name))
        except Skipped as lack:
            print(f"{name}: skipped, {lack}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ["connect", *(one.name for one in adapters.LANGUAGES if one.adapter)]  # what is wrapped answers no calls
    parser.add_argument("--wireproof", default=".build/debug/wireproof", help="the executable")
    parser.add_argument("--client", action="append", choices=names, help="only this one (repeatable)")
    parser.add_argument("--server", action="append", choices=SERVERS, help="only this one (repeatable)")
    parser.add_argument("--built", action="store_true", help="take the clients as adapters.py has built them")
    parser.add_argument("--results", type=Path, help="write a result file for each client into this folder")
    parser.add_argument("--jobs", type=int, default=8, help="checks at once")
    parser.add_argument("--patience", type=float, default=20, help="seconds that each step may take")
    options = parser.parse_args()
    wireproof = str((ROOT / options.wireproof).resolve())
    if not Path(wireproof).exists():
        parser.error(f"no executable {wireproof}: make build, or name it with --wireproof")
    with tempfile.TemporaryDirectory(prefix="wireproof-") as scratch:
        folder = Path(scratch)
        clients = available(options.client or names, lambda name: client(name, wireproof, options.built))
        servers = available(options.server or SERVERS, lambda name: Server(name, wireproof, folder))
        table = asyncio.run(matrix(clients, servers, options))
        adapters.print_table([["client", *(one.name for one in servers)],
                              *([one.name, *(cell(table[one.name, server.name]) for server in servers)] for one in clients)])
        if options.results:
            options.results.mkdir(parents=True, exist_ok=True)
            for one in clients:
                cases = [case for server in servers for case in table[one.name, server.name]]
                results.write(options.results / f"{one.name}.ndjson", header(one, wireproof, folder), cases)
    for (client_name, _), cases in table.items():
        for case in cases:
            if "expectedFailure" in case:
                print(f"{client_name} {case['id']} is known to fail now and then: {case['expectedFailure']['reason']}")
    failed = [(client, case) for (client, _), cases in table.items() for case in cases
              if case["verdict"] == "fail" and "expectedFailure" not in case]
    for name, case in failed:
        print(f"\n{name} {case['id']}: {case['reason']}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
