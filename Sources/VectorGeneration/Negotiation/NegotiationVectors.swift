import GoldenVectors
import Specification
import StrictJSON

/// `negotiation.json`: the version and the charset that a server selects.
enum NegotiationVectors {
  static func file() -> VectorFile {
    VectorFile(
      area: "negotiation",
      notes: [
        "above": "The client's version is above the server's highest.",
        "bad-parameter": "A parameter is no decimal integer.",
        "bad-token": "A subprotocol that is not of the form ws.vN.cM.",
        "below": "The client's version is below the server's lowest.",
        "boundary": "A number at the end of a range, or next to it.",
        "declare": "The server negotiates nothing.",
        "list": "Several subprotocols are offered.",
        "missing": "The client does not say.",
        "one-dimension": "Only versions or only charsets are negotiated.",
        "precedence": "Several things decide or are wrong; which comes first is fixed.",
        "subprotocol": "The client offers subprotocols.",
        "unsupported": "The server lacks what the client asks for.",
      ],
      groups: [
        VectorGroup(.negotiateSelect, comment: "A server that only declares.", tests: declared()),
        VectorGroup(.negotiateSelect, comment: "Versions by the query, over several ranges.", tests: versions()),
        VectorGroup(.negotiateSelect, comment: "Charsets by the query.", tests: charsets()),
        VectorGroup(.negotiateSelect, comment: "Parameters that are no integers.", tests: parameters()),
        VectorGroup(.negotiateSelect, comment: "Subprotocols, in order of preference.", tests: protocols()),
        VectorGroup(.negotiateSelect, comment: "Tokens of subprotocols.", tests: tokens()),
      ])
  }

  private typealias Range = (min: Int64, max: Int64)

  private static func input(
    _ query: String, protocols: String?, versions: Range?, charsets: [Int64]?
  ) -> JSONValue {
    [
      "query": Bytes.ascii(query).json, "protocols": .text(protocols),
      "versions": versions.map { ["min": .int($0.min), "max": .int($0.max)] } ?? .null,
      "charsets": charsets.map { .array($0.map { .int($0) }) } ?? .null,
    ]
  }

