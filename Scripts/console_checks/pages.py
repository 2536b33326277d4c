"""The page in a browser: what a person does with it, and what must not happen."""
import json
import re
import time
from urllib.parse import urlsplit

import browser

from .served import Failed, check, run

HOSTILE = [
    "<img src=x onerror=\"window.hit=1\">", "</script><script>window.hit=1</script>", "<svg/onload=window.hit=1>",
    "javascript:window.hit=1", "{{constructor.constructor('window.hit=1')()}}", "a\u202egnp.exe", "\u0000\u001b[31mred", "\ufeff\u2028",
]


# Scheme of colours, and width in pixels.
LOOKS = [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]
FEW_LOOKS = [("light", 1440), ("dark", 390)]


def wait(what, test, seconds=30):
    """Asks until it is so. (The page's policy forbids what Playwright would do for it.)"""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := test():
            return result
        time.sleep(0.05)
    raise Failed(f"{what}: not within {seconds} s")


class Page:
    """A page of the console."""

    def __init__(self, chromium, served, **options):
        self.context = chromium.new_context(accept_downloads=True, **options)
        self.context.set_default_timeout(120_000)
        self.page = self.context.new_page()
        self.faults = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog {dialog.message}"))
        self.served = served
        self.page.goto(served.page)
        wait("the address of the mock server", lambda: self.page.input_value("#url"))

    def connect(self, query="uid=100", url=None):
        self.page.fill("#url", url or f"{self.served.server}?{query}")
        self.page.click("#connect button.main")
        wait(f"connected: {self.status}", lambda: self.page.locator("#state.open").count())

    @property
    def status(self):
        return self.page.inner_text("#status")

    def send(self, how, id, payload, format="text"):
        self.page.fill("#id", str(id))
        self.page.select_option("#format", format)
        self.page.fill("#payload", payload)
        self.page.click(f"#send button[value={how}]")

    def call(self, id, payload, format="text"):
        """Calls, and says what the status line says of it in the end."""
        self.page.evaluate("document.getElementById('status').textContent = ''")
        self.send("call", id, payload, format)
        wait("the outcome of a call", lambda: re.search("answered|no answer|ended|not connected|has no|no JSON|hexadecimal", self.status))
        return self.status

    def source(self, name):
        self.page.check(f"input[name=source][value={name}]", force=True)

    def rows(self):
        """The lines of the log that are in sight: kind, id, sn, payload."""
        return self.page.evaluate("""() => [...document.querySelectorAll('#log .row:not([hidden])')]
          .sort((a, b) => a.dataset.seq - b.dataset.seq)
          .map(row => ['kind', 'id', 'sn', 'what'].map(name => row.querySelector('.' + name).textContent))""")

    def row(self, what, test):
        return wait(f"a line of the log: {what}; there is {self.rows()[-8:]}", lambda: next((row for row in self.rows() if test(*row)), None))

    def behave(self, name):
        self.page.fill("#behavior-filter", "")
        self.page.select_option("#behavior", name)
        self.page.click("#mock button.main")
        wait(f"behavior {name}: {self.status}", lambda: self.page.inner_text("#current").startswith(name))

    def save(self, button, folder):
        self.page.click("#tab-files")
        with self.page.expect_download() as waiting:
            self.page.click(f"#{button}")
        file = folder / waiting.value.suggested_filename
        waiting.value.save_as(file)
        return file

    def close(self):
        check(not self.faults, f"the browser complains: {self.faults[:3]}")
        self.context.close()


def records(served, file):
    code, output = run(served.wireproof, "inspect", str(file), "--format", "ndjson")
    check(code == 0, f"inspect {file.name} gives {code}")
    return [json.loads(line) for line in output.splitlines()]


