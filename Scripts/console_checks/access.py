"""Who is let in: the rules that hold for every request, tried without a browser."""
import http.client
import json

from .served import check


def ask(served, method, path, fields=(), body=None, host=None):
    """Status, fields and content of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{served.port}")
        for name, value in dict(fields).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def check_access(served):
    right = {"Authorization": f"Bearer {served.token}"}
    json_body = {**right, "Content-Type": "application/json"}
    own = f"http://127.0.0.1:{served.port}"
    select = json.dumps({"behavior": "reference"}).encode()
    expected = [
        # what, status, method, path, fields, body, host
        ("the page", 200, "GET", "/", {}, None, None),
        ("the client of adapters/javascript", 200, "GET", "/client.mjs", {}, None, None),
        ("localhost as the host", 200, "GET", "/", {}, None, f"localhost:{served.port}"),
        ("another name that leads here", 421, "GET", "/", {}, None, f"evil.example:{served.port}"),
        ("another port in the host", 421, "GET", "/", {}, None, "127.0.0.1:1"),
        ("a page of another site that reads a file", 403, "GET", "/main.mjs", {"Origin": "http://evil.example"}, None, None),
        ("a page of another port", 403, "POST", "/api/behavior", {**json_body, "Origin": "http://127.0.0.1:1"}, select, None),
        ("a page without an origin", 403, "POST", "/api/behavior", {**json_body, "Origin": "null"}, select, None),
        ("a request that a browser calls cross-site", 403, "GET", "/api/server", {**right, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, None, None),
        ("a link from elsewhere", 200, "GET", "/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, None, None),
        ("no token", 401, "GET", "/api/server", {}, None, None),
        ("a wrong token", 401, "POST", "/api/behavior", {**json_body, "Authorization": f"Bearer {'0' * 32}"}, select, None),
        ("the token in the query", 401, "GET", f"/api/server?token={served.token}", {}, None, None),
        ("the right token", 200, "GET", "/api/server", right, None, None),
        ("the right origin", 200, "POST", "/api/behavior", {**json_body, "Origin": own}, select, None),
        ("a form of another page", 415, "POST", "/api/behavior", {**right, "Content-Type": "text/plain"}, select, None),
        ("no JSON", 400, "POST", "/api/behavior", json_body, b"{", None),
        ("a behavior that there is not", 400, "POST", "/api/behavior", json_body, b'{"behavior": "mutant:nothing"}', None),
        ("a connection that there is not", 404, "POST", "/api/kick", json_body, b'{"connection": 99}', None),
        ("too much content", 413, "POST", "/api/kick", json_body, b" " * (3 << 20), None),
        ("a path out of the folder", 404, "GET", "/../Package.swift", {}, None, None),
        ("a path out of the folder, escaped", 404, "GET", "/%2e%2e/Package.swift", {}, None, None),
        ("another method", 405, "PUT", "/", {}, b"", None),
    ]
    for what, status, method, path, fields, body, host in expected:
        got, headers, content = ask(served, method, path, fields, body, host)
        check(got == status, f"{what}: {got} instead of {status}: {content[:200]}")
        policy = headers.get("content-security-policy") or ""
        check("default-src 'none'" in policy and "unsafe" not in policy and "trusted-types 'none'" in policy,
              f"{what}: the policy is {policy!r}")
        check(headers.get("x-content-type-options") == "nosniff", f"{what}: the type may be guessed")
        check("access-control-allow-origin" not in headers, f"{what}: another origin may read the answer")
    return len(expected)
