import GoldenVectors
internal import Specification
import StrictJSON

/// Offers that a server has to decline, and headers that it has to refuse.
extension DeflateVectors {
  static var declinedTests: [VectorTest] { valueTests + nameTests + fallbackTests }

  private static var valueTests: [VectorTest] {
    let values: [(name: String, text: String, what: String)] = [
      ("7", "=7", "below 8"), ("16", "=16", "above 15"), ("zero", "=0", "below 8"),
      ("leading-zero", "=08", "a leading zero"),
      ("plus", "=+9", "a sign"), ("minus", "=-9", "a sign"), ("hexadecimal", "=0xa", "no decimal number"),
      ("word", "=max", "no number"), ("long", "=4294967304", "8 only in 32 bits"),
      ("quoted-16", #"="16""#, "above 15, in quotes"),
      ("fraction", "=9.0", "a fraction"),
    ]
    var tests = ["server", "client"].flatMap { side in
      values.map { value in
        server(
          "value.\(side)-window.\(value.name)",
          "\(side)_max_window_bits\(value.text) (\(value.what)): the offer is declined.",
          ["deflate.offer.invalid-value"], ["invalid-value", "\(side)-window"],
          offers: "permessage-deflate; \(side)_max_window_bits\(value.text)", response: nil, declines: true)
      }
    }
    tests.append(
      server(
        "value.server-window.missing", "server_max_window_bits needs a value in an offer.",
        ["deflate.offer.invalid-value"], ["invalid-value", "server-window"],
        offers: "permessage-deflate; server_max_window_bits", response: nil, declines: true))
    for side in ["server", "client"] {
      for (name, value) in [("true", "true"), ("quoted", #""1""#)] {
        tests.append(
          server(
            "value.\(side)-context.\(name)", "\(side)_no_context_takeover takes no value.",
            ["deflate.offer.invalid-value"], ["invalid-value", "no-context-takeover"],
            offers: "permessage-deflate; \(side)_no_context_takeover=\(value)", response: nil, declines: true))
      }
    }
    return tests
  }

  private static var nameTests: [VectorTest] {
    let unknown: [(name: String, text: String)] = [
      ("without-value", "x"), ("with-value", "x=1"), ("other-case", "Server_no_context_takeover"),
      ("hyphens", "server-no-context-takeover"), ("original-draft", "s2c_max_window_bits=10"),
    ]
    let repeated: [(name: String, text: String)] = [
      ("server-context", "server_no_context_takeover; server_no_context_takeover"),
      ("client-context", "client_no_context_takeover; client_no_context_takeover"),
      ("server-window", "server_max_window_bits=10; server_max_window_bits=12"),
      ("server-window-same", "server_max_window_bits=10; server_max_window_bits=10"),
      ("client-window", "client_max_window_bits; client_max_window_bits=10"),
      ("not-adjacent", "client_max_window_bits; server_no_context_takeover; client_max_window_bits"),
    ]
    return unknown.map {
      server(
        "unknown-parameter.\($0.name)", "A parameter that RFC 7692 does not define: the offer is declined.",
        ["deflate.offer.unknown-parameter"], ["unknown-parameter"], offers: "permessage-deflate; \($0.text)",
        response: nil, declines: true)
    }
      + repeated.map {
        server(
          "repeated-parameter.\($0.name)", "A parameter that is named twice: the offer is declined.",
          ["deflate.offer.repeated-parameter"], ["repeated"], offers: "permessage-deflate; \($0.text)", response: nil,
          declines: true)
      }
  }

  private static var fallbackTests: [VectorTest] {
    [
      server(
        "fallback.unknown-parameter", "The first offer is declined, the second is taken.",
        ["deflate.offer.unknown-parameter", "deflate.offer.preference"], ["unknown-parameter", "list"],
        offers: "permessage-deflate; x=1, permessage-deflate; server_no_context_takeover",
        response: "permessage-deflate; server_no_context_takeover", declines: true),
      server(
        "fallback.invalid-value", "The first offer is declined, the second is taken.",
        ["deflate.offer.invalid-value", "deflate.offer.preference"], ["invalid-value", "list"],
        offers: "permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=8",
        response: "permessage-deflate; server_max_window_bits=8", declines: true),
      server(
        "fallback.repeated-parameter", "The first offer is declined, the second is taken.",
        ["deflate.offer.repeated-parameter", "deflate.offer.preference"], ["repeated", "list"],
        offers: "permessage-deflate; client_max_window_bits; client_max_window_bits, permessage-deflate",
        response: "permessage-deflate", declines: true),
      server(
        "fallback.none-left", "Three offers, each with another fault: none is left.",
        ["deflate.offer.unknown-parameter", "deflate.offer.repeated-parameter", "deflate.offer.invalid-value"],
        ["list"],
        offers:
          "permessage-deflate; x, permessage-deflate; server_max_window_bits=16, permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        response: nil, declines: true),
      server(
        "fallback.known-parameters", "Each known parameter once, with good values: taken.",
        ["deflate.offer.unknown-parameter", "deflate.offer.repeated-parameter", "deflate.offer.invalid-value"], [],
        offers:
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15; client_max_window_bits=8",
        response:
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15; client_max_window_bits=8"
      ),
    ]
  }

  /// Headers that break the grammar: what stands before the byte at fault, and from there on.
  static let grammarFaults: [(name: String, before: String, rest: String, what: String)] = [
    ("empty-name", "", "; server_no_context_takeover", "no name before the parameters"),
    ("equals-first", "", "=10", "no name before the equals sign"),
    ("no-parameter", "permessage-deflate;", "", "a semicolon at the end"),
    ("no-parameter-before-comma", "permessage-deflate; ", ", x", "a semicolon before the comma"),
    ("two-semicolons", "permessage-deflate;", ";server_no_context_takeover", "two semicolons"),
    ("no-parameter-name", "permessage-deflate; ", "=10", "no name before the equals sign"),
    ("no-value", "permessage-deflate; server_max_window_bits=", "", "an equals sign at the end"),
    (
      "no-value-before-semicolon", "permessage-deflate; server_max_window_bits=", "; x",
      "no value after the equals sign"
    ),
    ("two-equals", "permessage-deflate; server_max_window_bits=", "=10", "two equals signs"),
    ("two-values", "permessage-deflate; server_max_window_bits=10", "=11", "two values"),
    ("two-words", "permessage-deflate ", "server_no_context_takeover", "two names without a separator"),
    ("quote-open", "permessage-deflate; server_max_window_bits=\"10", "", "a quoted value without its end"),
    ("quote-only", "permessage-deflate; server_max_window_bits=\"", "", "nothing after the opening quote"),
    ("quote-empty", "permessage-deflate; server_max_window_bits=\"", "\"", "a quoted value that is no token: empty"),
    (
      "quote-space", "permessage-deflate; server_max_window_bits=\"1", " 0\"",
      "a quoted value that is no token: a space"
    ),
    ("quote-comma", "x; a=\"b", ",permessage-deflate\"", "a quoted value that is no token: a comma"),
    ("quote-escape-at-end", "permessage-deflate; server_max_window_bits=\"1\\", "", "a backslash at the end"),
    (
      "quote-escaped-quote", "permessage-deflate; server_max_window_bits=\"1\\", "\"\"",
      "a quoted value that is no token: a quote"
    ),
    (
      "quote-then-word", "permessage-deflate; server_max_window_bits=\"10\"", "x",
      "a quoted value with something after it"
    ),
    ("quoted-name", "", "\"permessage-deflate\"", "a name in quotes"),
    ("quoted-parameter-name", "permessage-deflate; ", "\"client_max_window_bits\"", "a parameter name in quotes"),
    ("slash", "permessage", "/deflate", "a slash, which no token holds"),
    ("at-sign", "permessage-deflate; server", "@max=10", "an at sign, which no token holds"),
    ("control-character", "permessage-deflate", "\u{1}", "a control character"),
    ("not-ascii", "permessage-deflate; gr\u{F6}\u{DF}e", "", "letters beyond ASCII"),
  ]

  static var serverGrammarTests: [VectorTest] {
    grammarTests(
      side: "server", requirement: "handshake.refuse.extensions",
      input: { ["side": "server", "offers": .string($0), "config": .object([:])] })
      + [
        .invalid(
          id: "deflate.negotiate.server.grammar.second-element",
          comment: "The fault is in the second element of the list.",
          requirements: ["handshake.refuse.extensions"], flags: ["grammar", "list"],
          input: ["side": "server", "offers": "permessage-deflate, x;;y", "config": .object([:])], error: "bad-grammar",
          offset: 22),
        .invalid(
          id: "deflate.negotiate.server.grammar.only-commas", comment: "A list needs at least one element.",
          requirements: ["handshake.refuse.extensions"], flags: ["grammar", "list"],
          input: ["side": "server", "offers": " , ,", "config": .object([:])], error: "bad-grammar", offset: 4),
      ]
  }

  /// The faults of the grammar as tests of one side.
  static func grammarTests(
    side: String, requirement: RequirementID, input: (String) -> JSONValue
  ) -> [VectorTest] {
    grammarFaults.map { fault in
      // The text beyond ASCII is given whole; its first byte that is no token byte is the one at fault.
      let place = fault.before.utf8.prefix { $0 < 0x80 }.count
      return .invalid(
        id: "deflate.negotiate.\(side).grammar.\(fault.name)", comment: "The header breaks the grammar: \(fault.what).",
        requirements: [requirement], flags: ["grammar"], input: input(fault.before + fault.rest),
        error: "bad-grammar", offset: place)
    }
  }
}