def check_conversation(chromium, served, folder):
    """Connect, send, call both ways, filter, pause, save, play again."""
    page = Page(chromium, served)
    page.connect("uid=100")
    check("answered with id 3" in page.call(2, "hello"), f"a call: {page.status}")
    check("answered with id 3" in page.call(2, '{"b": [1, 2]}', "json"), f"a call with JSON: {page.status}")
    check("answered" in page.call(2, "00 ff 80", "hex"), f"a call with bytes: {page.status}")
    page.row("bytes", lambda kind, id, sn, what: kind == "response" and what == "0x 00ff80")
    check("no hexadecimal digit" in page.call(2, "0g", "hex"), f"wrong digits: {page.status}")
    page.send("message", 2, "one-way")
    page.row("the echo of a message", lambda kind, id, sn, what: (kind, id, sn, what) == ("message", "3", "", "one-way"))
    # The server calls: by the rule, then by hand.
    page.send("message", 6, "by the rule")
    page.row("the report of a call", lambda kind, id, sn, what: id == "8" and what == "by the rule")
    page.page.uncheck("#auto")
    page.send("message", 6, "by hand")
    wait("a call to answer", lambda: page.page.locator("#calls li").count())
    page.page.fill("#calls li input.grow", "my answer")
    page.page.click("#calls li button")
    page.row("the report of an answer by hand", lambda kind, id, sn, what: id == "8" and what == "my answer")
    # From the server's side.
    page.page.check("#auto")
    page.page.fill("#command-payload", "from the server")
    page.page.click("#command button[value=call]")
    wait(f"the client's answer: {page.status}", lambda: "answered with id 17" in page.status)
    page.source("server")
    page.row("the server's own view", lambda kind, id, sn, what: kind == "request" and id == "7" and what == "from the server")
    page.source("page")
    # The filter, and the pause.
    page.page.fill("#filter", "id:8")
    wait("the filter", lambda: {row[1] for row in page.rows()} == {"8"})
    page.page.fill("#filter", "")
    wait("no filter", lambda: len(page.rows()) > 8)
    page.page.click("#pause")
    held = page.rows()
    page.call(2, "while it is paused")
    time.sleep(0.3)
    check(page.rows()[-1] == held[-1], "the log goes on while it is paused")
    check("new" in page.page.inner_text("#count"), "a paused log does not say that there is more")
    page.page.click("#pause")
    page.row("what came meanwhile", lambda kind, id, sn, what: what == "while it is paused")
    # Files.
    page.page.click("#clear")
    page.call(2, "to be saved")
    page.call(2, "一二", "text")
    saved = records(served, page.save("save-pcapng", folder))
    frames = [(one["direction"], one["protocolId"], one["text"]) for one in saved if one["type"] == "frame"]
    check(frames == [("client", 2, "to be saved"), ("server", 3, "to be saved"), ("client", 2, "一二"), ("server", 3, "一二")],
          f"the saved capture has {frames}")
    check([one for one in saved if one["type"] == "connection"][0]["uid"] == "100", "the saved capture has another uid")
    check(not [one for one in saved if one["type"] == "finding"], f"the saved capture is not clean: {saved}")
    script = page.save("save-script", folder)
    code, output = run(served.wireproof, "connect", served.server, "--script", str(script))
    check(code == 0, f"the saved script ends with {code}: {output}\n{script.read_text()}")
    check([one["text"] for one in records(served, page.save("save-server", folder)) if one.get("protocolId") == 7][:1] == ["by the rule"],
          "the server's capture lacks its call")
    page.connect("uid=100")
    page.page.click("#replay")
    wait(f"the replay: {page.status}", lambda: "2 of 2 calls answered" in page.status)
    page.close()
    return script


