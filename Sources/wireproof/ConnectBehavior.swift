import ArgumentParser
import Conformance
import Specification

/// What `connect` does with its connection.
enum ConnectBehavior: ExpressibleByArgument, Equatable {
  case interactive
  case websocketEcho
  case driver
  case mutant(String)

  init?(argument: String) {
    switch argument {
    case "interactive": self = .interactive
    case "websocket-echo": self = .websocketEcho
    case "driver": self = .driver
    default:
      guard argument.hasPrefix("mutant:"),
        let mutant = Mutant.named(String(argument.dropFirst("mutant:".count)), of: .client)
      else { return nil }
      self = .mutant(mutant.name)
    }
  }

  static var allValueStrings: [String] { ["interactive", "websocket-echo", "driver", "mutant:NAME"] }

  var defaultValueDescription: String {
    switch self {
    case .interactive: "interactive"
    case .websocketEcho: "websocket-echo"
    case .driver: "driver"
    case .mutant(let name): "mutant:\(name)"
    }
  }

  /// Whether the server says what is done.
  var isDriven: Bool {
    switch self {
    case .interactive, .websocketEcho: false
    case .driver, .mutant: true
    }
  }
}
