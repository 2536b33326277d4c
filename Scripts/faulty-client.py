#!/usr/bin/env python3
"""Probes a client with one fault at a time, and prints which case found it.

The client is independent-client.py beside this file, which needs nothing but Python; independent_client/faults.py lists its
faults, each with the requirement that it breaks. Right, plain and compressed, and with each of its oddities, no case may fail.
With a fault a case has to fail for that requirement (`found`), or be `nonStrict` where what the fault breaks is a SHOULD
(`weak`). A fault that fails cases for other requirements alone is `mistaken`, one that fails none `unseen`. Exit code 1 if
any of this is not so. --short: every 40th case of a run that is right, every sixteenth fault, first against six cases about it,
and two oddities.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLIENT = ROOT / "Scripts" / "independent-client.py"
FAILED = ("fail", "errored")
# How many of the cases about what a fault breaks are tried before all are; where there is little time, some of them before these.
MOST, FEW = 24, 6


class Prober:
    def __init__(self, wireproof, folder, profile, vectors):
        self.wireproof, self.folder, self.vectors = wireproof, folder, vectors
        text = pathlib.Path(profile).read_text()
        # A client with random numbers has no wrap that could be claimed.
        texts = {"read-wait": text + "readWait: 1\n", "sn-random": text.replace(", sn-wrap", ""),
                 "redials-never": text.replace("redials: true", "redials: false")}
        self.profiles = {"": profile, **{name: str(folder / f"{name}.yaml") for name in texts}}
        for name, changed in texts.items():
            pathlib.Path(self.profiles[name]).write_text(changed)

    def probe(self, name, client, arguments, profile="", patience=500):
        """The exit code, the cases of the result file by id, and what was written."""
        results = self.folder / f"{name}.ndjson"
        command = [self.wireproof, "probe", "client", "--vectors", self.vectors, "--results", str(results),
                   "--profile", self.profiles[profile]] + arguments + ["--", sys.executable, str(CLIENT)] + client + ["{url}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=patience)
            code, output = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired:
            code, output = -1, f"the run did not end within {patience} s\n"
        rows = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() and code >= 0 else []
        return code, {row["id"]: row for row in rows if row["type"] == "case"}, output

    def shipped(self):
        """All cases for clients, by id."""
        command = [self.wireproof, "list", "probes", "--format", "json", "--vectors", self.vectors]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return {row["id"]: row for row in json.loads(done.stdout) if row["id"].startswith("client-")}

    def right(self, name, client, arguments, least, profile=""):
        """What is wrong with a run in which nothing may fail, or None; and its cases."""
        code, cases, output = self.probe(name, client, arguments, profile)
        wrong = [f"{case} ({', '.join(broken(row)) or row['verdict']})" for case, row in cases.items()
                 if row["verdict"] in FAILED + ("couldNotRun",)]
        verdicts = [row["verdict"] for row in cases.values()]
        if code or wrong or len(cases) < least:
            print(output[-6000:])
            return f"{name}: exit code {code}, {len(cases)} cases, wrong: {', '.join(wrong) or 'none'}", cases
        counts = ", ".join(f"{verdicts.count(each)} {each}" for each in sorted(set(verdicts)))
        print(f"independent client, {name}: {counts}", flush=True)
        return None, cases


def broken(case):
    """The requirements that the case says are broken."""
    return [name for name, verdict in case.get("judged", {}).items() if verdict in FAILED]


def flags(row):
    """The options of the client with a fault, and the profile for it."""
    options, client = row[2].split(), ["--fault", row[0]]
    if "compress" in options:
        client += ["--compress"]
    if "read-wait" in options:
        client += ["--read-wait", "1", "--write-wait", "1"]
    return client, "read-wait" if "read-wait" in options else ""


def judge(row, cases):
    """found, weak, mistaken or unseen; and the cases that say so."""
    requirement = row[1]
    failed = [name for name, case in cases.items() if case["verdict"] in FAILED]
    named = [name for name in failed if requirement in broken(cases[name]) or requirement == "-"]
    if named:
        return "found", named
    weak = [name for name, case in cases.items() if case.get("judged", {}).get(requirement) == "nonStrict"]
    if weak and "weaker" in row[2]:
        return "weak", weak
    if failed:
        return "mistaken", failed
    return ("weak", weak) if weak else ("unseen", [])


def accused_besides(row, cases):
    """The other requirements that cases say are broken, each with a case that does."""
    accused = [(rule, name) for name, case in sorted(cases.items(), reverse=True) for rule in broken(case)]
    return {rule: name for rule, name in accused if rule != row[1] and row[1] != "-"}


def hunt(prober, row, known, arguments):
    """A fault: first the cases that are about what it breaks, then, where they do not see it, all."""
    client, profile = flags(row)
    about = [name for name, case in known.items() if row[1] in case["requirements"]]
    # Those that are about it first of all come first.
    about = sorted(about, key=lambda name: known[name]["requirements"].index(row[1]))[:MOST]
    parts = [] if arguments.every else [about[:FEW], about[FEW:]] if arguments.short else [about]
    outcome, cases, output, code = ("unseen", []), {}, "", 0
    for part in filter(None, parts):
        chosen = [word for name in part for word in ("--filter", name)]
        code, cases, output = prober.probe(row[0], client, chosen + ["--all"], profile)
        outcome = judge(row, cases)
        if outcome[0] in ("found", "weak"):
            break
    if outcome[0] in ("unseen", "mistaken") and not (arguments.about_only and about):
        code, cases, output = prober.probe(row[0], client, [], profile)
        outcome = judge(row, cases)
    return row, outcome, cases, output, code


def remembered(files):
    """The cases of result files."""
    rows = [json.loads(line) for file in files for line in pathlib.Path(file).read_text().splitlines()]
    return {row["id"]: row for row in rows if row["type"] == "case"}


def listed(option):
    done = subprocess.run([sys.executable, str(CLIENT), option], capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wireproof", default=str(ROOT / ".build" / "debug" / "wireproof"))
    parser.add_argument("--profile", default=str(ROOT / "Scripts" / "independent_client" / "profile.yaml"))
    parser.add_argument("--vectors", default=str(ROOT / "vectors"))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--every", action="store_true", help="hold each fault against all cases")
    parser.add_argument("--about-only", action="store_true", help="hold no fault against all cases, if there are some about it")
    parser.add_argument("--fault", action="append", help="only this one (repeatable)")
    parser.add_argument("--oddities", action="store_true", help="only the runs with oddities")
    parser.add_argument("--known", action="append", help="result files of runs that were right, in place of such runs (repeatable)")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 2), help="faults at once")
    arguments = parser.parse_args()
    rows, oddities = listed("--list-faults"), [row[0] for row in listed("--list-oddities")]
    if arguments.fault:
        if unknown := set(arguments.fault) - {row[0] for row in rows}:
            sys.exit(f"there is no fault {', '.join(sorted(unknown))}: see {CLIENT} --list-faults")
        rows, oddities = [row for row in rows if row[0] in arguments.fault], []
    elif arguments.short:
        rows, oddities = rows[::16], oddities[::20]
    if arguments.oddities:
        rows = []
    problems, counts = [], {"found": 0, "weak": 0, "mistaken": 0, "unseen": 0}
    with tempfile.TemporaryDirectory(prefix="wireproof-") as folder:
        prober = Prober(arguments.wireproof, pathlib.Path(folder), arguments.profile, arguments.vectors)
        sample = ["--shard", "1/40"] if arguments.short else []
        # What is right: a name, the client's options, and its profile.
        rights = [] if arguments.known else [("plain", [], "")]
        if not arguments.fault and not arguments.known:
            rights += [("compressed", ["--compress"], "")]
            rights += [(name, ["--oddity", name, "--compress"], name if name in prober.profiles else "") for name in oddities]
        known = remembered(arguments.known) if arguments.known else {}
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs if arguments.short else 1) as pool:
            played = pool.map(lambda right: prober.right(right[0], right[1], sample, 1, right[2]), rights)
            for (name, _, _), (problem, cases) in zip(rights, played):
                problems += [problem] if problem else []
                known.update(cases if name in ("plain", "compressed") else {})
        if arguments.short:
            known = prober.shipped()
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            hunted = pool.map(lambda row: hunt(prober, row, known, arguments), rows)
            for row, (outcome, names), cases, output, code in hunted:
                counts[outcome] += 1
                text = f"{row[0]} ({row[1]}): {outcome}"
                if names:
                    text += f", {names[0]}" + (f" and {len(names) - 1} more" if names[1:] else "")
                if outcome == "mistaken":
                    text += " by " + ", ".join(sorted({each for name in names for each in broken(cases[name])}))
                elif besides := accused_besides(row, cases):
                    text += "; besides: " + ", ".join(f"{rule} ({case})" for rule, case in besides.items())
                print(text, flush=True)
                if outcome in ("mistaken", "unseen") and "outside" not in row[2] \
                        or outcome == "weak" and "weaker" not in row[2]:
                    problems.append(f"fault {row[0]}: {outcome}, exit code {code}")
    print("faulty client: " + ", ".join([f"{len(rows)} faults"] + [f"{count} {name}" for name, count in counts.items()]))
    for problem in problems:
        print(f"faulty client: {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