def check_displacement(chromium, served):
    """Displaced by a second tab, kicked, displaced by the server's side."""
    first, second = Page(chromium, served), Page(chromium, served)
    first.page.check("#redial", force=True) if first.page.locator("#redial").is_visible() else None
    first.connect("uid=500")
    second.connect("uid=500")
    text = wait("the banner of the displaced page", lambda: first.page.is_visible("#displaced") and first.page.inner_text("#displaced-text"))
    second.source("server")
    addresses = wait("the newcomer among the connections", lambda: second.page.evaluate(
        "() => [...document.querySelectorAll('#connections tr')].filter(r => r.textContent.includes('500-0--')).map(r => r.cells[2].textContent)"))
    check(len(addresses) == 1 and f"displaced by {addresses[0]}" in text, f"{text!r} does not name {addresses}")
    first.row("the displacement", lambda kind, id, sn, what: kind == "displacement" and addresses[0] in what)
    check(first.page.inner_text("#state") == "displaced", "the displaced page does not say so")
    second.source("page")
    second.page.fill("#new-address", "10.9.8.7:6543")
    second.page.click("#command button[value=displace]")
    wait("displaced from elsewhere", lambda: second.page.is_visible("#displaced") and "10.9.8.7:6543" in second.page.inner_text("#displaced-text"))
    first.connect("uid=501")
    wait("the new connection", lambda: second.page.inner_text("#connection-count") == "1")
    second.page.click("#command button[value=kick]")
    first.row("the kick", lambda kind, id, sn, what: kind == "close")
    first.close()
    second.close()


def check_behaviors(chromium, served, script):
    """A fault switched on while connections are there: they keep theirs, newcomers get it; the inspector says what is wrong."""
    old, page = Page(chromium, served), Page(chromium, served)
    old.connect("uid=600")
    page.behave("mutant:wire-answers-duplicated")
    page.connect("uid=601")
    page.call(2, "twice")
    page.source("server")
    page.row("the finding", lambda kind, id, sn, what: kind == "rpc.duplicate-response")
    check("answered" in old.call(2, "once"), f"the older connection: {old.status}")
    page.behave("mutant:sn-big-endian")
    page.connect("uid=602")
    page.page.fill("#timeout", "1") if page.page.locator("#timeout").is_visible() else page.page.evaluate("document.getElementById('timeout').value = 1")
    check("no answer within" in page.call(2, "lost"), f"an answer with another sn: {page.status}")
    code, _ = run(served.wireproof, "connect", served.server, "--script", str(script), "--timeout", "1")
    check(code == 1, f"the saved script finds nothing wrong with a faulty server: {code}")
    page.behave("chaos")
    page.connect("uid=603")
    page.send("message", 2, "into the chaos")
    page.row("what the chaos got", lambda kind, id, sn, what: what == "into the chaos")
    page.behave("blackhole")
    page.connect("uid=604")
    check("no answer within" in page.call(2, "into the hole"), f"a black hole answers: {page.status}")
    page.behave("reference")
    page.connect("uid=605")
    check("answered" in page.call(2, "right again"), f"the reference: {page.status}")
    page.close()
    old.close()


def check_texts(chromium, served):
    """GBK, and hostile texts everywhere where a peer puts some."""
    page = Page(chromium, served)
    page.connect("uid=700&charset=1")
    page.call(2, "中文", "text")
    page.page.click("#tab-detail")
    page.page.focus("#log")
    page.page.keyboard.press("End")
    wait("the bytes of GBK", lambda: "d6 d0 ce c4" in page.page.inner_text("#detail") and "中文" in page.page.inner_text("#detail"))
    check("GBK has no" in page.call(2, "a😀", "text"), f"what GBK lacks: {page.status}")
    uid = "%3Cimg%20src=x%20onerror=window.hit=1%3E"
    page.connect(f"uid={uid}")
    for text in HOSTILE:
        page.send("message", 2, text.encode().hex(), "hex")
    page.row("the last one", lambda kind, id, sn, what: kind == "message" and id == "3" and "\\u{2028}" in what)
    for source in ("server", "page"):
        page.source(source)
        page.page.focus("#log")
        page.page.keyboard.press("End")
        for _ in range(2 * len(HOSTILE)):
            page.page.keyboard.press("ArrowUp")
            time.sleep(0.05)
    shown = page.page.inner_text("body")
    check("<img src=x onerror=window.hit=1>-0--" in shown, "a hostile identity is not shown as it is")
    check("\u202e" not in shown and "\u001b" not in shown, "characters that turn or hide text reach the page")
    check(page.page.evaluate("window.hit") is None, "a payload was run")
    check(page.page.locator("body img, body svg, body script, body iframe").count() == 0, "a payload became an element")
    refused = page.page.evaluate("() => { try { document.body.innerHTML = '<b>x</b>'; return '' } catch (e) { return e.name } }")
    check(refused == "TypeError", f"the page may read markup: {refused!r}")
    page.faults = [fault for fault in page.faults if "TrustedHTML" not in fault]
    page.close()


