/// The script of the page: plain, in parts that share one scope. It writes texts and never markup, so that nothing of a capture acts.
enum HTMLScript {
  static let text =
    "(() => {\n'use strict';\n"
    + [model, query, list, ladder, plots, side, detail, main].joined(separator: "\n")
    + "})();\n"
}
