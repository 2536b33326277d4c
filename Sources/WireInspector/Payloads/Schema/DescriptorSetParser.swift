/// Reads a `google.protobuf.FileDescriptorSet`, as `protoc --descriptor_set_out=FILE.desc --include_imports` writes it, into a schema.
///
/// The few fields that decoding needs are read by hand: the runtime library would be the largest part of the program. What is not needed
/// (options, comments, services) is passed over.
struct DescriptorSetParser {
  /// What is wrong with a descriptor set.
  struct Fault: Error {
    let offset: Int?
    /// One clause: where in the schema, and what.
    let reason: String
  }

  /// Types, and fields and values of all of them, that a set may have: memory is bounded by these and not by the file.
  private static let typeLimit = 100_000
  private static let memberLimit = 1_000_000
  private static let depthLimit = 64

  private struct Pending {
    var message: Int
    var field: Int
    var typeName: String
    var offset: Int
  }

  private let reader: ProtobufReader
  private var schema = ProtobufSchema()
  private var enumerationIndices: [String: Int] = [:]
  private var pending: [Pending] = []
  /// Fields that are declared outside of the messages that they extend.
  private var extensions: [(extended: String, field: ProtobufSchema.Field, typeName: String?, offset: Int)] = []
  private var files: Set<String> = []
  private var members = 0

  private init(_ bytes: [UInt8]) { reader = ProtobufReader(bytes: bytes) }

  /// Reads a descriptor set.
  static func schema(of bytes: [UInt8]) throws(Fault) -> ProtobufSchema {
    var parser = DescriptorSetParser(bytes)
    try parser.set()
    try parser.resolve()
    return parser.schema
  }

  // MARK: Descriptors

  private mutating func set() throws(Fault) {
    for (number, range) in try contents(of: 0..<reader.bytes.count, in: "the descriptor set") where number == 1 {
      try file(range)
    }
    guard !files.isEmpty else { throw Fault(offset: nil, reason: "it describes no file") }
  }

  private mutating func file(_ range: Range<Int>) throws(Fault) {
    let parts = try contents(of: range, in: "a file")
    let name = parts.last { $0.number == 1 }.map { reader.text($0.range) } ?? ""
    // A set that was put together from others has what both import twice.
    guard files.insert(name).inserted else { return }
    let package = parts.last { $0.number == 2 }.map { reader.text($0.range) } ?? ""
    for (number, range) in parts {
      switch number {
      case 4: try message(range, in: package, depth: 0)
      case 5: try enumeration(range, in: package)
      case 7: try `extension`(range, in: package)
      default: break
      }
    }
  }

  private mutating func message(_ range: Range<Int>, in scope: String, depth: Int) throws(Fault) {
    guard depth < Self.depthLimit else { throw Fault(offset: range.lowerBound, reason: "types are nested too deep") }
    let parts = try contents(of: range, in: "a message of \(Self.described(scope))")
    let name = try name(parts, in: scope, range)
    try count(range)
    let index = schema.messages.count
    schema.messages.append(ProtobufSchema.Message(name: name))
    guard schema.messageIndices.updateValue(index, forKey: name) == nil, enumerationIndices[name] == nil else {
      throw Fault(offset: range.lowerBound, reason: "there are two types \(name)")
    }
    for (number, range) in parts {
      switch number {
      case 2:
        let (field, typeName, _) = try field(range, in: name)
        try add(field, typeName, to: index, range.lowerBound)
      case 3: try message(range, in: name, depth: depth + 1)
      case 4: try enumeration(range, in: name)
      case 6: try `extension`(range, in: name)
      case 7: try options(range, of: index)
      default: break
      }
    }
    let message = schema.messages[index]
    if message.isMapEntry, message.byNumber[1] == nil || message.byNumber[2] == nil {
      throw Fault(offset: range.lowerBound, reason: "\(name) is an entry of a map without a key or a value")
    }
  }

