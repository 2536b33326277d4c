import GoldenVectors
internal import Specification
import StrictJSON

/// What a client makes of answers to its offer.
extension DeflateVectors {
  static var clientGroups: [VectorGroup] {
    [
      VectorGroup(
        .deflateNegotiate, comment: "A client checks the answered server_max_window_bits.",
        tests: answeredServerWindowTests),
      VectorGroup(
        .deflateNegotiate, comment: "A client checks the answered client_max_window_bits.",
        tests: answeredClientWindowTests),
      VectorGroup(
        .deflateNegotiate, comment: "A client checks the answered no_context_takeover parameters.",
        tests: answeredContextTests),
      VectorGroup(
        .deflateNegotiate, comment: "Answers that a client accepts or refuses for other reasons.", tests: answerTests),
      VectorGroup(
        .deflateNegotiate, comment: "Headers of an answer that break the grammar.", tests: clientGrammarTests),
    ]
  }

  /// Parameters as the output has them.
  private static func parameters(
    serverContext: Bool = false, clientContext: Bool = false, serverBits: Int = 15, clientBits: Int = 15
  ) -> JSONValue {
    [
      "parameters": [
        "serverNoContextTakeover": .bool(serverContext), "clientNoContextTakeover": .bool(clientContext),
        "serverMaxWindowBits": .number(serverBits), "clientMaxWindowBits": .number(clientBits),
      ]
    ]
  }

