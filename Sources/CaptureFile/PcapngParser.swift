/// The pcapng format: blocks, in sections that each have a byte order and interfaces of their own. Source: draft-ietf-opsawg-pcapng.
struct PcapngParser {
  /// The block type of a section header, the same in both byte orders; a pcapng file begins with it.
  static let sectionHeader: UInt32 = 0x0A0D_0D0A

  /// A block that claims to be longer is refused: the file is corrupt there. No known tool writes one half as long.
  static let maximumBlockLength: UInt32 = 16 << 20

  /// A section may describe this many interfaces.
  static let maximumInterfaces = 65_536

  /// A block of no interest that is longer than this is passed over without being kept.
  private static let longestKeptUnknownBlock: UInt32 = 65_536

  private enum BlockType {
    static let interfaceDescription: UInt32 = 1
    static let obsoletePacket: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let interfaceStatistics: UInt32 = 5
    static let enhancedPacket: UInt32 = 6
    static let decryptionSecrets: UInt32 = 10
  }

  private var order = ByteOrder.little
  /// The number of section headers read.
  private(set) var sections = 0

  /// Reads the block at the start of the span. `interfaces` are those of the current section.
  mutating func step(_ bytes: RawSpan, interfaces: inout [CaptureInterface]) -> ParseStep {
    guard bytes.byteCount >= 12 else { return .needs(12) }
    let type = order.uint32(bytes, at: 0)
    var blockOrder = order
    if type == Self.sectionHeader {
      switch ByteOrder.big.uint32(bytes, at: 8) {
      case 0x1A2B_3C4D: blockOrder = .big
      case 0x4D3C_2B1A: blockOrder = .little
      case let magic: return .broken(.badByteOrderMagic(magic), at: 8)
      }
    }
    let length = blockOrder.uint32(bytes, at: 4)
    guard length % 4 == 0, length >= minimumLength(of: type), length <= Self.maximumBlockLength else {
      return .broken(.badBlockLength(length), at: 4)
    }
    if !isOfInterest(type), length > Self.longestKeptUnknownBlock { return .discard(Int(length)) }
    let end = Int(length)
    guard bytes.byteCount >= end else { return .needs(end) }
    let trailing = blockOrder.uint32(bytes, at: end - 4)
    guard trailing == length else {
      return .broken(.blockLengthMismatch(leading: length, trailing: trailing), at: end - 4)
    }
    let block = bytes.extracting(0..<end)
    switch type {
    case Self.sectionHeader:
      return beginSection(block, order: blockOrder, interfaces: &interfaces)
    case BlockType.interfaceDescription:
      guard interfaces.count < Self.maximumInterfaces else {
        return .broken(.tooManyInterfaces(limit: Self.maximumInterfaces), at: 0)
      }
      interfaces.append(interfaceDescription(block))
      return .consumed(end)
    case BlockType.enhancedPacket: return enhancedPacket(block, interfaces: interfaces)
    case BlockType.simplePacket: return simplePacket(block, interfaces: interfaces)
    case BlockType.obsoletePacket: return obsoletePacket(block, interfaces: interfaces)
    case BlockType.interfaceStatistics: return statistics(block, interfaces: &interfaces)
    case BlockType.decryptionSecrets: return secrets(block)
    default: return .consumed(end)
    }
  }

  /// The same for an enhanced packet block, which most are; nil: it is none, or is not there as it should be.
  func packetStep(_ bytes: RawSpan, interfaces: [CaptureInterface]) -> ParseStep? {
    guard bytes.byteCount >= 32, order.uint32(bytes, at: 0) == BlockType.enhancedPacket else { return nil }
    let length = order.uint32(bytes, at: 4)
    guard length % 4 == 0, length >= 32, length <= Self.maximumBlockLength, bytes.byteCount >= Int(length),
      order.uint32(bytes, at: Int(length) - 4) == length
    else { return nil }
    return enhancedPacket(bytes.extracting(0..<Int(length)), interfaces: interfaces)
  }

  private func isOfInterest(_ type: UInt32) -> Bool {
    switch type {
    case Self.sectionHeader, BlockType.interfaceDescription, BlockType.enhancedPacket, BlockType.simplePacket,
      BlockType.obsoletePacket, BlockType.interfaceStatistics, BlockType.decryptionSecrets:
      true
    default: false
    }
  }

