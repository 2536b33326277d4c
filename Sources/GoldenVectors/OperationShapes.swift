import StrictJSON

/// The inputs, outputs and error codes of `docs/operations.md`.
extension Operation {
  /// The shape of the operation's input.
  var input: Shape {
    switch self {
    case .frameEncode:
      .object([
        .required("revision", Self.revision), .required("protocolId", .exact), .optional("sn", .uint32),
        .required("payload", .bytes), .optional("maxFrameLength", .uint32),
      ])
    case .frameDecode:
      .object([
        .required("revision", Self.revision), .required("message", .bytes), .optional("maxFrameLength", .uint32),
      ])
    case .frameStream:
      .object([
        .required("revision", .oneOf(["1.2", "1.3.0", "1.3.3"])), .required("pieces", .array(.bytes)),
        .optional("maxFrameLength", .uint32),
      ])
    case .displacementEncode: .object(Self.displacementFields)
    case .displacementDecode: .object([.required("payload", .bytes)])
    case .webSocketEncode:
      .object([
        .required("role", Self.role), .required("fin", .boolean), .optional("rsv", .integer(0...7)),
        .required("opcode", .integer(0...15)), .optional("deflate", .boolean), .optional("maskingKey", .bytes),
        .required("payload", .bytes),
      ])
    case .webSocketDecode:
      .object([
        .required("role", Self.role), .required("pieces", .array(.bytes)), .optional("deflate", .boolean),
        .optional("maxMessageLength", .natural),
      ])
    case .deflateNegotiate:
      .tagged(
        tag: "side",
        variants: [
          .init("server", [.required("offers", .text), .required("config", .object(Self.deflateConfiguration))]),
          .init("client", [.required("offer", .text), .required("response", .text)]),
        ])
    case .deflateCompress:
      .object([
        .required("messages", .array(.bytes)), .optional("windowBits", .integer(8...15)),
        .optional("contextTakeover", .boolean), .optional("level", .integer(0...9)),
      ])
    case .deflateDecompress:
      .object([
        .required("messages", .array(.bytes)), .optional("windowBits", .integer(8...15)),
        .optional("contextTakeover", .boolean), .optional("maxLength", .natural),
      ])
    case .handshakeParse:
      .tagged(
        tag: "side",
        variants: [
          .init("server", [.required("pieces", .array(.bytes))]),
          .init(
            "client",
            [
              .required("pieces", .array(.bytes)), .required("key", .text), .optional("offeredExtensions", .text),
              .optional("offeredProtocols", .array(.text)),
            ]),
        ])
    case .handshakeRespond:
      .object([
        .required("request", .bytes),
        .required(
          "config",
          .object([
            .optional("path", .text), .optional("versions", Self.versionRange), .optional("charsets", .array(.wide)),
            .optional("origins", .array(.text)), .optional("compression", .boolean),
          ])),
      ])
    case .metadataParse: .object([.required("query", .bytes)])
    case .identityFormat:
      .object([
        .required("uid", .bytes), .required("typed", .wide), .required("deviceId", .bytes),
        .optional("source", .bytes), .optional("withSource", .boolean),
      ])
    case .charsetDecode: .object([.required("charset", .integer(0...1)), .required("bytes", .bytes)])
    case .charsetEncode: .object([.required("charset", .integer(0...1)), .required("text", .text)])
    case .negotiateSelect:
      .object([
        .required("query", .bytes), .required("protocols", .nullable(.text)),
        .required("versions", .nullable(Self.versionRange)), .required("charsets", .nullable(.array(.wide))),
      ])
    case .rpcTimeline: Self.timelineInput
    }
  }

