"""The application: it does what one-way messages with id 20 say, reports with id 21, and answers calls with id 7."""
import hashlib
import json

from .faults import on
from .oddities import odd

COMMAND, REPORT, REQUEST, ANSWER = 20, 21, 7, 17
# A longer payload is reported by its length and its digest: in hexadecimal it would not fit into a frame.
LONGEST = 1 << 17


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
    lost = connection.over and not on("data-after-close-when-calls-pend")
    if lost or not connection.send(REPORT, 0, text.encode()):
        # What no connection takes any more is said on the next one.
        connection.options.held.append(text.encode())


def on_command(connection, sn, payload):
    if sn:
        return
    order = command(payload)
    if order is None:
        return send_report(connection, 0, ok=False, error="malformed")
    seq = order.get("seq", 0)
    try:
        do, request, code = order.get("do"), int(order.get("id", 2)), int(order.get("code", 1000))
        data = bytes.fromhex(order.get("payload", ""))
        if "text" in order:
            data = order["text"].encode()
        if "size" in order:
            data = ((data or b"a") * (int(order["size"]) // len(data or b"a") + 1))[:int(order["size"])]
        timeout = float(order.get("timeoutMs", 10000)) / 1000
        if not 0 <= request <= 0xFFFFFFFF or not 0 <= code <= 0xFFFF or len(data) > 1 << 24:
            raise ValueError
        if "sn" in order:
            connection.calls.next = int(order["sn"])
    except (AttributeError, TypeError, ValueError):
        return send_report(connection, seq, ok=False, error="malformed")

    def report_call(number, answer, error):
        if error:
            send_report(connection, seq, ok=False, error=error, sn=number)
        elif len(answer[1]) > LONGEST:
            digest = hashlib.sha256(answer[1]).hexdigest()
            send_report(connection, seq, ok=True, sn=number, id=answer[0], length=len(answer[1]), sha256=digest)
        else:
            send_report(connection, seq, ok=True, sn=number, id=answer[0], payload=answer[1].hex())

    if do == "call":
        connection.call(request, data, timeout, report_call)
    elif do == "send":
        number = 0
        if on("one-way-with-sn-when-a-call-pends") and connection.calls.pending:
            number = next(iter(connection.calls.pending))
        connection.send(request, number, data)
        send_report(connection, seq, ok=True, sn=0)
    elif do == "ping":
        connection.ping(data)
        send_report(connection, seq, ok=True)
    elif do == "close":
        end(connection, do, code, lambda: send_report(connection, seq, ok=True))
    elif do == "reconnect":
        # Its report goes out on the new connection.
        end(connection, do, code, lambda: connection.options.held.append(json.dumps({"seq": seq, "ok": True}).encode()))
    else:
        send_report(connection, seq, ok=False, error="unsupported")


def end(connection, wish, code, report):
    connection.ending = connection.loop.create_task(connection.close_calls_first(wish, code, report))


def greet(connection):
    """Sends what the connection before could not take."""
    for report in connection.options.held:
        connection.send(REPORT, 0, report)
    connection.options.held.clear()


def on_request(connection, sn, payload):
    if sn:
        connection.answer(ANSWER, sn, payload)


HANDLERS = {COMMAND: on_command, REQUEST: on_request}
