import Deflate
import FoundationEssentials
import FrameCodec
import Negotiation
import Specification
import StrictJSON
import WebSocketCodec

/// A frame or message on its way out, before the WebSocket layer.
struct OutgoingMessage: Sendable {
  /// The bytes of the message.
  var bytes: [UInt8]

  /// The frame that it holds; nil for any other message.
  var frame: ReceivedFrame?
}

/// What happens to a message on its way out.
enum OutgoingDisposition: Hashable, Sendable {
  case send
  case drop
  case duplicate
  case hold
  case delay(Duration)
}

/// What has to be known to make bytes of what a script says.
struct WireContext: Sendable {
  /// The side that sends.
  var role: PeerRole

  /// The revision of frames.
  var revision: Revision

  /// The connection; nil: bytes are made for none.
  var connection: ScriptConnection?

  /// The seed of the run.
  var seed: UInt64

  /// The id of the case.
  var caseID: String

  /// The request that a mock server answers.
  var request: ReceivedFrame?

  /// Numbers the orders to a driven client; nil: bytes are made for none.
  var orders: OrderNumbers?
}

/// Makes bytes of what a script says to send. Never checks whether the rules of the protocol are kept.
struct WireBuilder {
  let context: WireContext
  let scope: ScriptScope

  /// How many bytes a script may generate at once.
  private static let maximumSize: Int64 = 256 << 20

  /// A builder for the variables of a step.
  init(_ context: WireContext, _ scope: ScriptScope) {
    self.context = context
    self.scope = scope
  }

  // MARK: - Bytes

  /// Bytes, as they are written in a script.
  func bytes(_ source: ScriptBytes?) throws(ScriptRuntimeError) -> [UInt8] {
    switch source {
    case nil: return []
    case .raw(let bytes): return bytes
    case .template(let template): return try template.value(in: scope).bytes
    case .hex(let template):
      let text = try template.text(in: scope)
      guard let bytes = HexDigits.bytes(of: text) else {
        throw ScriptRuntimeError("\"\(text.prefix(40))\" is not hexadecimal", at: template.place)
      }
      return bytes
    case .text(let template, let charset):
      let text = try template.text(in: scope)
      do throws(CharsetError) {
        return try charset.encode(text)
      } catch {
        throw ScriptRuntimeError(error.reason, at: template.place)
      }
    case .generated(let size): return try generated(size)
    case .filled(let size, let fill): return try filled(size, fill)
    case .integer(let template, let form): return Self.integer(try template.integer(in: scope), form)
    case .frame(let frame): return try frameBytes(frame).bytes
    case .webSocket(let spec): return try wire(spec)
    case .displacement(let old, let new, let timestamp): return try displacement(old, new, timestamp)
    case .order(let order): return try self.order(order, number: nil)
    case .protobuf(let id, let data):
      return try encoded(
        id: try id?.integer(in: scope) ?? 0, sn: 0, payload: try bytes(data), revision: .v1_1,
        at: id?.place ?? .start)
    case .deflated(let source, let form): return try compressed(try bytes(source), form, at: .start)
    case .part(let of, let skip, let take, let times): return try part(of, skip, take, times)
    case .joined(let parts):
      var joined: [UInt8] = []
      for part in parts { joined += try bytes(part) }
      return joined
    }
  }

  private func count(_ template: ScriptTemplate) throws(ScriptRuntimeError) -> Int {
    let number = try template.integer(in: scope)
    guard (0...Self.maximumSize).contains(number) else {
      throw ScriptRuntimeError("\(number) is no size of 0 to \(Self.maximumSize) bytes", at: template.place)
    }
    return Int(number)
  }

  /// A generator for one place of the script, in one repetition.
  func generator(_ purpose: String, at place: SourcePlace) -> SeededGenerator {
    SeededGenerator(seed: context.seed &+ scope.iteration, context.caseID, purpose, place.description)
  }

  private func generated(_ size: ScriptTemplate) throws(ScriptRuntimeError) -> [UInt8] {
    var generator = generator("bytes", at: size.place)
    return generator.bytes(try count(size))
  }