  private static func accepts(
    _ name: String, _ comment: String, _ requirements: [RequirementID], _ flags: [String], offer: String,
    response: String, output: JSONValue
  ) -> VectorTest {
    .valid(
      id: "deflate.negotiate.client.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: ["side": "client", "offer": .string(offer), "response": .string(response)], output: output)
  }

  private static func refuses(
    _ name: String, _ comment: String, _ requirements: [RequirementID], _ flags: [String], offer: String,
    response: String, error: String
  ) -> VectorTest {
    .invalid(
      id: "deflate.negotiate.client.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: ["side": "client", "offer": .string(offer), "response": .string(response)], error: error)
  }

  private static func named(_ bits: Int?, _ word: String) -> String { bits.map { "\(word)-\($0)" } ?? "not-\(word)" }

  private static var answeredServerWindowTests: [VectorTest] {
    let choices: [Int?] = [nil, 8, 10, 15]
    return choices.flatMap { offered in
      choices.map { answered in
        let name = "server-window.\(named(offered, "offered")).\(named(answered, "answered"))"
        let offer = "permessage-deflate" + (offered.map { "; server_max_window_bits=\($0)" } ?? "")
        let response = "permessage-deflate" + (answered.map { "; server_max_window_bits=\($0)" } ?? "")
        if offered != nil, answered == nil {
          return refuses(
            name, "The offer insists on server_max_window_bits, the answer lacks it.", ["deflate.answer.missing"],
            ["missing-parameter", "server-window"], offer: offer, response: response, error: "missing-parameter")
        }
        if let offered, let answered, answered > offered {
          return refuses(
            name, "The server takes a larger window than was offered.", ["deflate.answer.window"], ["server-window"],
            offer: offer, response: response, error: "window-above-offer")
        }
        return accepts(
          name,
          answered == nil
            ? "No window is named: 15 bits hold." : "A window within the offer; the server may name one unasked.",
          ["deflate.answer.window", "deflate.answer.missing"], ["server-window"], offer: offer, response: response,
          output: parameters(serverBits: answered ?? 15))
      }
    }
  }

  private static var answeredClientWindowTests: [VectorTest] {
    // -1: the offer names it without a value.
    let offers: [Int?] = [nil, -1, 8, 10, 15]
    let answers: [Int?] = [nil, 8, 10, 15]
    return offers.flatMap { offered in
      answers.map { answered in
        let word = offered == -1 ? "offered-without-value" : named(offered, "offered")
        let name = "client-window.\(word).\(named(answered, "answered"))"
        let value = offered == -1 ? "" : offered.map { "=\($0)" } ?? ""
        let offer = "permessage-deflate" + (offered == nil ? "" : "; client_max_window_bits\(value)")
        let response = "permessage-deflate" + (answered.map { "; client_max_window_bits=\($0)" } ?? "")
        if offered == nil, answered != nil {
          return refuses(
            name, "The answer limits the client's window although the offer does not let it.",
            ["deflate.answer.unoffered-window"], ["client-window"], offer: offer, response: response,
            error: "unoffered-window")
        }
        if let offered, let answered, offered != -1, answered > offered {
          return refuses(
            name, "The answer names a larger window than the client offered.", ["deflate.answer.window"],
            ["client-window"], offer: offer, response: response, error: "window-above-offer")
        }
        return accepts(
          name,
          answered == nil
            ? "The server need not name the client's window: 15 bits hold." : "The server limits the client's window.",
          ["deflate.answer.unoffered-window", "deflate.answer.window"], ["client-window"], offer: offer,
          response: response, output: parameters(clientBits: answered ?? 15))
      }
    }
  }

  private static var answeredContextTests: [VectorTest] {
    func text(_ server: Bool, _ client: Bool) -> String {
      "permessage-deflate" + (server ? "; server_no_context_takeover" : "")
        + (client ? "; client_no_context_takeover" : "")
    }
    func word(_ server: Bool, _ client: Bool) -> String {
      server ? (client ? "both" : "server") : (client ? "client" : "none")
    }
    return (0..<16).map { bits in
      let (offersServer, offersClient) = (bits & 1 != 0, bits & 2 != 0)
      let (namesServer, namesClient) = (bits & 4 != 0, bits & 8 != 0)
      let name = "context.offered-\(word(offersServer, offersClient)).answered-\(word(namesServer, namesClient))"
      let (offer, response) = (text(offersServer, offersClient), text(namesServer, namesClient))
      if offersServer, !namesServer {
        return refuses(
          name, "The offer insists on server_no_context_takeover, the answer lacks it.", ["deflate.answer.missing"],
          ["missing-parameter", "no-context-takeover"], offer: offer, response: response, error: "missing-parameter")
      }
      return accepts(
        name, "Either side's no_context_takeover may be answered unasked; the client's own is only a hint.",
        ["deflate.answer.missing"], ["no-context-takeover"], offer: offer, response: response,
        output: parameters(serverContext: namesServer, clientContext: namesClient))
    }
  }

  private static let fullOffer =
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=12; client_max_window_bits"

  private static var answerTests: [VectorTest] {
    plainAnswerTests + valueAnswerTests + nameAnswerTests + extensionAnswerTests
  }

  private static var plainAnswerTests: [VectorTest] {
    [
      accepts(
        "none", "The server answers without extension: the connection goes on without compression.",
        ["deflate.answer.unoffered"], ["plain"], offer: "permessage-deflate", response: "",
        output: ["parameters": nil]),
      accepts(
        "none-offered", "Nothing was offered and nothing is answered.", ["deflate.answer.unoffered"], ["plain"],
        offer: "", response: "", output: ["parameters": nil]),
      accepts(
        "everything", "All four parameters, in another order than usual.",
        [
          "deflate.answer.unknown-parameter", "deflate.answer.repeated-parameter", "deflate.answer.invalid-value",
          "deflate.answer.repeated", "deflate.answer.unoffered",
        ], [], offer: fullOffer,
        response:
          "permessage-deflate; client_max_window_bits=8; server_max_window_bits=12; client_no_context_takeover; server_no_context_takeover",
        output: parameters(serverContext: true, clientContext: true, serverBits: 12, clientBits: 8)),
      accepts(
        "quoted", "Values in quotes mean the same.", ["deflate.answer.grammar", "deflate.answer.invalid-value"],
        ["quoted"], offer: fullOffer,
        response:
          #"permessage-deflate; server_no_context_takeover; server_max_window_bits="\9"; client_max_window_bits="10""#,
        output: parameters(serverContext: true, serverBits: 9, clientBits: 10)),
      accepts(
        "white-space", "Spaces and tabs around every separator.", ["deflate.answer.grammar"], ["white-space"],
        offer: fullOffer,
        response: " permessage-deflate\t;\tserver_no_context_takeover ; server_max_window_bits = 11\t",
        output: parameters(serverContext: true, serverBits: 11)),
      accepts(
        "other-offered-too", "Of two offered extensions the server accepts one.", ["deflate.answer.unoffered"],
        ["other-extension", "list"], offer: "x-other, permessage-deflate", response: "permessage-deflate",
        output: parameters()),
    ]
  }

  private static var valueAnswerTests: [VectorTest] {
    let values: [(name: String, text: String)] = [
      ("7", "=7"), ("16", "=16"), ("leading-zero", "=09"), ("plus", "=+9"), ("word", "=max"), ("missing", ""),
      ("quoted-7", #"="7""#),
    ]
    return ["server", "client"].flatMap { side in
      values.map { value in
        refuses(
          "value.\(side)-window.\(value.name)", "\(side)_max_window_bits\(value.text) is no window of 8 to 15 bits.",
          ["deflate.answer.invalid-value"], ["invalid-value", "\(side)-window"],
          offer: "permessage-deflate; client_max_window_bits",
          response: "permessage-deflate; \(side)_max_window_bits\(value.text)", error: "bad-value")
      } + [
        refuses(
          "value.\(side)-context.1", "\(side)_no_context_takeover takes no value.", ["deflate.answer.invalid-value"],
          ["invalid-value", "no-context-takeover"], offer: "permessage-deflate",
          response: "permessage-deflate; \(side)_no_context_takeover=1", error: "bad-value")
      ]
    }
  }

  private static var nameAnswerTests: [VectorTest] {
    let unknown: [(name: String, text: String)] = [
      ("without-value", "x"), ("with-value", "x=1"), ("other-case", "SERVER_NO_CONTEXT_TAKEOVER"),
    ]
    let repeated: [(name: String, text: String)] = [
      ("server-context", "server_no_context_takeover; server_no_context_takeover"),
      ("client-context", "client_no_context_takeover; client_no_context_takeover"),
      ("server-window", "server_max_window_bits=10; server_max_window_bits=10"),
      ("client-window", "client_max_window_bits=10; server_no_context_takeover; client_max_window_bits=9"),
    ]
    let offer = "permessage-deflate; client_max_window_bits"
    return unknown.map {
      refuses(
        "unknown-parameter.\($0.name)", "A parameter that RFC 7692 does not define.",
        ["deflate.answer.unknown-parameter"], ["unknown-parameter"], offer: offer,
        response: "permessage-deflate; \($0.text)", error: "unknown-parameter")
    }
      + repeated.map {
        refuses(
          "repeated-parameter.\($0.name)", "A parameter that is named twice.", ["deflate.answer.repeated-parameter"],
          ["repeated"], offer: offer, response: "permessage-deflate; \($0.text)", error: "repeated-parameter")
      } + [
        refuses(
          "order.first-fault-counts", "Two faults: the parameters are checked in the order in which they stand.",
          ["deflate.answer.unknown-parameter", "deflate.answer.invalid-value"], ["unknown-parameter", "invalid-value"],
          offer: offer, response: "permessage-deflate; x; server_max_window_bits=16", error: "unknown-parameter"),
        refuses(
          "order.missing-comes-last", "A parameter is missing, but another is faulty: that counts first.",
          ["deflate.answer.invalid-value", "deflate.answer.missing"], ["invalid-value", "missing-parameter"],
          offer: fullOffer, response: "permessage-deflate; server_max_window_bits=16", error: "bad-value"),
      ]
  }

  private static var extensionAnswerTests: [VectorTest] {
    [
      refuses(
        "unoffered.nothing-offered", "The server accepts what was not offered; the original's Go client lets it pass.",
        ["deflate.answer.unoffered", "handshake.client.extension"], ["other-extension"], offer: "",
        response: "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        error: "unoffered-extension"),
      refuses(
        "unoffered.other-offered", "Another extension was offered than the one that is accepted.",
        ["deflate.answer.unoffered", "handshake.client.extension"], ["other-extension"], offer: "x-other",
        response: "permessage-deflate", error: "unoffered-extension"),
      refuses(
        "unoffered.other-answered", "The server accepts another extension.",
        ["handshake.client.extension"], ["other-extension"], offer: "permessage-deflate", response: "x-other",
        error: "unoffered-extension"),
      refuses(
        "unoffered.other-answered-too", "The server accepts another extension beside the offered one.",
        ["handshake.client.extension"], ["other-extension", "list"], offer: "permessage-deflate",
        response: "permessage-deflate, x-other", error: "unoffered-extension"),
      refuses(
        "repeated.same", "The server accepts permessage-deflate twice.", ["deflate.answer.repeated"],
        ["repeated", "list"], offer: "permessage-deflate", response: "permessage-deflate, permessage-deflate",
        error: "repeated-extension"),
      refuses(
        "repeated.both-offers", "Two offers are two choices, of which the server may accept one.",
        ["deflate.answer.repeated"], ["repeated", "list"],
        offer: "permessage-deflate; server_max_window_bits=10, permessage-deflate",
        response: "permessage-deflate; server_max_window_bits=10, permessage-deflate", error: "repeated-extension"),
    ]
  }

  private static var clientGrammarTests: [VectorTest] {
    let offer: JSONValue = "permessage-deflate; client_max_window_bits"
    return grammarTests(
      side: "client", requirement: "deflate.answer.grammar",
      input: { ["side": "client", "offer": offer, "response": .string($0)] })
  }
}