  /// The length of a block whose variable parts are empty.
  private func minimumLength(of type: UInt32) -> UInt32 {
    switch type {
    case Self.sectionHeader: 28
    case BlockType.interfaceDescription, BlockType.decryptionSecrets: 20
    case BlockType.simplePacket: 16
    case BlockType.enhancedPacket, BlockType.obsoletePacket: 32
    case BlockType.interfaceStatistics: 24
    default: 12
    }
  }

  private mutating func beginSection(
    _ block: RawSpan, order: ByteOrder, interfaces: inout [CaptureInterface]
  ) -> ParseStep {
    let major = order.uint16(block, at: 12)
    let minor = order.uint16(block, at: 14)
    // Version 1.2 is what some writers called 1.0; the format did not change.
    guard major == 1, minor == 0 || minor == 2 else {
      return .broken(.unsupportedVersion(major: major, minor: minor), at: 12)
    }
    self.order = order
    sections += 1
    interfaces.removeAll(keepingCapacity: true)
    return .consumed(block.byteCount)
  }

  private func interfaceDescription(_ block: RawSpan) -> CaptureInterface {
    var interface = CaptureInterface(
      linkType: order.uint16(block, at: 8), snapLength: order.uint32(block, at: 12),
      timestampResolution: .microseconds)
    var exponent: UInt8 = 6
    var offset: Int64 = 0
    var options = PcapngOptions(from: 16, to: block.byteCount - 4)
    while let option = options.next(block, order: order) {
      let value = block.extracting(option.value)
      switch (option.code, value.byteCount) {
      case (2, _): interface.name = value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
      case (9, 1): exponent = value.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
      case (13, 1):
        // The specification says bits and gives 4 as the example; files have it in bytes. No sequence is 16 bytes long.
        let length = Int(value.unsafeLoad(fromByteOffset: 0, as: UInt8.self))
        interface.frameCheckSequenceLength = length >= 16 && length % 8 == 0 ? length / 8 : length
      case (14, 8): offset = Int64(bitPattern: order.uint64(value, at: 0))
      default: break
      }
    }
    interface.timestampResolution = TimestampResolution(exponent: exponent, offsetSeconds: offset)
    return interface
  }

  private func enhancedPacket(_ block: RawSpan, interfaces: [CaptureInterface]) -> ParseStep {
    let end = block.byteCount
    let id = order.uint32(block, at: 8)
    guard id < interfaces.count else { return .unusable(.unknownInterface(id), at: 8, consumed: end) }
    let captured = order.uint32(block, at: 20)
    let available = UInt32(end - 32)
    guard captured <= available else {
      return .unusable(.packetBeyondBlock(captured: captured, available: available), at: 20, consumed: end)
    }
    var packet = packet(
      interfaces[Int(id)], id: Int(id), timestamp: timestampUnits(block, at: 12),
      originalLength: order.uint32(block, at: 24), data: 28..<28 + Int(captured))
    var options = PcapngOptions(from: 28 + padded(Int(captured)), to: end - 4)
    while let option = options.next(block, order: order) {
      switch (option.code, option.value.count) {
      case (2, 4):
        // Bits 5 to 8 of epb_flags: the length of the frame check sequence in bytes, 0 for unknown.
        let length = Int(order.uint32(block, at: option.value.lowerBound) >> 5 & 0xF)
        if length != 0 { packet.frameCheckSequenceLength = length }
      case (4, 8): packet.dropped = order.uint64(block, at: option.value.lowerBound)
      default: break
      }
    }
    return .packet(packet, consumed: end)
  }

  private func simplePacket(_ block: RawSpan, interfaces: [CaptureInterface]) -> ParseStep {
    let end = block.byteCount
    guard let interface = interfaces.first else { return .unusable(.unknownInterface(0), at: 0, consumed: end) }
    let original = order.uint32(block, at: 8)
    // The captured length is not written: it is the smaller of the packet's and the snap length.
    let captured = interface.snapLength == 0 ? original : min(original, interface.snapLength)
    let available = UInt32(end - 16)
    guard captured <= available else {
      return .unusable(.packetBeyondBlock(captured: captured, available: available), at: 8, consumed: end)
    }
    return .packet(
      packet(interface, id: 0, timestamp: nil, originalLength: original, data: 12..<12 + Int(captured)), consumed: end)
  }

