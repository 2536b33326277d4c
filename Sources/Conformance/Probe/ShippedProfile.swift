import FoundationEssentials
package import GoldenVectors
package import Specification
package import StrictJSON

/// Profiles by the names of files, or by the names that they ship under.
package enum ShippedProfile {
  /// The names, in `vectors/profiles`.
  package static let names = ["reference", "full", "original", "minimal"]

  /// The names of those for clients, which stand there with `client-` before them.
  package static let clientNames = ["reference", "mutants", "passive", "browser"]

  /// Loads a profile.
  ///
  /// - Parameters:
  ///   - name: A file, or one of ``names`` or ``clientNames``, the latter also with `client-`; nil: the reference
  ///     application, or the reference client.
  ///   - directory: Where the shipped ones are.
  ///   - role: The side that the profile is about.
  package static func load(
    _ name: String?, in directory: DataDirectory, role: PeerRole = .server
  ) throws(DataFaults) -> PeerProfile {
    guard var name else { return role == .server ? .reference : .referenceClient }
    var isShipped = role == .server && names.contains(name)
    let prefix = "client-"
    let short = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    if clientNames.contains(short), role == .client { (name, isShipped) = (prefix + short, true) }
    isShipped = isShipped && !FileManager.default.fileExists(atPath: name)
    do throws(ScriptFaults) {
      return try PeerProfile.load(path: isShipped ? "\(directory.vectors)/profiles/\(name).yaml" : name)
    } catch {
      throw error.asDataFaults
    }
  }
}
