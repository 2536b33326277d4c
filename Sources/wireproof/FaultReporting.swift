import ArgumentParser
import Conformance
import Glibc
import GoldenVectors
import Specification
import StrictJSON
import SystemFiles
import WireInspector

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
    return CommandStatus.usage.exit
  case let fault as ResultFileError:
    writeToStandardError(InertText.visible(fault.description, limit: .max, keepsLines: true))
    return (fault.isIncomplete ? CommandStatus.incomplete : .usage).exit
  case let fault as FileFault:
    writeToStandardError(InertText.visible(fault.description, limit: .max, keepsLines: true))
    return CommandStatus.usage.exit
  case let fault as InspectionError:
    writeToStandardError("wireproof inspect: \(InertText.visible(fault.message, limit: .max))")
    return CommandStatus.usage.exit
  case let fault as SetupFault:
    writeToStandardError(InertText.visible(fault.description, limit: .max, keepsLines: true))
    return CommandStatus.usage.exit
  default: return error
  }
}

extension CommandStatus {
  /// What a command throws to end with this status.
  var exit: ExitCode { ExitCode(rawValue) }

  /// Ends a command, unless all is good.
  func endUnlessGood() throws(ExitCode) {
    if self != .good { throw exit }
  }
}
