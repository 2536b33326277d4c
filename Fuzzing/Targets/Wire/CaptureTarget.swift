import CaptureFile
import FuzzHarness

/// Capture files: the same events from the whole and from pieces.
enum CaptureTarget {
  @Sendable static func run(_ input: [UInt8]) {
    let whole = events([input[...]])
    let others = events(pieces(input, seed: input.last ?? 0))
    // Where compressed data grow too much is seen after more or fewer of them.
    if [whole.last, others.last].contains(where: { $0?.hasPrefix("fileInflationLimit") == true }) { return }
    requireEqual(whole, others, "pieces give other events")
  }

  private static func events(_ pieces: [ArraySlice<UInt8>]) -> [String] {
    var reader = CaptureReader()
    reader.inflationLimit = InflationLimit(ratio: 10, allowance: 1 << 20)
    var found: [String] = []
    func take() {
      while let event = reader.next() {
        switch event {
        case .record(let record):
          let sum = reader.withBytes(of: record) { bytes in bytes.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } } }
          let numbers = [record.number, Int(record.linkType), record.interface, record.originalLength, sum]
          found.append("\(numbers) \(record.timestampNanoseconds as Any) \(record.fileOffset)")
        case .secrets(let secrets): found.append("secrets \(secrets.data.count)")
        case .finding(let finding): found.append("\(finding.code) \(finding.reason)")
        }
      }
    }
    for piece in pieces {
      reader.feed(Array(piece))
      take()
    }
    reader.finish()
    take()
    return found
  }
}
