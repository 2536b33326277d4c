import Conformance
import Deflate
import FrameCodec
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import Negotiation
import ReferencePeer
import Specification
import Synchronization
import SystemFiles
import WebSocketCodec
import WireInspector

/// A conversation by hand: shows what comes, and does what lines say.
final class ConnectSession: Sendable {
  private let timeout: Duration
  private let failed = Atomic<Bool>(false)
  private let editorInUse: NIOLockedValueBox<LineEditor?> = NIOLockedValueBox(nil)

  /// - Parameter timeout: how long a call waits.
  init(timeout: Duration) {
    self.timeout = timeout
  }

  /// Whether something that was asked for did not come about.
  var hasFailed: Bool { failed.load(ordering: .relaxed) }

  /// What the session wants to be told of its connection.
  var callbacks: ConnectionCallbacks {
    var callbacks = ConnectionCallbacks()
    callbacks.received = { connection, message in
      if message.protocolId == 0x7FFF_FFFF { return }
      self.show("< " + Self.line(message.protocolId, message.sn, message.payload, connection))
    }
    callbacks.displaced = { connection in
      let addresses = connection.displacement.map { displacement in
        [("old", displacement.oldAddress), ("new", displacement.newAddress)]
          .map { ", \($0.0) address \(InertText.ascii($0.1))" }.joined()
      }
      self.show("displaced: a newer connection took this one's place" + (addresses ?? ""))
    }
    callbacks.pongReceived = { _, payload in self.show("< pong \(InertText.ascii(payload))") }
    return callbacks
  }

  /// Shows a WebSocket message that is no frame.
  func showMessage(isText: Bool, _ payload: ByteBuffer) {
    show("< \(isText ? "text" : "binary") \(InertText.ascii(payload.readableBytesView))")
  }

  /// Says what was agreed.
  func opened(_ connection: Connection) {
    let details = connection.details
    var line = "connected to \(details.addressText), identity \(InertText.whole(details.identityText))"
    line += ", charset \(connection.charset)"
    if details.selection.version != 0 { line += ", version \(details.selection.version)" }
    if let deflate = details.deflate {
      line += ", deflate"
      if deflate.contextTakeover(from: .client) || deflate.contextTakeover(from: .server) { line += " with takeover" }
    }
    show(line)
  }

  /// Sends a one-way message.
  func send(_ connection: Connection, _ message: MessageArgument) async {
    await attempt("send \(message.protocolId)") {
      let payload = try connection.payload(text: message.text)
      show("> " + Self.line(message.protocolId, 0, payload, connection))
      try await connection.send(message.protocolId, payload)
    }
  }

  /// Makes a call and shows how long its answer took; the answer itself is shown when it comes in.
  func call(_ connection: Connection, _ message: MessageArgument) async {
    await attempt("call \(message.protocolId)") {
      let payload = try connection.payload(text: message.text)
      show("> " + Self.line(message.protocolId, nil, payload, connection))
      let start = ContinuousClock.now
      let answer = try await connection.call(message.protocolId, payload, timeout: timeout)
      let nanoseconds = Int64((ContinuousClock.now - start) / .nanoseconds(1))
      show("  sn \(answer.sn) answered after \(DurationText.of(nanoseconds: nanoseconds))")
    }
  }

  private func attempt(_ what: String, _ body: () async throws -> Void) async {
    do { try await body() } catch {
      failed.store(true, ordering: .relaxed)
      show("! \(what): \(error)")
    }
  }

  /// Does what the lines of standard input say, until it or the connection ends.
  func readLines(_ connection: Connection) async {
    let editor = LineEditor(prompt: "ws> ")
    editorInUse.withLockedValue { $0 = editor }
    defer {
      editorInUse.withLockedValue { $0 = nil }
      editor.close()
    }
    connection.whenEnded { _ in editor.close() }
    for await event in editor.events {
      guard case .line(let line) = event, await perform(line, connection) else { return }
    }
  }

  /// Does what a line says; false: to end.
  private func perform(_ line: String, _ connection: Connection) async -> Bool {
    let words = line.split(separator: " ", maxSplits: 2).map(String.init)
    switch words.first {
    case nil: return true
    case "send"?, "call"?:
      guard words.count > 1, let protocolId = Int64(words[1]) else {
        show("! it looks like: \(words[0]) 2 hello")
        return true
      }
      let message = MessageArgument(protocolId: protocolId, text: words.count > 2 ? words[2] : "")
      if words[0] == "send" { await send(connection, message) } else { await call(connection, message) }
    case "ping"?: connection.ping(Array(words.dropFirst().joined(separator: " ").utf8))
    case "close"?:
      let code = words.count > 1 ? UInt16(words[1]) : 1000
      guard let code, CloseBody.maySend(code) else {
        show("! a close code is 1000 to 1003, 1007 to 1014, or 3000 to 4999")
        return true
      }
      connection.close(code: code)
      return false
    case "quit"?, "exit"?: return false
    default: show("! send ID TEXT, call ID TEXT, ping [TEXT], close [CODE]")
    }
    return true
  }

  /// Prints a line, above the one that is being edited.
  func show(_ line: String) {
    if let editor = editorInUse.withLockedValue({ $0 }) { return editor.print(line) }
    let failure = Array((line + "\n").utf8).withUnsafeBytes { OutputFile.write($0, to: STDOUT_FILENO) }
    if failure != 0 { failed.store(true, ordering: .relaxed) }
  }

  /// A frame as one line: id, sn, size, text.
  private static func line(
    _ protocolId: Int64, _ sn: UInt32?, _ payload: ByteBuffer, _ connection: Connection
  ) -> String {
    let sn = sn.map { $0 == 0 ? "one-way" : "sn \($0)" } ?? "call"
    let text =
      (try? connection.text(of: payload)).map { text in
        let shown = text.prefix(200)
        return "\"\(InertText.whole(String(shown)))\"\(shown.endIndex < text.endIndex ? "…" : "")"
      }
      ?? InertText.ascii(payload.readableBytesView)
    return "\(protocolId) \(sn) \(payload.readableBytes) B \(text)"
  }
}
