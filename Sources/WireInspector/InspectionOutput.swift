import CaptureFile

/// Hands records on to a sink, counts them, and leaves out what is not wanted.
final class InspectionOutput {
  private let sink: any InspectionSink
  private let followed: Int?
  /// The pseudonyms that are put into everything; nil: none are.
  let redaction: Redaction?
  private var reportedOnce: Set<String> = []
  /// Connections of which nothing is written.
  var passedOver = PassedOverConnections()
  @exclusivity(unchecked) private(set) var counts = SummaryRecord()
  /// What compressed messages inflated to so far, and the bytes of the capture that they may be held against.
  @exclusivity(unchecked) var inflatedBytes = 0
  @exclusivity(unchecked) var storedBytes = 0
  private let messageLimit: InflationLimit
  private let allowance: Int
  /// Bytes of requests' payloads that may still be kept, of all connections.
  var requestBytesLeft = 16 << 20
  /// The numbers of the connections that asked for an upgrade last, by the client's address as text.
  private var clients: [String: Int] = [:]

  init(sink: any InspectionSink, options: InspectionOptions, redaction: Redaction? = nil) {
    self.sink = sink
    self.redaction = redaction
    followed = options.followedConnection
    allowance = options.messageAllowance
    messageLimit = InflationLimit(ratio: options.inflationLimit.ratio, allowance: allowance)
  }

  /// Whether compressed messages have grown too much, and nothing more is inflated.
  var isInflationExceeded: Bool {
    inflatedBytes > allowance && messageLimit.isExceeded(compressed: storedBytes, inflated: inflatedBytes)
  }

  private func isWanted(_ place: RecordPlace) -> Bool { followed == nil || place.connection == followed }

  /// Remembers which connection a client's address belongs to.
  func register(client: String, _ number: Int) {
    if clients.count > 4096 { clients.removeAll() }
    clients[client] = number
  }

  /// How many bytes messages may still inflate to.
  var inflationLeft: Int {
    guard messageLimit.ratio > 0 else { return .max }
    let (more, overflow) = storedBytes.multipliedReportingOverflow(by: messageLimit.ratio)
    return overflow ? .max : max(0, min(more, .max >> 1) + allowance - inflatedBytes)
  }

  /// Hands on a connection's record; one that is written again counts once.
  func connection(_ record: ConnectionRecord, isAgain: Bool = false, at place: RecordPlace) {
    guard isWanted(place) else { return }
    if !isAgain { counts.connections += 1 }
    sink.connection(record, at: place)
  }

  func frame(_ record: FrameRecord, payload: RawSpan, at place: RecordPlace) {
    guard isWanted(place) else { return }
    counts.frames += 1
    sink.frame(record, payload: payload, at: place)
  }

  func other(_ record: OtherMessageRecord, payload: RawSpan, at place: RecordPlace) {
    guard isWanted(place) else { return }
    sink.other(record, payload: payload, at: place)
  }

  func control(_ record: ControlRecord, at place: RecordPlace) {
    guard isWanted(place) else { return }
    sink.control(record, at: place)
  }

  func call(_ record: CallRecord, at place: RecordPlace) {
    guard isWanted(place) else { return }
    counts.calls += 1
    sink.call(record, at: place)
  }

  func finding(_ record: FindingRecord, at place: RecordPlace) {
    guard isWanted(place) || place.connection == nil else { return }
    counts.findings += 1
    sink.finding(record, at: place)
  }

  func end(_ record: ConnectionEndRecord, at place: RecordPlace) {
    guard isWanted(place) else { return }
    sink.end(record, at: place)
  }

  /// Says once that there are connections of a kind that cannot be looked into.
  func reportOnce(_ record: FindingRecord, at place: RecordPlace) {
    guard reportedOnce.insert(record.id).inserted else { return }
    finding(record, at: place)
  }

  func summary(packets: Int, bytes: Int, time: Int64?) {
    counts.packets = packets
    counts.bytes = bytes
    sink.summary(counts, at: RecordPlace(connection: nil, time: time, packets: nil))
  }

  /// Shows what was given so far.
  func flush() { sink.flush() }

  /// The connection of the client at an address, if it is known.
  func connectionNumber(client: String) -> Int? { clients[client] }
}