  private mutating func options(_ range: Range<Int>, of message: Int) throws(Fault) {
    try forEachField(of: range, in: "the options of \(schema.messages[message].name)") { field in
      if field.number == 7, case .varint(let value) = field.value { schema.messages[message].isMapEntry = value != 0 }
    }
  }

  private mutating func enumeration(_ range: Range<Int>, in scope: String) throws(Fault) {
    let parts = try contents(of: range, in: "an enumeration of \(Self.described(scope))")
    var result = ProtobufSchema.Enumeration(name: try name(parts, in: scope, range))
    try count(range)
    for (number, range) in parts where number == 2 {
      var label = ""
      var value: Int32 = 0
      try forEachField(of: range, in: "a value of \(result.name)") { field in
        switch (field.number, field.value) {
        case (1, .len(let range)): label = reader.text(range)
        case (2, .varint(let bits)): value = Int32(truncatingIfNeeded: bits)
        default: break
        }
      }
      guard Self.isIdentifier(label) else {
        throw Fault(offset: range.lowerBound, reason: "a value of \(result.name) has no proper name")
      }
      if result.names[value] == nil { result.names[value] = label }
      try countMember(range)
    }
    guard enumerationIndices.updateValue(schema.enumerations.count, forKey: result.name) == nil,
      schema.messageIndices[result.name] == nil
    else { throw Fault(offset: range.lowerBound, reason: "there are two types \(result.name)") }
    schema.enumerations.append(result)
  }

  private mutating func `extension`(_ range: Range<Int>, in scope: String) throws(Fault) {
    var (field, typeName, extended) = try field(range, in: scope)
    guard let extended else {
      throw Fault(offset: range.lowerBound, reason: "the extension \(field.name) extends nothing")
    }
    field.name = "[\(scope.isEmpty ? "" : scope + ".")\(field.name)]"
    field.oneof = nil
    extensions.append((Self.plain(extended), field, typeName, range.lowerBound))
  }

  private mutating func field(
    _ range: Range<Int>, in scope: String
  ) throws(Fault) -> (field: ProtobufSchema.Field, typeName: String?, extended: String?) {
    var field = ProtobufSchema.Field(name: "", number: 0, kind: .bytes)
    var kind: UInt64?
    var typeName: String?
    var extended: String?
    try forEachField(of: range, in: "a field of \(Self.described(scope))") { part in
      switch (part.number, part.value) {
      case (1, .len(let range)): field.name = reader.text(range)
      case (2, .len(let range)): extended = reader.text(range)
      case (3, .varint(let value)): field.number = Int(clamping: value)
      case (4, .varint(let value)):
        field.isRepeated = value == 3
        field.isRequired = value == 2
      case (5, .varint(let value)): kind = value
      case (6, .len(let range)): typeName = reader.text(range)
      case (7, .len(let range)): field.statedDefault = reader.text(range)
      case (9, .varint(let value)): field.oneof = Int(clamping: value)
      default: break
      }
    }
    func fault(_ reason: String) -> Fault {
      Fault(offset: range.lowerBound, reason: "field \(field.name) of \(Self.described(scope)) \(reason)")
    }
    guard Self.isIdentifier(field.name) else {
      throw Fault(offset: range.lowerBound, reason: "a field of \(Self.described(scope)) has no proper name")
    }
    guard (1..<1 << 29).contains(field.number) else { throw fault("has the number \(field.number)") }
    // Without a type it is that of its name, which is found out later.
    guard let known = kind.map(ProtobufSchema.Kind.init(rawValue:)) ?? .some(.message), kind != nil || typeName != nil
    else { throw fault("has no type that there is") }
    guard typeName != nil || !(known.isMessage || known == .enumeration) else {
      throw fault("has a type without a name")
    }
    field.kind = known
    try countMember(range)
    return (field, known.isMessage || known == .enumeration ? typeName : nil, extended)
  }