  private func filled(_ size: ScriptTemplate, _ fill: ScriptTemplate) throws(ScriptRuntimeError) -> [UInt8] {
    let count = try count(size)
    let value = try fill.value(in: scope)
    var pattern = value.bytes
    if let byte = value.integer {
      guard (0...255).contains(byte) else { throw ScriptRuntimeError("\(byte) is no byte", at: fill.place) }
      pattern = [UInt8(byte)]
    }
    guard !pattern.isEmpty else { throw ScriptRuntimeError("the filling is empty", at: fill.place) }
    if pattern.count == 1 { return [UInt8](repeating: pattern[0], count: count) }
    return (0..<count).map { pattern[$0 % pattern.count] }
  }

  private static func integer(_ number: Int64, _ form: ScriptBytes.IntegerForm) -> [UInt8] {
    let bits = UInt64(bitPattern: number)
    return switch form {
    case .le16: Bytes.le16(UInt16(truncatingIfNeeded: bits)).array
    case .le32: Bytes.le32(UInt32(truncatingIfNeeded: bits)).array
    case .le64: Bytes.le64(bits).array
    case .be16: Bytes.be16(UInt16(truncatingIfNeeded: bits)).array
    case .be32: Bytes.be32(UInt32(truncatingIfNeeded: bits)).array
    case .be64: Bytes.be64(bits).array
    case .varint: Bytes.varint(bits).array
    }
  }

  /// The payload of a displacement; what is left out is absent.
  func displacement(
    _ old: ScriptTemplate?, _ new: ScriptTemplate?, _ timestamp: ScriptTemplate?
  ) throws(ScriptRuntimeError) -> [UInt8] {
    Displacement(
      oldAddress: Array((try old?.text(in: scope) ?? "").utf8),
      newAddress: Array((try new?.text(in: scope) ?? "").utf8),
      timestampNanoseconds: try timestamp?.integer(in: scope) ?? 0
    ).encoded()
  }

  private func part(
    _ source: ScriptBytes, _ skip: ScriptTemplate?, _ take: ScriptTemplate?, _ times: ScriptTemplate?
  ) throws(ScriptRuntimeError) -> [UInt8] {
    var bytes = try bytes(source)
    if let skip { bytes.removeFirst(min(bytes.count, try count(skip))) }
    if let take { bytes = Self.taken(bytes, try take.integer(in: scope)) }
    guard let times else { return bytes }
    let repetitions = try count(times)
    guard Int64(repetitions).multipliedReportingOverflow(by: Int64(bytes.count)).partialValue <= Self.maximumSize else {
      throw ScriptRuntimeError("this makes more than \(Self.maximumSize) bytes", at: times.place)
    }
    return Array([[UInt8]](repeating: bytes, count: repetitions).joined())
  }

  /// The first so many bytes; for a negative number all but so many.
  private static func taken(_ bytes: [UInt8], _ take: Int64) -> [UInt8] {
    take >= 0
      ? Array(bytes.prefix(Int(clamping: take))) : Array(bytes.dropLast(Int(clamping: take == .min ? .max : -take)))
  }

  // MARK: - Frames

  /// The bytes of a frame, and what it says.
  func frameBytes(_ spec: FrameSpec) throws(ScriptRuntimeError) -> OutgoingMessage {
    let place = spec.id?.place ?? spec.sn?.place ?? .start
    let revision =
      try spec.revision.map { (template) throws(ScriptRuntimeError) in try self.revision(template) } ?? context.revision
    let id = try spec.id?.integer(in: scope) ?? context.request?.id ?? 0
    var sn: UInt32 = 0
    if let template = spec.sn {
      let value = try template.value(in: scope)
      if value == .text("next") {
        sn = context.connection?.allocateSerialNumber() ?? 0
      } else {
        guard let number = value.integer, let exact = UInt32(exactly: number) else {
          throw ScriptRuntimeError("\"\(value.text.prefix(40))\" is no sn", at: template.place)
        }
        sn = exact
      }
    } else if let request = context.request {
      sn = request.sn ?? 0
    }
    let payload = spec.payload == nil ? context.request?.payload ?? [] : try bytes(spec.payload)
    var bytes = try encoded(id: id, sn: sn, payload: payload, revision: revision, at: place)
    if let magic = spec.magic, let digits = HexDigits.bytes(of: try magic.text(in: scope)) {
      for (index, byte) in digits.enumerated() where index < bytes.count { bytes[index] = byte }
    }
    var length: Int64?
    if let field = spec.length { length = try field.integer(in: scope) }
    if let by = spec.lengthBy { length = Int64(bytes.count - 6) &+ (try by.integer(in: scope)) }
    if let length, bytes.count >= 6 {
      bytes.replaceSubrange(2..<6, with: Bytes.le32(UInt32(truncatingIfNeeded: length)).array)
    }
    if let append = spec.append { bytes += try self.bytes(append) }
    if let take = spec.take { bytes = Self.taken(bytes, try take.integer(in: scope)) }
    let form = MessageForm(opcode: .binary, isCompressed: false, fragments: 1, isMinimal: true)
    return OutgoingMessage(
      bytes: bytes,
      frame: ReceivedFrame(id: id, sn: revision.hasSerialNumber ? sn : nil, length: nil, payload: payload, form: form))
  }

