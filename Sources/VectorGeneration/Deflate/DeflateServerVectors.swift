import GoldenVectors
internal import Specification
import StrictJSON

/// What a server answers to offers: the groups about offers that it can accept.
extension DeflateVectors {
  static var serverGroups: [VectorGroup] {
    [
      VectorGroup(
        .deflateNegotiate, comment: "A server's answers to server_max_window_bits, offered and wanted.",
        tests: serverWindowTests),
      VectorGroup(
        .deflateNegotiate, comment: "A server's answers to client_max_window_bits, offered and wanted.",
        tests: clientWindowTests),
      VectorGroup(
        .deflateNegotiate, comment: "A server's answers to the two no_context_takeover parameters, offered and wanted.",
        tests: contextTests),
      VectorGroup(
        .deflateNegotiate, comment: "How offers may be written, and several of them in one header.", tests: listTests),
      VectorGroup(
        .deflateNegotiate, comment: "Offers that a server has to decline.", tests: declinedTests),
      VectorGroup(
        .deflateNegotiate, comment: "Headers of a request that break the grammar.", tests: serverGrammarTests),
    ]
  }

  /// A test of what a server answers; nil declines.
  static func server(
    _ name: String, _ comment: String, _ requirements: [RequirementID], _ flags: [String], offers: String,
    config: JSONObject = [:], response: String?, declines: Bool = false
  ) -> VectorTest {
    let id = "deflate.negotiate.server.\(name)"
    let input: JSONValue = ["side": "server", "offers": .string(offers), "config": .object(config)]
    let output: JSONValue = ["response": .text(response)]
    if declines {
      return .invalid(
        id: id, comment: comment, requirements: requirements, flags: flags, input: input, output: output)
    }
    return .valid(id: id, comment: comment, requirements: requirements, flags: flags, input: input, output: output)
  }

  private static var serverWindowTests: [VectorTest] {
    var tests: [VectorTest] = []
    for own in [8, 10, 15] {
      let config: JSONObject = own == 15 ? [:] : ["serverMaxWindowBits": .number(own)]
      for offered in [8, 9, 12, 15] {
        let answered = min(offered, own)
        tests.append(
          server(
            "server-window.offered-\(offered).own-\(own)",
            "\(offered) bits are offered and the server uses \(own) at most: the smaller is answered.",
            offered == 8
              ? ["deflate.offer.server-window", "deflate.offer.window-eight"] : ["deflate.offer.server-window"],
            offered == 8 ? ["server-window", "window-eight"] : ["server-window"],
            offers: "permessage-deflate; server_max_window_bits=\(offered)", config: config,
            response: "permessage-deflate; server_max_window_bits=\(answered)"))
      }
      tests.append(
        server(
          "server-window.not-offered.own-\(own)",
          "A server that uses \(own) bits at most says so although no window was offered, unless it is the default.",
          ["deflate.offer.server-window"], ["server-window"], offers: "permessage-deflate", config: config,
          response: own == 15 ? "permessage-deflate" : "permessage-deflate; server_max_window_bits=\(own)"))
    }
    return tests
  }

  private static var clientWindowTests: [VectorTest] {
    var tests: [VectorTest] = []
    for own in [8, 10, 15] {
      let config: JSONObject = own == 15 ? [:] : ["clientMaxWindowBits": .number(own)]
      for offered in [nil, 8, 9, 12, 15] as [Int?] {
        let answered = min(offered ?? 15, own)
        let value = offered.map { "=\($0)" } ?? ""
        tests.append(
          server(
            "client-window.\(offered.map { "offered-\($0)" } ?? "without-value").own-\(own)",
            "The offer names client_max_window_bits\(value), the server wants \(own): the smaller is named unless it is 15.",
            ["deflate.offer.client-window"], ["client-window"],
            offers: "permessage-deflate; client_max_window_bits\(value)", config: config,
            response: "permessage-deflate" + (answered < 15 ? "; client_max_window_bits=\(answered)" : "")))
      }
      tests.append(
        server(
          "client-window.not-offered.own-\(own)",
          "The offer does not name client_max_window_bits, so the answer must not, whatever the server wants.",
          ["deflate.offer.client-window"], ["client-window"], offers: "permessage-deflate", config: config,
          response: "permessage-deflate"))
    }
    return tests
  }

  private static var contextTests: [VectorTest] {
    var tests: [VectorTest] = []
    for bits in 0..<16 {
      let (offersServer, offersClient) = (bits & 1 != 0, bits & 2 != 0)
      let (wantsServer, wantsClient) = (bits & 4 != 0, bits & 8 != 0)
      var config: JSONObject = [:]
      if wantsServer { config["serverNoContextTakeover"] = true }
      if wantsClient { config["clientNoContextTakeover"] = true }
      func text(_ server: Bool, _ client: Bool) -> String {
        "permessage-deflate" + (server ? "; server_no_context_takeover" : "")
          + (client ? "; client_no_context_takeover" : "")
      }
      func word(_ server: Bool, _ client: Bool) -> String {
        server ? (client ? "both" : "server") : (client ? "client" : "none")
      }
      let (offered, wanted) = (word(offersServer, offersClient), word(wantsServer, wantsClient))
      tests.append(
        server(
          "context.offered-\(offered).wanted-\(wanted)",
          "no_context_takeover offered: \(offered), wanted by the server: \(wanted); answered is what either names.",
          ["deflate.offer.server-no-context", "deflate.offer.client-no-context"], ["no-context-takeover"],
          offers: text(offersServer, offersClient), config: config,
          response: text(offersServer || wantsServer, offersClient || wantsClient)))
    }
    tests.append(
      server(
        "context.everything", "All four parameters at once, in the order that the answer has.",
        ["deflate.offer.server-window", "deflate.offer.client-window", "deflate.offer.server-no-context"],
        ["no-context-takeover", "server-window", "client-window"],
        offers:
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11",
        response:
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11"
      ))
    tests.append(
      server(
        "context.everything-in-another-order", "The order of an offer's parameters means nothing.",
        ["deflate.offer.server-window", "deflate.offer.client-window", "deflate.offer.server-no-context"],
        ["no-context-takeover", "server-window", "client-window"],
        offers:
          "permessage-deflate; client_max_window_bits; server_max_window_bits=9; client_no_context_takeover; server_no_context_takeover",
        config: ["serverMaxWindowBits": 12, "clientMaxWindowBits": 9],
        response:
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=9"
      ))
    return tests
  }

