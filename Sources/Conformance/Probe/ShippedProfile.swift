import FoundationEssentials
package import GoldenVectors
package import StrictJSON

/// Profiles by the names of files, or by the names that they ship under.
package enum ShippedProfile {
  /// The names, in `vectors/profiles`.
  package static let names = ["reference", "full", "original", "minimal"]

  /// Loads a profile.
  ///
  /// - Parameters:
  ///   - name: A file, or one of ``names``; nil: the reference application.
  ///   - directory: Where the shipped ones are.
  package static func load(_ name: String?, in directory: DataDirectory) throws(DataFaults) -> PeerProfile {
    guard let name else { return .reference }
    let isShipped = names.contains(name) && !FileManager.default.fileExists(atPath: name)
    do throws(ScriptFaults) {
      return try PeerProfile.load(path: isShipped ? "\(directory.vectors)/profiles/\(name).yaml" : name)
    } catch {
      throw error.asDataFaults
    }
  }
}
