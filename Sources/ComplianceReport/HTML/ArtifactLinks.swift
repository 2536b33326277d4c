import Conformance
import FoundationEssentials

/// Where the evidence of a case is, as links that work from the folder of the page.
package struct ArtifactLinks: Sendable {
  /// What `probe --artifacts` writes, and what the link to it says.
  private static let names = [
    ("capture.pcapng", "capture"), ("transcript.txt", "transcript"), ("transcript.json", "transcript as JSON"),
    ("stderr.txt", "standard error"), ("repro", "command"),
  ]

  /// The absolute folder of each result file's evidence.
  private let folders: [String: String]

  /// The absolute folder of the page.
  private let base: String

  /// Links from a page.
  ///
  /// - Parameters:
  ///   - runs: The runs of the report.
  ///   - folders: The folder for each result file, `-` for none; where it has no entry, the one that the run's command
  ///     named counts if it is there.
  ///   - output: The path of the page; nil: it goes to standard output, and links are relative to the working directory.
  package init(_ runs: [ReportRun], folders: [String: String], output: String?) {
    let here = FileManager.default.currentDirectoryPath
    var found: [String: String] = [:]
    for run in runs {
      guard let folder = folders[run.file] ?? run.command.values(of: "--artifacts").last, folder != "-" else {
        continue
      }
      let path = Self.normal(folder, from: here)
      var isFolder = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder { found[run.file] = path }
    }
    self.folders = found
    base = output.map { Self.normal($0 + "/..", from: here) } ?? here
  }

  /// No links.
  package init() {
    folders = [:]
    base = "/"
  }

  /// The links of a case that lead to a file.
  func links(_ run: ReportRun, id: String) -> [(title: String, reference: String)] {
    guard let folder = folders[run.file] else { return [] }
    let place = folder + "/" + CaseArtifacts.name(of: id)
    return Self.names.compactMap { name, title in
      let path = place + "/" + name
      guard FileManager.default.fileExists(atPath: path) else { return nil }
      return (title, Self.reference(to: path, from: base))
    }
  }

  /// A path from one folder to a file, percent-encoded, that begins with a dot, so that nothing in it is taken for a scheme.
  static func reference(to path: String, from folder: String) -> String {
    let target = path.split(separator: "/")
    let start = folder.split(separator: "/")
    let common = zip(target, start).prefix { $0 == $1 }.count
    let up = Array(repeating: "..", count: start.count - common)
    let down = target[common...].map { encoded(String($0)) }
    return (up.isEmpty ? ["."] : up).joined(separator: "/") + "/" + down.joined(separator: "/")
  }

  private static func encoded(_ name: String) -> String {
    var text = ""
    for byte in name.utf8 {
      let isPlain =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || "-._~".utf8.contains(byte)
      text += isPlain ? String(Unicode.Scalar(byte)) : "%" + WireAnnotation.hex(byte).uppercased()
    }
    return text
  }

  /// An absolute path without `.` and `..`.
  private static func normal(_ path: String, from folder: String) -> String {
    var parts: [Substring] = []
    for part in (path.hasPrefix("/") ? path : folder + "/" + path).split(separator: "/") {
      switch part {
      case ".": break
      case "..": _ = parts.popLast()
      default: parts.append(part)
      }
    }
    return "/" + parts.joined(separator: "/")
  }
}
