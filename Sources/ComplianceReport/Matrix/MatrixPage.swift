package import Conformance
import FoundationEssentials
import Specification
import SystemCrypto

/// A resilience matrix as one self-contained page without a script: a cell a fault, its colour and its sign what the client made of it.
package struct MatrixPage {
  /// The page.
  package let page: String

  /// Writes the page of a matrix.
  package init(_ report: MatrixReport) {
    let command = Self.escaped(InertText.visible(report.command, limit: 300))
    let bad = report.cells.filter { $0.reaction.isBad }
    let lead =
      bad.isEmpty
      ? "None of \(report.cells.count) broken servers made this client do what a rule forbids."
      : "\(bad.count) of \(report.cells.count) broken servers made this client do what a rule forbids."
    page = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(command) · broken servers</title>
      <style>\(MatrixStyle.text)</style>
      </head>
      <body>
      <header><p class="eyebrow">What a client makes of broken servers</p>
      <h1><code>\(command)</code></h1>
      <p class="lead">\(lead)</p>
      \(Self.legend(report))</header>
      <main>
      <section aria-label="All faults">\(report.areas.map { Self.area($0.name, $0.cells) }.joined(separator: "\n"))</section>
      \(Self.details(bad, report))
      \(Self.table(report))
      </main>
      <footer>Made by wireproof in \(Int(report.seconds.rounded())) s. Each cell is one server with one fault, and one short conversation: \
      calls, one-way messages, a call of the server, an end with a call in flight. A bad reaction has come about twice.</footer>
      </body>
      </html>

      """
  }

  /// Nothing is loaded, nothing runs, and no style counts but the page's.
  private static let policy =
    "default-src 'none'; style-src 'sha256-"
    + Data(SHA256.digest(of: Array(MatrixStyle.text.utf8))).base64EncodedString()
    + "'; base-uri 'none'; form-action 'none'"

  private static func escaped(_ text: String) -> String { XMLEscaping.escaped(text) }

  /// The class and the sign of a reaction: colour alone says nothing to many.
  private static func look(_ reaction: ClientReaction) -> (name: String, sign: String) {
    switch reaction {
    case .untouched: ("untouched", "·")
    case .tolerated: ("tolerated", "○")
    case .noticed: ("noticed", "✓")
    case .delivered: ("delivered", "D")
    case .mixedUp: ("mixed", "M")
    case .lost: ("lost", "L")
    case .hung: ("hung", "H")
    case .crashed: ("crashed", "✗")
    case .stormed: ("stormed", "S")
    case .unknown: ("unknown", "?")
    }
  }

  private static func meaning(_ reaction: ClientReaction) -> String {
    switch reaction {
    case .untouched: "saw nothing of the fault"
    case .tolerated: "went on, as it may"
    case .noticed: "failed the connection or the call"
    case .delivered: "took what it must not"
    case .mixedUp: "gave a call another's answer"
    case .lost: "lost a call without saying so"
    case .hung: "does nothing any more"
    case .crashed: "crashed"
    case .stormed: "dials without a pause"
    case .unknown: "nothing is known"
    }
  }

  private static func mark(_ reaction: ClientReaction) -> String {
    let look = look(reaction)
    return "<span class=\"c \(look.name)\" aria-hidden=\"true\">\(look.sign)</span>"
  }

  private static func legend(_ report: MatrixReport) -> String {
    let items = report.reactions.map { reaction in
      "<li>\(mark(reaction)) <b>\(report.count(reaction, in: report.cells))</b> \(reaction.rawValue) <small>\(meaning(reaction))</small></li>"
    }
    return "<ul class=\"legend\">\(items.joined())</ul>"
  }

  private static func area(_ name: String, _ cells: [MatrixCell]) -> String {
    let marks = cells.map { cell in
      let look = look(cell.reaction)
      let title = escaped(
        InertText.visible(
          "\(cell.fault.name): \(cell.fault.fault). \(cell.reaction.rawValue): \(cell.observation)", limit: 400))
      return "<li><a class=\"c \(look.name)\" href=\"#\(cell.fault.name)\" title=\"\(title)\">"
        + "\(look.sign)<span class=\"vh\"> \(escaped(cell.fault.name)) \(cell.reaction.rawValue)</span></a></li>"
    }
    return
      "<div class=\"area\"><h2>\(escaped(name)) <small>\(cells.count)</small></h2><ul class=\"map\">\(marks.joined())</ul></div>"
  }

  private static func details(_ bad: [MatrixCell], _ report: MatrixReport) -> String {
    guard !bad.isEmpty else { return "" }
    let items = bad.map { cell in
      let rule = cell.requirement.map { requirement in
        let level = report.level(of: cell).map { "<b>\($0)</b> " } ?? ""
        let text = escaped(report.ruleText(of: cell) ?? "")
        return "<dd>\(level)<code>\(requirement)</code> <span class=\"rule\">\(text)</span></dd>"
      }
      return
        "<div><dt>\(mark(cell.reaction)) <a href=\"#\(cell.fault.name)\"><code>\(escaped(cell.fault.name))</code></a> "
        + "\(cell.reaction.rawValue): \(escaped(InertText.visible(cell.observation, limit: 400)))</dt>"
        + "<dd>The server: \(escaped(cell.fault.fault))</dd>\(rule ?? "")</div>"
    }
    return
      "<section><h2>What a rule forbids <small>\(bad.count)</small></h2><dl class=\"bad\">\(items.joined())</dl></section>"
  }

  private static func table(_ report: MatrixReport) -> String {
    let rows = report.cells.map { cell in
      "<tr id=\"\(cell.fault.name)\"><th scope=\"row\"><code>\(escaped(cell.fault.name))</code><small>\(escaped(cell.fault.fault))</small></th>"
        + "<td>\(mark(cell.reaction)) \(cell.reaction.rawValue)</td>"
        + "<td>\(escaped(InertText.visible(cell.observation, limit: 400)))"
        + (cell.requirement.map { "<small><code>\($0)</code></small>" } ?? "") + "</td></tr>"
    }
    return """
      <section><h2>All faults <small>\(report.cells.count)</small></h2><div class="scroll"><table>
      <thead><tr><th scope="col">server</th><th scope="col">client</th><th scope="col">seen</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div></section>
      """
  }
}

/// The style sheet of the page: colours with enough contrast in light and in dark, a grid that folds on a narrow screen.
enum MatrixStyle {
  static let text = """
    :root{color-scheme:light dark;--ground:#fdfdfb;--ink:#1c1e21;--soft:#5b6067;--line:#e2e0da;--accent:#1f4e8c;
    --untouched:#edece8;--untouched-ink:#62676e;--tolerated:#dcebd9;--tolerated-ink:#2f5e38;--noticed:#a9d3b0;--noticed-ink:#12401f;
    --delivered:#c8443b;--mixed:#a5468a;--lost:#b3541e;--hung:#6a4c93;--crashed:#7a1210;--stormed:#8c6a00;--bad-ink:#fff;--unknown:#c9c6be;--unknown-ink:#1c1e21}
    @media (prefers-color-scheme:dark){:root{--ground:#15171a;--ink:#e3e4e6;--soft:#a0a6ae;--line:#2d3136;--accent:#8db8f0;
    --untouched:#24272b;--untouched-ink:#8b9199;--tolerated:#1f3526;--tolerated-ink:#9fd3a9;--noticed:#2f6b40;--noticed-ink:#e6f6e9;
    --delivered:#c64b41;--mixed:#a5528f;--lost:#b3602d;--hung:#7b5ea8;--crashed:#9c2a24;--stormed:#8a6d14;--unknown:#464b52;--unknown-ink:#e3e4e6}}
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:70rem;padding:0 1.5rem 4rem;background:var(--ground);color:var(--ink);
    font:15px/1.5 system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.9em}
    a{color:var(--accent)}:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    header{padding:2.4rem 0 .6rem}.eyebrow{margin:0;color:var(--soft);font-size:.85rem}
    h1{margin:.1rem 0 .5rem;font-size:1.5rem;line-height:1.25;font-weight:640}h2{font-size:1.1rem;margin:1.8rem 0 .5rem;font-weight:640}
    small{color:var(--soft);font-weight:400;font-size:.82rem}.lead{font-size:1.08rem;margin:0 0 1rem;max-width:50rem}
    ul{list-style:none;margin:0;padding:0}.legend{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.35rem 1rem}
    .c{display:inline-grid;place-items:center;width:1.55rem;height:1.55rem;border-radius:3px;font-size:.8rem;font-weight:640;text-decoration:none;line-height:1}
    .untouched{background:var(--untouched);color:var(--untouched-ink)}.tolerated{background:var(--tolerated);color:var(--tolerated-ink)}
    .noticed{background:var(--noticed);color:var(--noticed-ink)}.unknown{background:var(--unknown);color:var(--unknown-ink)}
    .delivered,.mixed,.lost,.hung,.crashed,.stormed{color:var(--bad-ink)}
    .delivered{background:var(--delivered)}.mixed{background:var(--mixed)}.lost{background:var(--lost)}.hung{background:var(--hung)}
    .crashed{background:var(--crashed)}.stormed{background:var(--stormed)}
    .area{display:grid;grid-template-columns:9rem 1fr;gap:.2rem 1rem;padding:.45rem 0;border-top:1px solid var(--line)}
    .area h2{margin:0;font-size:.95rem}.map{display:flex;flex-wrap:wrap;gap:3px}.map a:hover{outline:2px solid var(--ink)}
    .bad>div{padding:.6rem 0;border-top:1px solid var(--line)}.bad dd{margin:.15rem 0 0 2rem}.rule{color:var(--soft)}
    .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
    th,td{text-align:left;vertical-align:baseline;padding:.4rem .8rem .4rem 0;border-top:1px solid var(--line);font-weight:400}
    thead th{color:var(--soft);font-size:.82rem;border:0}td small,th small{display:block}td:nth-child(2){white-space:nowrap}
    tr:target{background:var(--untouched)}
    .vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    footer{margin-top:2.5rem;padding-top:.8rem;border-top:1px solid var(--line);color:var(--soft);font-size:.82rem}
    @media (max-width:40rem){body{padding:0 1rem 3rem}.area{grid-template-columns:1fr}th,td{display:block;border:0;padding:.15rem 0}
    tr{display:block;padding:.5rem 0;border-top:1px solid var(--line)}thead{display:none}}
    @media print{.scroll{overflow:visible}}
    """
}
