/// A payload that parses as a message of a known type.
struct TypedMessage {
  /// The value of a field, read as its type says.
  enum Scalar {
    case signed(Int64)
    case unsigned(UInt64)
    case double(Double)
    case float(Float)
    case bool(Bool)
    case text(Range<Int>)
    case bytes(Range<Int>)
    /// A number of an enumeration, and its name if it has one.
    case enumeration(Int32, String?)
  }

  /// What a message holds.
  struct Content {
    /// What was sent of the field with the index into the type's fields, in the order on the wire.
    var known: [Int: [ProtobufReader.Value]] = [:]
    /// What was sent with numbers that the type has not, or in another form than it says.
    var unknown: [Int: [ProtobufReader.Value]] = [:]
  }

  let reader: ProtobufReader
  let schema: ProtobufSchema
  let type: Int

  /// How deep messages may be nested, as in other decoders.
  private static let depthLimit = 100
  /// Values of a payload.
  private static let valueLimit = 1 << 20

  /// Takes a payload.
  ///
  /// - Parameter type: The index of its type.
  /// - Throws: Why it is none, and where.
  init(_ bytes: [UInt8], _ type: Int, of schema: ProtobufSchema) throws(MessageFault) {
    reader = ProtobufReader(bytes: bytes)
    self.schema = schema
    self.type = type
    var left = Self.valueLimit
    try check(0..<bytes.count, type, depth: 0, path: "", &left)
  }

  private func check(
    _ range: Range<Int>, _ type: Int, depth: Int, path: String, _ left: inout Int
  ) throws(MessageFault) {
    guard depth < Self.depthLimit else { throw MessageFault(range.lowerBound, "messages are nested too deep") }
    var offset = range.lowerBound
    while offset < range.upperBound {
      let next: ProtobufReader.Field
      do throws(MessageFault) { next = try reader.field(at: offset, before: range.upperBound) } catch {
        throw path.isEmpty ? error : MessageFault(error.offset, "in \(path), \(error.reason)")
      }
      left -= 1
      guard left >= 0 else { throw MessageFault(offset, "more than \(Self.valueLimit) values") }
      offset = next.end
      guard let field = field(next, of: type) else { continue }
      let name = path.isEmpty ? field.name : "\(path).\(field.name)"
      switch next.value {
      case .len(let content) where field.kind.isMessage, .group(let content):
        try check(content, field.type ?? 0, depth: depth + 1, path: name, &left)
      case .len(let content) where field.isPackable:
        guard let count = packedCount(content, field.kind) else {
          throw MessageFault(content.lowerBound, "the values of \(name) do not fill its \(content.count) bytes")
        }
        left -= count
        guard left >= 0 else { throw MessageFault(content.lowerBound, "more than \(Self.valueLimit) values") }
      default: break
      }
    }
  }

  /// The field of the type that something on the wire is; nil: none.
  private func field(_ sent: ProtobufReader.Field, of type: Int) -> ProtobufSchema.Field? {
    guard let index = schema.messages[type].byNumber[sent.number] else { return nil }
    let field = schema.messages[type].fields[index]
    return field.takes(sent.value) ? field : nil
  }

  // MARK: Contents

  /// What a message holds. Of a choice only the member that was sent last.
  ///
  /// - Parameter ranges: Where it stands; what was sent in parts counts as one.
  func content(of ranges: [Range<Int>], _ type: Int) -> Content {
    var content = Content()
    let message = schema.messages[type]
    var chosen: [Int: Int] = [:]
    for range in ranges {
      var offset = range.lowerBound
      while offset < range.upperBound, let next = try? reader.field(at: offset, before: range.upperBound) {
        offset = next.end
        guard let index = message.byNumber[next.number], message.fields[index].takes(next.value) else {
          content.unknown[next.number, default: []].append(next.value)
          continue
        }
        if let oneof = message.fields[index].oneof, let before = chosen.updateValue(index, forKey: oneof),
          before != index
        {
          content.known[before] = nil
        }
        content.known[index, default: []].append(next.value)
      }
    }
    return content
  }

  /// The ranges of values that are messages.
  static func ranges(_ values: [ProtobufReader.Value]) -> [Range<Int>] {
    values.compactMap { value in
      switch value {
      case .len(let range), .group(let range): range
      case .varint, .i64, .i32: nil
      }
    }
  }

  /// The entries of a map: where their keys are the same, the one that was sent last, in the place of the first.
  func entries(_ values: [ProtobufReader.Value], _ type: Int) -> [(key: String, value: [ProtobufReader.Value])] {
    var entries: [(key: String, value: [ProtobufReader.Value])] = []
    var places: [String: Int] = [:]
    let message = schema.messages[type]
    guard let keyIndex = message.byNumber[1], let valueIndex = message.byNumber[2] else { return [] }
    for range in Self.ranges(values) {
      let content = content(of: [range], type)
      let key = scalars(content.known[keyIndex] ?? [], message.fields[keyIndex]).last
      let text = plain(key ?? message.fields[keyIndex].kind.zero)
      let value = content.known[valueIndex] ?? []
      if let place = places[text] {
        entries[place].value = value
      } else {
        places[text] = entries.count
        entries.append((text, value))
      }
    }
    return entries
  }

