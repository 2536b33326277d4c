import CaptureFile
import PacketCapture
import SystemFiles

/// Keeps the packets around violations and slow calls, a file for each incident: `inspect --ring`.
///
/// Packets are held back in memory of a fixed size; so are the beginnings of connections, without which what comes later could
/// not be read. When something happens, its connection's packets from before it are written, and again with those that
/// follow it.
final class PacketRing {
  /// What is remembered of a connection.
  private final class Trace {
    /// The place of its newest packet in the history.
    @exclusivity(unchecked) var newest = -1
    /// Its first packets, and their bytes.
    @exclusivity(unchecked) var opening: [HeldPacket] = []
    @exclusivity(unchecked) var openingBytes = 0
    @exclusivity(unchecked) var isOpening = true
    @exclusivity(unchecked) var incident: RingIncident?
  }

  /// Packets and bytes of a connection's beginning: its handshakes, and some frames that show its revision.
  private static let openingPackets = 24
  private static let openingBytes = 16_384
  /// Bytes of fragments of datagrams that wait until it is known whose they are.
  private static let waitingBytes = 1 << 19
  private static let headSize = 64

  private let settings: RingSettings
  private let folder: RingFolder
  private let history: PacketHistory
  private let say: (String) -> Void
  private var traces: [Int: Trace] = [:]
  /// The connections whose beginnings are held, the oldest first, and all bytes of them.
  private var openings: [Int] = []
  private var openingBytes = 0
  private var waiting = WaitingFragments<HeldPacket>()
  /// The connections with an incident that is not over, the oldest first.
  private var open: [Int] = []
  private var incidentBytes = 0
  /// What went wrong last with writing files.
  private(set) var failure: String?
  /// Incidents of which there is, or was, a file, and those of which none could be written.
  private var kept = 0
  private var lost = 0

  /// Makes a ring without packets.
  ///
  /// - Parameter say: Is given a line for people about each incident.
  init(_ settings: RingSettings, folder: RingFolder, say: @escaping (String) -> Void) {
    self.settings = settings
    self.folder = folder
    self.say = say
    history = PacketHistory(capacity: settings.historyBytes)
  }

  // MARK: Packets

  /// Takes a packet, before what it means is found out.
  ///
  /// - Parameters:
  ///   - connection: The number of the connection that it is of; 0: of none that is known.
  ///   - isIgnored: Whether nobody wants its connection.
  ///   - fragments: The datagrams that it is a fragment of, from the outermost on.
  func take(_ bytes: RawSpan, _ note: PacketNote, connection: Int, isIgnored: Bool, fragments: [DatagramParts]) {
    if !open.isEmpty, let time = note.time { expire(at: time) }
    if !fragments.isEmpty, connection == 0 { return wait(bytes, note, fragments) }
    guard connection > 0, !isIgnored else { return }
    let trace = trace(of: connection)
    if !fragments.isEmpty {
      for part in waiting.take(completedBy: fragments) { add(part.bytes.span.bytes, part.note, to: trace, connection) }
    }
    add(bytes, note, to: trace, connection)
  }

  private func wait(_ bytes: RawSpan, _ note: PacketNote, _ datagrams: [DatagramParts]) {
    guard bytes.byteCount <= Self.waitingBytes / 2 else { return }
    waiting.append(HeldPacket(note: note, bytes: bytes.withUnsafeBytes { Array($0) }), of: datagrams)
    if waiting.packets.reduce(0, { $0 + $1.bytes.count + Self.headSize }) > Self.waitingBytes {
      waiting.removeFirst((waiting.count + 1) / 2)
    }
  }

  private func trace(of connection: Int) -> Trace {
    if let known = traces[connection] { return known }
    let trace = Trace()
    traces[connection] = trace
    openings.append(connection)
    // Those of connections that are forgotten are not looked for each time.
    if openings.count > 2 * traces.count + 1024 { openings.removeAll { traces[$0] == nil } }
    return trace
  }

  private func add(_ bytes: RawSpan, _ note: PacketNote, to trace: Trace, _ connection: Int) {
    if trace.isOpening { addOpening(bytes, note, to: trace) }
    trace.newest = history.append(bytes, note, previous: trace.newest)
    guard let incident = trace.incident else { return }
    if incident.isOver(at: note.time) { return conclude(connection) }
    append(bytes, note, to: incident)
    boundIncidents()
  }

  private func addOpening(_ bytes: RawSpan, _ note: PacketNote, to trace: Trace) {
    let size = bytes.byteCount + Self.headSize
    guard trace.opening.count < Self.openingPackets, trace.openingBytes + size <= Self.openingBytes else {
      trace.isOpening = false
      return
    }
    trace.opening.append(HeldPacket(note: note, bytes: bytes.withUnsafeBytes { Array($0) }))
    trace.openingBytes += size
    openingBytes += size
    while openingBytes > settings.openingBytes, !openings.isEmpty {
      if let oldest = traces[openings.removeFirst()] { dropOpening(of: oldest) }
    }
  }

