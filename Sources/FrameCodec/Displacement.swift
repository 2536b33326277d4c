/// `P_DISPLACE { bytes old_ip = 1; bytes new_ip = 2; int64 ts = 3; }`: what a displaced connection is told.
public struct Displacement: Hashable, Sendable {
  /// The address of the displaced connection, usually the text `host:port`.
  public var oldAddress: [UInt8]

  /// The address of the connection that took its place.
  public var newAddress: [UInt8]

  /// When it happened, in nanoseconds since the Unix epoch.
  public var timestampNanoseconds: Int64

  /// Puts a displacement together.
  public init(oldAddress: [UInt8], newAddress: [UInt8], timestampNanoseconds: Int64) {
    self.oldAddress = oldAddress
    self.newAddress = newAddress
    self.timestampNanoseconds = timestampNanoseconds
  }

  /// Decodes the payload of a displacement frame. Absent fields are empty or 0, the last of repeated ones wins, unknown
  /// fields and known ones with another wire type are skipped.
  ///
  /// - Throws: a `ProtobufViolation` that names the offset of the field at fault.
  public init(decoding payload: RawSpan) throws(ProtobufViolation) {
    self.init(oldAddress: [], newAddress: [], timestampNanoseconds: 0)
    var reader = ProtobufReader(range: 0..<payload.byteCount)
    while let field = try reader.next(payload) {
      switch (field.number, field.wireType) {
      case (1, 2): oldAddress = payload.copy(of: field.value)
      case (2, 2): newAddress = payload.copy(of: field.value)
      case (3, 0): timestampNanoseconds = Int64(bitPattern: field.varint)
      default: break
      }
    }
  }

  /// The payload of a displacement frame: fields in order of their numbers, empty ones left out.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    for (number, address) in [(UInt64(1), oldAddress), (2, newAddress)] where !address.isEmpty {
      ProtobufWriter.append(field: number, length: address.count, to: &bytes)
      bytes += address
    }
    if timestampNanoseconds != 0 {
      bytes.append(3 << 3)
      ProtobufWriter.append(varint: UInt64(bitPattern: timestampNanoseconds), to: &bytes)
    }
    return bytes
  }
}

extension RawSpan {
  /// The bytes of a range, copied.
  fileprivate func copy(of range: Range<Int>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      for index in range { buffer[index - range.lowerBound] = unsafeLoad(fromByteOffset: index, as: UInt8.self) }
      count = range.count
    }
  }
}
