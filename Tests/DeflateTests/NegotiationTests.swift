import Deflate
import Specification
import Testing

@Suite struct NegotiationTests {
  static let offers: [DeflateOffer] = {
    var offers: [DeflateOffer] = []
    for flags in 0..<4 {
      for serverBits in [nil, 8, 9, 15] as [Int?] {
        for clientBits in [nil, .anyBits, .bits(8), .bits(11), .bits(15)] as [DeflateOffer.ClientWindow?] {
          offers.append(
            DeflateOffer(
              serverNoContextTakeover: flags & 1 != 0, clientNoContextTakeover: flags & 2 != 0,
              serverMaxWindowBits: serverBits, clientMaxWindowBits: clientBits))
        }
      }
    }
    return offers
  }()

  static let configurations: [DeflateConfiguration] = {
    var configurations: [DeflateConfiguration] = []
    for flags in 0..<4 {
      for (serverBits, clientBits) in [(15, 15), (8, 8), (10, 15), (15, 12)] {
        configurations.append(
          DeflateConfiguration(
            serverNoContextTakeover: flags & 1 != 0, clientNoContextTakeover: flags & 2 != 0,
            serverMaxWindowBits: serverBits, clientMaxWindowBits: clientBits))
      }
    }
    return configurations
  }()

  @Test("Offers survive their text") func offersSurviveTheirText() throws {
    for offer in Self.offers {
      let list = try ExtensionList(parsing: offer.headerValue)
      #expect(list.extensions.count == 1)
      let element = try #require(list.extensions.first)
      #expect(element.name == "permessage-deflate")
      #expect(try DeflateOffer(element) == offer)
    }
  }

