import SystemFiles

/// Where an option writes: two names of one place are equal, also of a file that has to be made first.
enum OutputPlace: Hashable {
  case file(FileIdentity)
  case new(folder: FileIdentity?, name: Substring)

  /// - Parameter path: A path; `-` is standard output.
  init(_ path: String) {
    if let identity = FileIdentity(output: path) {
      self = .file(identity)
    } else {
      let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
      let folder = String(path.dropLast(name.count))
      self = .new(folder: FileIdentity(output: folder.isEmpty ? "." : folder), name: name)
    }
  }

  /// Two options that would write over each other; nil: there are none. What goes to `/dev/null` is nobody's.
  ///
  /// - Parameter outputs: The options, and the paths that they name; nil: none.
  static func collision(_ outputs: [(option: String, path: String?)]) -> (first: String, second: String)? {
    var known: [Self: String] = [:]
    for (option, path) in outputs {
      guard let path, path != "/dev/null" else { continue }
      if let first = known.updateValue(option, forKey: Self(path)) { return (first, option) }
    }
    return nil
  }
}
