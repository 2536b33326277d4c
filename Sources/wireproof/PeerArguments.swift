import ArgumentParser
import Deflate
import FrameCodec
import Negotiation
import ReferencePeer

/// Where to listen: `host:port`, `[::1]:port`, or a port alone on loopback.
struct ListenAddress: ExpressibleByArgument, CustomStringConvertible {
  let host: String
  let port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  init?(argument: String) {
    let colon = argument.lastIndex(of: ":")
    let portText = colon.map { argument[argument.index(after: $0)...] } ?? argument[...]
    guard let port = Int(portText), (0...65_535).contains(port) else { return nil }
    var host = colon.map { String(argument[..<$0]) } ?? "127.0.0.1"
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard !host.isEmpty else { return nil }
    self.init(host: host, port: port)
  }

  /// Whether only this machine reaches it.
  var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

  var description: String { ClientAddress.peer(host: host, port: UInt16(clamping: port)) }

  var defaultValueDescription: String { description }
}

/// `1-3`: the lowest and the highest version.
struct VersionRangeArgument: ExpressibleByArgument {
  let range: VersionRange

  init?(argument: String) {
    let parts = argument.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let low = parts.first.flatMap({ Int64($0) }), let high = parts.last.flatMap({ Int64($0) }),
      let range = VersionRange(min: low, max: high)
    else { return nil }
    self.range = range
  }
}

/// `0,1`: the codes of charsets.
struct CharsetList: ExpressibleByArgument {
  let codes: [Int64]

  init?(argument: String) {
    let codes = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int64($0) }
    guard !codes.isEmpty, codes.allSatisfy({ $0.flatMap(Charset.init(rawValue:)) != nil }) else { return nil }
    self.codes = codes.compactMap { $0 }
  }
}

/// Which revision a peer speaks: one of the four, or, at a server, the one of each client's first frame.
struct RevisionOption: ExpressibleByArgument {
  let policy: RevisionPolicy

  static func fixed(_ revision: Revision) -> RevisionOption { RevisionOption(policy: .fixed(revision)) }

  private init(policy: RevisionPolicy) { self.policy = policy }

  init?(argument: String) {
    if argument == "auto" {
      policy = .detected(until: .current)
    } else if let revision = Revision(rawValue: argument) {
      policy = .fixed(revision)
    } else {
      return nil
    }
  }

  var defaultValueDescription: String { Revision.current.rawValue }
}

extension CompressionOptions {
  /// What the flags of a command ask for; nil: no compression.
  static func chosen(compress: Bool, level: Int?, contextTakeover: Bool) -> CompressionOptions? {
    guard compress || level != nil || contextTakeover else { return nil }
    guard contextTakeover else { return CompressionOptions(level: level ?? 6) }
    return CompressionOptions(
      level: level ?? 6, acceptance: DeflateConfiguration(),
      offer: DeflateOffer(clientMaxWindowBits: .anyBits),
      // Some servers forbid the client its context only where it says that it can do without.
      alternativeOffers: [DeflateOffer(clientNoContextTakeover: true, clientMaxWindowBits: .anyBits)])
  }
}
