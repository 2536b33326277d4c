public import Specification

/// Why a frame cannot be encoded: a fault of the caller.
public struct WebSocketEncodingError: Error, Hashable, Sendable {
  /// The kinds of error; the raw values are the error codes of `ws.encode`.
  public enum Code: String, CaseIterable, Hashable, Sendable {
    case reservedOpcode = "reserved-opcode"
    case reservedBits = "reserved-bits"
    case controlFragmented = "control-fragmented"
    case controlTooLong = "control-too-long"
    case closeLengthOne = "close-length-one"
    case closeCode = "close-code"
    case closeUTF8 = "close-utf8"
    case maskingKey = "masking-key"
  }

  /// The kind.
  public var code: Code

  /// An error of `code`.
  public init(code: Code) {
    self.code = code
  }

  /// Encoding errors are about arguments: always 0.
  public var offset: Int { 0 }

  /// What was wrong, for people.
  public var reason: String {
    switch code {
    case .reservedOpcode: "the opcode is reserved"
    case .reservedBits: "RSV2 and RSV3 are never set, RSV1 only on the first frame of a compressed message"
    case .controlFragmented: "a control frame cannot be fragmented"
    case .controlTooLong: "a control frame holds at most 125 bytes"
    case .closeLengthOne: "the body of a close frame is empty or begins with a code of two bytes"
    case .closeCode: "this code may not stand in a close frame"
    case .closeUTF8: "the reason of a close frame is UTF-8"
    case .maskingKey: "a client masks every frame and a server none"
    }
  }
}

/// Encodes the frames of one side, and refuses to break a rule; `RawFrame` breaks any.
public struct WebSocketEncoder: Hashable, Sendable {
  /// The side that sends.
  public var role: PeerRole

  /// Whether permessage-deflate was negotiated.
  public var allowsCompression: Bool

  /// An encoder for one side.
  public init(role: PeerRole, allowsCompression: Bool = false) {
    self.role = role
    self.allowsCompression = allowsCompression
  }

  /// Appends one frame.
  ///
  /// - Parameters:
  ///   - frame: the frame; the form of its length and a declared length are ignored, the shortest form is written.
  ///   - bytes: where to append.
  /// - Throws: a `WebSocketEncodingError`; nothing was appended then.
  public func encode(_ frame: RawFrame, into bytes: inout [UInt8]) throws(WebSocketEncodingError) {
    if let code = fault(of: frame) { throw WebSocketEncodingError(code: code) }
    RawFrame(
      fin: frame.fin, rsv: frame.rsv, opcode: frame.opcode, maskingKey: frame.maskingKey, payload: frame.payload
    ).append(to: &bytes)
  }

  /// Appends a data message, in fragments of at most `fragmentSize` bytes.
  ///
  /// - Parameters:
  ///   - opcode: `text` or `binary`.
  ///   - payload: what to send, already deflated if `compressed`.
  ///   - compressed: sets RSV1 on the first frame.
  ///   - fragmentSize: the largest payload of a frame, at least 1; nil: one frame.
  ///   - maskingKey: gives a fresh key for each frame of a client; the core makes no random numbers.
  ///   - bytes: where to append.
  /// - Throws: a `WebSocketEncodingError`; nothing was appended then.
  public func encodeMessage(
    _ opcode: WebSocketOpcode, payload: [UInt8], compressed: Bool = false, fragmentSize: Int? = nil,
    maskingKey: () -> UInt32? = { nil }, into bytes: inout [UInt8]
  ) throws(WebSocketEncodingError) {
    let size = max(1, fragmentSize ?? payload.count)
    let before = bytes.count
    var start = 0
    repeat {
      let end = payload.count - start > size ? start + size : payload.count
      let isFirst = start == 0
      do throws(WebSocketEncodingError) {
        try encode(
          RawFrame(
            fin: end == payload.count, rsv: compressed && isFirst ? 4 : 0,
            opcode: isFirst ? opcode.rawValue : WebSocketOpcode.continuation.rawValue, maskingKey: maskingKey(),
            payload: isFirst && end == payload.count ? payload : Array(payload[start..<end])),
          into: &bytes)
      } catch {
        bytes.removeSubrange(before...)
        throw error
      }
      start = end
    } while start < payload.count
  }

  /// Appends a close frame.
  ///
  /// - Parameters:
  ///   - body: the code and the reason, which is cut where the frame could not hold it; by default none.
  ///   - maskingKey: a fresh key, for a client.
  ///   - bytes: where to append.
  /// - Throws: `close-code` or `masking-key`; nothing was appended then.
  public func encodeClose(
    _ body: CloseBody = CloseBody(code: nil), maskingKey: UInt32? = nil, into bytes: inout [UInt8]
  ) throws(WebSocketEncodingError) {
    let frame = RawFrame(opcode: WebSocketOpcode.close.rawValue, maskingKey: maskingKey, payload: body.encoded())
    try encode(frame, into: &bytes)
  }

  private func fault(of frame: RawFrame) -> WebSocketEncodingError.Code? {
    guard let opcode = WebSocketOpcode(rawValue: frame.opcode) else { return .reservedOpcode }
    let mayCompress = allowsCompression && !opcode.isControl && opcode != .continuation
    if frame.rsv & 3 != 0 || frame.rsv & 4 != 0 && !mayCompress { return .reservedBits }
    if opcode.isControl && !frame.fin { return .controlFragmented }
    if opcode.isControl && frame.payload.count > 125 { return .controlTooLong }
    if opcode == .close {
      switch CloseBody.fault(in: frame.payload) {
      case .closeLengthOne: return .closeLengthOne
      case .closeCode: return .closeCode
      case .closeUTF8: return .closeUTF8
      default: break
      }
    }
    return (role == .client) == (frame.maskingKey != nil) ? nil : .maskingKey
  }
}
