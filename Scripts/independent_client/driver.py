"""The application: it does what one-way messages with id 20 say, reports with id 21, and answers calls with id 7."""
import json

from .faults import on
from .oddities import odd

COMMAND, REPORT, REQUEST, ANSWER = 20, 21, 7, 17


def command(payload):
    """The command of a message, or None when it is none."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def send_report(connection, seq, **members):
    value = {"seq": seq, **members}
    if odd("hex-upper") and "payload" in value:
        value["payload"] = value["payload"].upper()
    if odd("reports-verbose"):
        value = {"client": {"name": "odd", "list": [1, None, 2.5]}, **value, "zeit": "später"}
        text = json.dumps(value, indent=3, ensure_ascii=False)
    else:
        text = json.dumps(value, separators=(",", ":"))
    sn = 0
    if on("one-way-with-sn-when-a-call-pends") and connection.calls.pending:
        sn = next(iter(connection.calls.pending))
    connection.send(REPORT, sn, text.encode())


def on_command(connection, sn, payload):
    order = command(payload)
    if order is None:
        return send_report(connection, None, ok=False, error="malformed")
    seq = order.get("seq")
    try:
        do, request = order.get("do"), int(order.get("id", 2))
        data = bytes.fromhex(order.get("payload", ""))
        timeout = float(order.get("timeoutMs", 5000)) / 1000
        if not 0 <= request <= 0xFFFFFFFF:
            raise ValueError
    except (TypeError, ValueError):
        return send_report(connection, seq, ok=False, error="malformed")

    def report_call(number, answer, error):
        if error:
            send_report(connection, seq, ok=False, error=error, sn=number)
        else:
            send_report(connection, seq, ok=True, sn=number, payload=answer.hex())

    if do == "call":
        connection.call(request, data, timeout, report_call)
    elif do == "send":
        connection.send(request, 0, data)
        send_report(connection, seq, ok=True, sn=0)
    elif do in ("close", "reconnect"):
        ending = connection.close_calls_first(do, lambda: send_report(connection, seq, ok=True))
        task = connection.loop.create_task(ending)
        connection.ending = task
    else:
        send_report(connection, seq, ok=False, error="unknown")


def on_request(connection, sn, payload):
    if sn:
        connection.answer(ANSWER, sn, payload)


HANDLERS = {COMMAND: on_command, REQUEST: on_request}