  private func dropOpening(of trace: Trace) {
    openingBytes -= trace.openingBytes
    trace.openingBytes = 0
    trace.opening = []
    trace.isOpening = false
  }

  /// Forgets a connection: nothing more comes of it, or nobody wants it.
  func forget(_ connection: Int) {
    guard let trace = traces[connection] else { return }
    if trace.incident != nil { conclude(connection) }
    dropOpening(of: trace)
    traces[connection] = nil
  }

  // MARK: Incidents

  /// Keeps what surrounds something.
  ///
  /// - Parameters:
  ///   - reason: What it is, an id.
  ///   - place: Where it is.
  func keep(_ reason: String, at place: RecordPlace) {
    guard let connection = place.connection, let trace = traces[connection] else { return }
    if let incident = trace.incident { return incident.extend(by: settings.after, from: place.time) }
    let packets = surroundings(of: trace, place)
    guard let last = packets.last else { return }
    let shown = place.packets?.upperBound ?? last.note.number
    let incident = RingIncident(
      name: RingFileName.make(time: place.time, packet: shown, reason: reason, connection: connection),
      limit: settings.fileBytes)
    for packet in packets { append(packet.bytes.span.bytes, packet.note, to: incident) }
    incident.extend(by: settings.after, from: place.time)
    trace.incident = incident
    incidentBytes += incident.emptySize
    open.append(connection)
    if write(incident) {
      say("\(reason) on connection \(connection), packet \(shown): \(folder.path)/\(incident.name)")
    }
    boundIncidents()
  }

  private func append(_ bytes: RawSpan, _ note: PacketNote, to incident: RingIncident) {
    let before = incident.size
    incident.append(bytes, note)
    incidentBytes += incident.size - before
  }

  /// Ends the oldest incidents where they take too much memory together.
  private func boundIncidents() {
    while incidentBytes > settings.fileBytes, open.count > 1 { conclude(open[0]) }
  }

  /// The connection's first packets, and those from before something up to now.
  private func surroundings(of trace: Trace, _ place: RecordPlace) -> [HeldPacket] {
    let anchor = place.packets?.lowerBound ?? .max
    // Room for what follows, where it all does not fit.
    var room = settings.fileBytes * 3 / 4 - trace.openingBytes
    var count = 0
    var anchorTime = place.time
    let packets = history.packets(from: trace.newest) { note, size in
      room -= size + RingIncident.overhead
      guard room >= 0 else { return false }
      if note.number >= anchor {
        anchorTime = note.time ?? anchorTime
        return true
      }
      switch settings.before {
      case .packets(let limit):
        count += 1
        return count <= limit
      case .time(let duration):
        guard let anchorTime, let time = note.time else { return false }
        let (earliest, isBefore) = anchorTime.subtractingReportingOverflow(duration)
        return isBefore || time >= earliest
      }
    }
    let first = packets.first?.note.number ?? .max
    return trace.opening.filter { $0.note.number < first } + packets
  }

  /// Ends incidents whose time has passed.
  ///
  /// - Parameter time: Nanoseconds since 1970-01-01T00:00:00Z.
  func expire(at time: Int64) {
    for connection in open where traces[connection]?.incident?.isPast(time) == true { conclude(connection) }
  }

  /// Writes what has come of incidents that go on, where that waits for long already.
  ///
  /// - Parameter now: The time of ``SystemClock/monotonic``.
  func settle(at now: Int64) {
    for connection in open {
      if let incident = traces[connection]?.incident, incident.isStale(at: now) { _ = write(incident) }
    }
  }

  /// Ends all that is not over: nothing more comes.
  func finish() {
    for connection in open { conclude(connection) }
  }

  private func conclude(_ connection: Int) {
    open.removeAll { $0 == connection }
    guard let trace = traces[connection], let incident = trace.incident else { return }
    trace.incident = nil
    incidentBytes -= incident.size
    if incident.isUnwritten { _ = write(incident) }
    if !incident.wasWritten { lost += 1 }
  }

  /// Writes what there is of an incident. What goes wrong is said once, until it works again.
  private func write(_ incident: RingIncident) -> Bool {
    do throws(FileFault) {
      try folder.write(incident.bytes, as: incident.name)
      if !incident.wasWritten { kept += 1 }
      incident.markWritten(at: SystemClock.monotonic)
      failure = nil
      return true
    } catch {
      if failure == nil { say(error.description) }
      failure = error.description
      return false
    }
  }

  /// What to say at the end.
  var account: String {
    let removed = folder.removed == 0 ? "" : ", \(CountText.of(folder.removed, "older file")) removed to make room"
    let unwritten = lost == 0 ? "" : ", \(lost) could not be written"
    return "\(CountText.of(kept, "incident")) kept in \(folder.path)\(unwritten)\(removed)"
  }
}
