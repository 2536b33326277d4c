import Conformance
import FoundationEssentials
import SystemFiles

/// The files of a project, each with where it comes from.
struct ProjectFiles {
  /// What stands at the beginning of a name in place of a dot: packagers leave out what is hidden.
  private static let dot = "dot."

  /// The list in a language's folder of what else the project has of the adapters: a file or folder, and where it goes.
  private static let list = "sources.txt"

  /// Where each comes from, by its path in the project.
  private var origins: [String: String] = [:]

  /// - Throws: ``SetupFault`` where something is missing.
  init(of template: some ProjectTemplate, in adapters: String) throws {
    let root = "\(adapters)/init/\(type(of: template).kind)"
    try add(root + "/common", at: "")
    try add("\(root)/\(template.rawValue)", at: "")
    guard let listed = origins.removeValue(forKey: Self.list) else { return }
    let text = String(decoding: try InputFile.read(listed), as: UTF8.self)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      guard words.count == 2 else { throw SetupFault("\(listed): \"\(line)\" is not a source and a place for it") }
      try add("\(adapters)/\(words[0])", at: String(words[1]))
    }
  }

  /// The paths in the project, in order.
  var paths: [String] { origins.keys.sorted() }

  /// Adds a file at a path, or what is in a folder below one.
  private mutating func add(_ origin: String, at path: String) throws {
    guard Self.isFolder(origin) else {
      guard FileManager.default.fileExists(atPath: origin) else { throw Self.missing(origin) }
      origins[path] = origin
      return
    }
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: origin)) ?? []
    guard !names.isEmpty else { throw Self.missing(origin) }
    for name in names where !Self.isFolder(origin + "/" + name) {
      let parts = name.split(separator: "/")
      // What Python leaves behind where the data are a checkout.
      if parts.contains("__pycache__") { continue }
      let spelled = parts.map { $0.hasPrefix(Self.dot) ? ".\($0.dropFirst(Self.dot.count))" : String($0) }
      origins[([path] + spelled).filter { !$0.isEmpty }.joined(separator: "/")] = origin + "/" + name
    }
  }

  /// Writes all of them below a folder.
  func write(to folder: String) throws {
    try Self.makeEmpty(folder)
    for (path, origin) in origins {
      let place = folder + "/" + path
      try Self.makeFolder(String(place[..<(place.lastIndex(of: "/") ?? place.startIndex)]))
      try OutputFile.write(InputFile.read(origin), to: place)
    }
  }

  private static func missing(_ path: String) -> SetupFault {
    SetupFault("\(path): there is nothing here; install wireproof again, with all of its data")
  }

  /// Makes sure that there is a folder, and nothing in it.
  private static func makeEmpty(_ folder: String) throws(SetupFault) {
    if FileManager.default.fileExists(atPath: folder) {
      guard isFolder(folder) else { throw SetupFault("\(folder): is a file; name a folder that is new or empty") }
      let names: [String]
      do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
        throw SetupFault("\(folder): cannot be read; name a folder of yours")
      }
      guard names.isEmpty else {
        throw SetupFault(
          "\(folder): is not empty, and nothing in it is overwritten; name a folder that is new or empty")
      }
    }
    try makeFolder(folder)
  }

  private static func makeFolder(_ folder: String) throws(SetupFault) {
    do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
      throw SetupFault("\(folder): no folder can be made here; name one where you may write")
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isDirectory = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
  }
}
