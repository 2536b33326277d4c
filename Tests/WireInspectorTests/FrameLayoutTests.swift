import FrameCodec
import Testing

@testable import WireInspector

/// The one definition of the fields, held against the specification's diagrams, our own encoder, and what is made from it.
@Suite struct FrameLayoutTests {
  private static let specification: [String] = {
    let text = String(decoding: TemporaryFile.content(of: captureFile("../docs/specification.md")), as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }()

  /// The diagrams under a heading: the offsets, the names, and the sizes that they show.
  private func diagram(under heading: String) throws -> (offsets: [Int], names: [String], sizes: [Int]?) {
    let start = try #require(Self.specification.firstIndex { $0.hasPrefix("### ") && $0.hasSuffix(heading) })
    let block = Self.specification[start...].drop { $0 != "```text" }.dropFirst()
    let lines = block.prefix { $0 != "```" }
    let offsets = try #require(lines.first { $0.hasPrefix("offset") }).split(separator: " ").compactMap { Int($0) }
    let names = try #require(lines.first { $0.contains("| FE E") }).split(separator: "|").map { name in
      name.split(separator: " ").joined(separator: " ")
    }
    let sizes = lines.first { $0.hasPrefix("bytes") }?.split(separator: " ")
      .prefix { $0 != "length" }.compactMap { Int($0) }
    return (offsets, names.filter { !$0.isEmpty }, sizes)
  }

  @Test(
    "The specification shows the same fields at the same offsets",
    arguments: [(Revision.v1_3_3, "4.1 Layout"), (.v1_3_0, "6.4 Revision 1.3.0"), (.v1_2, "6.3 Revision 1.2")])
  func specification(_ revision: Revision, _ heading: String) throws {
    let layout = FrameLayout(revision)
    let shown = try diagram(under: heading)
    #expect(shown.offsets == layout.fields.map { layout.offset(of: $0.name) })
    if let sizes = shown.sizes { #expect(sizes == layout.fields.compactMap(\.size)) }
    #expect(shown.sizes != nil || revision == .v1_2)
    let magic = try #require(layout.magic)
    #expect(shown.names.first == "\(hexadecimal(magic.0)) \(hexadecimal(magic.1))")
    #expect(shown.names.count == layout.fields.count)
    for (name, field) in zip(shown.names, layout.fields).dropFirst() { #expect(name.hasPrefix(field.name)) }
  }

  private func hexadecimal(_ byte: UInt8) -> String { String(byte, radix: 16, uppercase: true) }

  @Test("Our encoder writes each field where the definition has it", arguments: Revision.allCases)
  func encoder(_ revision: Revision) throws {
    let layout = FrameLayout(revision)
    let payload: [UInt8] = [0x70, 0x71, 0x72]
    var bytes: [UInt8] = []
    try FrameCodec.encode(
      protocolId: 0x0102_0304, sn: revision.hasSerialNumber ? 0x0506_0708 : 0, payload: payload.span.bytes,
      revision: revision, into: &bytes)
    if let magic = layout.magic { #expect(bytes.prefix(2) == [magic.0, magic.1]) }
    func integer(_ name: String) -> UInt32? {
      layout.offset(of: name).map { offset in
        bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
      }
    }
    if revision.magic != nil { #expect(integer("length") == UInt32(bytes.count - 6)) }
    if !revision.isProtobuf {
      #expect(integer("protocolId") == 0x0102_0304)
      #expect(bytes[layout.headerSize...] == payload[...])
    } else {
      #expect(bytes[layout.headerSize] == 0x08)
    }
    if revision.hasSerialNumber { #expect(integer("sn") == 0x0506_0708) }
  }

  @Test("Each dissector has every field of every revision that its program can find")
  func dissectors() {
    for layout in FrameLayout.all {
      let name = layout.revision.rawValue.replacing(".", with: "_")
      #expect(DissectorKind.wireshark.text.contains("[\"\(layout.revision.rawValue)\"] = {"))
      #expect(DissectorKind.kaitai.text.contains("  frame_\(name):\n"))
      if layout.magic != nil, !layout.revision.isProtobuf {
        #expect(DissectorKind.zeek.text.contains("type Frame_\(name) = unit {"))
      }
    }
    #expect(DissectorKind.wireshark.text.contains("{name = \"sn\", offset = 10, size = 4}"))
    #expect(DissectorKind.kaitai.text.contains("contents: [0xfe, 0xef]"))
    #expect(DissectorKind.zeek.text.contains("payload: bytes &size=self.length - 8;"))
  }
}