  /// The shape of the operation's output. Expected `null`s are written out, so nothing in an output is optional but what
  /// a location may leave out, and what is sent before an answer.
  var output: Shape {
    switch self {
    case .frameEncode: .object([.required("message", .bytes)])
    case .frameDecode: .object(Self.frameFields)
    case .frameStream:
      .object([
        .required("frames", .array(.object(Self.frameFields))), .required("pending", .natural),
        .required("violation", .nullable(.object([.required("code", .text), .optional("offset", .natural)]))),
      ])
    case .displacementEncode: .object([.required("payload", .bytes)])
    case .displacementDecode: .object(Self.displacementFields)
    case .webSocketEncode: .object([.required("bytes", .bytes)])
    case .webSocketDecode: Self.webSocketOutput
    case .deflateNegotiate:
      .either([
        .object([.required("response", .nullable(.text))]),
        .object([
          .required(
            "parameters",
            .nullable(
              .object([
                .required("serverNoContextTakeover", .boolean), .required("clientNoContextTakeover", .boolean),
                .required("serverMaxWindowBits", .integer(8...15)), .required("clientMaxWindowBits", .integer(8...15)),
              ])))
        ]),
      ])
    case .deflateCompress, .deflateDecompress: .object([.required("messages", .array(.bytes))])
    case .handshakeParse:
      .either([
        .object([
          .required("path", .text), .required("query", .bytes), .required("host", .text),
          .required("origin", .nullable(.text)), .required("key", .text), .required("extensions", .nullable(.text)),
          .required("protocols", .array(.text)), .required("consumed", .natural),
        ]),
        .object([
          .required("status", .natural), .required("extensions", .nullable(.text)),
          .required("protocol", .nullable(.text)), .required("consumed", .natural),
        ]),
      ])
    case .handshakeRespond:
      .object([
        .required("status", .natural), .required("headers", .map(.text)), .required("reject", .nullable(.text)),
        .optional("interim", .array(.natural)),
      ])
    case .metadataParse:
      .object([
        .required("uid", .bytes), .required("typed", .wide), .required("deviceId", .bytes),
        .required("source", .bytes),
        .required("version", .wide), .required("charset", .wide),
      ])
    case .identityFormat: .object([.required("identity", .bytes)])
    case .charsetDecode: .object([.required("text", .text)])
    case .charsetEncode: .object([.required("bytes", .bytes)])
    case .negotiateSelect:
      .object([
        .required("version", .wide), .required("charset", .wide), .required("protocol", .nullable(.text)),
      ])
    case .rpcTimeline: Self.timelineOutput
    }
  }

  /// The error codes that the operation can answer.
  package var errorCodes: [String] {
    switch self {
    case .frameEncode: ["protocol-id-out-of-range", "sn-unsupported", "too-large"]
    case .frameDecode:
      ["empty", "bad-magic", "short", "length-too-small", "too-large", "trailing-bytes", "bad-protobuf"]
    case .displacementDecode: ["bad-protobuf"]
    case .webSocketEncode:
      [
        "reserved-opcode", "reserved-bits", "control-fragmented", "control-too-long", "close-length-one", "close-code",
        "close-utf8", "masking-key",
      ]
    case .deflateNegotiate:
      [
        "bad-grammar", "unoffered-extension", "repeated-extension", "unknown-parameter", "repeated-parameter",
        "bad-value", "window-above-offer", "unoffered-window", "missing-parameter",
      ]
    case .deflateDecompress: ["invalid-data", "truncated", "too-large"]
    case .handshakeParse:
      [
        "incomplete", "headers-too-large", "bad-request-line", "bad-http-version", "bad-header", "not-get",
        "missing-host", "missing-upgrade", "missing-connection", "missing-version", "unsupported-version",
        "missing-key", "bad-key", "bad-framing", "has-content", "bad-status-line", "refused", "missing-accept",
        "wrong-accept", "bad-extension",
        "unoffered-extension", "unoffered-protocol",
      ]
    case .charsetDecode: ["malformed"]
    case .charsetEncode: ["unencodable"]
    case .negotiateSelect: ["no-protocol", "bad-parameter", "version-too-low", "charset-unsupported"]
    case .frameStream, .displacementEncode, .webSocketDecode, .deflateCompress, .handshakeRespond, .metadataParse,
      .identityFormat, .rpcTimeline:
      []
    }
  }

  private static let revision = Shape.oneOf(["1.1", "1.2", "1.3.0", "1.3.3"])

  private static let role = Shape.oneOf(["client", "server"])

  private static let versionRange = Shape.object([.required("min", .wide), .required("max", .wide)])

