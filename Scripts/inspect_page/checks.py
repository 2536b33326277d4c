"""What is tried with the page of `inspect`."""
import json
import re
import time
from urllib.parse import quote_plus

import browser

from . import captures

KINDS = {"message": "send", "request": "call", "response": "answer", "displacement": "displace", "acknowledgement": "ack"}
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class Failed(Exception):
    """A check that failed; says what."""


def check(holds, what):
    if not holds:
        raise Failed(what)


class Pages:
    """The pages in a folder, and what the browser complained of."""

    def __init__(self, chromium, folder):
        self.chromium, self.folder, self.faults, self.contexts = chromium, folder, [], {}

    def open(self, name, fragment="", **options):
        if str(options) not in self.contexts:
            self.contexts[str(options)] = self.chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        page = self.contexts[str(options)].new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{name}: {error}"))
        page.on("console", lambda message: self.faults.append(f"{name}: {message.text}") if message.type in ("error", "warning") else None)
        page.on("request", lambda request: self.faults.append(f"{name} asks for {request.url}")
                if not request.url.startswith("file:") or not request.url.split("#")[0].endswith(f"/{name}.html") else None)
        page.goto((self.folder / f"{name}.html").as_uri() + fragment)
        if options.get("java_script_enabled", True):
            page.wait_for_selector("#app[data-read]")
            settle(page)
        return page

    def records(self, name):
        """The objects of the ndjson, without the summary."""
        lines = (self.folder / f"{name}.ndjson").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines][:-1]


