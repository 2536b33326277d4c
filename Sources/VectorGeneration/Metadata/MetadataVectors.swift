import GoldenVectors
import Specification
import StrictJSON

/// `metadata.json`: what a query says about a connection, and the identity made of it.
enum MetadataVectors {
  static func file() -> VectorFile {
    VectorFile(
      area: "metadata",
      notes: [
        "broken-escape": "A percent sign without two hexadecimal digits behind it.",
        "dash": "A part of the identity holds the separator.",
        "escape": "Percent escapes.",
        "integer-form": "An unusual form of an integer, or something that is none.",
        "integer-range": "An integer at the ends of 64 bits, or beyond them.",
        "legacy": "The identity of releases before 1.3.7.",
        "not-utf8": "Bytes that are no UTF-8.",
        "real-capture": "The query was seen on the wire.",
        "repeated": "A name stands there more than once.",
        "semicolon": "A semicolon, which some readers take for a separator.",
      ],
      groups: [
        VectorGroup(.metadataParse, comment: "Queries that programs of the original sent.", tests: seen()),
        VectorGroup(.metadataParse, comment: "Pairs, and what separates them.", tests: pairs()),
        VectorGroup(.metadataParse, comment: "Percent escapes and plus signs.", tests: escapes()),
        VectorGroup(.metadataParse, comment: "Integers in every form.", tests: integers()),
        VectorGroup(.identityFormat, comment: "The identity of a connection.", tests: identities()),
      ])
  }

  /// The six values as the output has them.
  private static func output(
    uid: Bytes = .empty, typed: Int64 = 0, deviceId: Bytes = .empty, source: Bytes = .empty, version: Int64 = 0,
    charset: Int64 = 0
  ) -> JSONValue {
    [
      "uid": uid.json, "typed": .int(typed), "deviceId": deviceId.json, "source": source.json,
      "version": .int(version), "charset": .int(charset),
    ]
  }

  private static func parse(
    _ name: String, _ query: String, _ requirements: [RequirementID], flags: [String] = [], capture: String? = nil,
    _ output: JSONValue
  ) -> VectorTest {
    .valid(
      id: "metadata.parse.\(name)", comment: query.isEmpty ? "No query." : "The query: \(query)",
      requirements: requirements, flags: flags, capture: capture, input: ["query": Bytes.utf8(query).json],
      output: output)
  }

  private static func seen() -> [VectorTest] {
    let rules: [RequirementID] = ["metadata.parameters", "metadata.missing"]
    return [
      parse(
        "seen-uid", "uid=100", rules, flags: ["real-capture"], capture: "go-client-rpc.pcap",
        output(uid: .ascii("100"))),
      parse(
        "seen-all", "uid=100&typed=2&deviceId=a100&source=web&version=2&charset=0", rules, flags: ["real-capture"],
        capture: "displacement.pcap",
        output(uid: .ascii("100"), typed: 2, deviceId: .ascii("a100"), source: .ascii("web"), version: 2)),
      parse(
        "seen-gbk", "uid=%E5%BC%A0%E4%B8%89&typed=1&deviceId=d-1&source=app&version=1&charset=1",
        rules + ["metadata.percent"], flags: ["real-capture", "escape"], capture: "gbk.pcap",
        output(
          uid: .utf8("张三"), typed: 1, deviceId: .ascii("d-1"), source: .ascii("app"), version: 1, charset: 1)),
      parse(
        "seen-unknown", "uid=100&pull=1", rules + ["metadata.unknown"], flags: ["real-capture"],
        capture: "puller.pcap", output(uid: .ascii("100"))),
      parse(
        "seen-1_1", "uid=100&typed=2&deviceId=a100", rules, flags: ["real-capture"], capture: "rev-1.1.pcap",
        output(uid: .ascii("100"), typed: 2, deviceId: .ascii("a100"))),
    ]
  }

