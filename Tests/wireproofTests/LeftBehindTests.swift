import Foundation
import Testing

/// What a command that is told to end leaves running: nothing, whatever its child does.
@Suite("Processes that a command leaves behind", .timeLimit(.minutes(10)))
struct LeftBehindTests {
  /// The processes whose environment holds a mark: all that a command started, and itself.
  private static func processes(marked mark: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.filter { name in
      guard Int(name) != nil, let data = FileManager.default.contents(atPath: "/proc/\(name)/environ"),
        let state = FileManager.default.contents(atPath: "/proc/\(name)/stat")
      else { return false }
      // A process that has ended and was not yet asked for is nobody any more.
      let isZombie = String(decoding: state, as: UTF8.self).contains(") Z ")
      return !isZombie && String(decoding: data, as: UTF8.self).contains(mark)
    }
  }

  /// A shell script that says in a file that it runs, ignores what asks it to end, and has a child that does the same.
  private static func stubborn(_ started: String) -> String {
    "trap '' INT TERM HUP; (trap '' INT TERM HUP; while :; do sleep 1; done) & echo up > \(started); while :; do sleep 1; done"
  }

  @Test(
    "Nothing is left of a child that ignores every signal but one",
    arguments: ["verify", "probe"], [SIGINT, SIGTERM, SIGHUP])
  func stubbornChild(command: String, signal: Int32) async throws {
    let mark = UUID().uuidString
    let started = FileManager.default.temporaryDirectory.appending(path: "started-\(UUID().uuidString)").path
    #expect(mkfifo(started, 0o600) == 0)
    defer { try? FileManager.default.removeItem(atPath: started) }
    let script = Self.stubborn(started)
    let arguments =
      command == "verify"
      ? ["verify", "--iut", script] : ["probe", "server", "ws://127.0.0.1:0/join", "--", "sh", "-c", script]
    let running = try Executable.start(arguments, environment: ["WIREPROOF_MARK": mark])
    // Opening the pipe waits until the child writes into it.
    _ = try await Task.detached { try NamedPipe.content(started) }.value
    #expect(Self.processes(marked: mark).count >= 3)
    let outcome = running.end(with: signal)
    #expect(outcome.code == 3, "\(outcome.output)\(outcome.error)")
    #expect(Self.processes(marked: mark).isEmpty)
  }

  @Test("Commands without children end, too", arguments: ["serve", "mutate", "demo"], [SIGINT, SIGTERM, SIGHUP])
  func alone(command: String, signal: Int32) async throws {
    let mark = UUID().uuidString
    let arguments = command == "serve" ? ["serve", "--listen", "127.0.0.1:0"] : [command]
    let running = try Executable.start(arguments, environment: ["WIREPROOF_MARK": mark])
    if command == "serve" { _ = running.firstLine() }
    _ = running.end(with: signal)
    #expect(Self.processes(marked: mark).isEmpty)
  }
}
