/// The types of messages that a descriptor set describes.
struct ProtobufSchema {
  /// A message's type.
  struct Message {
    /// With its package.
    var name: String
    /// In the order of their declaration.
    var fields: [Field] = []
    /// Whether it is an entry of a map, with the key as field 1 and the value as field 2.
    var isMapEntry = false
    /// Indices into ``fields`` by number.
    var byNumber: [Int: Int] = [:]
  }

  struct Field {
    var name: String
    var number: Int
    var kind: Kind
    /// The index of the type of a message or an enumeration.
    var type: Int?
    var isRepeated = false
    var isRequired = false
    /// Which of the choices of its message it belongs to.
    var oneof: Int?
    /// The default that its declaration states, as it is written there.
    var statedDefault: String?
  }

  struct Enumeration {
    var name: String
    /// Of several names of a number the first.
    var names: [Int32: String] = [:]
  }

  /// The types of fields, by their numbers in descriptors.
  enum Kind: UInt64 {
    case double = 1, float, int64, uint64, int32, fixed64, fixed32, bool, string, group, message, bytes, uint32,
      enumeration, sfixed32, sfixed64, sint32, sint64

    /// Whether a field of it is a message, however it is written.
    var isMessage: Bool { self == .message || self == .group }
  }

  var messages: [Message] = []
  var enumerations: [Enumeration] = []
  /// Indices of the types of messages by their full names.
  var messageIndices: [String: Int] = [:]

  /// The index of a type.
  ///
  /// - Parameter name: With its package; a dot may stand before it.
  /// - Throws: That there is none, and which there are.
  func message(named name: String) throws(InspectionError) -> Int {
    let plain = name.hasPrefix(".") ? String(name.dropFirst()) : name
    if let index = messageIndices[plain] { return index }
    let last = plain.split(separator: ".").last.map(String.init) ?? plain
    let shown = messages.filter { !$0.isMapEntry }.map(\.name).sorted()
    let similar = shown.filter { $0 == last || $0.hasSuffix("." + last) }
    let named = (similar.isEmpty ? shown : similar).prefix(8).joined(separator: ", ")
    let rest = similar.isEmpty && shown.count > 8 ? " and \(shown.count - 8) more" : ""
    throw InspectionError(message: "there is no message \(plain) in the descriptor set; it has \(named)\(rest)")
  }
}