  private func obsoletePacket(_ block: RawSpan, interfaces: [CaptureInterface]) -> ParseStep {
    let end = block.byteCount
    let id = order.uint16(block, at: 8)
    guard id < interfaces.count else { return .unusable(.unknownInterface(UInt32(id)), at: 8, consumed: end) }
    let captured = order.uint32(block, at: 20)
    let available = UInt32(end - 32)
    guard captured <= available else {
      return .unusable(.packetBeyondBlock(captured: captured, available: available), at: 20, consumed: end)
    }
    var packet = packet(
      interfaces[Int(id)], id: Int(id), timestamp: timestampUnits(block, at: 12),
      originalLength: order.uint32(block, at: 24), data: 28..<28 + Int(captured))
    let drops = order.uint16(block, at: 10)
    // 0xFFFF: not known.
    if drops != .max { packet.dropped = UInt64(drops) }
    return .packet(packet, consumed: end)
  }

  private func packet(
    _ interface: CaptureInterface, id: Int, timestamp: UInt64?, originalLength: UInt32, data: Range<Int>
  ) -> ParsedPacket {
    let time: PacketTimestamp
    if let timestamp {
      time = interface.timestampResolution.nanoseconds(timestamp).map { .nanoseconds($0) } ?? .outOfRange
    } else {
      time = .absent
    }
    return ParsedPacket(
      interface: id, linkType: interface.linkType, timestamp: time, originalLength: originalLength,
      frameCheckSequenceLength: interface.frameCheckSequenceLength, data: data)
  }

  /// A timestamp: the high 32 bits come first in either byte order.
  private func timestampUnits(_ block: RawSpan, at offset: Int) -> UInt64 {
    UInt64(order.uint32(block, at: offset)) << 32 | UInt64(order.uint32(block, at: offset + 4))
  }

  private func statistics(_ block: RawSpan, interfaces: inout [CaptureInterface]) -> ParseStep {
    let end = block.byteCount
    let id = order.uint32(block, at: 8)
    guard id < interfaces.count else { return .unusable(.unknownInterface(id), at: 8, consumed: end) }
    var lost: UInt64 = 0
    var options = PcapngOptions(from: 20, to: end - 4)
    while let option = options.next(block, order: order) {
      // isb_ifdrop and isb_osdrop, counted since the capture began; all ones: not known.
      guard option.code == 5 || option.code == 7, option.value.count == 8 else { continue }
      let count = order.uint64(block, at: option.value.lowerBound)
      if count != .max { lost = lost.addingReportingOverflow(count).partialValue }
    }
    let known = interfaces[Int(id)].droppedPackets
    guard lost > known else { return .consumed(end) }
    interfaces[Int(id)].droppedPackets = lost
    return .drops(interface: Int(id), count: lost - known, consumed: end)
  }

  private func secrets(_ block: RawSpan) -> ParseStep {
    let end = block.byteCount
    let length = order.uint32(block, at: 12)
    let available = UInt32(end - 20)
    guard length <= available else {
      return .unusable(.packetBeyondBlock(captured: length, available: available), at: 12, consumed: end)
    }
    return .secrets(type: order.uint32(block, at: 8), data: 16..<16 + Int(length), consumed: end)
  }
}

/// A walk over the options of a block. It ends at the end-of-options option, at the end, or at an option that does not fit.
struct PcapngOptions {
  private var offset: Int
  private let end: Int

  /// The options between two offsets of a block; none if the first is not below the second.
  init(from offset: Int, to end: Int) {
    self.offset = offset
    self.end = end
  }

  /// The next option: its code and where its value stands.
  mutating func next(_ block: RawSpan, order: ByteOrder) -> (code: UInt16, value: Range<Int>)? {
    guard end - offset >= 4 else { return nil }
    let code = order.uint16(block, at: offset)
    let start = offset + 4
    let length = Int(order.uint16(block, at: offset + 2))
    guard code != 0, length <= end - start else { return nil }
    offset = start + padded(length)
    return (code, start..<start + length)
  }
}

/// A length rounded up to a multiple of 4.
func padded(_ length: Int) -> Int { (length + 3) & ~3 }