  private static func selected(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String] = [], _ query: String,
    protocols: String? = nil, versions: Range? = (2, 5), charsets: [Int64]? = [0, 1], version: Int64,
    charset: Int64, token: String? = nil
  ) -> VectorTest {
    .valid(
      id: "negotiation.select.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: input(query, protocols: protocols, versions: versions, charsets: charsets),
      output: ["version": .int(version), "charset": .int(charset), "protocol": .text(token)])
  }

  private static func refused(
    _ name: String, _ comment: String, _ requirements: [RequirementID], flags: [String], _ query: String,
    protocols: String? = nil, versions: Range? = (2, 5), charsets: [Int64]? = [0, 1], error: String
  ) -> VectorTest {
    .invalid(
      id: "negotiation.select.\(name)", comment: comment, requirements: requirements, flags: flags,
      input: input(query, protocols: protocols, versions: versions, charsets: charsets), error: error)
  }

  private static func declared() -> [VectorTest] {
    let cases: [(String, String, String?, Int64, Int64)] = [
      ("nothing", "", nil, 0, 0), ("kept", "version=7&charset=9", nil, 7, 9),
      ("negative", "version=-1&charset=-1", nil, -1, -1), ("broken", "version=x&charset=", nil, 0, 0),
      ("ends", "version=9223372036854775807&charset=-9223372036854775808", nil, .max, .min),
      ("protocols", "version=3", "ws.v5.c1", 3, 0), ("other-protocols", "charset=1", "chat", 0, 1),
    ]
    return cases.map { name, query, protocols, version, charset in
      selected(
        "declare-\(name)", "Everything is accepted and kept.",
        protocols == nil ? ["negotiation.declare"] : ["negotiation.declare", "negotiation.protocol.declare"],
        flags: ["declare"], query, protocols: protocols, versions: nil, charsets: nil, version: version,
        charset: charset)
    }
  }

  /// One row a range: what each of the client's versions becomes, nil for a refusal.
  private static func versions() -> [VectorTest] {
    let rows: [(String, Range, [(Int64, Int64?)])] = [
      ("2-to-5", (2, 5), [(-1, nil), (0, 2), (1, nil), (2, 2), (3, 3), (4, 4), (5, 5), (6, 5), (1_000, 5), (.max, 5)]),
      ("single-3", (3, 3), [(0, 3), (1, nil), (2, nil), (3, 3), (4, 3)]),
      ("0-to-2", (0, 2), [(-1, nil), (0, 0), (1, 1), (2, 2), (3, 2)]),
      ("0-to-0", (0, 0), [(-1, nil), (0, 0), (1, 0)]),
      ("minus-3-to-3", (-3, 3), [(-4, nil), (-3, -3), (-1, -1), (0, -3), (1, 1), (4, 3), (.min, nil)]),
      (
        "beyond-int32", (2_147_483_648, 4_294_967_296),
        [(2_147_483_647, nil), (2_147_483_648, 2_147_483_648), (.max, 4_294_967_296)]
      ),
    ]
    let grid = rows.flatMap { name, range, columns in
      columns.map { version, expected in
        row("version-\(text(version))-of-\(name)", range, version, expected)
      }
    }
    let missing: [(String, String, Int64)] = [
      ("version-missing", "", 2), ("version-missing-with-charset", "charset=1", 2),
      ("version-other-name", "Version=4", 2),
      ("version-zeros", "version=000", 2), ("version-minus-zero", "version=-0", 2),
    ]
    return grid
      + missing.map { name, query, version in
        selected(
          name, "The client does not say: the lowest.", ["negotiation.version.missing"], flags: ["missing"], query,
          version: version, charset: query == "charset=1" ? 1 : 0)
      } + [
        selected(
          "version-beyond-64-bits", "Clamped, and still above the highest.", ["negotiation.version.select"],
          flags: ["above"], "version=99999999999999999999", version: 5, charset: 0),
        selected(
          "version-plus-sign", "A sign is allowed.", ["negotiation.version.select"], "version=%2B4", version: 4,
          charset: 0),
        selected(
          "version-first-counts", "The first of two parameters.", ["negotiation.version.select"], flags: ["precedence"],
          "version=3&version=9", version: 3, charset: 0),
        selected(
          "version-dropped-does-not-count", "A dropped pair is as if it were not there.",
          ["negotiation.version.select"], flags: ["precedence"], "version=1;&version=3", version: 3, charset: 0),
        selected(
          "versions-alone", "No charsets are given: any is kept.",
          ["negotiation.partial", "negotiation.version.select"],
          flags: ["one-dimension"], "version=4&charset=77", charsets: nil, version: 4, charset: 77),
        selected(
          "versions-alone-broken-charset", "What is not negotiated is not judged.", ["negotiation.partial"],
          flags: ["one-dimension"], "version=4&charset=x", charsets: nil, version: 4, charset: 0),
        refused(
          "versions-alone-below", "The version is judged all the same.", ["negotiation.version.minimum"],
          flags: ["one-dimension", "below"], "version=1&charset=x", charsets: nil, error: "version-too-low"),
      ]
  }

  private static func row(_ name: String, _ range: Range, _ version: Int64, _ expected: Int64?) -> VectorTest {
    let isEnd = [range.min, range.max].contains { $0 == version || $0 == version &+ 1 || $0 == version &- 1 }
    let boundary = isEnd ? ["boundary"] : []
    let comment = "The client speaks \(version), the server \(range.min) to \(range.max)."
    guard let expected else {
      return refused(
        name, comment, ["negotiation.version.minimum"], flags: ["below"] + boundary, "version=\(version)",
        versions: range, error: "version-too-low")
    }
    let requirement: RequirementID = version == 0 ? "negotiation.version.missing" : "negotiation.version.select"
    let flags = (version > range.max ? ["above"] : []) + (version == 0 ? ["missing"] : []) + boundary
    return selected(
      name, comment, [requirement, "negotiation.version.minimum"], flags: flags, "version=\(version)",
      versions: range, version: expected, charset: 0)
  }

  private static func text(_ version: Int64) -> String {
    version == .max ? "max" : version == .min ? "min" : version < 0 ? "minus-\(-version)" : "\(version)"
  }

  private static func charsets() -> [VectorTest] {
    let rows: [(String, [Int64], [(Int64, Bool)])] = [
      ("0-and-1", [0, 1], [(0, true), (1, true), (2, false), (-1, false), (256, false), (4_294_967_296, false)]),
      ("only-0", [0], [(0, true), (1, false)]), ("only-1", [1], [(0, false), (1, true)]),
      ("7-and-3", [7, 3], [(3, true), (5, false), (7, true)]), ("none", [], [(0, false), (1, false)]),
    ]
    let rules: [RequirementID] = ["negotiation.charset.select", "negotiation.charset.unsupported"]
    let grid = rows.flatMap { name, list, columns in
      columns.map { charset, isTaken in
        let id = "charset-\(text(charset))-of-\(name)"
        let has = list.isEmpty ? "none" : list.map(String.init).joined(separator: ", ")
        let comment = "The client wants \(charset), the server has \(has)."
        let query = "version=3&charset=\(charset)"
        return isTaken
          ? selected(id, comment, rules, query, charsets: list, version: 3, charset: charset)
          : refused(
            id, comment, ["negotiation.charset.unsupported"], flags: ["unsupported"], query, charsets: list,
            error: "charset-unsupported")
      }
    }
    return grid + [
      selected(
        "charset-missing", "A missing charset is 0.", ["negotiation.charset.select"], flags: ["missing"], "version=3",
        version: 3, charset: 0),
      refused(
        "charset-missing-unsupported", "A missing charset is 0, which this server lacks.",
        ["negotiation.charset.unsupported"], flags: ["missing", "unsupported"], "version=3", charsets: [1],
        error: "charset-unsupported"),
      selected(
        "charsets-alone", "No versions are given: any is kept.", ["negotiation.partial"], flags: ["one-dimension"],
        "version=-9&charset=1", versions: nil, version: -9, charset: 1),
      selected(
        "charsets-alone-broken-version", "What is not negotiated is not judged.", ["negotiation.partial"],
        flags: ["one-dimension"], "version=x&charset=1", versions: nil, version: 0, charset: 1),
      refused(
        "version-before-charset", "Both are unsupported: the version is named.", ["negotiation.version.minimum"],
        flags: ["precedence", "below"], "version=1&charset=9", error: "version-too-low"),
    ]
  }

  private static func parameters() -> [VectorTest] {
    let values: [(String, String)] = [
      ("empty", ""), ("letters", "three"), ("letters-behind", "3a"), ("hexadecimal", "0x3"), ("point", "3.0"),
      ("raw-plus", "+3"), ("space", "3%20"), ("two-signs", "--3"), ("only-sign", "-"), ("comma", "3,4"),
    ]
    let rules: [RequirementID] = ["negotiation.parameter.invalid"]
    return values.flatMap { name, value in
      [
        refused(
          "version-\(name)", "The version is: \(value)", rules, flags: ["bad-parameter"], "version=\(value)",
          error: "bad-parameter"),
        refused(
          "charset-\(name)", "The charset is: \(value)", rules, flags: ["bad-parameter"],
          "version=3&charset=\(value)", error: "bad-parameter"),
      ]
    } + [
      refused(
        "version-bare", "A name without a value is there, and is no integer.", rules, flags: ["bad-parameter"],
        "version", error: "bad-parameter"),
      refused(
        "parameter-before-version", "A charset that is no integer comes before a version that is too low.", rules,
        flags: ["bad-parameter", "precedence"], "version=1&charset=x", error: "bad-parameter"),
      refused(
        "parameter-first-counts", "The first of two parameters is broken.", rules,
        flags: ["bad-parameter", "precedence"], "version=x&version=3", error: "bad-parameter"),
      selected(
        "parameters-good", "Both are decimal integers.", rules, "version=%2B3&charset=-0",
        version: 3, charset: 0),
    ]
  }

  private static func protocols() -> [VectorTest] {
    let rules: [RequirementID] = ["negotiation.protocol.select", "negotiation.protocol.none"]
    let good: [(String, String, Int64, Int64, String)] = [
      ("one", "ws.v3.c1", 3, 1, "ws.v3.c1"), ("lowest", "ws.v2.c0", 2, 0, "ws.v2.c0"),
      ("highest", "ws.v5.c0", 5, 0, "ws.v5.c0"), ("first-of-two", "ws.v3.c1, ws.v2.c0", 3, 1, "ws.v3.c1"),
      ("order-is-the-clients", "ws.v2.c0, ws.v5.c1", 2, 0, "ws.v2.c0"),
      ("first-too-high", "ws.v6.c0, ws.v4.c0", 4, 0, "ws.v4.c0"),
      ("first-too-low", "ws.v1.c0, ws.v4.c0", 4, 0, "ws.v4.c0"),
      ("first-charset-unsupported", "ws.v3.c2, ws.v3.c1", 3, 1, "ws.v3.c1"),
      ("others-before", "chat, soap, ws.v3.c0", 3, 0, "ws.v3.c0"),
      ("others-behind", "ws.v3.c0, chat", 3, 0, "ws.v3.c0"),
      ("no-spaces", "chat,ws.v3.c0", 3, 0, "ws.v3.c0"), ("many-spaces", " chat \t,\t ws.v3.c0  ", 3, 0, "ws.v3.c0"),
      ("empty-elements", ",, ws.v3.c0,", 3, 0, "ws.v3.c0"), ("repeated", "ws.v3.c0, ws.v3.c0", 3, 0, "ws.v3.c0"),
      ("last-of-six", "ws.v9.c0, ws.v8.c0, ws.v7.c0, ws.v6.c0, ws.v5.c9, ws.v5.c1", 5, 1, "ws.v5.c1"),
    ]
    let bad: [(String, String)] = [
      ("below", "ws.v1.c0"), ("above", "ws.v6.c0"), ("charset", "ws.v3.c2"), ("version-0", "ws.v0.c0"),
      ("other", "chat"), ("several", "ws.v1.c0, ws.v9.c0, ws.v3.c7, chat"), ("only-commas", ", ,"),
    ]
    return good.map { name, protocols, version, charset, token in
      selected(
        "protocol-\(name)", "Offered: \(protocols)", rules,
        flags: protocols.contains(",") ? ["subprotocol", "list"] : ["subprotocol"], "", protocols: protocols,
        version: version, charset: charset, token: token)
    }
      + bad.map { name, protocols in
        refused(
          "protocol-none-\(name)", "Offered: \(protocols)", ["negotiation.protocol.none"],
          flags: ["subprotocol", "unsupported"], "version=3", protocols: protocols, error: "no-protocol")
      } + protocolsAndQuery()
  }

  private static func protocolsAndQuery() -> [VectorTest] {
    let rules: [RequirementID] = ["negotiation.protocol.precedence"]
    let flags = ["subprotocol", "precedence"]
    let queries: [(String, String)] = [
      ("good", "version=5&charset=1"), ("too-low", "version=1"), ("broken", "version=x&charset=y"),
      ("unsupported-charset", "charset=9"),
    ]
    return queries.map { name, query in
      selected(
        "protocol-over-\(name)-query", "The query does not count: \(query)", rules, flags: flags, query,
        protocols: "ws.v3.c0", version: 3, charset: 0, token: "ws.v3.c0")
    } + [
      selected(
        "protocol-any-version", "No versions are given: any number will do.",
        ["negotiation.partial", "negotiation.protocol.select"], flags: ["subprotocol", "one-dimension"], "version=4",
        protocols: "ws.v99.c1", versions: nil, version: 99, charset: 1, token: "ws.v99.c1"),
      selected(
        "protocol-any-charset", "No charsets are given: any number will do.",
        ["negotiation.partial", "negotiation.protocol.select"], flags: ["subprotocol", "one-dimension"], "charset=1",
        protocols: "ws.v3.c99", charsets: nil, version: 3, charset: 99, token: "ws.v3.c99"),
      selected(
        "protocol-version-0-in-range", "In a token 0 is a version like any other.", ["negotiation.protocol.select"],
        flags: ["subprotocol", "boundary"], "", protocols: "ws.v0.c0", versions: (0, 5), version: 0, charset: 0,
        token: "ws.v0.c0"),
      refused(
        "protocol-empty-charsets", "A server without charsets supports no token.", ["negotiation.protocol.none"],
        flags: ["subprotocol", "unsupported"], "", protocols: "ws.v3.c0", charsets: [], error: "no-protocol"),
    ]
  }

  private static func tokens() -> [VectorTest] {
    let malformed: [(String, String)] = [
      ("leading-zero-version", "ws.v03.c0"), ("leading-zero-charset", "ws.v3.c00"), ("plus", "ws.v+3.c0"),
      ("minus", "ws.v-3.c0"), ("minus-zero", "ws.v3.c-0"), ("no-version", "ws.v.c0"), ("no-charset", "ws.v3.c"),
      ("no-charset-part", "ws.v3"), ("uppercase", "WS.V3.C0"), ("uppercase-v", "ws.V3.c0"), ("other-name", "wss.v3.c0"),
      ("swapped", "ws.c0.v3"), ("point-behind", "ws.v3.c0."), ("third-part", "ws.v3.c0.x"), ("letters", "ws.v3a.c0"),
      ("hexadecimal", "ws.v0x3.c0"), ("space-inside", "ws.v3 .c0"), ("semicolon", "ws.v3.c0;q=1"),
      ("quoted", "\"ws.v3.c0\""),
      ("slash", "ws/v3.c0"), ("beyond-int32", "ws.v2147483648.c0"), ("charset-beyond-int32", "ws.v3.c2147483648"),
      ("beyond-64-bits", "ws.v18446744073709551619.c0"),
      ("hundred-digits", "ws.v\(String(repeating: "3", count: 100)).c0"),
    ]
    let rules: [RequirementID] = ["negotiation.protocol.token"]
    return malformed.map { name, token in
      refused(
        "token-\(name)", "The only offer: \(token)", rules, flags: ["subprotocol", "bad-token"], "version=3",
        protocols: token, versions: (0, .max), charsets: [0, 1, 2_147_483_648], error: "no-protocol")
    } + [
      selected(
        "token-largest", "The largest numbers that a token can have.", rules, flags: ["subprotocol", "boundary"], "",
        protocols: "ws.v2147483647.c2147483647", versions: (0, .max), charsets: [2_147_483_647],
        version: 2_147_483_647, charset: 2_147_483_647, token: "ws.v2147483647.c2147483647"),
      selected(
        "token-good-behind-bad", "A malformed token is passed over.", rules, flags: ["subprotocol", "list"], "",
        protocols: "ws.v03.c0, ws.v3.c+0, ws.v4.c0", version: 4, charset: 0, token: "ws.v4.c0"),
    ]
  }
}