  private static func pairs() -> [VectorTest] {
    let a = output(uid: .ascii("a"))
    let all = output(
      uid: .ascii("u"), typed: 1, deviceId: .ascii("d"), source: .ascii("s"), version: 2, charset: 3)
    return [
      parse("empty", "", ["metadata.missing"], output()),
      parse("all", "uid=u&typed=1&deviceId=d&source=s&version=2&charset=3", ["metadata.parameters"], all),
      parse("all-backwards", "charset=3&version=2&source=s&deviceId=d&typed=1&uid=u", ["metadata.parameters"], all),
      parse(
        "all-amid-others", "x=1&uid=u&y=2&typed=1&deviceId=d&z&source=s&version=2&uid2=v&charset=3",
        ["metadata.parameters", "metadata.unknown"], all),
      parse("only-unknown", "user=a&id=b&type=3", ["metadata.unknown", "metadata.missing"], output()),
      parse("name-uppercase", "UID=a&TYPED=1&DEVICEID=b&SOURCE=c&VERSION=2&CHARSET=3", ["metadata.case"], output()),
      parse(
        "name-one-letter", "uid=a&deviceid=b&Source=c&deviceID=d", ["metadata.case"], a),
      parse(
        "name-case-before", "Uid=b&uid=a", ["metadata.case", "metadata.repeated"], flags: ["repeated"], a),
      parse("repeated", "uid=a&uid=b", ["metadata.repeated"], flags: ["repeated"], a),
      parse("repeated-empty-first", "uid=&uid=b", ["metadata.repeated"], flags: ["repeated"], output()),
      parse(
        "repeated-bare-first", "uid&uid=b", ["metadata.repeated", "metadata.empty-value"], flags: ["repeated"], output()
      ),
      parse(
        "repeated-escaped-first", "u%69d=a&uid=b", ["metadata.repeated", "metadata.percent"],
        flags: ["repeated", "escape"], a),
      parse(
        "repeated-integer", "typed=x&typed=5", ["metadata.repeated", "metadata.integer.invalid"], flags: ["repeated"],
        output()),
      parse("bare-name", "uid", ["metadata.empty-value"], output()),
      parse("bare-name-amid", "source&uid=a&deviceId", ["metadata.empty-value"], a),
      parse("empty-value", "uid=&source=s", ["metadata.empty-value"], output(source: .ascii("s"))),
      parse(
        "bare-integer", "typed&version=2", ["metadata.empty-value", "metadata.integer.invalid"], output(version: 2)),
      parse("equals-in-value", "uid=a=b==c", ["metadata.parameters"], output(uid: .ascii("a=b==c"))),
      parse("no-name", "=a&uid=a", ["metadata.unknown"], a),
      parse("only-equals", "=", ["metadata.unknown"], output()),
      parse(
        "empty-pairs", "&&uid=a&&&source=s&", ["metadata.empty-pair"], output(uid: .ascii("a"), source: .ascii("s"))),
      parse("only-empty-pairs", "&&&", ["metadata.empty-pair", "metadata.missing"], output()),
      parse(
        "question-mark", "uid=a?b&source=?", ["metadata.parameters"], output(uid: .ascii("a?b"), source: .ascii("?"))),
      parse("slash-and-at", "uid=/a@b:c", ["metadata.parameters"], output(uid: .ascii("/a@b:c"))),
      parse("space-in-name", "uid =a& uid=b", ["metadata.unknown"], output()),
      parse(
        "semicolon-in-value", "uid=a;b&source=s", ["metadata.semicolon"], flags: ["semicolon"],
        output(source: .ascii("s"))),
      parse(
        "semicolon-as-separator", "uid=a;source=s", ["metadata.semicolon"], flags: ["semicolon"], output()),
      parse(
        "semicolon-in-name", "u;id=a&uid=b", ["metadata.semicolon"], flags: ["semicolon"], output(uid: .ascii("b"))),
      parse(
        "semicolon-then-repeated", "uid=a;&uid=b", ["metadata.semicolon", "metadata.repeated"],
        flags: ["semicolon", "repeated"], output(uid: .ascii("b"))),
      parse("only-semicolon", ";&uid=a", ["metadata.semicolon"], flags: ["semicolon"], a),
      parse(
        "semicolon-escaped", "uid=a%3Bb", ["metadata.semicolon", "metadata.percent"], flags: ["semicolon", "escape"],
        output(uid: .ascii("a;b"))),
      parse(
        "long-value", "uid=\(String(repeating: "x", count: 4000))", ["metadata.parameters"],
        output(uid: .repeating(0x78, 4000))),
    ]
  }

