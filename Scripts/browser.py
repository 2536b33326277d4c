"""What the tests of pages share: Chromium, Playwright, and how well text can be read."""
import pathlib
import shutil
import sys

import python_package

FOLDER = pathlib.Path(__file__).resolve().parent.parent / ".build" / "report-tools"


def chromium(purpose):
    """The Chromium of the system. Where there is none, says so and ends the script with 0."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    print(f"{purpose}: skipped, there is no Chromium (Debian: apt-get install chromium)")
    sys.exit(0)


def playwright():
    """The Python of a virtual environment with Playwright; None where it cannot be had."""
    try:
        return python_package.find(["playwright"], ["playwright"], FOLDER)
    except python_package.Lacking:
        return None


def luminance(color):
    channels = [int(part) / 255 for part in color[color.index("(") + 1:-1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    """How well two colours can be told apart, 1 to 21 (WCAG 2)."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


# Colour and ground of each text that is in sight, one of a kind.
COLOURS = """() => {
  const seen = new Map();
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    if (!e.getClientRects().length || e.closest('svg') || e.closest('script,style')) continue;
    const color = getComputedStyle(e).color, back = ground(e);
    seen.set(color + back, [color, back, e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 30)]);
  }
  return [...seen.values()];
}"""