  private static let frameFields: [Shape.Field] = [
    .required("protocolId", .exact), .required("sn", .nullable(.uint32)), .required("length", .nullable(.uint32)),
    .required("payload", .bytes),
  ]

  private static let displacementFields: [Shape.Field] = [
    .required("oldIp", .bytes), .required("newIp", .bytes), .required("ts", .wide),
  ]

  private static let deflateConfiguration: [Shape.Field] = [
    .optional("serverNoContextTakeover", .boolean), .optional("clientNoContextTakeover", .boolean),
    .optional("serverMaxWindowBits", .integer(8...15)), .optional("clientMaxWindowBits", .integer(8...15)),
  ]

  private static let webSocketOutput = Shape.object([
    .required(
      "events",
      .array(
        .tagged(
          tag: "type",
          variants: [
            .init(
              "message",
              [
                .required("opcode", .oneOf(["binary", "text"])), .required("payload", .bytes),
                .required("compressed", .boolean), .required("fragments", .natural),
              ]),
            .init("ping", [.required("payload", .bytes)]),
            .init("pong", [.required("payload", .bytes)]),
            .init("close", [.required("code", .nullable(.natural)), .required("reason", .text)]),
          ]))),
    .required(
      "violation",
      .nullable(
        .object([.required("code", .text), .optional("offset", .natural), .optional("closeCode", .natural)]))),
  ])

  private static let messageFields: [Shape.Field] = [
    .required("protocolId", .exact), .required("sn", .uint32), .required("payload", .bytes),
  ]

  private static func timed(_ tag: String, _ variants: [(String, [Shape.Field])]) -> Shape {
    .array(.tagged(tag: tag, variants: variants.map { .init($0.0, [.required("at", .natural)] + $0.1) }))
  }

  private static let timelineInput = Shape.object([
    .required("role", role),
    .optional(
      "config",
      .object([
        .optional("handlers", .array(.exact)), .optional("nextSn", .uint32), .optional("readWait", .nullable(.natural)),
        .optional("writeWait", .nullable(.natural)), .optional("closeWait", .natural),
        .optional("queueLimit", .nullable(.natural)),
      ])),
    .required(
      "events",
      timed(
        "event",
        [
          (
            "call",
            [
              .required("call", .text), .required("protocolId", .exact), .required("payload", .bytes),
              .required("timeout", .nullable(.natural)),
            ]
          ),
          ("cancel", [.required("call", .text)]),
          ("send", [.required("protocolId", .exact), .required("payload", .bytes)]),
          ("answer", messageFields),
          ("receive", messageFields + [.optional("fragmented", .boolean)]),
          ("messageStart", []), ("fragment", []),
          ("ping", [.required("payload", .bytes)]), ("pong", [.required("payload", .bytes)]),
          ("peerClose", [.required("code", .nullable(.natural))]),
          ("close", [.required("code", .nullable(.natural))]),
          ("displace", displacementFields), ("kick", []),
          ("violation", [.required("closeCode", .natural)]),
          ("written", [.required("frames", .natural)]),
          ("nextSn", [.required("sn", .uint32)]),
          ("transportClosed", []), ("tick", []),
        ])),
  ])

  private static let timelineOutput = Shape.object([
    .required(
      "actions",
      timed(
        "action",
        [
          ("sendFrame", messageFields),
          ("sendPing", [.required("payload", .bytes)]), ("sendPong", [.required("payload", .bytes)]),
          ("sendClose", [.required("code", .nullable(.natural))]),
          ("complete", [.required("call", .text), .required("protocolId", .exact), .required("payload", .bytes)]),
          (
            "failCall",
            [
              .required("call", .text),
              .required("error", .oneOf(["timeout", "cancelled", "closed", "stopped", "queue-full"])),
            ]
          ),
          ("refuse", [.required("error", .oneOf(["stopped", "queue-full"]))]),
          ("deliver", messageFields + [.required("kind", .oneOf(["message", "request", "response"]))]),
          ("displaced", displacementFields),
          ("discardQueue", [.required("frames", .natural)]),
          ("closeTransport", []),
        ]))
  ])
}