  private func revision(_ template: ScriptTemplate) throws(ScriptRuntimeError) -> Revision {
    let text = try template.text(in: scope)
    guard let revision = Revision(rawValue: text) else {
      throw ScriptRuntimeError("there is no revision \(text.prefix(40))", at: template.place)
    }
    return revision
  }

  private func encoded(
    id: Int64, sn: UInt32, payload: [UInt8], revision: Revision, at place: SourcePlace
  ) throws(ScriptRuntimeError) -> [UInt8] {
    var bytes: [UInt8] = []
    do throws(FrameEncodingError) {
      try FrameCodec.encode(
        protocolId: id, sn: revision.hasSerialNumber ? sn : 0, payload: payload.span.bytes, revision: revision,
        maxFrameLength: .max, into: &bytes)
    } catch {
      throw ScriptRuntimeError("the frame cannot be written: \(error.reason)", at: place)
    }
    return bytes
  }

  // MARK: - WebSocket

  /// The message of a frame or message, before the WebSocket layer; nil for raw bytes.
  func message(_ spec: SendSpec) throws(ScriptRuntimeError) -> OutgoingMessage? {
    switch spec.content {
    case .raw: nil
    case .frame(let frame): try frameBytes(frame)
    case .message(let source): OutgoingMessage(bytes: try bytes(source))
    }
  }

  /// Everything that goes on the wire for a `send`.
  func wire(_ spec: SendSpec) throws(ScriptRuntimeError) -> [UInt8] {
    if case .raw(let source) = spec.content { return try truncated(try bytes(source), spec) }
    guard let message = try message(spec) else { return [] }
    return try wire(spec, message: message.bytes)
  }

  /// What goes on the wire for a message.
  func wire(_ spec: SendSpec, message: [UInt8]) throws(ScriptRuntimeError) -> [UInt8] {
    var payload = message
    if let form = spec.compress { payload = try compressed(payload, form, at: spec.place) }
    let pieces = try self.pieces(of: payload, at: spec.fragments)
    let opcode = try opcode(spec.opcode)
    let rsv = UInt8(truncatingIfNeeded: try spec.rsv?.integer(in: scope) ?? (spec.compress == nil ? 0 : 4))
    let fin = try spec.fin?.text(in: scope) != "false"
    let form = try lengthForm(spec.form)
    let declared = try spec.declared.map { (template) throws(ScriptRuntimeError) in
      UInt64(bitPattern: try template.integer(in: scope))
    }
    var keys = generator("mask", at: spec.place)
    if let connection = context.connection { keys = connection.maskingKeys(from: keys) }
    var bytes: [UInt8] = []
    for (index, piece) in pieces.enumerated() {
      let isLast = index == pieces.count - 1
      let (key, bit) = try mask(spec.mask, &keys)
      RawFrame(
        fin: isLast && fin, rsv: index == 0 ? rsv : 0, opcode: index == 0 ? opcode : 0, maskingKey: key, maskBit: bit,
        lengthForm: form, declaredLength: declared, payload: piece
      ).append(to: &bytes)
      if !isLast { for other in spec.between { bytes += try wire(other) } }
    }
    return try truncated(bytes, spec)
  }

