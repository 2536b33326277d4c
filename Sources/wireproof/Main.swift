import ArgumentParser
import Conformance
import Glibc
import Specification
import SystemFiles

/// The entry point: parses, runs, and turns whatever is thrown into one clear line and the promised exit code.
@main
enum Main {
  private static let usageCode = CommandStatus.usage.rawValue
  private static let ownFaultCode = CommandStatus.ownFault.rawValue

  static func main() async {
    // A reader that goes away (a pager, `head`, a crashed adapter) is seen as a failed write where it happens.
    signal(SIGPIPE, SIG_IGN)
    occupyStandardStreams()
    waitWhereOutputWould()
    if let unknown = UnknownCommand.first(in: Array(CommandLine.arguments.dropFirst())) {
      writeToStandardError(unknown.description)
      exit(usageCode)
    }
    do {
      var command = try parsed(Array(CommandLine.arguments.dropFirst()))
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      exit(flushed())
    } catch {
      exit(report(error))
    }
  }

  /// The command that the words behind the program's name ask for.
  ///
  /// Where the first names a command, the others are read as words of that command alone: what every other command takes need not be
  /// gathered then, which is most of the time that starting takes. Help, and whatever is wrong, are left to the root, which knows how
  /// the command is called.
  private static func parsed(_ words: [String]) throws -> any ParsableCommand {
    if let name = words.first,
      let command = Wireproof.configuration.subcommands.first(where: { $0.configuration.commandName == name }),
      command.configuration.subcommands.isEmpty,
      let parsed = try? command.parseAsRoot(Array(words.dropFirst())), type(of: parsed) == command
    {
      return parsed
    }
    return try Wireproof.parseAsRoot(words)
  }

  /// Says what went wrong where people look for it, and gives the exit code.
  private static func report(_ error: any Error) -> Int32 {
    // Whatever asks for the message, or only for its exit code, makes the help.
    setenv("COLUMNS", String(max(narrowestHelp, TerminalWidth.columns)), 1)
    let code = Wireproof.exitCode(for: error)
    if code.isSuccess || error is CleanExit {
      print(folded(Wireproof.fullMessage(for: error)))
      return flushed()
    }
    if let code = error as? ExitCode { return code.rawValue }
    let message = folded(Wireproof.fullMessage(for: error))
    if !message.isEmpty { writeToStandardError(message) }
    return code == .validationFailure ? usageCode : ownFaultCode
  }

  /// Writes what stands in the buffers, which may not reach a full disk. A reader that has gone is no fault.
  ///
  /// - Returns: The exit code that this comes to.
  private static func flushed() -> Int32 {
    guard fflush(nil) != 0, errno != EPIPE else { return 0 }
    writeToStandardError("the output cannot be written: \(String(cString: strerror(errno)))")
    return usageCode
  }

  /// A standard stream that whoever started the program has closed would be the next file or socket that is opened, and what is
  /// printed would go into it. In its place comes what can be neither read nor written as a standard stream is.
  private static func occupyStandardStreams() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is given, which is this one.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// The columns that help takes at least: its descriptions stand in a column that begins with the 27th, and its writer leaves them
  /// out, or traps, where nothing is left of it.
  private static let narrowestHelp = 48

  /// A message whose usage lines end at the terminal's width, as all else in it does already.
  private static func folded(_ message: String) -> String {
    message.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.uppercased().hasPrefix("USAGE: ")
        ? LineFolding.fold(String(line), hanging: 7, to: TerminalWidth.columns) : String(line)
    }.joined(separator: "\n")
  }

  /// A standard output that does not block, as some parents hand down, would lose what `print` writes while it is full.
  private static func waitWhereOutputWould() {
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      let flags = fcntl(descriptor, F_GETFL)
      if flags >= 0, flags & O_NONBLOCK != 0 { _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) }
    }
  }
}
