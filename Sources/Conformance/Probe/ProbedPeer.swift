package import Specification

/// What is probed.
package enum ProbedPeer: Sendable {
  /// A server at an address; the process, where we start it.
  case server(ScriptTarget, ProcessUnderTest?)

  /// A client, which we start for each case.
  case client(ClientUnderTest)

  /// The side that it plays.
  package var role: PeerRole {
    switch self {
    case .server: .server
    case .client: .client
    }
  }

  /// Where the server is; nil: it is a client.
  var target: ScriptTarget? {
    if case .server(let target, _) = self { target } else { nil }
  }

  /// The server's process, where we started it.
  package var server: ProcessUnderTest? {
    if case .server(_, let process) = self { process } else { nil }
  }

  /// The client; nil: it is a server.
  var client: ClientUnderTest? {
    if case .client(let client) = self { client } else { nil }
  }
}
