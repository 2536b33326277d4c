import Deflate
import Specification

/// The two contexts of a connection that negotiated permessage-deflate (RFC 7692).
///
/// A context that must not remember earlier messages is borrowed from the event loop for each message; one that may is
/// made at the first message that needs it, so that a connection which never did holds none.
struct MessageCompression {
  private let parameters: DeflateParameters
  private let role: PeerRole
  private let level: Int
  private var deflater: Deflater?
  private var inflater: Inflater?

  init(parameters: DeflateParameters, role: PeerRole, level: Int) {
    self.parameters = parameters
    self.role = role
    self.level = level
  }

  /// Appends the deflated message to `output`.
  mutating func deflate(
    _ message: UnsafeRawBufferPointer, into output: inout [UInt8], pool: inout DeflateContextPool
  ) throws(DeflateError) {
    let takeover = parameters.contextTakeover(from: role)
    let windowBits = parameters.windowBits(from: role)
    guard takeover || windowBits != pool.windowBits || level != pool.level else {
      let borrowed = try pool.takeDeflater(for: message.count)
      defer { pool.giveBack(borrowed) }
      return try borrowed.deflate(message, into: &output)
    }
    let own: Deflater
    if let deflater {
      own = deflater
    } else {
      own = try Deflater(windowBits: windowBits, contextTakeover: takeover, level: level)
    }
    if takeover { deflater = own }
    try own.deflate(message, into: &output)
  }

  /// Appends the inflated message to `output`, at most `maxLength` bytes and one more.
  mutating func inflate(
    _ message: UnsafeRawBufferPointer, maxLength: Int, into output: inout [UInt8], pool: inout DeflateContextPool
  ) throws(DeflateError) {
    guard parameters.contextTakeover(from: role.peer) else {
      let borrowed = try pool.takeInflater()
      defer { pool.giveBack(borrowed) }
      return try borrowed.inflate(message, maxLength: maxLength, into: &output)
    }
    // A receiver may always take 15 bits, which is much faster than to check a smaller window.
    let own: Inflater
    if let inflater { own = inflater } else { own = try Inflater(windowBits: 15, contextTakeover: true) }
    inflater = own
    try own.inflate(message, maxLength: maxLength, into: &output)
  }

  /// Messages that were deflated are not sent after all: the next one must not refer back to them.
  mutating func forgetSent() { deflater?.reset() }
}
