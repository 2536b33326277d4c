import Glibc
package import GoldenVectors

/// Ports for servers that we start.
package enum FreePort {
  /// A port on loopback that nobody listens on. Another program may take it before it is used.
  package static func pick() throws(DataFaults) -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
      }
    }
    guard socket >= 0, isBound else {
      throw DataFaults([
        DataFault(file: "port 0", place: "", reason: "no port is free", remedy: "name one in the URL")
      ])
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// A URL with a free port in place of port 0; any other as it is.
  package static func filled(into url: String) throws(DataFaults) -> String {
    guard let range = url.firstRange(of: ":0"), range.upperBound == url.endIndex || "/?".contains(url[range.upperBound])
    else { return url }
    return url.replacingCharacters(range, with: ":\(try pick())")
  }
}

extension String {
  fileprivate func replacingCharacters(_ range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
