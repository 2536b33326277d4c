/// The parts of a page that no capture changes.
///
/// The policy permits this style and this script by their digests and nothing else, so that a text of a capture that got through as
/// markup would still do nothing.
enum HTMLPage {
  /// The digests of ``style`` and ``script`` (Content Security Policy level 3 §2.3.1).
  static let styleDigest = "sha256-Wl6qeNoVDkW4yGzUmzT1jYf8ekcJ2udUIaPyXt/me4Y="
  static let scriptDigest = "sha256-jAtglE97GWAsYw1eynuJ/2vYAeQvVEaahHE+xLu/iH8="

  /// How it begins.
  ///
  /// - Parameter zone: The name of the clock's zone, which has none of HTML's signs.
  static func head(zone: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '\(styleDigest)'; \
    script-src '\(scriptDigest)'; base-uri 'none'; form-action 'none'">
    <title>Inspected capture</title>
    <style>\(style)</style></head><body><main><h1>Inspected capture</h1>
    <input type="search" hidden placeholder="Show only rows with this text" aria-label="Show only rows with this text">
    <table id="rows"><thead><tr><th>time (\(zone))</th><th>no.</th><th>from</th><th>what</th></tr></thead><tbody>

    """
  }

  static let foot = "</main><script>\(script)</script></body></html>\n"

  static let style = """
    :root { color-scheme: light dark; --client: #1a6b2f; --server: #1f5a99; --found: #8a5a00; --broken: #b3201e; --line: #8884; }
    @media (prefers-color-scheme: dark) { :root { --client: #7fcf8f; --server: #86b8ee; --found: #e0b050; --broken: #ff8a80; } }
    body { font: 14px/1.45 system-ui, sans-serif; margin: 0; }
    main { max-width: 1100px; margin: 0 auto; padding: 1.5rem; display: flex; flex-direction: column; }
    h1 { font-size: 1.5rem; margin: 0 0 1rem; order: -3; }
    #found { order: -2; }
    input { order: -1; font: inherit; width: 100%; box-sizing: border-box; padding: .4rem .6rem; margin-bottom: 1rem; }
    h2 { font-size: 1.1rem; margin: 1.2rem 0 .3rem; }
    table { border-collapse: collapse; width: 100%; margin-bottom: 1rem; }
    th { text-align: left; font-weight: normal; opacity: .7; }
    td, th { padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
    td:nth-child(-n+3) { white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
    #rows td:first-child { opacity: .7; }
    #rows tr.client td:nth-child(n+3) { color: var(--client); }
    #rows tr.server td:nth-child(n+3) { color: var(--server); }
    #rows tr.server td:last-child { padding-left: 3rem; }
    #rows tr.connection td { border-top: 2px solid; font-weight: 600; }
    tr:target td { background: #fd03; }
    tr.control, tr.call { opacity: .75; }
    tr.finding td:last-child { color: var(--found); }
    tr.violation td:last-child { color: var(--broken); }
    a { color: inherit; }
    code { font: 13px/1.4 ui-monospace, monospace; }
    @media (max-width: 600px) {
      main { padding: .8rem; }
      thead { display: none; }
      tr { display: block; padding: .25rem 0; border-bottom: 1px solid var(--line); }
      td { display: inline; border: 0; }
      td:last-child, #rows tr.server td:last-child { display: block; padding-left: 0; }
      #rows tr.server td:last-child { padding-left: 1.2rem; }
    }
    @media print { input { display: none; } }

    """

  static let script = """
    const box = document.querySelector("input"), rows = [...document.querySelectorAll("#rows tr")];
    box.hidden = false;
    box.addEventListener("input", () => {
      const wanted = box.value.toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });

    """
}