def settle(page):
    """Waits until what was asked for is drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def shown(page):
    """How many records the list holds."""
    settle(page)
    return page.evaluate("() => Number(document.querySelector('#records [role=option]:not([hidden])')?.getAttribute('aria-setsize') ?? 0)")


def search(page, text):
    """Searches, and gives how many records are found."""
    page.fill("#search", text)
    # A large capture is searched when nothing more was typed for a moment: the page says what it has searched for.
    page.wait_for_selector(f"#records[data-searched={json.dumps(text, ensure_ascii=False)}]", state="attached")
    return shown(page)


def chosen(page):
    settle(page)
    return page.evaluate("() => document.querySelector('#records [aria-selected=true]:not([hidden]) .label')?.textContent ?? ''")


def rows(page):
    """What the rows in sight say, from the top down."""
    settle(page)
    return page.evaluate("""() => [...document.querySelectorAll('#records [role=option]:not([hidden])')]
      .sort((a, b) => a.getAttribute('aria-posinset') - b.getAttribute('aria-posinset'))
      .map(e => ({ at: Number(e.getAttribute('aria-posinset')), kind: e.className, time: e.querySelector('.time').textContent,
        label: [...e.querySelectorAll('.label > *')].map(part => part.textContent).join(' '), text: e.querySelector('.text').textContent,
        packet: e.querySelector('.packet').textContent, from: e.classList.contains('client') ? 'client' : e.classList.contains('server') ? 'server' : '' }))""")


def check_records(pages, name):
    """The page has the records of the ndjson: all of them, of each kind, and of each connection."""
    records = pages.records(name)
    page = pages.open(name)
    for kind in ("frame", "control", "finding", "connection"):
        wanted = sum(record["type"] == kind for record in records)
        found = search(page, f"kind:{kind}")
        check(found == wanted, f"{name}: {found} records of type {kind}, not {wanted}")
    calls = sum(record["type"] == "rpc" for record in records)
    search(page, "")
    check(page.inner_text("#tab-calls") == f"Calls {calls:,}", f"{name}: {page.inner_text('#tab-calls')}, not {calls}")
    # A call whose frames are there has no row of its own.
    check(search(page, "kind:call -kind:frame") == 0, f"{name}: a call is not put together with its frames")
    numbers = sorted({record["connection"] for record in records if record["type"] == "connection"})
    check(page.inner_text("#tab-connections") == f"Connections {len(numbers)}", f"{name}: not {len(numbers)} connections")
    for number in numbers[:3]:
        wanted = sum(record["connection"] == number and record["type"] == "frame" for record in records)
        check(search(page, f"connection:{number} kind:frame") == wanted, f"{name}: connection {number} has not {wanted} frames")
    page.close()
    return len(records)


def check_ladder(pages, name):
    """Every frame of a capture stands in its place with what it carries, and every answer with the latency of its call."""
    records = pages.records(name)
    page = pages.open(name)
    frames = [row for row in rows(page) if "frame" in row["kind"]]
    wanted = [record for record in records if record["type"] == "frame"]
    latencies = {record["sn"]: record["latency"] for record in records if record["type"] == "rpc"}
    check(len(frames) == len(wanted), f"{name}: {len(frames)} frames are in sight, not {len(wanted)}")
    for row, frame in zip(frames, wanted):
        label = f"{KINDS[frame['kind']]} id {frame['protocolId']}" + (f" sn {frame['sn']}" if frame["sn"] else "")
        if frame["kind"] == "response":
            label += f" {int(latencies[frame['sn']] * 1e6 + 1e-4)} us"
        label += f" {frame['payloadLength']} B"
        seconds = time.strftime("%H:%M:%S", time.gmtime(int(frame["time"])))
        check(row["label"] == label, f"{name}: a frame is {row['label']!r}, not {label!r}")
        check(row["from"] == frame["direction"] and row["text"] == frame["text"], f"{name}: {row} is not {frame}")
        check(row["time"].startswith(seconds + ".") and row["packet"] == str(frame["packets"][1]), f"{name}: {row} is not {frame}")
    spans = page.evaluate("() => [...document.querySelectorAll('#records .item:not([hidden]) .spans')].filter(e => e.getAttribute('d')).length")
    check(spans >= 2 * len(latencies), f"{name}: {spans} rows have a part of a call's span")
    other = pages.open(name, f"#packet={wanted[1]['packets'][0]}")
    check(chosen(other).replace(" ", "") == frames[1]["label"].replace(" ", ""), f"{name}: the address of a packet leads to {chosen(other)!r}")
    other.close()
    page.close()


def check_calls_alone(pages, name):
    """Calls whose frames are not on the page have rows of their own."""
    wanted = [record for record in pages.records(name) if record["type"] == "rpc"]
    page = pages.open(name)
    found = [row for row in rows(page) if "call" in row["kind"]]
    check(len(found) == len(wanted), f"{name}: {len(found)} calls, not {len(wanted)}")
    for row, call in zip(found, wanted):
        check(row["label"].startswith(f"call id {call['requestId']} sn {call['sn']} {call['latency']:.3f}"[:-1]), f"{name}: {row} is not {call}")
    check(search(page, "latency:>1s") == sum(call["latency"] > 1 for call in wanted), f"{name}: slow calls are not found")
    page.keyboard.press("Enter")
    check("answered after" in page.inner_text("#detail"), f"{name}: the detail does not say when the call was answered")
    page.close()


def check_search(pages, name):
    """What the search finds is what the ndjson has; what makes no sense is said."""
    records = pages.records(name)
    frames = [record for record in records if record["type"] == "frame"]
    answered = [record for record in records if record["type"] == "rpc" and record["outcome"] == "answered"]
    sn, identifier = next(frame["sn"] for frame in frames if frame["sn"]), frames[0]["protocolId"]
    middle = sorted(record["latency"] for record in answered)[len(answered) // 2]
    page = pages.open(name)
    whole = shown(page)
    tries = {
        f"id:{identifier} kind:frame": sum(frame["protocolId"] == identifier for frame in frames),
        f"id:{identifier:#x} kind:frame": sum(frame["protocolId"] == identifier for frame in frames),
        f"sn:{sn} kind:frame": sum(frame["sn"] == sn for frame in frames),
        "kind:frame from:server": sum(frame["direction"] == "server" for frame in frames),
        "kind:frame -from:server": sum(frame["direction"] == "client" for frame in frames),
        "-kind:frame": whole - len(frames),
        "kind:message": sum(frame["kind"] == "message" for frame in frames),
        "outcome:__proto__": whole,
        "kind:frame packet:12": sum(frame["packets"][0] <= 12 <= frame["packets"][1] for frame in frames),
        "kind:frame packet:>40": sum(frame["packets"][1] > 40 for frame in frames),
        "kind:call": sum(frame["kind"] == "request" for frame in frames),
        f"kind:answer latency:>{middle * 1e6:.3f}us": sum(record["latency"] > middle for record in answered),
        "kind:frame size:>=20": sum(frame["payloadLength"] >= 20 for frame in frames),
        "no such text anywhere": 0, "": whole,
    }
    for query, wanted in tries.items():
        found = search(page, query)
        check(found == wanted, f"{name}: {query!r} finds {found} records, not {wanted}")
    search(page, "sn:many")
    check("does not take" in page.inner_text("#matches"), "a search that makes no sense is not said to be one")
    word = next(frame["text"] for frame in frames if frame["text"])[:6]
    query = f'kind:frame "{word}"'
    check(0 < search(page, query) <= len(frames), f"{name}: {word!r} is not found")
    page.wait_for_url(lambda url: quote_plus(query) in url)
    again = pages.open(name, "#" + page.url.split("#")[1])
    check(shown(again) == shown(page), "the address of a search shows something else")
    for each in (page, again):
        each.close()


def check_keys(pages, name):
    """The keys of the help, and that plots and findings lead to records."""
    findings = [record for record in pages.records(name) if record["type"] == "finding"]
    page = pages.open(name)
    page.keyboard.press("j")
    page.keyboard.press("j")
    first = chosen(page)
    page.keyboard.press("k")
    page.keyboard.press("j")
    check(first and chosen(page) == first, "the keys j and k do not go down and up")
    page.keyboard.press("g")
    seen = []
    for _ in findings:
        page.keyboard.press("n")
        seen.append(chosen(page))
    check(seen == [finding["id"] for finding in findings], f"the key n goes to {seen}")
    check(findings[-1]["message"] in page.inner_text("#detail"), "the detail does not say what the finding says")
    page.click("#detail .buttons button")
    check(chosen(page).startswith("message"), "the finding does not lead to what it is about")
    page.keyboard.press("p")
    check(chosen(page) == findings[-2]["id"], "the key p does not go back to a finding")
    search(page, "kind:call")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    check(chosen(page).startswith("answer"), "Enter does not go from a call to its answer")
    page.keyboard.press("Enter")
    check(chosen(page).startswith("call"), "Enter does not go back")
    page.keyboard.press("/")
    check(page.evaluate("() => document.activeElement.id") == "search", "the key / does not go to the search")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check(page.is_visible("#help"), "the key ? shows no help")
    page.keyboard.press("Escape")
    check(not page.is_visible("#help"), "Escape does not end the help")
    page.keyboard.press("]")
    check(search(page, "kind:connection") == 1, "the key ] does not go to a connection")
    search(page, "")
    page.keyboard.press("Escape")
    page.click("#connections .item")
    page.click("#tab-findings")
    page.click("#panel-findings .entry")
    check(chosen(page) == findings[0]["id"], "a finding at the side does not lead to its place")
    page.click("#tab-calls")
    page.click("#panel-calls .entry")
    check(chosen(page).startswith("answer"), "a call at the side does not lead to its answer")
    page.click("#timeline", position={"x": 10, "y": 60})
    check(chosen(page).startswith("#1"), "the timeline does not lead to its first record")
    page.click("#tab-connections")
    page.click("#connections .item >> nth=1")
    check(search(page, "kind:connection") == 1, "a connection at the side is not shown alone")
    page.close()


def check_hostile(pages, name):
    """Nothing of a capture acts, and everything of it can be seen."""
    page = pages.open(name)
    scripts = page.evaluate("() => [...document.scripts].map(each => each.type)")
    check(scripts == ["", "application/json"], f"the page of a hostile capture has the scripts {scripts}")
    seen = []
    for place in range(shown(page)):
        page.keyboard.press("j")
        seen.append(page.inner_text("#detail"))
    for tab in ("findings", "calls", "connections"):
        page.click(f"#tab-{tab}")
    check(not page.evaluate("() => 'harmed' in window || 'harmed' in Object.prototype"), "a text of a capture has acted")
    check(search(page, "kind:other") == 1, "the message that is no frame is not found")
    search(page, "")
    made = page.evaluate("() => document.querySelectorAll('img, svg[onload], iframe, object, embed, link, base, b b, i i').length")
    check(made == 0, f"texts of a capture have become {made} elements")
    found = UNSEEN.search(page.evaluate("() => document.body.textContent"))
    check(not found, f"the page has the unseen character {ascii(found and found.group())}")
    whole = "\n".join(seen)
    for text in captures.HOSTILE:
        if text.isprintable() and "\\" not in text and not text.startswith("{"):
            check(text in whole, f"{ascii(text)} is not shown as it was sent")
    check("\\u{202e}right to left\\u{2066}\\u{200f}" in whole, "marks of direction are not shown by their numbers")
    check("12345678901234567890" in whole, "a number of JSON is not as it was sent")
    page.close()


def check_looks(pages, name):
    """Contrast, a telephone's width, and names for those who do not see."""
    for scheme in ("light", "dark"):
        page = pages.open(name, color_scheme=scheme)
        for _ in range(4):
            page.keyboard.press("n")
        for tab in ("calls", "findings", "connections"):
            page.click(f"#tab-{tab}")
            for color, ground, what in page.evaluate(browser.COLOURS):
                check(browser.contrast(color, ground) >= 4.5,
                      f"the contrast of {what!r} is {browser.contrast(color, ground):.2f} ({scheme}: {color} on {ground})")
        nameless = page.evaluate("""() => [...document.querySelectorAll('[role],input,button,section,nav,aside,canvas')].filter(e =>
          !e.closest('[hidden]') && e.role !== 'presentation' && !(e.ariaLabel || e.getAttribute('aria-labelledby') || e.textContent.trim()))
          .map(e => e.outerHTML.slice(0, 80))""")
        check(not nameless, f"parts have no accessible name: {nameless}")
        page.close()
    for name, width in ((name, 360), ("large", 360), (name, 800)):
        page = pages.open(name, viewport={"width": width, "height": 740}, reduced_motion="reduce")
        page.click("#records .item >> nth=2")
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        check(wide <= width, f"{name}: the page is {wide} pixels wide where there are {width}")
        for key in "jjk":
            page.keyboard.press(key)
            settle(page)
            below, top = page.evaluate("""() => [document.querySelector('#records [aria-selected=true]').getBoundingClientRect().bottom,
              document.getElementById('detail').getBoundingClientRect().top]""")
            check(below <= top + 1, f"{name}: at a width of {width} the detail hides what is chosen")
        page.close()


