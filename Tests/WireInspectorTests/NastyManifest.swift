import FoundationEssentials

/// `captures/nasty/manifest.json` and `captures/generated/manifest.json`: what hostile captures hold.
struct NastyCapture: Decodable, Sendable {
  struct Connection: Decodable, Sendable {
    var client: String
    var server: String
    var upgrade: Upgrade?
    var messages: [Message]
    var rpc: Calls?
  }

  struct Upgrade: Decodable, Sendable {
    var query: [String: Values]?
    var status: Int?
  }

  /// A value of the query, or all values of a repeated key.
  struct Values: Decodable, Sendable {
    var first: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let one = try? container.decode(String.self) {
        first = one
      } else {
        first = try container.decode([String].self).first ?? ""
      }
    }
  }

  struct Message: Decodable, Sendable {
    var dir: String
    var protocolId: Int64
    var sn: UInt32
    var len: Int
    var sha256: String
  }

  struct Calls: Decodable, Sendable {
    var pairs: [Pair]
  }

  struct Pair: Decodable, Sendable {
    var sn: UInt32
    var asked_by: String
    var request: Int64
    var response: Int64
    var latency_ns: Int64?
  }

  struct Flags: Decodable, Sendable {
    var alternative_sha256: String?
    var extra_ok: [Int64]?
    var optional: [Int64]?
    var messages_optional: Bool?
    var handshake_cut: Bool?
    var s2c_after_gap_optional: Bool?
    var midstream: Bool?
    var rpc_check: Bool?
    var rpc_latency_check: Bool?
    var no_time: Bool?
    var keylog: String?
  }

  var variant: String
  var file: String
  var exit: String
  var connections: [Connection]
  var anomalies_required: [String]
  var anomalies_forbidden: [String]
  var flags: Flags

  /// - Parameter folder: A folder of `captures` with a manifest.
  static func all(in folder: String = "nasty") throws -> [NastyCapture] {
    let data = try Data(contentsOf: URL(filePath: captureFile(folder + "/manifest.json")))
    return try JSONDecoder().decode([NastyCapture].self, from: data)
  }
}
