import NIOCore
import NIOPosix
package import StrictJSON

/// Ports for servers that we start.
package enum FreePort {
  /// A port on loopback that nobody listens on. Another program may take it before it is used.
  package static func pick() async throws(DataFaults) -> Int {
    do {
      let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .bind(host: "127.0.0.1", port: 0).get()
      let port = channel.localAddress?.port
      try await channel.close()
      if let port { return port }
    } catch {
      // Said below: why a system has no port left helps nobody.
    }
    throw DataFaults([
      DataFault(file: "port 0", place: "", reason: "no port is free", remedy: "name one in the URL")
    ])
  }

  /// A URL with a free port in place of port 0; any other as it is.
  package static func filled(into url: String) async throws(DataFaults) -> String {
    guard let range = url.firstRange(of: ":0"), range.upperBound == url.endIndex || "/?".contains(url[range.upperBound])
    else { return url }
    return "\(url[..<range.lowerBound]):\(try await pick())\(url[range.upperBound...])"
  }
}