def check_paper(pages, name):
    """The page without scripts, and printed."""
    page = pages.open(name, java_script_enabled=False)
    text = page.inner_text("body")
    for part in ("16 packets, 1446 bytes, 1 connection, 2 frames, 1 call, 2 findings", "rpc.slow", "Slowest calls"):
        check(part in text, f"without scripts the page does not say {part!r}")
    check(not page.is_visible("#app"), "without scripts the page shows what does not work")
    page.close()
    page = pages.open(name)
    check(len(page.pdf(format="A4")) > 10_000, "the page cannot be printed")
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    text = page.inner_text("body")
    check("call id 4 sn 2" in text and "rpc.slow" in text and not page.is_visible("#page"), "the printed page lacks records")
    page.close()


def check_large(pages, name):
    """50,000 frames: all are there, few are elements, and the ends can be reached. Gives the times."""
    wanted = sum(record["type"] == "frame" for record in pages.records(name))
    check(wanted == 50_000, f"the capture has {wanted} frames")
    page = pages.open(name)
    paint = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    read = int(page.get_attribute("#app", "data-read"))
    whole = shown(page)
    began = time.monotonic()
    found = search(page, "kind:frame")
    took = (time.monotonic() - began) * 1000
    check(found == wanted, f"{found} of {wanted} frames are found")
    search(page, "")
    page.focus("#records")
    page.keyboard.press("End")
    check(rows(page)[-1]["at"] == whole, f"the end of {whole} records is not reached: {rows(page)[-1]}")
    page.evaluate("() => { document.getElementById('records').scrollTop = 500000 }")
    settle(page)
    check(abs(rows(page)[0]["at"] - 500000 / 28) < 3, "the list does not follow its scroll bar")
    elements = page.evaluate("() => document.querySelectorAll('*').length")
    check(elements < 3000, f"the page has {elements} elements")
    size = (pages.folder / f"{name}.html").stat().st_size
    check(size < 12 << 20, f"a page of {wanted} frames has {size} bytes")
    page.close()
    return (f"{wanted:,} frames: {size / (1 << 20):.1f} MiB, first paint after {paint:.0f} ms, everything read after {read} ms, "
            f"searched in {max(took, 0):.0f} ms, {elements} elements")


def take_screenshots(pages, folder, names):
    """Pictures of the pages: wide and narrow, light and dark."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for width, height in ((1440, 900), (1024, 768), (360, 740)):
            for scheme in ("light", "dark"):
                page = pages.open(name, viewport={"width": width, "height": height}, color_scheme=scheme)
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
                for key in "nkk":
                    page.keyboard.press(key)
                settle(page)
                page.screenshot(path=folder / f"{name}-{width}-{scheme}-chosen.png")
                page.close()