  private static func escapes() -> [VectorTest] {
    func uid(
      _ name: String, _ value: String, _ requirements: [RequirementID], flags: [String] = ["escape"], _ bytes: Bytes
    ) -> VectorTest {
      parse(name, "uid=\(value)&source=s", requirements, flags: flags, output(uid: bytes, source: .ascii("s")))
    }
    let broken: [(String, String)] = [
      ("alone", "%"), ("one-digit", "%4"), ("no-digits", "%zz"), ("second-no-digit", "%4g"), ("first-no-digit", "%g4"),
      ("space", "% 41"), ("sign", "%+1"), ("unicode", "%u4F60"), ("percent-percent", "%%41"), ("behind-good", "a%41%"),
    ]
    return [
      uid("escape-letter", "%61%62", ["metadata.percent"], .ascii("ab")),
      uid("escape-lowercase-digits", "%c3%bc", ["metadata.percent"], .utf8("ü")),
      uid("escape-uppercase-digits", "%C3%BC", ["metadata.percent"], .utf8("ü")),
      uid("escape-mixed-digits", "%c3%Bc", ["metadata.percent"], .utf8("ü")),
      uid("escape-separators", "a%26b%3Dc%25", ["metadata.percent"], .ascii("a&b=c%")),
      uid("escape-twice-encoded", "%2541", ["metadata.percent"], .ascii("%41")),
      uid("escape-nul", "a%00b", ["metadata.percent"], [0x61, 0x00, 0x62]),
      uid("escape-ff", "%FF%fe", ["metadata.percent"], flags: ["escape", "not-utf8"], [0xFF, 0xFE]),
      uid(
        "escape-gbk", "%C4%E3%BA%C3", ["metadata.percent"], flags: ["escape", "not-utf8"], [0xC4, 0xE3, 0xBA, 0xC3]),
      uid("escape-cut-utf8", "%E4%BD", ["metadata.percent"], flags: ["escape", "not-utf8"], [0xE4, 0xBD]),
      uid("raw-utf8", "你好", ["metadata.parameters"], flags: [], .utf8("你好")),
      uid("plus", "a+b", ["metadata.plus"], .ascii("a b")),
      uid("plus-escaped", "a%2Bb", ["metadata.plus", "metadata.percent"], .ascii("a+b")),
      uid("space-escaped", "a%20b", ["metadata.plus", "metadata.percent"], .ascii("a b")),
      uid("only-pluses", "++", ["metadata.plus"], .ascii("  ")),
      parse("escaped-name", "%75%69%64=a", ["metadata.percent"], flags: ["escape"], output(uid: .ascii("a"))),
      parse(
        "escaped-equals-in-name", "uid%3Da=b", ["metadata.percent", "metadata.unknown"], flags: ["escape"], output()),
      parse(
        "escaped-integer", "typed=%34%32", ["metadata.percent", "metadata.integer"], flags: ["escape"],
        output(typed: 42)),
      parse("plus-in-name", "+uid=a&ui+d=b", ["metadata.plus", "metadata.unknown"], flags: ["escape"], output()),
      VectorTest.valid(
        id: "metadata.parse.raw-bytes", comment: "Bytes that are no UTF-8, not escaped.",
        requirements: ["metadata.parameters"], flags: ["not-utf8"],
        input: ["query": Bytes(.ascii("uid="), [0xFF, 0x00, 0xC0]).json], output: output(uid: [0xFF, 0x00, 0xC0])),
      VectorTest.valid(
        id: "metadata.parse.every-byte-escaped", comment: "All 256 bytes, each escaped.",
        requirements: ["metadata.percent"], flags: ["escape", "not-utf8"],
        input: ["query": Bytes.ascii("uid=" + Bytes.counting(256).array.map(escaped).joined()).json],
        output: output(uid: .counting(256))),
    ]
      + broken.flatMap { name, value in
        [
          parse(
            "broken-\(name)-value", "uid=\(value)&source=s", ["metadata.escape"], flags: ["broken-escape"],
            output(source: .ascii("s"))),
          parse(
            "broken-\(name)-before-good", "uid=\(value)&uid=b", ["metadata.escape", "metadata.repeated"],
            flags: ["broken-escape", "repeated"], output(uid: .ascii("b"))),
        ]
      } + [
        parse(
          "broken-in-name", "ui%d=a&uid=b", ["metadata.escape"], flags: ["broken-escape"], output(uid: .ascii("b"))),
        parse(
          "broken-in-unknown", "x=%&uid=a", ["metadata.escape"], flags: ["broken-escape"], output(uid: .ascii("a"))),
        parse("broken-integer", "typed=%&version=2", ["metadata.escape"], flags: ["broken-escape"], output(version: 2)),
      ]
  }

