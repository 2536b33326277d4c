import Testing

@testable import TLSRecords

extension RecordStream {
  fileprivate mutating func take(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    append(bytes.span.bytes)
  }
}

@Suite struct RecordStreamTests {
  private static let record: [UInt8] = [23, 3, 3, 0, 4, 1, 2, 3, 4]

  /// Takes all records that are there.
  private static func records(_ stream: inout RecordStream) -> [[UInt8]] {
    var found: [[UInt8]] = []
    while case .record(_, _, let body) = stream.next() {
      found.append(Array(stream.buffer[body]))
      stream.pass(ProtectedRecord.headerLength + body.count)
    }
    return found
  }

  @Test("Records come in pieces and together", arguments: [1, 2, 5, 8, 9, 10, 100]) func pieces(_ size: Int) {
    var stream = RecordStream()
    let bytes = Self.record + Self.record + Self.record
    var found: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      stream.take(bytes[start..<min(start + size, bytes.count)])
      found += Self.records(&stream)
    }
    #expect(
      found == Array(repeating: [1, 2, 3, 4], count: 3) && !stream.isInsideRecord && stream.offset == bytes.count)
  }

  @Test("Bytes missing inside of a record cost that one", arguments: 5..<9) func missingInside(_ known: Int) {
    for missing in 1...(9 - known) {
      var stream = RecordStream()
      stream.take(Self.record[..<known])
      #expect(Self.records(&stream) == [])
      #expect(stream.skip(missing) == 9 && !stream.isSearching)
      stream.take((Self.record[(known + missing)...] + Self.record))
      #expect(Self.records(&stream) == [[1, 2, 3, 4]] && stream.offset == 18)
    }
  }

  @Test("Where the next record begins is not known behind more", arguments: [(0, 1), (3, 1), (7, 3), (9, 20)])
  func missingMore(_ known: Int, _ missing: Int) {
    var stream = RecordStream()
    stream.take(Self.record[..<known])
    _ = Self.records(&stream)
    #expect(stream.skip(missing) == nil && stream.isSearching && stream.lostBytes == known % 9 + missing)
    #expect(stream.offset == known + missing)
  }

  @Test(
    "What cannot be a header is none",
    arguments: [[24, 3, 3, 0, 1], [23, 4, 3, 0, 1], [23, 3, 5, 0, 1], [23, 3, 3, 0xFF, 0], [23, 3, 3, 0, 0]])
  func strange(_ bytes: [UInt8]) {
    var stream = RecordStream()
    stream.take(bytes)
    guard case .strange = stream.next() else {
      Issue.record("a record can begin with \(bytes)")
      return
    }
  }
}
