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

/// Reads a file that comes in the given pieces.
func read(_ pieces: [ArraySlice<UInt8>]) -> Transcript {
  var reader = CaptureReader()
  var transcript = Transcript()
  func drain(_ reader: inout CaptureReader) {
    while let event = reader.next() {
      switch event {
      case .record(let record):
        let bytes = reader.withBytes(of: record) { span in span.withUnsafeBytes { Array($0) } }
        transcript.packets.append(
          ReadPacket(
            number: record.number, time: record.timestampNanoseconds, linkType: record.linkType,
            interface: record.interface, originalLength: record.originalLength,
            checkSequence: record.frameCheckSequenceLength, fileOffset: record.fileOffset, bytes: bytes))
      case .secrets(let secrets): transcript.secrets.append(secrets)
      case .finding(let finding): transcript.findings.append(finding)
      }
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
