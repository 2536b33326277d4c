"""The page at 1,000 frames a second: whether it keeps up, stays lively, and holds no more memory for it."""
import re
import time

from .pages import Page, wait
from .served import check

CALLS = 500  # a second; each is two frames, which the page sees as a client and again from the mock server

PACE = """() => { window.gaps = []; let last = performance.now();
  const step = (now) => { window.gaps.push(now - last); last = now; requestAnimationFrame(step); }; requestAnimationFrame(step); }"""


def heap(session):
    """Bytes of live objects, and how many elements there are."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    return session.send("Runtime.getHeapUsage")["usedSize"], session.send("Memory.getDOMCounters")["nodes"]


# Nothing runs in the page for three seconds; then the next turn of what repeats the calls says how many were sent meanwhile.
BUSY = """async () => { const sent = () => Number(/^(\\d+) of/.exec(document.getElementById('status').textContent)?.[1]);
  const before = sent(), end = performance.now() + 3000; while (performance.now() < end);
  const resumed = performance.now(); while (sent() === before) await new Promise((next) => setTimeout(next));
  return [sent() - before, performance.now() - resumed]; }"""


def check_no_making_up(page):
    """A page that was busy does not send in one go what it missed, or it would stay behind for good."""
    sent, after = page.page.evaluate(BUSY)
    most = CALLS * (0.2 + after / 1000) + 1
    check(sent <= most, f"after three busy seconds the page sends {sent} calls at once; {most:.0f} at most are due")


def entries(page):
    """How many entries have come to the list that is shown, also those that it has given up."""
    text = page.page.inner_text("#count")
    lost = re.search(r"(\d+) older", text)
    return int(re.search(r"of (\d+)", text)[1]) + (int(lost[1]) if lost else 0)


def check_flood(chromium, served, seconds, warm):
    """Runs for so many seconds after `warm` ones, in which the lists fill; what was measured, for people."""
    page = Page(chromium, served, viewport={"width": 1440, "height": 900})
    page.connect("uid=900")
    session = page.context.new_cdp_session(page.page)
    page.page.evaluate("""([times, rate]) => { const set = (id, value) => { document.getElementById(id).value = value; };
      set('times', times); set('rate', rate); }""", [10_000_000, CALLS])
    page.send("call", 2, "a payload of the usual length, with some text in it")
    time.sleep(warm)
    check_no_making_up(page)
    before, nodes_before = heap(session)
    page.page.evaluate(PACE)
    counted, began = entries(page), time.monotonic()
    end = began + seconds
    while time.monotonic() < end:
        # People look at other things meanwhile.
        for tab in ("ladder", "latency"):
            page.page.click(f"#tab-{tab}")
            time.sleep(min(1, seconds / 6))
    frames, elapsed = entries(page) - counted, time.monotonic() - began
    gaps = sorted(page.page.evaluate("window.gaps"))
    page.page.evaluate("window.gaps.length = 0")
    after, nodes_after = heap(session)
    page.page.click("#repeat-stop")
    rate = frames / elapsed
    typical, slow = gaps[len(gaps) // 2], gaps[int(len(gaps) * 0.99)]
    said = (f"{rate:.0f} frames a second for {elapsed:.0f} s; heap {before / 1e6:.1f} MB before, {after / 1e6:.1f} MB after; "
            f"{nodes_before} nodes, then {nodes_after}; a picture every {typical:.0f} ms, 99 % within {slow:.0f} ms")
    # A loaded machine is slow, so that the short run only measures; what piles up does so on every machine.
    check(seconds < 30 or rate > 300, f"the page does not keep up: {said}")
    check(nodes_after < nodes_before + 2000, f"elements pile up: {said}")
    # Lists that are full hold as much as they did, those that fill meanwhile their share of 20,000 entries each.
    filling = max(0, 40_000 - 2 * counted) * 1500
    check(after - before < 8e6 + filling, f"the heap grows: {said}")
    page.source("server")
    wait("the server's view", lambda: entries(page) > frames / 2)
    page.close()
    return said