  private mutating func add(
    _ field: ProtobufSchema.Field, _ typeName: String?, to message: Int, _ offset: Int
  ) throws(Fault) {
    let index = schema.messages[message].fields.count
    if schema.messages[message].byNumber.updateValue(index, forKey: field.number) != nil {
      throw Fault(
        offset: offset, reason: "\(schema.messages[message].name) has two fields with the number \(field.number)")
    }
    schema.messages[message].fields.append(field)
    if let typeName { pending.append(Pending(message: message, field: index, typeName: typeName, offset: offset)) }
  }

  // MARK: Names

  /// Finds the types that fields name, now that all are known.
  private mutating func resolve() throws(Fault) {
    for each in extensions {
      guard let message = schema.messageIndices[each.extended] else {
        throw missing(each.extended, for: "the extension \(each.field.name)", at: each.offset)
      }
      try add(each.field, each.typeName, to: message, each.offset)
    }
    for each in pending {
      let name = Self.plain(each.typeName)
      let field = schema.messages[each.message].fields[each.field]
      if let index = schema.messageIndices[name], field.kind != .enumeration {
        schema.messages[each.message].fields[each.field].type = index
      } else if let index = enumerationIndices[name], field.kind != .group {
        schema.messages[each.message].fields[each.field].kind = .enumeration
        schema.messages[each.message].fields[each.field].type = index
      } else {
        throw missing(name, for: "field \(field.name) of \(schema.messages[each.message].name)", at: each.offset)
      }
    }
  }

  private func missing(_ name: String, for user: String, at offset: Int) -> Fault {
    Fault(
      offset: offset,
      reason: "\(user) needs \(name), which is not in the set; write it with protoc --include_imports")
  }

  private func name(
    _ parts: [(number: Int, range: Range<Int>)], in scope: String, _ range: Range<Int>
  ) throws(Fault) -> String {
    let own = parts.last { $0.number == 1 }.map { reader.text($0.range) } ?? ""
    guard Self.isIdentifier(own), scope.isEmpty || scope.split(separator: ".").allSatisfy({ Self.isIdentifier($0) })
    else { throw Fault(offset: range.lowerBound, reason: "a type of \(Self.described(scope)) has no proper name") }
    return scope.isEmpty ? own : "\(scope).\(own)"
  }

  private static func plain(_ name: String) -> String { name.hasPrefix(".") ? String(name.dropFirst()) : name }

  private static func described(_ scope: String) -> String { scope.isEmpty ? "no package" : scope }

  private static func isIdentifier(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && name.utf8.count <= 512
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"),
          0x30...0x39:
          true
        default: false
        }
      }
  }

  // MARK: Reading

  private mutating func count(_ range: Range<Int>) throws(Fault) {
    guard schema.messages.count + schema.enumerations.count < Self.typeLimit else {
      throw Fault(offset: range.lowerBound, reason: "it has more than \(Self.typeLimit) types")
    }
  }

  private mutating func countMember(_ range: Range<Int>) throws(Fault) {
    members += 1
    guard members <= Self.memberLimit else {
      throw Fault(offset: range.lowerBound, reason: "it has more than \(Self.memberLimit) fields and values")
    }
  }

  /// The fields of a message that have contents.
  private func contents(
    of range: Range<Int>, in place: String
  ) throws(Fault) -> [(number: Int, range: Range<Int>)] {
    var parts: [(number: Int, range: Range<Int>)] = []
    try forEachField(of: range, in: place) { field throws(Fault) in
      guard case .len(let content) = field.value else { return }
      guard parts.count < Self.memberLimit else {
        throw Fault(offset: content.lowerBound, reason: "\(place) has more than \(Self.memberLimit) parts")
      }
      parts.append((field.number, content))
    }
    return parts
  }

  private func forEachField(
    of range: Range<Int>, in place: String, _ body: (ProtobufReader.Field) throws(Fault) -> Void
  ) throws(Fault) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let field: ProtobufReader.Field
      do throws(MessageFault) {
        field = try reader.field(at: offset, before: range.upperBound)
      } catch {
        throw Fault(offset: error.offset, reason: "\(place) is no descriptor: \(error.reason)")
      }
      offset = field.end
      try body(field)
    }
  }
}