def check_looks(chromium, served, folder, looks):
    """Keyboard, names, contrast, a telephone; and pictures of it."""
    for scheme, width in looks:
        page = Page(chromium, served, color_scheme=scheme, viewport={"width": width, "height": 900})
        page.connect(f"uid={scheme}{width}")
        page.call(2, "hello")
        page.call(2, '{"list": [1, 2, 3], "name": "console"}', "json")
        page.send("message", 6, "the server calls")
        page.row("its report", lambda kind, id, sn, what: id == "8")
        for tab in ("ladder", "latency", "files", "detail"):
            page.page.click(f"#tab-{tab}")
            if tab == "detail":
                page.page.focus("#log")
                page.page.keyboard.press("Home")
                for _ in range(3):
                    page.page.keyboard.press("ArrowDown")
                wait("the frame", lambda: "answered" in page.page.inner_text("#detail") or "request" in page.page.inner_text("#detail"))
            for colour, ground, what in page.page.evaluate(browser.COLOURS):
                check(browser.contrast(colour, ground) >= 4.5,
                      f"the contrast of {what!r} is {browser.contrast(colour, ground):.2f} ({scheme}: {colour} on {ground})")
            if folder:
                page.page.screenshot(path=folder / f"{scheme}-{width}-{tab}.png", full_page=width < 800)
        check(page.page.evaluate("document.documentElement.scrollWidth") <= width, f"the page is wider than {width} pixels")
        nameless = page.page.evaluate("""() => [...document.querySelectorAll('input,select,textarea,button,canvas,[role=grid],[role=tabpanel]')]
          .filter(e => !(e.ariaLabel || e.getAttribute('aria-labelledby') || e.closest('label') || (e.tagName === 'BUTTON' && e.textContent.trim())))
          .map(e => e.outerHTML.slice(0, 80))""")
        check(not nameless, f"without an accessible name: {nameless}")
        page.page.focus("#log")
        page.page.keyboard.press("/")
        check(page.page.evaluate("document.activeElement.id") == "filter", "the key / does not go to the filter")
        page.close()


def check_foreign_page(chromium, served):
    """A page of another origin, in the same browser, gets nothing: neither data nor an action."""
    context = chromium.new_context()
    page = context.new_page()
    other = urlsplit(served.page)._replace(netloc=f"foreign.localhost:{served.port}", fragment="").geturl()
    page.route("http://foreign.localhost/**", lambda route: route.fulfill(body="<title>foreign</title>", content_type="text/html"))
    page.goto("http://foreign.localhost/")
    outcome = page.evaluate("""async ([port, token]) => {
      const tries = {
        read: () => fetch(`http://127.0.0.1:${port}/api/server`, { headers: { authorization: `Bearer ${token}` } }),
        act: () => fetch(`http://127.0.0.1:${port}/api/behavior`, { method: 'POST', mode: 'no-cors', body: '{"behavior":"blackhole"}' }),
        module: () => import(`http://127.0.0.1:${port}/main.mjs`),
      };
      const got = {};
      for (const [name, run] of Object.entries(tries)) got[name] = await run().then((a) => a.type ?? 'loaded', () => 'refused');
      return got;
    }""", [served.port, served.token])
    check(outcome["read"] == "refused" and outcome["module"] == "refused" and outcome["act"] in ("opaque", "refused"), f"a foreign page: {outcome}")
    rebound = page.goto(other)
    check(rebound.status == 421, f"a name that was made to lead here gets {rebound.status}")
    context.close()
    mine = Page(chromium, served)
    check(mine.page.inner_text("#current").startswith("reference"), "a foreign page has changed the behavior")
    mine.close()
