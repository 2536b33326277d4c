#!/usr/bin/env python3
"""Holds the Chinese documents against the English ones: the same code, and the same options in the same order.

Code is what stands in fences or is indented by four columns; comments in shell code are translated and not compared. Options are what
looks like `--name` outside of it. A document of docs/zh without its English counterpart is an error, too.
"""
import difflib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def parts(path):
    """The lines of code without comments, and the options in the prose."""
    code, options, in_fence, before = [], [], False, ""
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("```"):
            in_fence = not in_fence
            code.append(line)
        elif in_fence or line.startswith("    ") and (before == "" or before.startswith("    ")):
            code.append(re.sub(r"\s+# .*", "", line))
        else:
            options += re.findall(r"(?<![\w-])--[a-z][a-z-]*", line)
        before = line
    return code, options


def main():
    pairs = [(ROOT / "README.md", ROOT / "README_zh.md")]
    pairs += [(ROOT / "docs" / each.name, each) for each in sorted((ROOT / "docs" / "zh").glob("*.md"))]
    problems = []
    for english, chinese in pairs:
        if not english.exists():
            problems.append(f"{chinese.relative_to(ROOT)}: there is no {english.relative_to(ROOT)}")
            continue
        for what, wanted, found in zip(("code", "options"), parts(english), parts(chinese)):
            difference = list(difflib.unified_diff(wanted, found, str(english.relative_to(ROOT)), str(chinese.relative_to(ROOT)),
                                                   lineterm="", n=1))
            if difference:
                problems.append(f"{what} that is not the same:\n  " + "\n  ".join(difference))
    for problem in problems:
        print(problem)
    print(f"translations: {len(pairs)} documents in both languages, {len(problems)} problems")
    sys.exit(1 if problems or len(pairs) < 2 else 0)


if __name__ == "__main__":
    main()
