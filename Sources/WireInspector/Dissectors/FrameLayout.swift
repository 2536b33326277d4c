package import FrameCodec

/// What stands where in the frames of a revision: the one definition that dissectors for other programs are made from, and that a test
/// holds the diagrams of docs/specification.md and our own decoder against.
package struct FrameLayout: Sendable {
  /// A part of a frame.
  package struct Field: Hashable, Sendable {
    /// What is in it.
    package enum Content: Hashable, Sendable {
      /// Two bytes that are always these.
      case magic(UInt8, UInt8)
      /// An unsigned integer of 32 bits, the least significant byte first.
      case integer
      /// The rest, opaque bytes.
      case payload
      /// The rest, a `P_MESSAGE` of an integer `protocol_id` (field 1) and bytes `data` (field 2).
      case message
    }

    /// Its name in the specification.
    package let name: String
    /// Its name in filters, which is made of small letters.
    package let filterName: String
    package let content: Content
    /// What it says, for people.
    package let summary: String

    /// Its bytes; nil: all that are left.
    package var size: Int? {
      switch content {
      case .magic: 2
      case .integer: 4
      case .payload, .message: nil
      }
    }
  }

  package let revision: Revision
  package let fields: [Field]

  /// The layouts, the current one first.
  package static let all = Revision.allCases.reversed().map(FrameLayout.init)

  package init(_ revision: Revision) {
    self.revision = revision
    var fields: [Field] = []
    if let magic = revision.magic {
      fields.append(
        Field(
          name: "magic", filterName: "magic",
          content: .magic(UInt8(truncatingIfNeeded: magic), UInt8(truncatingIfNeeded: magic >> 8)),
          summary: "What a frame begins with"))
      fields.append(
        Field(
          name: "length", filterName: "length", content: .integer, summary: "The bytes that follow this field"))
    }
    if revision.isProtobuf {
      fields.append(
        Field(name: "P_MESSAGE", filterName: "message", content: .message, summary: "protocol_id and data"))
    } else {
      fields.append(
        Field(name: "protocolId", filterName: "id", content: .integer, summary: "What the frame is about"))
      if revision.hasSerialNumber {
        fields.append(
          Field(name: "sn", filterName: "sn", content: .integer, summary: "0, or the number of a call"))
      }
      fields.append(
        Field(name: "payload", filterName: "payload", content: .payload, summary: "The application's bytes"))
    }
    self.fields = fields
  }

  /// Where a field begins; nil if the revision has none of this name.
  package func offset(of name: String) -> Int? {
    guard let index = fields.firstIndex(where: { $0.name == name }) else { return nil }
    return fields[..<index].reduce(0) { $0 + ($1.size ?? 0) }
  }

  /// The bytes before the first field that takes all that are left.
  package var headerSize: Int { fields.reduce(0) { $0 + ($1.size ?? 0) } }

  /// The two bytes that a frame begins with; nil: it has none.
  package var magic: (UInt8, UInt8)? {
    if case .magic(let first, let second)? = fields.first?.content { (first, second) } else { nil }
  }

  /// The revision in a name: `1_3_3`.
  var identifier: String { revision.rawValue.replacing(".", with: "_") }
}

/// The programs that dissectors are made for.
package enum DissectorKind: String, CaseIterable, Sendable {
  case wireshark, kaitai, zeek

  /// The dissector, as the program takes it.
  package var text: String {
    switch self {
    case .wireshark: WiresharkDissector.text
    case .kaitai: KaitaiStruct.text
    case .zeek: SpicyGrammar.text
    }
  }
}
