import Foundation
import Testing

/// The executable that was built beside the tests.
enum Executable {
  /// How a run ended.
  struct Outcome {
    var code: Int32
    var output: String
    var error: String
  }

  /// A run that goes on until it is told to end.
  struct Running {
    let process: Process
    let output: Pipe
    let error: Pipe?

    /// The first line on standard output.
    func firstLine() -> String { Self.line(of: output) }

    /// The next line on standard error.
    func complaint() -> String { error.map(Self.line) ?? "" }

    private static func line(of pipe: Pipe) -> String {
      var line: [UInt8] = []
      while let byte = try? pipe.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
        line.append(byte)
      }
      return String(decoding: line, as: UTF8.self)
    }

    /// Asks it to end as Ctrl-C does, and waits for that.
    func interrupt() -> Outcome {
      process.interrupt()
      return outcome()
    }

    /// Sends it a signal, and waits for its end.
    func end(with signal: Int32) -> Outcome {
      kill(process.processIdentifier, signal)
      return outcome()
    }

    func outcome() -> Outcome {
      let text = output.fileHandleForReading.readDataToEndOfFile()
      let complaint = error?.fileHandleForReading.readDataToEndOfFile() ?? Data()
      process.waitUntilExit()
      return Outcome(
        code: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
        error: String(decoding: complaint, as: UTF8.self))
    }
  }

  /// Runs it to its end.
  static func run(_ arguments: [String], in folder: String? = nil) throws -> Outcome {
    try start(arguments, in: folder).outcome()
  }

  /// Where it is: beside the tests.
  static let location = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("wireproof")

  /// Starts it.
  ///
  /// - Parameters:
  ///   - isQuiet: What it writes to standard error is dropped: one that logs much would wait for a reader.
  ///   - environment: Variables beside those of this process.
  static func start(
    _ arguments: [String], in folder: String? = nil, isQuiet: Bool = false, environment: [String: String] = [:]
  ) throws -> Running {
    let process = Process()
    process.executableURL = location
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let running = Running(process: process, output: Pipe(), error: isQuiet ? nil : Pipe())
    process.standardOutput = running.output
    process.standardError = running.error ?? FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return running
  }
}

/// A pipe with a name, which a command under test writes.
enum NamedPipe {
  /// Everything that comes through it; waits for the first writer, and for the last to close it.
  static func content(_ path: String) throws -> Data {
    guard let file = FileHandle(forReadingAtPath: path) else { throw CocoaError(.fileReadNoSuchFile) }
    return try file.readToEnd() ?? Data()
  }
}
