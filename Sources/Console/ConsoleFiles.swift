package import GoldenVectors
import NIOHTTP1
package import StrictJSON
import SystemFiles

/// The files of the page, read once when the console starts: nothing that a request names ever reaches the file system.
package struct ConsoleFiles: Sendable {
  /// A file as it is answered.
  struct File: Sendable {
    let type: String
    let bytes: [UInt8]
  }

  /// The files in the folder `console`, and their types.
  private static let own: [(name: String, type: String)] =
    [
      ("index.html", "text/html; charset=utf-8"), ("style.css", "text/css; charset=utf-8"),
      ("icon.svg", "image/svg+xml"),
    ]
    + [
      "main", "elements", "frames", "store", "list", "detail", "ladder", "latency", "peer", "payload", "composer",
      "calls", "server", "api", "save",
    ].map { ("\($0).mjs", "text/javascript; charset=utf-8") }

  private let files: [String: File]

  /// Reads the files.
  ///
  /// - Parameter directory: The data of the installation.
  /// - Throws: Which file is missing.
  package init(_ directory: DataDirectory) throws(DataFaults) {
    var files: [String: File] = [:]
    for (name, type) in Self.own {
      files[name] = File(type: type, bytes: try Self.read("\(directory.path)/console/\(name)"))
    }
    files["client.mjs"] = File(
      type: "text/javascript; charset=utf-8", bytes: try Self.read("\(directory.path)/adapters/javascript/client.mjs"))
    self.files = files
  }

  private static func read(_ path: String) throws(DataFaults) -> [UInt8] {
    do throws(FileFault) { return try InputFile.read(path) } catch {
      throw DataFaults(error, remedy: "install wireproof again, with all of its data, or set WIREPROOF_DATA")
    }
  }

  /// The file at a path of a URL; nil: there is none.
  func file(at path: String) -> File? { files[path == "/" ? "index.html" : String(path.dropFirst())] }

  /// What every answer says to a browser: what the page may do, which is little, and that nobody else may use the answer.
  static let securityFields: [(String, String)] = [
    (
      "content-security-policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
  ]
}