  private static func escaped(_ byte: UInt8) -> String { "%" + Bytes.byte(byte).hex }

  private static func integers() -> [VectorTest] {
    let good: [(String, String, Int64)] = [
      ("zero", "0", 0), ("seven", "7", 7), ("plus", "%2B7", 7), ("minus", "-7", -7), ("leading-zeros", "007", 7),
      ("minus-leading-zeros", "-0042", -42), ("minus-zero", "-0", 0), ("plus-zero", "%2B0", 0),
      ("int32-max", "2147483647", 2_147_483_647), ("beyond-int32", "2147483648", 2_147_483_648),
      ("below-int32", "-2147483649", -2_147_483_649), ("beyond-double", "9007199254740993", 9_007_199_254_740_993),
      ("many-zeros", String(repeating: "0", count: 40) + "5", 5),
    ]
    let ends: [(String, String, Int64)] = [
      ("int64-max", "9223372036854775807", .max), ("int64-min", "-9223372036854775808", .min),
      ("int64-max-plus", "%2B9223372036854775807", .max),
      ("int64-max-zeros", "0009223372036854775807", .max),
    ]
    let beyond: [(String, String, Int64)] = [
      ("int64-max-and-one", "9223372036854775808", .max), ("int64-min-and-one", "-9223372036854775809", .min),
      ("uint64-max", "18446744073709551615", .max), ("uint64-wraps", "18446744073709551617", .max),
      ("hundred-digits", String(repeating: "9", count: 100), .max),
      ("minus-hundred-digits", "-" + String(repeating: "9", count: 100), .min),
    ]
    let none: [(String, String)] = [
      ("empty", ""), ("only-minus", "-"), ("only-plus", "%2B"), ("raw-plus", "+7"), ("space-before", "%207"),
      ("space-behind", "7%20"), ("two-signs", "--7"), ("plus-minus", "%2B-7"), ("minus-behind", "7-"),
      ("hexadecimal", "0x10"), ("octal", "0o17"), ("binary", "0b11"), ("letters", "seven"), ("letters-behind", "7abc"),
      ("point", "7.0"), ("exponent", "1e3"), ("underscore", "1_000"), ("comma", "1,000"), ("newline", "7%0A"),
      ("nul", "7%00"), ("arabic-digit", "%D9%A7"), ("fullwidth-digit", "%EF%BC%97"), ("infinity", "inf"),
      ("true", "true"),
    ]
    return good.map { name, text, value in
      parse("integer-\(name)", "typed=\(text)", ["metadata.integer"], flags: ["integer-form"], output(typed: value))
    }
      + ends.map { name, text, value in
        parse("integer-\(name)", "typed=\(text)", ["metadata.integer"], flags: ["integer-range"], output(typed: value))
      }
      + none.map { name, text in
        parse(
          "integer-\(name)", "typed=\(text)&uid=a", ["metadata.integer.invalid"], flags: ["integer-form"],
          output(uid: .ascii("a")))
      }
      + beyond.map { name, text, value in
        .acceptable(
          id: "metadata.parse.integer-\(name)", comment: "The query: typed=\(text)",
          requirements: ["metadata.integer.clamp"], flags: ["integer-range"],
          input: ["query": Bytes.ascii("typed=\(text)").json], output: output(typed: value),
          alternatives: [.informational(output: output())])
      } + [
        parse(
          "integer-version", "version=-9223372036854775808&charset=9223372036854775807", ["metadata.integer"],
          flags: ["integer-range"], output(version: .min, charset: .max)),
        parse(
          "integer-version-broken", "version=1.0&charset=GBK", ["metadata.integer.invalid"], flags: ["integer-form"],
          output()),
      ]
  }

