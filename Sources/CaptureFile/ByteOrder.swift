/// The order of the bytes of the integers of a file, and reading them. Every read is checked against the span's bounds.
enum ByteOrder: Sendable {
  case little, big

  @inline(__always)
  func uint16(_ bytes: RawSpan, at offset: Int) -> UInt16 {
    let raw = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self)
    return self == .little ? UInt16(littleEndian: raw) : UInt16(bigEndian: raw)
  }

  @inline(__always)
  func uint32(_ bytes: RawSpan, at offset: Int) -> UInt32 {
    let raw = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    return self == .little ? UInt32(littleEndian: raw) : UInt32(bigEndian: raw)
  }

  @inline(__always)
  func uint64(_ bytes: RawSpan, at offset: Int) -> UInt64 {
    let raw = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    return self == .little ? UInt64(littleEndian: raw) : UInt64(bigEndian: raw)
  }
}