  /// The values of a field that is no message; those that were packed, one by one.
  func scalars(_ values: [ProtobufReader.Value], _ field: ProtobufSchema.Field) -> [Scalar] {
    var scalars: [Scalar] = []
    for value in values {
      guard case .len(let range) = value, field.isPackable else {
        if let scalar = scalar(value, field) { scalars.append(scalar) }
        continue
      }
      var offset = range.lowerBound
      while offset < range.upperBound, let (part, end) = packed(at: offset, before: range.upperBound, field.kind) {
        offset = end
        if let scalar = scalar(part, field) { scalars.append(scalar) }
      }
    }
    return scalars
  }

  /// A value as the key of a map is written.
  func plain(_ scalar: Scalar) -> String {
    switch scalar {
    case .signed(let value): String(value)
    case .unsigned(let value): String(value)
    case .double(let value): String(value)
    case .float(let value): String(value)
    case .bool(let value): String(value)
    case .text(let range), .bytes(let range): reader.text(range)
    case .enumeration(let number, let name): name ?? String(number)
    }
  }

  /// What a field has that was not sent.
  func zero(of field: ProtobufSchema.Field) -> Scalar {
    field.kind == .enumeration ? enumeration(0, field) : field.kind.zero
  }

  // MARK: Values

  private func scalar(_ value: ProtobufReader.Value, _ field: ProtobufSchema.Field) -> Scalar? {
    switch (field.kind, value) {
    case (.double, .i64(let bits)): .double(Double(bitPattern: bits))
    case (.float, .i32(let bits)): .float(Float(bitPattern: bits))
    case (.int64, .varint(let bits)), (.sfixed64, .i64(let bits)): .signed(Int64(bitPattern: bits))
    case (.uint64, .varint(let bits)), (.fixed64, .i64(let bits)): .unsigned(bits)
    case (.int32, .varint(let bits)): .signed(Int64(Int32(truncatingIfNeeded: bits)))
    case (.uint32, .varint(let bits)): .unsigned(UInt64(UInt32(truncatingIfNeeded: bits)))
    case (.sfixed32, .i32(let bits)): .signed(Int64(Int32(bitPattern: bits)))
    case (.fixed32, .i32(let bits)): .unsigned(UInt64(bits))
    case (.sint32, .varint(let bits)):
      .signed(Int64(Self.unfolded(UInt64(UInt32(truncatingIfNeeded: bits)))))
    case (.sint64, .varint(let bits)): .signed(Self.unfolded(bits))
    case (.bool, .varint(let bits)): .bool(bits != 0)
    case (.string, .len(let range)): .text(range)
    case (.bytes, .len(let range)): .bytes(range)
    case (.enumeration, .varint(let bits)):
      enumeration(Int32(truncatingIfNeeded: bits), field)
    default: nil
    }
  }

  private func enumeration(_ number: Int32, _ field: ProtobufSchema.Field) -> Scalar {
    .enumeration(number, field.type.flatMap { schema.enumerations[$0].names[number] })
  }

  /// What the encoding folds, positive and negative numbers in turn, unfolded.
  private static func unfolded(_ bits: UInt64) -> Int64 { Int64(bitPattern: bits >> 1) ^ -Int64(bits & 1) }

  /// The packed value at an offset, and its end.
  private func packed(
    at offset: Int, before end: Int, _ kind: ProtobufSchema.Kind
  ) -> (ProtobufReader.Value, end: Int)? {
    switch kind.wireType {
    case 0: return reader.varint(at: offset, before: end).map { (.varint($0.value), $0.end) }
    case 1: return end - offset >= 8 ? (.i64(reader.fixed(at: offset, size: 8)), offset + 8) : nil
    case 5: return end - offset >= 4 ? (.i32(UInt32(reader.fixed(at: offset, size: 4))), offset + 4) : nil
    default: return nil
    }
  }

  /// How many packed values fill a range; nil: they do not.
  private func packedCount(_ range: Range<Int>, _ kind: ProtobufSchema.Kind) -> Int? {
    var count = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard let (_, end) = packed(at: offset, before: range.upperBound, kind) else { return nil }
      offset = end
      count += 1
    }
    return count
  }
}

extension ProtobufSchema.Kind {
  /// How its values are written.
  var wireType: Int {
    switch self {
    case .double, .fixed64, .sfixed64: 1
    case .float, .fixed32, .sfixed32: 5
    case .string, .bytes, .message: 2
    case .group: 3
    case .int64, .uint64, .int32, .uint32, .bool, .enumeration, .sint32, .sint64: 0
    }
  }

  /// What a value is that was not sent.
  var zero: TypedMessage.Scalar {
    switch self {
    case .double: .double(0)
    case .float: .float(0)
    case .int64, .int32, .sfixed32, .sfixed64, .sint32, .sint64: .signed(0)
    case .uint64, .fixed64, .fixed32, .uint32: .unsigned(0)
    case .bool: .bool(false)
    case .string, .group, .message: .text(0..<0)
    case .bytes: .bytes(0..<0)
    case .enumeration: .enumeration(0, nil)
    }
  }
}

extension ProtobufSchema.Field {
  /// Whether several values of it may stand in one field.
  var isPackable: Bool { isRepeated && [0, 1, 5].contains(kind.wireType) }

  /// Whether a value on the wire has a form that the field can have. Messages may be written as groups and the other way round, since
  /// newer editions leave that to an option.
  func takes(_ value: ProtobufReader.Value) -> Bool {
    switch value {
    case .varint: kind.wireType == 0
    case .i64: kind.wireType == 1
    case .i32: kind.wireType == 5
    case .len: kind.wireType == 2 || kind.isMessage || isPackable
    case .group: kind.isMessage
    }
  }
}