  private static func identity(
    _ name: String, _ requirements: [RequirementID], flags: [String] = [], uid: Bytes, typed: Int64 = 0,
    deviceId: Bytes = .empty, source: Bytes? = nil, withSource: Bool? = nil, _ expected: Bytes
  ) -> VectorTest {
    var input: JSONObject = ["uid": uid.json, "typed": .int(typed), "deviceId": deviceId.json]
    if let source { input["source"] = source.json }
    if let withSource { input["withSource"] = .bool(withSource) }
    return .valid(
      id: "metadata.format.\(name)", comment: "The identity as bytes: \(expected.hex)", requirements: requirements,
      flags: flags, input: .object(input), output: ["identity": expected.json])
  }

  private static func identities() -> [VectorTest] {
    [
      identity("uid-only", ["identity.parts"], uid: .ascii("100"), .ascii("100-0--")),
      identity("nothing", ["identity.parts"], uid: .empty, .ascii("-0--")),
      identity(
        "all", ["identity.join"], uid: .ascii("100"), typed: 2, deviceId: .ascii("a100"), source: .ascii("web"),
        .ascii("100-2-a100-web")),
      identity("source-only", ["identity.parts"], uid: .empty, source: .ascii("web"), .ascii("-0--web")),
      identity("device-only", ["identity.parts"], uid: .empty, deviceId: .ascii("d"), .ascii("-0-d-")),
      identity("typed-only", ["identity.parts", "identity.typed"], uid: .empty, typed: 9, .ascii("-9--")),
      identity("source-empty", ["identity.parts"], uid: .ascii("u"), source: .empty, withSource: true, .ascii("u-0--")),
      identity("typed-negative", ["identity.typed"], uid: .ascii("u"), typed: -1, .ascii("u--1--")),
      identity(
        "typed-max", ["identity.typed"], flags: ["integer-range"], uid: .ascii("u"), typed: .max,
        .ascii("u-9223372036854775807--")),
      identity(
        "typed-min", ["identity.typed"], flags: ["integer-range"], uid: .ascii("u"), typed: .min,
        .ascii("u--9223372036854775808--")),
      identity("typed-ten", ["identity.typed"], uid: .ascii("u"), typed: 10, .ascii("u-10--")),
      identity(
        "dash-in-uid", ["identity.verbatim"], flags: ["dash"], uid: .ascii("a-0"), .ascii("a-0-0--")),
      identity(
        "dash-in-device", ["identity.verbatim"], flags: ["dash"], uid: .ascii("a"), deviceId: .ascii("0-"),
        .ascii("a-0-0--")),
      identity(
        "dashes-only", ["identity.verbatim"], flags: ["dash"], uid: .ascii("-"), deviceId: .ascii("-"),
        source: .ascii("-"), .ascii("--0----")),
      identity("space", ["identity.verbatim"], uid: .ascii("a b"), source: .ascii("c+d"), .ascii("a b-0--c+d")),
      identity("percent", ["identity.verbatim"], uid: .ascii("%41"), .ascii("%41-0--")),
      identity("chinese", ["identity.verbatim"], uid: .utf8("张三"), .utf8("张三-0--")),
      identity(
        "not-utf8", ["identity.verbatim"], flags: ["not-utf8"], uid: [0xFF, 0xFE], deviceId: [0x80],
        source: [0xC4, 0xE3], Bytes([0xFF, 0xFE], .ascii("-0-"), [0x80], .ascii("-"), [0xC4, 0xE3])),
      identity("nul", ["identity.verbatim"], uid: [0x00], .init([0x00], .ascii("-0--"))),
      identity(
        "legacy", ["identity.legacy"], flags: ["legacy"], uid: .ascii("100"), typed: 2, deviceId: .ascii("a100"),
        withSource: false, .ascii("100-2-a100")),
      identity(
        "legacy-uid-only", ["identity.legacy"], flags: ["legacy"], uid: .ascii("100"), withSource: false,
        .ascii("100-0-")),
      identity(
        "legacy-source-left-out", ["identity.legacy"], flags: ["legacy"], uid: .ascii("u"), source: .ascii("web"),
        withSource: false, .ascii("u-0-")),
    ]
  }
}
