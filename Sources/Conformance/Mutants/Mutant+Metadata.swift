import NIOConcurrencyHelpers
import Negotiation
import ReferencePeer
import Specification

extension Mutant {
  /// Faults in what the query of a request is taken for.
  static let metadata: [Mutant] = [
    query(
      "parameter-renamed", "uid is read from userId", breaks: "hub.identity.distinct", check: "identity.other.uid"
    ) {
      $0.replacing("uid=", with: "userId=")
    },
    query(
      "typed-by-default-1", "typed is 1 where it is absent", breaks: "metadata.missing",
      check: "identity.same.defaults.typed"
    ) {
      $0.contains("typed=") ? $0 : $0 + "&typed=1"
    },
    query(
      "unknown-as-device", "an unknown parameter is taken for deviceId", breaks: "metadata.unknown",
      check: "metadata.unknown.one"
    ) { query in
      let known: Set<Substring> = ["uid", "typed", "deviceId", "source", "version", "charset"]
      return query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        known.contains(pair.prefix { $0 != "=" }) ? String(pair) : "deviceId=\(pair.utf8.count)"
      }.joined(separator: "&")
    },
    query(
      "names-without-case", "the case of names is not looked at", breaks: "metadata.case", check: "metadata.case.before"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        let name = pair.prefix { $0 != "=" }
        return (name.lowercased() == "deviceid" ? "deviceId" : name.lowercased()) + pair.dropFirst(name.count)
      }.joined(separator: "&")
    },
    query(
      "last-repeated-holds", "the last of repeated parameters holds", breaks: "metadata.repeated",
      check: "metadata.repeated.uid"
    ) {
      $0.split(separator: "&", omittingEmptySubsequences: false).reversed().joined(separator: "&")
    },
    query(
      "percent-kept", "percent escapes are not decoded", breaks: "metadata.percent", check: "metadata.percent.hyphen"
    ) { $0.replacing("%", with: "%25") },
    query("plus-kept", "a plus is no space", breaks: "metadata.plus", check: "metadata.plus.in-value") {
      $0.replacing("+", with: "%2B")
    },
    query(
      "broken-escapes-kept", "a broken escape leaves its pair as it is", breaks: "metadata.escape",
      check: "metadata.escape.percent-alone"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        pair.hasSuffix("%") ? pair + "25" : String(pair)
      }.joined(separator: "&")
    },
    query(
      "semicolon-separates", "a semicolon separates parameters", breaks: "metadata.semicolon",
      check: "metadata.semicolon.as-separator"
    ) { $0.replacing(";", with: "&") },
    query(
      "empty-value-is-one", "a name without a value has the value 1", breaks: "metadata.empty-value",
      check: "metadata.empty.no-equals-sign"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        pair.contains("=") || pair.isEmpty ? String(pair) : pair + "=1"
      }.joined(separator: "&")
    },
    query(
      "empty-pairs-end", "an empty pair ends the query", breaks: "metadata.empty-pair", check: "metadata.empty.pairs"
    ) { query in
      query.firstRange(of: "&&").map { String(query[..<$0.lowerBound]) } ?? String(query.drop { $0 == "&" })
    },
    query(
      "hexadecimal-taken", "numbers in hexadecimal are taken", breaks: "metadata.integer.invalid",
      check: "metadata.integer.invalid.hex"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        guard pair.hasPrefix("typed=0x"), let value = Int(pair.dropFirst(8), radix: 16) else { return String(pair) }
        return "typed=\(value)"
      }.joined(separator: "&")
    },
    query(
      "leading-zeros-refused", "numbers with leading zeros are taken for 0", breaks: "metadata.integer",
      check: "metadata.integer.leading-zeros"
    ) { query in
      query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
        pair.hasPrefix("typed=0") && pair.utf8.count > 7 ? "typed=0" : String(pair)
      }.joined(separator: "&")
    },
    query(
      "sign-ignored", "the sign of typed is not looked at", breaks: "metadata.integer",
      check: "metadata.integer.distinct.sign"
    ) {
      $0.replacing("typed=-", with: "typed=")
    },
    Mutant(
      "identity-of-its-own", "each connection has an identity of its own", breaks: "hub.identity.single",
      check: "identity.same.uid"
    ) {
      let count = NIOLockedValueBox(0)
      $0.details = { details in
        let number = count.withLockedValue { count in
          count += 1
          return count
        }
        return ConnectionDetails(
          metadata: details.metadata, selection: details.selection, address: details.address, deflate: details.deflate,
          identity: details.identity + Array("-\(number)".utf8))
      }
    },
    identity(
      "identity-of-uid", "the identity is the uid alone", breaks: "hub.identity.distinct", check: "identity.other.typed"
    ) { $0.uid },
    identity(
      "source-left-out", "the identity lacks the source", breaks: "hub.identity.distinct",
      check: "identity.other.source"
    ) {
      $0.uid + Array("-\($0.typed)-".utf8) + $0.deviceId
    },
    identity(
      "version-in-identity", "the version is part of the identity", breaks: "hub.identity.metadata",
      check: "identity.metadata.version"
    ) {
      $0.identity() + Array("-\($0.version)".utf8)
    },
    identity(
      "identity-in-lower-case", "identities are compared without their case", breaks: "metadata.parameters",
      check: "metadata.value.case.device-id"
    ) {
      Array(String(decoding: $0.identity(), as: UTF8.self).lowercased().utf8)
    },
  ]

  static func query(
    _ name: String, _ fault: String, breaks requirements: RequirementID..., check: String,
    _ change: @escaping @Sendable (String) -> String
  ) -> Mutant {
    Mutant(name, fault, breaks: requirements, check: check) { $0.requestHead = { $0.changeQuery(change) } }
  }

  private static func identity(
    _ name: String, _ fault: String, breaks requirements: RequirementID..., check: String,
    _ identity: @escaping @Sendable (ConnectionMetadata) -> [UInt8]
  ) -> Mutant {
    Mutant(name, fault, breaks: requirements, check: check) {
      $0.details = { details in
        ConnectionDetails(
          metadata: details.metadata, selection: details.selection, address: details.address, deflate: details.deflate,
          identity: identity(details.metadata))
      }
    }
  }
}
