import SystemCrypto

/// The parts of a page that no capture changes.
///
/// The policy permits this style and this script by their digests and nothing else, and no script may make markup of texts: a text of a
/// capture that got through would still do nothing.
enum HTMLPage {
  private static let policy = """
    default-src 'none'; style-src '\(digest(of: HTMLStyle.text))'; script-src '\(digest(of: HTMLScript.text))'; \
    base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'
    """

  /// How a policy names what may run (Content Security Policy level 3 §2.3.1).
  private static func digest(of text: String) -> String {
    let digest = SHA256.digest(of: Array(text.utf8))
    let base64 = [UInt8](unsafeUninitializedCapacity: (digest.count + 2) / 3 * 4) { buffer, count in
      guard let target = buffer.baseAddress else { return }
      count = digest.withUnsafeBytes { Base64Encoding.encode($0, to: target) }
    }
    return "sha256-" + String(decoding: base64, as: UTF8.self)
  }

  /// How it begins, up to the data.
  ///
  /// - Parameter zone: The name of the clock's zone, which has none of HTML's signs.
  static func head(zone: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="\(policy)">
    <title>Inspected capture</title>
    <style>\(HTMLStyle.text)</style></head><body>
    <div id="app" hidden data-zone="\(zone)">
    \(frame)
    </div>
    <script>\(HTMLScript.text)</script>

    """
  }

  static let foot = "</body></html>\n"

  /// What the script fills.
  private static let frame = """
    <header>
    <h1>Inspected capture</h1><p id="summary" role="status">Reading the records…</p>
    <form id="find" role="search"><input id="search" type="search" autocomplete="off" spellcheck="false" placeholder="Search: text, id:2, sn:7, kind:call, finding:rpc" \
    aria-label="Search the records" aria-describedby="matches"><output id="matches" for="search"></output></form>
    <button id="ask" type="button" aria-label="Keys and search, a help">?</button>
    </header>
    <p id="notice" role="alert" hidden></p>
    <div id="page">
    <nav id="side" aria-label="What the capture holds">
    <div class="tabs" role="tablist" aria-label="What the capture holds">
    <button type="button" role="tab" id="tab-connections" aria-controls="panel-connections" aria-selected="true">Connections</button>
    <button type="button" role="tab" id="tab-findings" aria-controls="panel-findings" aria-selected="false" tabindex="-1">Findings</button>
    <button type="button" role="tab" id="tab-calls" aria-controls="panel-calls" aria-selected="false" tabindex="-1">Calls</button>
    </div>
    <div id="panel-connections" class="panel" role="tabpanel" aria-labelledby="tab-connections">\
    <div id="connections" class="list" role="listbox" tabindex="0" aria-label="Connections"></div></div>
    <div id="panel-findings" class="panel" role="tabpanel" aria-labelledby="tab-findings" tabindex="0" hidden></div>
    <div id="panel-calls" class="panel" role="tabpanel" aria-labelledby="tab-calls" tabindex="0" hidden></div>
    </nav>
    <main>
    <section id="plots" aria-label="Plots">
    <figure><figcaption><b>Frames over time</b> <span id="timeline-text"></span></figcaption>\
    <canvas id="timeline" tabindex="0" role="img" aria-label="Frames over time"></canvas></figure>
    <figure><figcaption><b>Latency of calls</b> <span id="latency-text"></span></figcaption>\
    <canvas id="latency" tabindex="0" role="img" aria-label="Latency of calls"></canvas></figure>
    </section>
    <section id="ladder" aria-label="Ladder diagram">
    <div id="heads" aria-hidden="true"><span class="time"></span><span class="number">no.</span>\
    <span class="rungs"><b class="client">client</b><b class="server">server</b></span><span class="text">payload</span><span class="packet">packet</span></div>
    <div id="records" class="list" role="listbox" tabindex="0" aria-label="Records in the order of the capture"></div>
    </section>
    </main>
    <aside id="detail" aria-label="The chosen record" tabindex="-1"></aside>
    </div>
    <dialog id="help" aria-labelledby="help-title"><h2 id="help-title">Keys and search</h2><div id="help-text"></div>\
    <form method="dialog"><button>Close</button></form></dialog>
    <div id="print" hidden></div>
    """
}
