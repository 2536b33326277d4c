import ArgumentParser
import Conformance
import FoundationEssentials
import GoldenVectors
import SystemFiles

/// A server to begin with, whose files are data: those of `adapters/init/server/common`, and those of the language.
enum ProjectTemplate: String, CaseIterable, ExpressibleByArgument {
  case go
  case goOnGoutils = "go-goutils"
  case node, python, cpp, java, swift

  /// What stands at the beginning of a name in place of a dot: packagers leave out what is hidden.
  private static let dot = "dot."

  /// The language, and the library that people use in it.
  var title: String {
    switch self {
    case .go: "Go, over gorilla/websocket"
    case .goOnGoutils: "Go, over goutils/ws"
    case .node: "JavaScript, over ws"
    case .python: "Python, over websockets"
    case .cpp: "C++, over Boost.Beast"
    case .java: "Java, over jakarta.websocket in an embedded Tomcat"
    case .swift: "Swift, over WireproofPeer"
    }
  }

  /// Writes the project.
  ///
  /// - Parameters:
  ///   - folder: Where to; made if need be, with the folders above it.
  ///   - data: Where the templates are.
  /// - Returns: The files, by their paths in the folder, in order.
  /// - Throws: ``SetupFault`` where the folder holds something or cannot be written.
  func write(to folder: String, from data: DataDirectory) throws -> [String] {
    let root = data.path + "/adapters/init/server"
    var sources: [(path: String, source: String)] = []
    for part in ["common", rawValue] {
      let origin = root + "/" + part
      let names = (try? FileManager.default.subpathsOfDirectory(atPath: origin)) ?? []
      guard !names.isEmpty else {
        throw SetupFault("\(origin): there is no such project here; install wireproof again, with all of its data")
      }
      for name in names where !Self.isFolder(origin + "/" + name) {
        let parts = name.split(separator: "/").map { part in
          part.hasPrefix(Self.dot) ? ".\(part.dropFirst(Self.dot.count))" : String(part)
        }
        sources.append((parts.joined(separator: "/"), origin + "/" + name))
      }
    }
    try Self.makeEmpty(folder)
    for (path, source) in sources {
      let place = folder + "/" + path
      let above = String(place[..<(place.lastIndex(of: "/") ?? place.startIndex)])
      try Self.makeFolder(above)
      try OutputFile.write(InputFile.read(source), to: place)
    }
    return sources.map(\.path).sorted()
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
