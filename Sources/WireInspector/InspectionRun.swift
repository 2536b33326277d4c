import CaptureFile
import Glibc
import PacketCapture
import Specification
import SystemFiles

/// What is inspected.
package enum InspectionInput: Sendable {
  /// Capture files; `-` is standard input.
  case files([String])
  /// What passes a network interface.
  case live(LiveInput)

  /// The files.
  var paths: [String] { if case .files(let paths) = self { paths } else { [] } }
}

/// Reads captures, or what passes an interface, into a sink, with what can be done beside it.
struct InspectionRun {
  let options: InspectionOptions
  /// A filter for packets in libpcap's language.
  var filter: String?
  var limits = TrackerLimits()
  var redaction: Redaction?
  /// How many threads may be used for files.
  var jobs = 1
  /// Takes the packets with the secrets of their TLS connections.
  var completeCopy: CaptureCopy?
  /// What is kept of the packets around violations and slow calls; nil: nothing.
  var ring: RingSettings?
  /// What a terminal shows as long as packets come from an interface, and the terminal.
  var view: (descriptor: Int32, text: (SummaryRecord) -> String)?
  /// Whether nobody wants more.
  var isOver: () -> Bool = { false }
  /// Says a line on standard error.
  let say: (String) -> Void

  /// Reads to the end.
  ///
  /// - Parameter judge: The sink, where it judges: what it finds broken is an incident of the ring, too.
  /// - Throws: When it cannot begin.
  func run(
    _ input: InspectionInput, into sink: any InspectionSink, judge: CaptureConformance? = nil
  ) throws(InspectionError) -> CaptureInspection.Outcome {
    Interruption.install()
    defer { Interruption.release() }
    var user: UnprivilegedUser?
    if case .live(let live) = input, let text = live.user { user = try UnprivilegedUser(text) }
    var screen: LiveScreen?
    let folder = try ring.map { settings throws(InspectionError) in try Self.folder(settings, user, input.paths) }
    var sink = sink
    var kept: PacketRing?
    if let ring, let folder {
      // A line would destroy what the screen shows; how many there were is said at the end.
      let made = PacketRing(ring, folder: folder) { line in if screen == nil { say(line) } }
      sink = RingSink(made, slow: ring.slow, into: sink)
      judge?.violated = { rule, place in made.keep(rule.rawValue, at: place) }
      kept = made
    }
    defer { judge?.violated = nil }
    var inspection = CaptureInspection(
      options: options, sink: sink, filter: filter, limits: limits, redaction: redaction)
    inspection.jobs = jobs
    inspection.completeCopy = completeCopy
    inspection.ring = kept
    var outcome: CaptureInspection.Outcome
    switch input {
    case .files(let paths):
      if let folder { try Self.ensureWritable(folder) }
      outcome = try inspection.run(paths: paths)
    case .live(let live):
      let capture = try Self.open(live, filter)
      try inspection.openKeyLog()
      // Everything is open that needs the rights of root.
      try user?.become()
      if let folder { try Self.ensureWritable(folder) }
      say("capturing on \(live.interface)")
      if let view { screen = LiveScreen(descriptor: view.descriptor) }
      let began = SystemClock.monotonic
      outcome = inspection.run(capture, on: live.interface, isOver: isOver) { now, summary in
        screen?.draw(at: now) {
          let counts = summary()
          return Self.heading(live.interface, now - began, counts) + (view?.text(counts) ?? "")
        }
      }
      screen?.close()
      screen = nil
    }
    if let kept {
      outcome.messages.append(kept.account)
      if let failure = kept.failure { outcome.fail(.usage, failure) }
    }
    return outcome
  }

  private static func heading(_ interface: String, _ elapsed: Int64, _ counts: SummaryRecord) -> String {
    let seconds = elapsed / 1_000_000_000
    let parts = [
      CountText.of(counts.packets, "packet") + counts.lossText, CountText.of(counts.connections, "connection"),
      CountText.of(counts.frames, "frame"), CountText.of(counts.calls, "call"),
    ]
    return "\(TerminalText.escaped(interface)), \(seconds) s (Ctrl-C ends): \(parts.joined(separator: ", "))\n\n"
  }

  private static func open(_ live: LiveInput, _ filter: String?) throws(InspectionError) -> LiveCapture {
    do throws(LiveCapture.Fault) {
      return try LiveCapture(
        interface: live.interface, filter: filter, bufferBytes: Int32(clamping: live.bufferMegabytes << 20))
    } catch {
      let remedy =
        switch error.remedy {
        case .right: "; run it with the capability CAP_NET_RAW (sudo), or pipe tcpdump -w - into wireproof inspect -"
        case .interface: "; --list-interfaces shows what there is"
        case .none: ""
        }
      throw InspectionError(message: "\(live.interface): cannot be captured: \(error.reason)\(remedy)")
    }
  }

  private static func folder(
    _ ring: RingSettings, _ user: UnprivilegedUser?, _ paths: [String]
  ) throws(InspectionError) -> RingFolder {
    do throws(FileFault) {
      // Old files of a ring make place for new ones.
      for path in paths where path != "-" {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard try FileIdentity(input: folder) != FileIdentity(output: ring.folder) else {
          throw FileFault(path: ring.folder, reason: "holds a capture that is read: \(path); name another folder")
        }
      }
      return try RingFolder(ring.folder, bytes: ring.bytes, files: ring.files, owner: user)
    } catch {
      throw InspectionError(message: "--ring \(error.description)")
    }
  }

  private static func ensureWritable(_ folder: RingFolder) throws(InspectionError) {
    do throws(FileFault) { try folder.ensureWritable() } catch {
      throw InspectionError(message: "--ring \(error.description)")
    }
  }
}