  @Test("Clients accept what servers answer") func clientsAcceptWhatServersAnswer() throws {
    for offer in Self.offers {
      for configuration in Self.configurations {
        let accepted = try #require(
          try DeflateNegotiation.accept(offers: offer.headerValue, configuration: configuration))
        let checked = try DeflateNegotiation.check(response: accepted.headerValue, offer: offer.headerValue)
        #expect(checked == accepted.parameters)
        #expect(accepted.parameters.serverMaxWindowBits <= offer.serverMaxWindowBits ?? 15)
        #expect(accepted.parameters.serverMaxWindowBits <= configuration.serverMaxWindowBits)
        #expect(accepted.parameters.clientMaxWindowBits <= offer.clientMaxWindowBits?.limit ?? 15)
        #expect(accepted.parameters.serverNoContextTakeover || !offer.serverNoContextTakeover)
      }
    }
  }

  @Test("Each direction has its parameters") func parametersOfEachDirection() {
    let parameters = DeflateParameters(
      serverNoContextTakeover: true, clientNoContextTakeover: false, serverMaxWindowBits: 9, clientMaxWindowBits: 12)
    #expect(!parameters.contextTakeover(from: .server))
    #expect(parameters.contextTakeover(from: .client))
    #expect(parameters.windowBits(from: .server) == 9)
    #expect(parameters.windowBits(from: .client) == 12)
  }

  @Test(
    "A server answers the first offer that it can keep",
    arguments: [
      ("permessage-deflate", "permessage-deflate"),
      ("x-other, permessage-deflate; client_max_window_bits", "permessage-deflate"),
      (
        "permessage-deflate; x, permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=8"
      ),
      (#"permessage-deflate; server_max_window_bits="1\2""#, "permessage-deflate; server_max_window_bits=12"),
      ("permessage-deflate; server_max_window_bits=7", nil), ("permessage-deflate; server_max_window_bits=16", nil),
      ("permessage-deflate; server_max_window_bits=09", nil), ("permessage-deflate; server_max_window_bits", nil),
      ("permessage-deflate; client_no_context_takeover=1", nil), ("PERMESSAGE-DEFLATE", nil), ("x", nil),
      ("permessage-deflate; client_max_window_bits; client_max_window_bits", nil),
    ])
  func serverAnswers(offers: String, expected: String?) throws {
    #expect(try DeflateNegotiation.accept(offers: offers)?.headerValue == expected)
  }

  @Test(
    "Faults of the grammar are told with their place",
    arguments: [
      ("", 0), (" , ,", 4), ("permessage-deflate;", 19), ("permessage-deflate; =10", 20), ("permessage-deflate x", 19),
      ("permessage-deflate; a=", 22), ("permessage-deflate; a=\"", 23), ("permessage-deflate; a=\"\"", 23),
      ("permessage-deflate; a=\"b c\"", 24), ("permessage-deflate; a=\"b\\", 25), ("permessage-deflate; a=b=c", 23),
      ("permessage-deflate; a=\"b\"c", 25), ("é", 0), ("permessage-deflate, é", 20), ("a;b\u{0}", 3), ("a/b", 1),
    ])
  func grammarFaults(header: String, offset: Int) {
    #expect(throws: DeflateNegotiationError(.badGrammar, offset: offset)) {
      try DeflateNegotiation.accept(offers: header)
    }
  }

  @Test(
    "A client refuses what it did not offer",
    arguments: [
      ("x-other", "permessage-deflate", DeflateNegotiationError.Code.unofferedExtension, 0),
      ("permessage-deflate", "", .unofferedExtension, 0),
      ("permessage-deflate,permessage-deflate", "permessage-deflate", .repeatedExtension, 19),
      ("permessage-deflate; x", "permessage-deflate", .unknownParameter, 20),
      (
        "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", "permessage-deflate",
        .repeatedParameter, 46
      ),
      ("permessage-deflate; server_max_window_bits=16", "permessage-deflate", .badValue, 20),
      ("permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits", .badValue, 20),
      (
        "permessage-deflate; server_max_window_bits=11", "permessage-deflate; server_max_window_bits=10",
        .windowAboveOffer, 20
      ),
      (
        "permessage-deflate; client_max_window_bits=11", "permessage-deflate; client_max_window_bits=10",
        .windowAboveOffer, 20
      ),
      ("permessage-deflate; client_max_window_bits=11", "permessage-deflate", .unofferedWindow, 20),
      ("permessage-deflate", "permessage-deflate; server_no_context_takeover", .missingParameter, 18),
      ("permessage-deflate", "permessage-deflate; server_max_window_bits=15", .missingParameter, 18),
      ("permessage-deflate; x; server_max_window_bits=99", "permessage-deflate", .unknownParameter, 20),
      ("permessage-deflate;", "permessage-deflate", .badGrammar, 19),
    ])
  func clientRefuses(response: String, offer: String, code: DeflateNegotiationError.Code, offset: Int) {
    #expect(throws: DeflateNegotiationError(code, offset: offset)) {
      try DeflateNegotiation.check(response: response, offer: offer)
    }
    #expect(DeflateNegotiationError(code, offset: offset).reason.contains("byte \(offset)"))
  }

  @Test("No answer is no compression") func noAnswerIsNoCompression() throws {
    #expect(try DeflateNegotiation.check(response: "", offer: "permessage-deflate") == nil)
    #expect(try DeflateNegotiation.check(response: " \t", offer: "") == nil)
  }

  @Test("Answers may follow from any offer") func answersMayFollowFromAnyOffer() throws {
    let offers = "permessage-deflate; server_max_window_bits=10, permessage-deflate"
    #expect(try DeflateNegotiation.check(response: "permessage-deflate", offer: offers) == DeflateParameters())
    #expect(throws: DeflateNegotiationError(.unofferedWindow, offset: 20)) {
      try DeflateNegotiation.check(response: "permessage-deflate; client_max_window_bits=9", offer: offers)
    }
  }

  @Test("Random headers never trap") func randomHeadersNeverTrap() {
    var generator = SplitMix64(state: 5)
    let parts = [
      "permessage-deflate", ";", ",", "=", "\"", "\\", " ", "\t", "10", "server_max_window_bits", "x", "é", "\u{0}",
      "client_no_context_takeover",
    ]
    for _ in 0..<3_000 {
      let header = (0..<generator.next() % 12).map { _ in parts[Int(generator.next() % UInt64(parts.count))] }.joined()
      do throws(DeflateNegotiationError) {
        let accepted = try DeflateNegotiation.accept(offers: header)
        if let accepted { #expect(try DeflateNegotiation.check(response: accepted.headerValue, offer: header) != nil) }
      } catch {
        #expect(error.code == .badGrammar)
        #expect((0...header.utf8.count).contains(error.offset))
      }
    }
  }
}
