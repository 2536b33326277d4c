import ArgumentParser
import Conformance
import Glibc
import StrictJSON
import SystemFiles

/// Runs the body of a command and turns what is wrong with data, options and results into one message and its exit code.
func reporting<Value>(_ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch {
    throw reported(error)
  }
}

/// The same for a body that waits.
func reporting<Value>(_ body: () async throws -> Value) async throws -> Value {
  do {
    return try await body()
  } catch {
    throw reported(error)
  }
}

/// Says what is wrong where people look for it, and gives the exit code that goes with it. What is no fault of data comes
/// back as it is.
func reported(_ error: any Error) -> any Error {
  switch error {
  case let faults as DataFaults:
    writeToStandardError(faults.description)
    return ExitCode(CommandStatus.usage.rawValue)
  case let fault as ResultFileError:
    writeToStandardError(fault.description)
    return ExitCode((fault.isIncomplete ? CommandStatus.incomplete : CommandStatus.usage).rawValue)
  case let fault as FileFault:
    writeToStandardError(fault.description)
    return ExitCode(CommandStatus.usage.rawValue)
  case let fault as SetupFault:
    writeToStandardError(fault.description)
    return ExitCode(CommandStatus.usage.rawValue)
  default: return error
  }
}

/// Writes a line to standard error.
func writeToStandardError(_ line: String) {
  // What was printed before stands before it, whole, where both streams go to one place.
  fflush(nil)
  _ = Array((line + "\n").utf8).withUnsafeBytes { OutputFile.write($0, to: STDERR_FILENO) }
}
