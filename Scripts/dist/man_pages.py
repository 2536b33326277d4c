"""Manual pages from what the executable says of itself (`--experimental-dump-help`): one for each command, as --help has it."""
import json
import subprocess
import time

from release import SUMMARY, moment, version

EXIT_CODES = [
    (0, "good"), (1, "failures"), (2, "usage or configuration"), (3, "incomplete"), (4, "stale expectations"),
    (70, "a fault of wireproof itself"),
]


def escaped(text):
    """Text as roff takes it: a backslash, a hyphen and a leading dot would mean something."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def spelled(name):
    return ("-" if name["kind"] != "long" else "--") + name["name"]


def placeholder(argument):
    return argument.get("valueName", argument["kind"])


def synopsis(argument):
    """An argument as the line of usage has it, with markup."""
    if argument["kind"] == "positional":
        text = f"\\fI{escaped(placeholder(argument))}\\fR" + (" ..." if argument["isRepeating"] else "")
    else:
        text = f"\\fB{escaped(spelled(argument['preferredName']))}\\fR"
        if argument["kind"] == "option":
            text += f" \\fI{escaped(placeholder(argument))}\\fR"
    return f"[{text}]" if argument["isOptional"] else text


def described(argument):
    """An argument as a paragraph with a tag."""
    if argument["kind"] == "positional":
        tag = f"\\fI{escaped(placeholder(argument))}\\fR"
    else:
        tag = ", ".join(f"\\fB{escaped(spelled(name))}\\fR" for name in argument["names"])
        if argument["kind"] == "option":
            tag += f" \\fI{escaped(placeholder(argument))}\\fR"
    text = argument.get("abstract", "")
    if argument.get("discussion"):
        text = (text + "\n" + argument["discussion"]).strip()
    values = argument.get("allValues")
    if values:
        text += f" (values: {', '.join(values)})"
    default = argument.get("defaultValue")
    if default is not None:
        text += f" (default: {default})"
    return f".TP\n{tag}\n{escaped(text.strip())}\n"


def page(command, path):
    """The page of a command; `path` are the commands above it and itself."""
    title = "-".join(path)
    date = time.strftime("%Y-%m-%d", time.gmtime(moment()))
    abstract = command.get("abstract", SUMMARY).rstrip(".")
    arguments = [a for a in command.get("arguments", []) if a["shouldDisplay"]]
    commands = [c for c in command.get("subcommands", []) if c.get("shouldDisplay", True) and c["commandName"] != "help"]
    parts = [f'.TH "{escaped(title.upper())}" 1 "{date}" "wireproof {version()}" "wireproof"\n']
    parts.append(f".SH NAME\n{escaped(title)} \\- {escaped(abstract[:1].lower() + abstract[1:])}\n")
    parts.append(f".SH SYNOPSIS\n\\fB{escaped(' '.join(path))}\\fR")
    parts.append("".join(" " + synopsis(a) for a in arguments))
    parts.append(" \\fIcommand\\fR ...\n" if commands else "\n")
    if command.get("discussion"):
        parts.append(f".SH DESCRIPTION\n{escaped(command['discussion'])}\n")
    if arguments:
        parts.append(".SH OPTIONS\n" + "".join(described(a) for a in arguments))
    if commands:
        parts.append(".SH COMMANDS\n")
        parts += [f".TP\n\\fB{escaped(c['commandName'])}\\fR\n{escaped(c.get('abstract', ''))}\n" for c in commands]
    parts.append(".SH EXIT STATUS\n" + "".join(f".TP\n\\fB{code}\\fR\n{escaped(text)}\n" for code, text in EXIT_CODES))
    related = [f"{'-'.join([*path, c['commandName']])}" for c in commands] or ["-".join(path[:-1])]
    parts.append(".SH SEE ALSO\n" + ",\n".join(f"\\fB{escaped(name)}\\fR(1)" for name in related) + "\n")
    return "".join(parts)


def pages(executable):
    """All pages: the name of each file and its text."""
    dumped = subprocess.run([str(executable), "--experimental-dump-help"], check=True, capture_output=True, text=True)
    found = {}

    def add(command, above):
        path = [*above, command["commandName"]]
        found["-".join(path) + ".1"] = page(command, path)
        for inner in command.get("subcommands", []):
            if inner["commandName"] != "help":
                add(inner, path)

    add(json.loads(dumped.stdout)["command"], [])
    return found
