import CaptureFile

/// A packet as read, with its bytes.
struct ReadPacket: Hashable {
  var number: Int
  var time: Int64?
  var linkType: UInt16 = 1
  var interface = 0
  var originalLength: Int
  var checkSequence = 0
  var fileOffset: Int
  var bytes: [UInt8]
}

/// All that a reader gave for a file.
struct Transcript: Hashable {
  var packets: [ReadPacket] = []
  var secrets: [CaptureSecrets] = []
  var findings: [CaptureFinding] = []
  var interfaces: [CaptureInterface] = []
  var format: CaptureReader.Format?
  var compressed = false
  var sections = 0

  var codes: [CaptureFindingCode] { findings.map(\.code) }
  var faults: [CaptureFault] { findings.map(\.fault) }
}

extension ReadPacket {
  init(_ record: CaptureRecord, _ bytes: RawSpan) {
    self.init(
      number: record.number, time: record.timestampNanoseconds, linkType: record.linkType,
      interface: record.interface, originalLength: record.originalLength,
      checkSequence: record.frameCheckSequenceLength, fileOffset: record.fileOffset,
      bytes: bytes.withUnsafeBytes { Array($0) })
  }
}

/// Reads a file that comes in the given pieces.
///
/// - Parameter isLending: Whether the reader lends out what it can of one record after the other.
func read(_ pieces: [ArraySlice<UInt8>], isLending: Bool = false) -> Transcript {
  var reader = CaptureReader()
  var transcript = Transcript()
  func lend(_ reader: inout CaptureReader) {
    guard isLending else { return }
    reader.withRecords { record, bytes in
      transcript.packets.append(ReadPacket(record, bytes))
      // Whoever has had enough of them is given the next one another way.
      return record.number % 5 != 0
    }
  }
  func drain(_ reader: inout CaptureReader) {
    lend(&reader)
    while let event = reader.next() {
      switch event {
      case .record(let record):
        transcript.packets.append(reader.withBytes(of: record) { ReadPacket(record, $0) })
      case .secrets(let secrets): transcript.secrets.append(secrets)
      case .finding(let finding): transcript.findings.append(finding)
      }
      lend(&reader)
    }
  }
  for piece in pieces {
    reader.feed(Array(piece))
    drain(&reader)
  }
  reader.finish()
  drain(&reader)
  transcript.interfaces = reader.interfaces
  transcript.format = reader.format
  transcript.compressed = reader.isCompressed
  transcript.sections = reader.sectionCount
  return transcript
}

/// Reads a file that comes whole.
func read(_ bytes: [UInt8]) -> Transcript { read([bytes[...]]) }

/// Reads a file byte by byte.
func readByteByByte(_ bytes: [UInt8]) -> Transcript { read(bytes.indices.map { bytes[$0...$0] }) }
