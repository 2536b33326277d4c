/// Assembles capture files by hand, in either byte order.
struct FileBytes {
  var bytes: [UInt8] = []
  var big: Bool

  init(big: Bool = false) { self.big = big }

  mutating func put8(_ value: UInt8) { bytes.append(value) }
  mutating func put16(_ value: UInt16) { put(big ? value.bigEndian : value.littleEndian) }
  mutating func put32(_ value: UInt32) { put(big ? value.bigEndian : value.littleEndian) }
  mutating func put64(_ value: UInt64) { put(big ? value.bigEndian : value.littleEndian) }
  mutating func put(_ data: [UInt8]) { bytes += data }

  private mutating func put<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  // MARK: - pcap

  /// A pcap file header.
  static func pcap(
    magic: UInt32 = 0xA1B2_C3D4, big: Bool = false, version: (UInt16, UInt16) = (2, 4), snapLength: UInt32 = 262_144,
    linkField: UInt32 = 1
  ) -> FileBytes {
    var file = FileBytes(big: big)
    file.put32(magic)
    file.put16(version.0)
    file.put16(version.1)
    file.put64(0)
    file.put32(snapLength)
    file.put32(linkField)
    return file
  }

  mutating func record(
    seconds: UInt32, fraction: UInt32, captured: UInt32? = nil, original: UInt32? = nil, extra: [UInt8] = [],
    data: [UInt8]
  ) {
    put32(seconds)
    put32(fraction)
    put32(captured ?? UInt32(data.count))
    put32(original ?? UInt32(data.count))
    put(extra)
    put(data)
  }

  // MARK: - pcapng

  mutating func block(_ type: UInt32, _ body: (inout FileBytes) -> Void) {
    var inner = FileBytes(big: big)
    body(&inner)
    while inner.bytes.count % 4 != 0 { inner.put8(0) }
    put32(type)
    put32(UInt32(inner.bytes.count + 12))
    put(inner.bytes)
    put32(UInt32(inner.bytes.count + 12))
  }

  mutating func section(big: Bool? = nil) {
    if let big { self.big = big }
    block(0x0A0D_0D0A) {
      $0.put32(0x1A2B_3C4D)
      $0.put16(1)
      $0.put16(0)
      $0.put64(.max)
    }
  }

  mutating func option(_ code: UInt16, _ value: [UInt8]) {
    put16(code)
    put16(UInt16(value.count))
    put(value)
    while bytes.count % 4 != 0 { put8(0) }
  }

  mutating func interface(
    linkType: UInt16 = 1, snapLength: UInt32 = 0, options: (inout FileBytes) -> Void = { _ in }
  ) {
    block(1) {
      $0.put16(linkType)
      $0.put16(0)
      $0.put32(snapLength)
      options(&$0)
    }
  }

  mutating func packet(
    interface: UInt32 = 0, time: UInt64, captured: UInt32? = nil, original: UInt32? = nil, data: [UInt8],
    options: (inout FileBytes) -> Void = { _ in }
  ) {
    block(6) {
      $0.put32(interface)
      $0.put32(UInt32(truncatingIfNeeded: time >> 32))
      $0.put32(UInt32(truncatingIfNeeded: time))
      $0.put32(captured ?? UInt32(data.count))
      $0.put32(original ?? UInt32(data.count))
      $0.put(data)
      while $0.bytes.count % 4 != 0 { $0.put8(0) }
      options(&$0)
    }
  }
}
