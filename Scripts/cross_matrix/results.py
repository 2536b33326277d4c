"""Result files as `wireproof report` reads them."""
import hashlib
import json

VERDICTS = ["pass", "nonStrict", "informational", "fail", "errored", "notApplicable", "couldNotRun"]


def case(check, server, verdict, reason, seconds, transcript, known=None):
    """The record of one check of a client against one server; `known` says why it may fail."""
    judged = {"judged": {name: verdict for name in check.requirements}} if verdict == "pass" else {}
    return {
        "type": "case", "id": f"with-{server}.{check.name}", "requirements": check.requirements, "level": "MUST", "class": check.conformance_class,
        "verdict": verdict, "duration": round(seconds, 6), "expected": check.run.__doc__ if reason else "", "actual": reason or "", "reason": reason,
        "transcript": transcript, **judged, **({"expectedFailure": {"reason": known, "mayPass": True}} if known else {}),
    }


def write(path, header, cases):
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in [{"type": "header", **header}, *cases]]
    counts = {name: sum(one["verdict"] == name for one in cases) for name in VERDICTS}
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    footer = {"type": "footer", "cases": len(cases), "counts": counts, "sha256": digest}
    path.write_text("".join(lines) + json.dumps(footer, separators=(",", ":")) + "\n", encoding="utf-8")
