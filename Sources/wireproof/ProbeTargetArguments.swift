import ArgumentParser
import Negotiation
import ReferencePeer

/// Where the server is, for every command that probes one.
struct ProbeTargetArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("ws:// or wss://, with path and query.", valueName: "url"))
  var url: String

  @OptionGroup var access: AccessArguments

  /// The target at a URL.
  func resolved(_ url: String) throws -> ProbeTarget { try access.target(url) }

  /// The same as words of a command line.
  var words: [String] { [url] + access.words }
}

/// How a server is reached beside its URL.
struct AccessArguments: ParsableArguments {
  @Option(help: ArgumentHelp("A further field of every upgrade request (repeatable).", valueName: "K: V"))
  var header: [String] = []

  @Option(help: ArgumentHelp("A further query parameter, percent-encoded for you (repeatable).", valueName: "K=V"))
  var query: [String] = []

  @OptionGroup var tls: TLSArguments

  func validate() throws {
    for field in header where !field.contains(":") {
      throw ValidationError("--header \(field) has no colon; it looks like 'X-Real-Ip: 10.0.0.1'.")
    }
    for pair in query where !pair.contains("=") { throw ValidationError("--query \(pair) has no =.") }
  }

  /// The target at a URL, for probes.
  func target(_ url: String) throws -> ProbeTarget {
    try ProbeTarget(url: url, headers: header, query: query, tls: tls)
  }

  /// The same for a client.
  func client(_ url: String) throws -> ClientConfiguration {
    let parsed: ConnectionURL
    do { parsed = try ConnectionURL(url) } catch { throw SetupFault(TransportFault.reason(of: error)) }
    var configuration = ClientConfiguration(parsed.adding(query))
    configuration.fields = header.map(HTTPField.init(argument:))
    configuration.tls = try tls.configuration()
    return configuration
  }

  /// The same as words of a command line.
  var words: [String] {
    header.flatMap { ["--header", $0] } + query.flatMap { ["--query", $0] } + tls.words
  }
}

extension ConnectionURL {
  /// The URL with further parameters, `K=V`, which are percent-encoded here.
  func adding(_ pairs: [String]) -> ConnectionURL {
    let parameters = pairs.map { pair -> String in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.map { String(decoding: PercentEncoding.encode(Array($0.utf8)), as: UTF8.self) }.joined(
        separator: "=")
    }
    var url = self
    url.query = ([query] + parameters).filter { !$0.isEmpty }.joined(separator: "&")
    return url
  }
}

extension HTTPField {
  /// A field as it is written on the command line, `K: V`.
  init(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(String(parts[0]), String(parts[1].drop(while: { $0 == " " })))
  }
}