  private func truncated(_ bytes: [UInt8], _ spec: SendSpec) throws(ScriptRuntimeError) -> [UInt8] {
    guard let take = spec.wireTake else { return bytes }
    return Self.taken(bytes, try take.integer(in: scope))
  }

  /// The pieces between cuts: at least one.
  func pieces(of bytes: [UInt8], at cuts: SendSpec.Cuts?) throws(ScriptRuntimeError) -> [[UInt8]] {
    switch cuts {
    case nil: return [bytes]
    case .each: return bytes.isEmpty ? [[]] : bytes.map { [$0] }
    case .size(let template):
      let size = max(1, try count(template))
      guard !bytes.isEmpty else { return [[]] }
      return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min(bytes.count, $0 + size)]) }
    case .offsets(let templates):
      var offsets: [Int] = []
      for template in templates {
        offsets.append(
          min(
            bytes.count,
            try template.map { (template) throws(ScriptRuntimeError) in try count(template) } ?? bytes.count))
      }
      offsets.sort()
      let bounds = [0] + offsets + [bytes.count]
      return zip(bounds, bounds.dropFirst()).map { Array(bytes[$0..<$1]) }
    }
  }

  private func opcode(_ template: ScriptTemplate?) throws(ScriptRuntimeError) -> UInt8 {
    guard let template else { return WebSocketOpcode.binary.rawValue }
    let text = try template.text(in: scope)
    guard let number = Opcodes.number(of: text) else {
      throw ScriptRuntimeError("there is no opcode \(text.prefix(40))", at: template.place)
    }
    return number
  }

  private func lengthForm(
    _ template: ScriptTemplate?
  ) throws(ScriptRuntimeError) -> WebSocketFrameHeader.LengthForm? {
    guard let template else { return nil }
    switch try template.integer(in: scope) {
    case 7: return .sevenBits
    case 16: return .sixteenBits
    case 64: return .sixtyFourBits
    default: throw ScriptRuntimeError("a length has the form 7, 16 or 64", at: template.place)
    }
  }

  private func mask(
    _ template: ScriptTemplate?, _ keys: inout SeededGenerator
  ) throws(ScriptRuntimeError) -> (UInt32?, Bool?) {
    let random = UInt32(truncatingIfNeeded: keys.next())
    guard let template else { return (context.role == .client ? random : nil, nil) }
    switch try template.text(in: scope) {
    case "true": return (random, nil)
    case "false": return (nil, nil)
    case let digits:
      guard let bytes = HexDigits.bytes(of: digits), bytes.count == 4 else {
        throw ScriptRuntimeError("a mask is true, false or four bytes in hex", at: template.place)
      }
      return (bytes.enumerated().reduce(0) { $0 | UInt32($1.element) << UInt32($1.offset * 8) }, nil)
    }
  }

  // MARK: - Compression

  private func compressed(
    _ bytes: [UInt8], _ form: CompressionForm, at place: SourcePlace
  ) throws(ScriptRuntimeError) -> [UInt8] {
    switch form {
    case .stored: return Self.stored(bytes, isFinal: false) + [0]
    case .final: return Self.stored(bytes, isFinal: true) + [0]
    case .finalBare: return Self.stored(bytes, isFinal: true)
    case .negotiated, .tail, .takeover:
      guard let deflated = try? context.connection?.deflate(bytes, withTakeover: form == .takeover) else {
        throw ScriptRuntimeError("nothing can be compressed here", at: place)
      }
      return deflated + (form == .tail ? [0, 0, 0xFF, 0xFF] : [])
    }
  }

  /// Stored blocks (RFC 1951 section 3.2.4), the last of them final if asked for.
  private static func stored(_ bytes: [UInt8], isFinal: Bool) -> [UInt8] {
    var output: [UInt8] = []
    var start = 0
    repeat {
      let end = min(bytes.count, start + 0xFFFF)
      let length = UInt16(end - start)
      output.append(isFinal && end == bytes.count ? 1 : 0)
      output += Bytes.le16(length).array + Bytes.le16(~length).array + bytes[start..<end]
      start = end
    } while start < bytes.count
    return output
  }
}
