import FrameCodec
import Specification
package import StrictJSON

/// The shapes of everything that stands in script files, by name.
package enum ScriptGrammar {
  /// The names of the shapes.
  enum Name: String, CaseIterable, Sendable {
    case probeFile, singleCase, mockServer, profile, defaults, scriptCase, cases, table, row, values, value
    case text, texts, integer, integers, duration, boolean, slug, level, conformanceClass, role, revision, verdict
    case steps, step, branches, connect, connectOrNone, acceptOrNone, accept, acceptList, headers, headerValue, query
    case answer, response, requestPattern, deflateFlag, deflateAnswer, textPattern, textPatterns, headerPatterns
    case numberPattern, numberPatterns, countPattern, bytes, frameBytes, displacement, protobuf, sends, send, cuts
    case fragments, compress, close, call, framePattern, messageForm, bytesPattern, bytesPatterns, jsonMembers, any
    case expect, pattern, displacementPattern, closeCodes, failed, silence, rejected, alive, alternatives, alternative
    case tally, assignments, save, part, stop, displace, rules, rule, trigger, triggers, faults, fault
    case resources, order, drive, drivenCall, report, dials, client, driver, orders, exchange, slowCall, serverCall,
      burst, calls, echoMode, hub, names, each, loopValues, codeOrNone,
      revisions,
      connectionName

    /// The reference to the shape in the schema.
    var reference: JSONValue { ["$ref": .string("#/$defs/\(rawValue)")] }
  }

  /// The shape of a name.
  static func shape(_ name: Name) -> ScriptShape { shapes[name] ?? ScriptShape() }

  /// The content of `vectors/probes/script.schema.json`.
  package static var schema: JSONValue {
    var definitions = JSONObject()
    for name in Name.allCases { definitions[name.rawValue] = shape(name).schema }
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "A script of wireproof: probe file, single case, mock server or profile; see docs/scripts.md",
      "anyOf": [
        Name.probeFile.reference, Name.mockServer.reference, Name.singleCase.reference, Name.profile.reference,
      ],
      "$defs": .object(definitions),
    ]
  }

  /// The verbs that may stand without anything behind them.
  static let bareVerbs = [
    "alive", "close", "connect", "accept", "end", "failed", "half-close", "measure", "ping", "rejected", "reset",
    "resume", "silence", "stall", "call", "pong", "displace", "reply", "exchange",
    "unopened", "report",
  ]

  /// The keys of a step that are no verbs.
  static let modifiers = ["on", "level", "within", "after", "why", "for"]

  /// The keys that belong to a verb beside it.
  static let companions: [String: [String]] = [
    "expect": ["ordered", "count", "save"], "call": ["save"], "repeat": ["as", "steps"], "parallel": ["as", "steps"],
  ]

  private static let shapes: [Name: ScriptShape] = leaves.merging(structures) { first, _ in first }

  private static func scalar(_ kinds: ScriptShape.Scalar..., nullable: Bool = false) -> ScriptShape {
    ScriptShape(scalars: kinds, isNullable: nullable)
  }

  private static func many(_ name: Name) -> ScriptShape { ScriptShape(element: name) }

  private static func oneOrMore(_ name: Name) -> ScriptShape { ScriptShape(element: name, base: name) }

  private static func map(_ name: Name) -> ScriptShape { ScriptShape(values: name) }

  private static func mapping(_ fields: ScriptShape.Field...) -> ScriptShape { ScriptShape(fields: fields) }

  /// Keys that all have the same shape and may be absent.
  private static func keys(_ shape: Name, _ names: String...) -> [ScriptShape.Field] {
    names.map { .optional($0, shape) }
  }

  private static let leaves: [Name: ScriptShape] = [
    .text: scalar(.text), .texts: oneOrMore(.text), .integer: scalar(.integer), .integers: oneOrMore(.integer),
    .duration: scalar(.duration), .boolean: scalar(.boolean), .slug: scalar(.text), .value: ScriptShape(base: .bytes),
    .level: scalar(.word(RequirementLevel.allCases.map(\.rawValue))),
    .conformanceClass: scalar(.word(ConformanceClass.allCases.map(\.rawValue))),
    .role: scalar(.word(PeerRole.allCases.map(\.rawValue))),
    .revision: scalar(.word(Revision.allCases.map(\.rawValue))),
    .verdict: scalar(.word(["pass", "notApplicable", "informational"])),
    .hub: scalar(.word(["true", "false", "auto"])),
    .echoMode: scalar(.word(PeerProfile.EchoMode.allCases.map(\.rawValue))),
    .part: scalar(.word(ExpectSpec.Saved.Part.allCases.map(\.rawValue))),
    .any: ScriptShape(scalars: [.text], isNullable: true, element: .any, values: .any),
    .names: map(.text), .values: map(.value), .row: map(.value), .assignments: map(.value), .save: map(.part),
    .jsonMembers: map(.any), .headerPatterns: map(.textPatterns),
    .connectionName: scalar(.text, nullable: true),
    .compress: scalar(.word(CompressionForm.allCases.map(\.rawValue) + ["false"])),
    .stop: ScriptShape(base: .verdict), .deflateFlag: scalar(.text),
    .countPattern: ScriptShape(scalars: [.integer], element: .integer, base: .numberPattern),
  ]

  private static let structures: [Name: ScriptShape] = [
    .probeFile: mapping(
      .required("suite", .slug), .required("title", .text), .optional("role", .role),
      .optional("defaults", .defaults), .required("cases", .cases)),
    .cases: many(.scriptCase),
    .scriptCase: ScriptShape(
      fields: caseFields + [
        .required("id", .slug), .required("title", .text), .optional("requirements", .texts),
        .optional("controls", .texts), .optional("blind", .texts), .optional("each", .each),
      ]),
    .order: ScriptShape(scalars: [.word(OrderSpec.Action.allCases.map(\.rawValue))], fields: orderFields),
    .drive: ScriptShape(
      scalars: [.word(OrderSpec.Action.allCases.map(\.rawValue))],
      fields: orderFields + webSocketFields + transportFields),
    .drivenCall: ScriptShape(
      isNullable: true, fields: orderFields.filter { $0.name != "do" } + keys(.send, "answer")),
    .report: ScriptShape(
      isNullable: true,
      fields: keys(.text, "of") + keys(.boolean, "ok") + keys(.numberPatterns, "sn") + keys(.bytesPattern, "payload")
        + keys(.textPatterns, "error")),
    .dials: mapping(.required("is", .countPattern), .required("for", .duration)),
    .client: mapping(
      .optional("driver", .driver), .optional("orders", .orders), .optional("redials", .boolean),
      .optional("reconnect", .boolean),
      .optional("hides", .texts)),
    .driver: ScriptShape(
      scalars: [.word(["none"])], fields: [.required("order", .integer), .required("report", .integer)]),
    .orders: ScriptShape(element: .text),
    .singleCase: ScriptShape(
      fields: caseFields + [
        .optional("id", .slug), .optional("title", .text), .optional("requirements", .texts), .optional("role", .role),
        .optional("seed", .integer),
      ]),
    .defaults: mapping(
      .optional("requirements", .texts), .optional("level", .level), .optional("class", .conformanceClass),
      .optional("tags", .texts), .optional("needs", .texts), .optional("connect", .connectOrNone),
      .optional("accept", .acceptOrNone), .optional("timeout", .duration), .optional("vars", .values),
      .optional("revision", .revision)),
    .each: ScriptShape(element: .row, values: .table),
    .table: ScriptShape(scalars: [.range], element: .value),
    .mockServer: mapping(
      .optional("role", .role), .optional("title", .text), .optional("seed", .integer),
      .optional("accept", .acceptList), .required("rules", .rules), .optional("faults", .faults)),
    .rules: many(.rule),
    .rule: mapping(
      .required("on", .triggers), .required("do", .steps), .optional("every", .integer), .optional("times", .integer),
      .optional("chance", .integer), .optional("serial", .boolean), .optional("also", .boolean)),
    .trigger: ScriptShape(
      scalars: [.word(["open", "displacement", "closed", "clean", "violation", "any"])], base: .pattern),
    .triggers: oneOrMore(.trigger),
    .faults: many(.fault),
    .fault: ScriptShape(
      fields: keys(.trigger, "drop", "duplicate", "delay", "reorder", "corrupt", "truncate", "wrong-sn")
        + keys(.integer, "reset", "every", "times", "chance") + keys(.text, "by")),
    .steps: oneOrMore(.step),
    .step: ScriptShape(scalars: [.word(bareVerbs)], fields: stepFields),
    .branches: ScriptShape(scalars: [.integer, .range], element: .any),
    .loopValues: ScriptShape(scalars: [.integer, .range], element: .text),
    .connect: ScriptShape(isNullable: true, fields: connectFields),
    .connectOrNone: ScriptShape(scalars: [.word(["none"])], base: .connect),
    .acceptOrNone: ScriptShape(scalars: [.word(["none"])], base: .accept),
    .accept: ScriptShape(isNullable: true, fields: acceptFields), .acceptList: oneOrMore(.accept),
    .headers: map(.headerValue), .headerValue: ScriptShape(isNullable: true, element: .text, base: .text),
    .query: ScriptShape(scalars: [.text], values: .text),
    .answer: ScriptShape(scalars: [.word(["granted", "refused", "any"])], base: .response),
    .response: mapping(
      .optional("status", .numberPatterns), .optional("headers", .headerPatterns), .optional("body", .bytesPattern),
      .optional("json", .jsonMembers), .optional("extensions", .textPatterns), .optional("deflate", .deflateAnswer),
      .optional("protocol", .textPatterns)),
    .requestPattern: ScriptShape(
      scalars: [.word(["any"])],
      fields: keys(.textPatterns, "method", "path", "protocols") + keys(.headerPatterns, "headers", "query")),
    .deflateAnswer: ScriptShape(scalars: [.word(["none", "granted"])], values: .numberPatterns),
    .textPattern: ScriptShape(scalars: [.text], fields: textPatternFields), .textPatterns: oneOrMore(.textPattern),
    .numberPattern: ScriptShape(
      scalars: [.integer, .word(["any", "zero", "nonzero", "even", "odd", "true", "false", "none"])],
      fields: keys(.integer, "min", "max") + keys(.numberPatterns, "not")),
    .numberPatterns: oneOrMore(.numberPattern),
    .bytes: ScriptShape(scalars: [.text], isNullable: true, element: .bytes, fields: bytesFields),
    .displacement: ScriptShape(isNullable: true, fields: keys(.text, "old", "new") + keys(.integer, "ts")),
    .displace: ScriptShape(base: .displacement),
    .protobuf: mapping(.optional("id", .integer), .optional("data", .bytes)),
    .sends: oneOrMore(.send),
    .send: ScriptShape(
      fields: keys(.bytes, "message", "raw") + frameFields + webSocketFields + transportFields),
    .frameBytes: ScriptShape(fields: frameFields),
    .codeOrNone: scalar(.integer, .word(["none"])), .revisions: oneOrMore(.revision),
    .cuts: ScriptShape(scalars: [.word(["each"])], element: .fragments, fields: keys(.integer, "size")),
    .fragments: scalar(.integer, .word(["end"])),
    .close: ScriptShape(
      scalars: [.integer], isNullable: true,
      fields: keys(.integer, "code") + keys(.text, "reason") + keys(.bytes, "body")),
    .call: ScriptShape(
      isNullable: true,
      fields: keys(.integer, "id") + keys(.text, "sn") + keys(.bytes, "payload") + keys(.framePattern, "answer")
        + webSocketFields + transportFields),
    .framePattern: ScriptShape(fields: framePatternFields),
    .messageForm: mapping(
      .optional("opcode", .text), .optional("compressed", .boolean), .optional("fragments", .numberPatterns),
      .optional("minimal", .boolean)),
    .bytesPattern: ScriptShape(scalars: [.text], isNullable: true, element: .bytes, fields: bytesPatternFields),
    .bytesPatterns: many(.bytesPattern),
    .pattern: ScriptShape(
      scalars: [.word(["displacement", "closed", "clean", "violation"])],
      fields: framePatternFields + keys(.bytesPattern, "ping", "pong", "message") + keys(.closeCodes, "close")
        + keys(.text, "end", "opcode") + keys(.displacementPattern, "displacement") + keys(.report, "report")),
    .displacementPattern: ScriptShape(
      isNullable: true, fields: keys(.textPatterns, "old", "new") + keys(.text, "ts")),
    .expect: oneOrMore(.pattern),
    .closeCodes: ScriptShape(scalars: [.integer, .word(["any", "none"])], element: .codeOrNone),
    .failed: ScriptShape(
      scalars: [.integer, .word(["none"])], isNullable: true, element: .codeOrNone,
      fields: keys(.closeCodes, "code")),
    .rejected: ScriptShape(isNullable: true, fields: keys(.closeCodes, "code")),
    .silence: ScriptShape(
      isNullable: true, fields: keys(.duration, "for") + keys(.expect, "except") + keys(.boolean, "probe")),
    .resources: ScriptShape(
      scalars: [.word(["mark"])], fields: keys(.integer, "memory", "peak", "threads", "files")),
    .alive: scalar(.word(["this", "new"]), nullable: true),
    .alternatives: many(.alternative),
    .alternative: ScriptShape(
      fields: keys(.steps, "strict", "lenient", "informational", "forbidden") + keys(.text, "why")
        + keys(.texts, "for")),
    .tally: mapping(
      .required("on", .texts), .required("is", .countPattern), .required("steps", .steps)),
    .profile: mapping(
      .optional("name", .text), .optional("calls", .calls), .optional("oneWay", .exchange),
      .optional("burst", .burst), .optional("puller", .burst), .optional("query", .names),
      .optional("revisions", .revisions), .optional("compression", .boolean), .optional("charsets", .integers),
      .optional("versions", .text), .optional("maxFrameLength", .integer), .optional("readWait", .integer),
      .optional("hub", .hub), .optional("maxConnections", .integer), .optional("upgradesPerSecond", .integer),
      .optional("zero", .integer), .optional("unsolicited", .integers), .optional("capabilities", .texts),
      .optional("client", .client)),
    .calls: ScriptShape(
      isNullable: true,
      fields: [
        .optional("echo", .exchange), .optional("slow", .slowCall), .optional("serverCall", .serverCall),
      ]),
    .exchange: mapping(
      .required("request", .integer), .required("response", .integer), .optional("mode", .echoMode)),
    .slowCall: mapping(
      .required("request", .integer), .required("response", .integer), .required("seconds", .text),
      .optional("mode", .echoMode)),
    .serverCall: mapping(
      .required("trigger", .integer), .required("request", .integer), .required("report", .integer)),
    .burst: mapping(.required("trigger", .integer), .required("id", .integer), .optional("count", .integer)),
  ]

  private static let caseFields: [ScriptShape.Field] =
    [
      .optional("level", .level), .optional("class", .conformanceClass), .optional("tags", .texts),
      .optional("needs", .texts), .optional("vars", .values), .optional("connect", .connectOrNone),
      .optional("accept", .acceptOrNone),
      .optional("revision", .revision), .optional("timeout", .duration), .required("steps", .steps),
    ]

  private static let stepFields: [ScriptShape.Field] =
    [
      .optional("connect", .connect), .optional("accept", .accept), .optional("response", .response),
      .optional("close", .close), .optional("send", .sends), .optional("call", .call), .optional("expect", .expect),
      .optional("failed", .failed), .optional("silence", .silence), .optional("rejected", .rejected),
      .optional("alive", .alive), .optional("any", .alternatives), .optional("tally", .tally),
      .optional("repeat", .loopValues), .optional("parallel", .branches), .optional("set", .assignments),
      .optional("stop", .stop), .optional("reply", .send), .optional("displace", .displace),
      .optional("wait", .duration), .optional("level", .level), .optional("within", .duration),
      .optional("after", .duration), .optional("ordered", .boolean), .optional("count", .integer),
      .optional("save", .save), .optional("steps", .steps), .optional("for", .texts),
      .optional("resources", .resources), .optional("drive", .drive), .optional("exchange", .drivenCall),
      .optional("report", .report), .optional("dials", .dials),
    ] + keys(.bytes, "ping", "pong")
    + keys(.connectionName, "end", "half-close", "reset", "stall", "resume", "measure", "unopened")
    + keys(.text, "assert", "note", "resident", "on", "why", "as")

  private static let orderFields: [ScriptShape.Field] =
    keys(.text, "do", "as") + keys(.integer, "seq", "id", "timeoutMs") + keys(.bytes, "payload")

  private static let frameFields: [ScriptShape.Field] =
    keys(.integer, "id", "length", "lengthBy", "take") + keys(.text, "sn", "magic")
    + keys(.bytes, "payload", "append") + keys(.revision, "revision")

  private static let webSocketFields: [ScriptShape.Field] =
    keys(.text, "opcode", "mask") + keys(.boolean, "fin") + keys(.integer, "rsv", "form", "declared")
    + keys(.cuts, "fragments") + keys(.sends, "between") + keys(.compress, "compress")

  private static let transportFields: [ScriptShape.Field] =
    keys(.cuts, "segments") + keys(.duration, "pause") + keys(.integer, "wireTake")

  private static let connectFields: [ScriptShape.Field] =
    keys(.text, "as", "uid", "path", "method", "http", "offer", "key") + keys(.deflateFlag, "deflate")
    + keys(.query, "query") + keys(.headers, "headers") + keys(.texts, "protocols") + keys(.bytes, "request")
    + keys(.cuts, "segments") + keys(.duration, "pause") + keys(.sends, "with") + keys(.answer, "answer")
    + keys(.boolean, "tcp", "pong", "close") + keys(.revision, "revision") + keys(.integer, "receiveBuffer")

  private static let acceptFields: [ScriptShape.Field] =
    keys(.text, "as") + keys(.deflateFlag, "deflate") + keys(.requestPattern, "request") + keys(.integer, "status")
    + keys(.headers, "headers") + keys(.bytes, "body", "response", "interim") + keys(.textPatterns, "offered")
    + keys(.cuts, "segments")
    + keys(.duration, "pause", "delay") + keys(.sends, "with") + keys(.boolean, "pong", "close")
    + keys(.revision, "revision")

  private static let textPatternFields: [ScriptShape.Field] =
    keys(.text, "contains", "prefix") + keys(.textPatterns, "not")

  private static let framePatternFields: [ScriptShape.Field] =
    keys(.numberPatterns, "id", "sn", "size", "length") + keys(.bytesPattern, "payload") + keys(.messageForm, "ws")

  private static let bytesFields: [ScriptShape.Field] =
    keys(.text, "hex", "text", "fill", "as") + keys(.integer, "size", "skip", "take", "times")
    + keys(.integer, "le16", "le32", "le64", "be16", "be32", "be64", "varint") + keys(.frameBytes, "frame")
    + keys(.send, "ws") + keys(.displacement, "displacement") + keys(.protobuf, "protobuf")
    + keys(.bytes, "deflated", "of") + keys(.order, "order") + [.optional("charset", .text)]

  private static let bytesPatternFields: [ScriptShape.Field] =
    bytesFields + keys(.bytes, "contains", "prefix", "suffix", "echo") + keys(.jsonMembers, "json")
    + keys(.bytesPattern, "not") + keys(.bytesPatterns, "any")
}
