import CaptureFile
import PacketCapture
import TLSRecords

/// Hands records on to a sink, counts them, and leaves out what is not wanted.
final class InspectionOutput {
  let options: InspectionOptions
  /// The secrets of TLS connections.
  let keyLog = TLSKeyLog()
  private let sink: any InspectionSink
  private let followed: Int?
  /// Whether anybody looks at the payloads of frames.
  let readsPayloads: Bool
  /// Whether anybody looks at the ends of connections.
  let readsEnds: Bool
  /// The pseudonyms that are put into everything; nil: none are.
  let redaction: Redaction?
  private var reportedOnce: Set<String> = []
  /// How many findings of a kind were given that only some are shown of.
  private var reportedSome: [String: Int] = [:]
  /// Bytes that may still wait for TLS secrets, of all connections.
  var waitingBytesLeft = 16 << 20
  /// Connections of which nothing is written.
  private(set) var passedOver = PassedOverConnections()
  /// What the one connection that is wanted is, where nothing of it is written.
  private(set) var followedIsPassedOver: String?
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
  /// The connections that do not rest.
  let awake: AwakeConnections
  /// Where messages are inflated on other threads: what was found and waits for them; nil: all is written at once.
  var deferred: DeferredRecords?

  init(sink: any InspectionSink, options: InspectionOptions, redaction: Redaction? = nil) {
    self.options = options
    self.sink = sink
    awake = AwakeConnections(fewest: options.awakeConnections)
    readsPayloads = sink.readsPayloads
    readsEnds = sink.readsEnds
    self.redaction = redaction
    followed = options.followedConnection
    allowance = options.messageAllowance
    messageLimit = InflationLimit(ratio: options.inflationLimit.ratio, allowance: allowance)
  }

  /// Whether compressed messages have grown too much, and nothing more is inflated.
  @inline(__always)
  var isInflationExceeded: Bool {
    inflatedBytes > allowance && messageLimit.isExceeded(compressed: storedBytes, inflated: inflatedBytes)
  }

  /// Writes what waits, before anything else is written, or told of what was.
  func settle() { deferred?.settle() }

  private func isWanted(_ place: RecordPlace) -> Bool { followed == nil || place.connection == followed }

  /// Counts a connection of which nothing is written.
  func passOver(_ kind: PassedOverConnections.Kind, number: Int, port: UInt16) {
    passedOver.count(kind, number: number, port: port)
    if number == followed { followedIsPassedOver = "connection \(number) on port \(port) is \(kind.text)" }
  }

  /// Remembers which connection a client's address belongs to.
  func register(client: String, _ number: Int) {
    settle()
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
    settle()
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
    settle()
    guard isWanted(place) else { return }
    counts.calls += 1
    sink.call(record, at: place)
  }

  func finding(_ record: FindingRecord, at place: RecordPlace) {
    settle()
    guard isWanted(place) || place.connection == nil else { return }
    counts.findings += 1
    sink.finding(record, at: place)
  }

  func end(_ record: ConnectionEndRecord, at place: RecordPlace) {
    settle()
    guard isWanted(place) else { return }
    sink.end(record, at: place)
  }

  /// Says once that there are connections of a kind that cannot be looked into.
  func reportOnce(_ record: FindingRecord, at place: RecordPlace) {
    guard reportedOnce.insert(record.id).inserted else { return }
    finding(record, at: place)
  }

  /// Connections that are over and wait for their TLS secrets, which may come behind their packets.
  private var parked: [(connection: ConnectionInspector, isClosed: Bool, stamp: PacketStamp)] = []
  private var isConcluding = false
  /// So many of them wait at most.
  private static let parkedConnections = 1024

  /// Keeps a connection that is over until its secrets have come, at most until the end.
  ///
  /// - Returns: Whether it is kept.
  func park(_ connection: ConnectionInspector, isClosed: Bool, _ stamp: PacketStamp) -> Bool {
    guard !isConcluding, parked.count < Self.parkedConnections else { return false }
    parked.append((connection, isClosed, stamp))
    return true
  }

  /// No more secrets come: what waits for them is concluded.
  func concludeParked() {
    isConcluding = true
    for each in parked { each.connection.close(isClosed: each.isClosed, each.stamp) }
    parked = []
  }

  /// Findings of a kind that are shown, of connections that are not.
  private static let shownFindings = 16

  /// Gives a finding about a connection that is not shown, unless there were many of its kind.
  func reportSome(_ record: FindingRecord, at place: RecordPlace) {
    reportedSome[record.id, default: 0] += 1
    guard reportedSome[record.id, default: 0] <= Self.shownFindings else { return }
    finding(record, at: place)
  }

  /// What was found more often than it was shown.
  var unshownFindings: [String] {
    reportedSome.sorted { $0.key < $1.key }.filter { $0.value > Self.shownFindings }.map {
      "\($0.value - Self.shownFindings) more findings \($0.key) of connections that are not shown"
    }
  }

  func summary(_ summary: SummaryRecord, time: Int64?) {
    sink.summary(summary, at: RecordPlace(connection: nil, time: time, packets: nil))
  }

  /// Shows what was given so far.
  func flush() {
    settle()
    sink.flush()
  }

  /// The connection of the client at an address, if it is known.
  func connectionNumber(client: String) -> Int? { clients[client] }
}
