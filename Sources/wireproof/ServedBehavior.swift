import ArgumentParser
import Conformance
import GoldenVectors
import ReferencePeer
import Specification
import StrictJSON

/// What a server does: one of the behaviors of the peer, the original's, or a mutant.
enum ServedBehavior: ExpressibleByArgument, Equatable {
  case known(ServerBehavior)
  case original
  case chaos
  case mutant(String)

  init?(argument: String) {
    if argument == "original" {
      self = .original
    } else if argument == "chaos" {
      self = .chaos
    } else if argument.hasPrefix("mutant:"),
      let mutant = Mutant.named(String(argument.dropFirst("mutant:".count)), of: .server)
    {
      self = .mutant(mutant.name)
    } else if let behavior = ServerBehavior(rawValue: argument) {
      self = .known(behavior)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] {
    ServerBehavior.allCases.map(\.rawValue) + ["original", "chaos", "mutant:NAME"]
  }

  var defaultValueDescription: String {
    switch self {
    case .known(let behavior): behavior.rawValue
    case .original: "original"
    case .chaos: "chaos"
    case .mutant(let name): "mutant:\(name)"
    }
  }

  /// The script that it is, if it is one.
  var script: String? {
    get throws {
      self == .chaos
        ? "\(try reporting { try DataDirectory.locate(.ofProcess(explicit: nil)) }.vectors)/servers/chaos.yaml" : nil
    }
  }

  /// Sets up a server so that it behaves like this.
  func apply(to configuration: inout ServerConfiguration, slowDelay: Duration) {
    switch self {
    case .chaos: break
    case .known(let behavior): behavior.apply(to: &configuration, slowDelay: slowDelay)
    case .original:
      ServerBehavior.reference.apply(to: &configuration, slowDelay: slowDelay)
      OriginalBehavior.apply(to: &configuration)
    case .mutant(let name):
      ServerBehavior.reference.apply(to: &configuration, slowDelay: slowDelay)
      configuration.mutation = Mutant.named(name, of: .server)?.mutation
    }
  }
}
