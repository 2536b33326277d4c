import Logging
import NIOConcurrencyHelpers
public import NIOCore
public import ReferencePeer
public import SwiftProtobuf

extension Handlers {
  /// Registers a handler for a protobuf type: the payload is decoded, and a payload that is none is logged and dropped.
  ///
  /// Messages are taken from a pool and go back to it after the handler, so that a type which keeps its memory when it is
  /// emptied is not made anew for every frame. Whoever wants to keep a message copies it, as any value.
  ///
  /// - Parameters:
  ///   - protocolId: the protocolId of the type.
  ///   - type: the type.
  ///   - handler: runs on the event loop and must not block.
  public mutating func on<Payload: Message>(
    _ protocolId: Int64, decoding type: Payload.Type,
    _ handler: @escaping @Sendable (inout Payload, ReceivedMessage, Connection) -> Void
  ) {
    let pool = MessagePool<Payload>()
    on(protocolId) { message, connection in
      var payload = pool.take()
      defer { pool.giveBack(payload) }
      do {
        try payload.merge(serializedBytes: PayloadBytes(buffer: message.payload))
      } catch {
        connection.logger.warning(
          "a payload does not decode",
          metadata: ["protocolId": "\(protocolId)", "type": "\(Payload.protoMessageName)", "error": "\(error)"])
        return
      }
      handler(&payload, message, connection)
    }
  }
}

extension ReceivedMessage {
  /// The payload as a protobuf message: for answers to calls.
  ///
  /// - Throws: `BinaryDecodingError` where it is none.
  public func decode<Payload: Message>(_ type: Payload.Type = Payload.self) throws -> Payload {
    var decoded = Payload()
    try decoded.merge(serializedBytes: PayloadBytes(buffer: payload))
    return decoded
  }
}

extension ByteBuffer {
  /// The bytes of a protobuf message, to be sent.
  ///
  /// - Throws: `BinaryEncodingError` where a required field is missing.
  public init(encoding message: some Message) throws {
    let bytes: [UInt8] = try message.serializedBytes()
    self.init(bytes: bytes)
  }
}

/// Empty messages for the next use.
private final class MessagePool<Payload: Message>: Sendable {
  private static var capacity: Int { 16 }

  private let messages: NIOLockedValueBox<[Payload]> = NIOLockedValueBox([])

  func take() -> Payload { messages.withLockedValue { $0.popLast() } ?? Payload() }

  func giveBack(_ message: Payload) {
    var empty = message
    empty.clear()
    let emptied = empty
    messages.withLockedValue { if $0.count < Self.capacity { $0.append(emptied) } }
  }
}

extension Message {
  /// Empties a message. The runtime has no way to keep its memory, so this is a fresh one.
  fileprivate mutating func clear() { self = Self() }
}

/// A payload as the protobuf runtime reads it, where it stands in the receive buffer.
private struct PayloadBytes: SwiftProtobufContiguousBytes {
  var buffer: ByteBuffer

  init(buffer: ByteBuffer) { self.buffer = buffer }

  init(repeating: UInt8, count: Int) { buffer = ByteBuffer(repeating: repeating, count: count) }

  init<Bytes: Sequence>(_ sequence: Bytes) where Bytes.Element == UInt8 { buffer = ByteBuffer(bytes: sequence) }

  var count: Int { buffer.readableBytes }

  func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try buffer.withUnsafeReadableBytes(body)
  }

  mutating func withUnsafeMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try buffer.withUnsafeMutableReadableBytes(body)
  }
}
