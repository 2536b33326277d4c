import Negotiation
import StrictJSON

/// `negotiate.select`.
enum NegotiationOperations {
  static func select(_ input: OperationInput) throws(OperationInputMismatch) -> Answer {
    let query = try input.bytes("query")
    let protocols = try input.textIfThere("protocols").map(VersionCharsetNegotiation.protocols)
    let policy = try policy(input)
    do throws(NegotiationError) {
      let selection = try VersionCharsetNegotiation.select(query: query, protocols: protocols, policy: policy)
      return .output([
        "version": .int(selection.version), "charset": .int(selection.charset),
        "protocol": .text(selection.selectedProtocol),
      ])
    } catch {
      return .error(error.code)
    }
  }

  /// The policy that the members `versions` and `charsets` describe.
  static func policy(_ input: OperationInput) throws(OperationInputMismatch) -> NegotiationPolicy {
    var versions: VersionRange?
    if let range = input.objectIfThere("versions") {
      versions = VersionRange(min: try range.integer("min"), max: try range.integer("max"))
      guard versions != nil else { throw OperationInputMismatch(name: "versions", expected: "range") }
    }
    return NegotiationPolicy(versions: versions, charsets: try input.integers("charsets"))
  }
}