  private static var listTests: [VectorTest] {
    [
      server(
        "quoted.server-window", "A window in quotes.", ["deflate.offer.quoted"], ["quoted"],
        offers: #"permessage-deflate; server_max_window_bits="10""#,
        response: "permessage-deflate; server_max_window_bits=10"),
      server(
        "quoted.server-window-eight", "The smallest window in quotes.",
        ["deflate.offer.quoted", "deflate.offer.window-eight"], ["quoted", "window-eight"],
        offers: #"permessage-deflate; server_max_window_bits="8""#,
        response: "permessage-deflate; server_max_window_bits=8"),
      server(
        "quoted.client-window", "The client's window in quotes.", ["deflate.offer.quoted"], ["quoted"],
        offers: #"permessage-deflate; client_max_window_bits="9""#,
        response: "permessage-deflate; client_max_window_bits=9"),
      server(
        "quoted.escaped", "Inside of quotes a backslash only says that the next byte is meant.",
        ["deflate.offer.quoted"], ["quoted"], offers: #"permessage-deflate; server_max_window_bits="\1\0""#,
        response: "permessage-deflate; server_max_window_bits=10"),
      server(
        "quoted.comma-after", "A quoted value ends an offer, and another offer follows.",
        ["deflate.offer.quoted", "deflate.offer.preference"], ["quoted", "list"],
        offers: #"permessage-deflate; server_max_window_bits="11",permessage-deflate"#,
        response: "permessage-deflate; server_max_window_bits=11"),
      server(
        "list.first-of-two", "Two good offers: the first is what the client prefers.",
        ["deflate.offer.preference", "deflate.answer.single"], ["list"],
        offers: "permessage-deflate; server_max_window_bits=10, permessage-deflate",
        response: "permessage-deflate; server_max_window_bits=10"),
      server(
        "list.same-twice", "The same offer twice is still answered once.",
        ["deflate.answer.single"], ["list", "repeated"], offers: "permessage-deflate, permessage-deflate",
        response: "permessage-deflate"),
      server(
        "list.other-first", "An extension that the server does not know comes first.", ["deflate.offer.other"],
        ["list", "other-extension"], offers: "x-webkit-deflate-frame, permessage-deflate; client_max_window_bits",
        response: "permessage-deflate"),
      server(
        "list.other-last", "An extension that the server does not know comes last.", ["deflate.offer.other"],
        ["list", "other-extension"], offers: "permessage-deflate, permessage-bzip2; level=9",
        response: "permessage-deflate"),
      server(
        "list.other-with-quoted-comma", "A comma that is escaped would be no token: this one is a separator.",
        ["deflate.offer.other"], ["list", "other-extension", "quoted"],
        offers: #"x-first; a="b", permessage-deflate"#, response: "permessage-deflate"),
      server(
        "list.only-other", "No offer of permessage-deflate: nothing is answered.",
        ["deflate.offer.none", "deflate.offer.other"], ["other-extension"], offers: "x-webkit-deflate-frame",
        response: nil),
      server(
        "list.only-longer-name", "A name that begins with permessage-deflate is another extension.",
        ["deflate.offer.none", "deflate.offer.other"], ["other-extension"], offers: "permessage-deflate2",
        response: nil),
      server(
        "list.only-other-case", "Names of extensions are compared byte for byte.",
        ["deflate.offer.none", "deflate.offer.other"], ["other-extension"], offers: "Permessage-Deflate",
        response: nil),
      server(
        "list.parameter-of-other", "A parameter named permessage-deflate is no offer.",
        ["deflate.offer.none"], ["other-extension"], offers: "x-other; permessage-deflate", response: nil),
      server(
        "list.empty-elements", "Empty elements of a list are skipped (RFC 9110 section 5.6.1).",
        ["deflate.offer.preference"], ["list"], offers: ", ,permessage-deflate,,", response: "permessage-deflate"),
      server(
        "white-space.none", "No white space anywhere.", ["deflate.offer.server-window"], ["white-space"],
        offers: "permessage-deflate;server_max_window_bits=10;server_no_context_takeover",
        response: "permessage-deflate; server_no_context_takeover; server_max_window_bits=10"),
      server(
        "white-space.everywhere", "Spaces and tabs around every separator.", ["deflate.offer.server-window"],
        ["white-space"],
        offers: "\t permessage-deflate \t; server_max_window_bits \t= 10 ; server_no_context_takeover\t",
        response: "permessage-deflate; server_no_context_takeover; server_max_window_bits=10"),
      server(
        "white-space.around-comma", "Spaces and tabs around the comma of a list.", ["deflate.offer.other"],
        ["white-space", "list"], offers: "x-first\t,\t permessage-deflate", response: "permessage-deflate"),
    ]
  }
}
