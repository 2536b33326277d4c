import CaptureFile
package import PacketCapture
import Specification
import TLSRecords

/// Inspects captures: reads their packets, follows the connections, and hands records to a sink as they are found.
package struct CaptureInspection {
  let options: InspectionOptions
  /// Takes the packets with the secrets of their connections, if that is wanted.
  var completeCopy: CaptureCopy? { didSet { keyLog.keepsLines = completeCopy != nil } }
  /// How many threads may be used: with more than one, one of its own reads the capture, and others inflate messages.
  var jobs = 1
  /// The secrets of TLS connections, of the file and of the captures themselves.
  var keyLog: TLSKeyLog { output.keyLog }
  let output: InspectionOutput
  private(set) var tracker: PacketTracker
  private let connections = SlotTable<ConnectionInspector>()
  private(set) var lastStamp = PacketStamp(number: 0, time: nil)
  private var bytes = 0
  /// What it has come to so far.
  private(set) var outcome = Outcome()
  /// Packets of link types that are not decoded, by LINKTYPE.
  private(set) var unsupported: [UInt16: Int] = [:]
  private(set) var supportedPackets = 0
  /// Packets that the filter for packets left out.
  private(set) var filteredPackets = 0
  /// The filter for packets as it is for each LINKTYPE.
  var filters: [UInt16: PacketFilter] = [:]
  let filterExpression: String?
  /// Packets of an interface that could not be captured; nil: others captured them.
  var lostPackets: Int?
  /// Keeps the packets around what happens; nil: nothing does.
  var ring: PacketRing?
  /// Takes the packets as they stand, with the connections that they are of; nil: nobody wants them.
  private let copy: PacketCopy?

  package init(
    options: InspectionOptions, sink: any InspectionSink, filter: String? = nil,
    limits: TrackerLimits = TrackerLimits(),
    redaction: Redaction? = nil
  ) {
    self.init(options: options, sink: sink, filter: filter, limits: limits, redaction: redaction, copy: nil)
  }

  init(
    options: InspectionOptions, sink: any InspectionSink, filter: String?, limits: TrackerLimits,
    redaction: Redaction?, copy: PacketCopy?
  ) {
    self.options = options
    self.copy = copy
    output = InspectionOutput(sink: sink, options: options, redaction: redaction)
    tracker = PacketTracker(limits: limits, ports: options.ports)
    filterExpression = filter
  }

  /// Reads captures to their ends, several merged by time.
  ///
  /// - Parameter paths: Files; `-` is standard input.
  /// - Throws: When a file cannot be opened or the filter is wrong.
  package mutating func run(paths: [String]) throws(InspectionError) -> Outcome {
    try openKeyLog()
    var sources: [CaptureSource] = []
    for path in paths { sources.append(try CaptureSource.open(path, limit: options.inflationLimit)) }
    let output = output
    for source in sources { source.beforeWaiting = { output.flush() } }
    deferInflation()
    // Also where it ends with an error what was found before that is written.
    defer { output.deferred?.finish() }
    // One that is wrong is refused before anything is read.
    _ = try filter(for: 1)
    if sources.count == 1 {
      if jobs > 1 { sources[0].readAhead() }
      try read(sources[0])
    } else {
      try merge(sources)
    }
    concludeLinkTypes()
    finish()
    finishCopy()
    concludeSelection()
    return outcome
  }

  /// The most threads that inflate beside this one.
  private static let inflationThreads = 15

  /// Lets other threads inflate, where nothing depends on records being written as soon as their packets have come: the ring keeps the
  /// packets around them. Where pseudonyms are put in, that is what takes the time.
  private func deferInflation() {
    guard jobs > 1, ring == nil, output.redaction == nil else { return }
    output.deferred = DeferredRecords(threads: min(jobs - 1, Self.inflationThreads))
  }

  /// Writes what is left of the copy.
  private mutating func finishCopy() {
    guard let copy = completeCopy else { return }
    copy.add(keyLogLines: keyLog.takeAskedLines())
    copy.finish()
    if let failure = copy.failure {
      fail(.usage, failure)
    } else if copy.secretCount == 0 {
      outcome.messages.append(
        "the copy has no secrets that the capture does not have: the key log knows none of its TLS connections")
    }
  }

  /// Reads the key log, if there is one.
  mutating func openKeyLog() throws(InspectionError) {
    guard let path = options.keyLogPath, let file = try KeyLogFile(path, isOptional: options.isKeyLogOptional) else {
      return
    }
    keyLog.more = { file.readMore() }
    keyLog.refresh()
    if file.isEndless { throw InspectionError(message: "\(path): is a device without end, and no key log") }
    keyLog.mayGrow = true
    if keyLog.isEmpty, keyLog.strangeLines > 0 {
      outcome.messages.append("\(path): none of its \(keyLog.strangeLines) lines is a secret of TLS; is it a key log?")
    }
  }

  private mutating func read(_ source: CaptureSource) throws(InspectionError) {
    tracker.rereading = source.reread
    let takesBytesOnly = copy == nil && completeCopy == nil && filterExpression == nil
    while true {
      if takesBytesOnly, takeRecords(of: source) { return concludeInflation(source) }
      guard let event = source.next() else { break }
      try take(event, from: source)
      output.storedBytes = source.storedBytes
      if output.isInflationExceeded { return concludeInflation(source) }
    }
    conclude(source)
  }

  /// Takes the records that lie one behind the other in what was read of a pcap file.
  ///
  /// - Returns: Whether compressed messages grew too much.
  private mutating func takeRecords(of source: CaptureSource) -> Bool {
    // Blocks with secrets may come behind the packets.
    if source.reader.format == .pcapng, !keyLog.mayGrow { keyLog.mayGrow = true }
    // Nothing is read meanwhile, so that the buffer stays where it is in the file.
    let origin = source.bufferOrigin
    let output = output
    var isExceeded = false
    source.reader.withRecords { record, packet in
      receive(
        packet, linkType: record.linkType, originalLength: record.originalLength,
        frameCheckSequenceLength: record.frameCheckSequenceLength, time: record.timestampNanoseconds,
        fileOffset: record.fileOffset, origin: origin.map { $0 + record.data.lowerBound } ?? -1)
      isExceeded = output.isInflationExceeded
      return !isExceeded
    }
    return isExceeded
  }

  /// Compressed messages grow too much: the rest of the capture is not read.
  private mutating func concludeInflation(_ source: CaptureSource) {
    let message =
      "compressed messages inflate to \(output.inflatedBytes >> 20) MiB, more than \(options.inflationLimit.ratio) times the capture; "
      + "a larger --inflation-limit permits it"
    output.finding(
      FindingRecord(.inflationLimit, role: nil, offset: nil, message: message),
      at: RecordPlace(connection: nil, first: lastStamp, last: lastStamp))
    fail(.incomplete, "\(source.name): \(message); what comes before it is shown")
  }

  /// Takes the earliest record of all files each time; records without time come as they stand.
  private mutating func merge(_ sources: [CaptureSource]) throws(InspectionError) {
    var waiting: [CaptureEvent?] = sources.map { $0.next() }
    while true {
      var best: Int?
      var bestTime = Int64.max
      for (index, event) in waiting.enumerated() {
        guard let event else { continue }
        let time: Int64
        if case .record(let record) = event {
          time = record.timestampNanoseconds ?? Int64.min
        } else {
          time = Int64.min
        }
        if best == nil || time < bestTime {
          best = index
          bestTime = time
        }
      }
      guard let best, let event = waiting[best] else { break }
      try take(event, from: sources[best])
      output.storedBytes = sources.reduce(0) { $0 + $1.storedBytes }
      if output.isInflationExceeded { return concludeInflation(sources[best]) }
      waiting[best] = sources[best].next()
    }
    for source in sources { conclude(source) }
  }

  private mutating func conclude(_ source: CaptureSource) {
    guard source.readError != 0 else { return }
    fail(.incomplete, "\(source.name): reading failed: \(SystemError.describe(source.readError))")
  }

  mutating func fail(_ fault: CommandStatus, _ message: String) { outcome.fail(fault, message) }

  private mutating func take(_ event: CaptureEvent, from source: CaptureSource) throws(InspectionError) {
    switch event {
    case .record(let record): try take(record, from: source)
    case .secrets(let secrets):
      copy?.secrets(secrets)
      completeCopy?.add(secrets)
      guard secrets.type == CaptureSecrets.tlsKeyLog else { break }
      // What the capture has already is not written into a copy again.
      keyLog.keepsLines = false
      keyLog.add(secrets.data)
      keyLog.keepsLines = completeCopy != nil
    case .finding(let finding):
      output.finding(
        FindingRecord(id: finding.code.rawValue, offset: finding.offset, message: finding.reason),
        at: RecordPlace(
          connection: nil, time: lastStamp.number == 0 ? nil : lastStamp.time,
          packets: finding.recordNumber.map { $0...$0 }))
      switch finding.code.effect {
      case .unreadable: fail(.usage, "\(source.name): \(finding.reason)")
      case .incomplete:
        fail(
          .incomplete, "\(source.name): \(finding.reason) (at byte \(finding.offset)); what comes before it is shown")
      case .none: break
      }
    }
  }

  private mutating func take(_ record: CaptureRecord, from source: CaptureSource) throws(InspectionError) {
    let filter = try filter(for: record.linkType)
    // Blocks with secrets may come behind the packets.
    if source.reader.format == .pcapng, !keyLog.mayGrow { keyLog.mayGrow = true }
    source.reader.withBytes(of: record) { packet in
      receive(
        packet, linkType: record.linkType, originalLength: record.originalLength,
        frameCheckSequenceLength: record.frameCheckSequenceLength, time: record.timestampNanoseconds,
        fileOffset: record.fileOffset, filter: filter)
      if let copy, source.reader.interfaces.indices.contains(record.interface) {
        copy.packet(
          packet, record, source.reader.interfaces[record.interface], connection: tracker.packetConnection,
          fragments: tracker.packetFragments)
      }
      guard let completeCopy else { return }
      completeCopy.add(keyLogLines: keyLog.takeAskedLines())
      completeCopy.add(packet, record, from: source)
    }
  }

  /// Takes in a packet.
  ///
  /// - Parameters:
  ///   - packet: What was captured of it.
  ///   - linkType: Its LINKTYPE.
  ///   - originalLength: Its length on the wire.
  ///   - frameCheckSequenceLength: How many bytes at its end are a frame check sequence.
  ///   - time: Nanoseconds since 1970-01-01T00:00:00Z, nil if it has no time.
  ///   - fileOffset: Where it stands in its file, if it comes from one.
  ///   - origin: Where it can be read again; -1: nowhere.
  ///   - filter: What it has to pass.
  package mutating func receive(
    _ packet: RawSpan, linkType: UInt16, originalLength: Int, frameCheckSequenceLength: Int = 0, time: Int64?,
    fileOffset: Int? = nil, origin: Int = -1, filter: PacketFilter? = nil
  ) {
    lastStamp.number += 1
    lastStamp.time = time
    bytes += packet.byteCount
    guard LinkLayer.supports(linkType) else { return reportLinkType(linkType, fileOffset) }
    supportedPackets += 1
    if let filter, !filter.matches(packet, originalLength: originalLength) {
      filteredPackets += 1
      return
    }
    let outcome = tracker.processDirectly(
      packet, linkType: linkType, originalLength: originalLength, frameCheckSequenceLength: frameCheckSequenceLength,
      stamp: lastStamp, origin: origin)
    ring?.take(
      packet,
      PacketNote(
        number: lastStamp.number, time: time, linkType: linkType, frameCheckSequenceLength: frameCheckSequenceLength,
        originalLength: originalLength),
      connection: tracker.packetConnection, isIgnored: tracker.packetIsIgnored, fragments: tracker.packetFragments)
    if outcome.hasEvents { deal(with: packet) }
    if let data = outcome.data { take(data, packet) }
  }

  /// Says that no more packets come: writes what is left, and the summary.
  package mutating func finish() {
    let slots = tracker.endFragments(stamp: lastStamp)
    deal(with: RawSpan())
    for slot in slots {
      tracker.end(slot)
      deal(with: RawSpan())
    }
    output.concludeParked()
    output.settle()
    reportPassedOver()
    ring?.finish()
    output.summary(summary, time: lastStamp.time)
  }

  /// What it has come to so far.
  var summary: SummaryRecord {
    var summary = output.counts
    summary.packets = lastStamp.number
    summary.bytes = bytes
    summary.lost = lostPackets
    return summary
  }

  private mutating func reportLinkType(_ linkType: UInt16, _ fileOffset: Int?) {
    unsupported[linkType, default: 0] += 1
    guard unsupported[linkType] == 1 else { return }
    output.finding(
      FindingRecord(
        .unsupportedLinkType, role: nil, offset: fileOffset,
        message: "packets of LINKTYPE \(LinkTypeName.described(linkType)) cannot be decoded and are passed over"),
      at: RecordPlace(connection: nil, first: lastStamp, last: lastStamp))
  }

  private mutating func concludeLinkTypes() {
    guard supportedPackets == 0, let linkType = unsupported.keys.min(), outcome.status == .good else { return }
    fail(.usage, "no packet can be decoded: LINKTYPE \(LinkTypeName.described(linkType)) is not supported")
  }

  /// A connection or a port that was asked for and does not occur is more likely a slip than an answer.
  mutating func concludeSelection() {
    guard outcome.status == .good, supportedPackets > 0 else { return }
    let count = tracker.lastNumber
    if let number = options.followedConnection, !(1...max(count, 1)).contains(number) || count == 0 {
      fail(.usage, "there is no connection \(number); the capture has \(count)")
    } else if count == 0, !options.ports.isEmpty {
      let ports = options.ports.map(String.init).joined(separator: ", ")
      outcome.messages.append("no TCP connection in the capture has port \(ports)")
    }
  }

  // MARK: Connections

  private mutating func deal(with packet: RawSpan) {
    for index in 0..<tracker.eventCount { deal(with: tracker.event(index), packet) }
    tracker.removeEvents()
  }

  private mutating func take(_ data: DataInOrder, _ packet: RawSpan) {
    let stamp = lastStamp
    let isIgnored = connections.lend(data.slot) { connection in
      connection.data(data.direction, packet, data.range, stamp, isAhead: data.isAhead)
      return connection.isIgnored
    }
    if isIgnored == true, let connection = connections[data.slot] { forget(connection, ifIgnored: data.slot) }
    letRest()
  }

  /// Lets the connections rest that nothing came of lately, where there are many.
  private mutating func letRest() {
    guard output.awake.isCrowded else { return }
    for connection in output.awake.letRest() { tracker.rest(connection.slot, number: connection.number) }
  }

  /// Keeps nothing more of a connection that is of no interest.
  private mutating func forget(_ connection: ConnectionInspector, ifIgnored slot: Int) {
    guard connection.isIgnored, connections[slot] != nil else { return }
    tracker.ignore(slot, number: connection.number)
    ring?.forget(connection.number)
    connections[slot] = nil
  }

  private mutating func deal(with event: TransportEvent, _ packet: RawSpan) {
    if event.slot < 0 {
      if case .finding(let finding) = event.kind {
        output.finding(
          FindingRecord(finding, role: nil), at: RecordPlace(connection: nil, first: event.stamp, last: event.stamp))
      }
      return
    }
    if case .opened(let opening) = event.kind {
      connections[event.slot] = ConnectionInspector(opening, slot: event.slot, at: event.stamp, output: output)
      return
    }
    guard let connection = connections[event.slot] else { return }
    connection.wake()
    switch event.kind {
    case .opened: break
    case .initiator(let direction): connection.setInitiator(direction)
    case .data(.packet(let range)):
      connection.data(event.direction, packet, range, event.stamp, isAhead: event.isAhead)
    case .data(.held(let bytes)):
      connection.data(event.direction, bytes.span.bytes, 0..<bytes.count, event.stamp, isAhead: event.isAhead)
    case .missing(let count): connection.missing(event.direction, count, isCut: false, event.stamp)
    case .cut(let count): connection.missing(event.direction, count, isCut: true, event.stamp)
    case .finished(let stamp, let hasAll):
      connection.finished(event.direction, fin: stamp, hasAll: hasAll, event.stamp)
    case .reset: connection.reset(event.direction, event.stamp)
    case .closed(let end): connection.close(isClosed: end == .closed, event.stamp)
    case .released:
      ring?.forget(connection.number)
      connections[event.slot] = nil
    case .finding(let finding): connection.packetFinding(finding, event.direction, event.stamp)
    }
    forget(connection, ifIgnored: event.slot)
    letRest()
  }
}
