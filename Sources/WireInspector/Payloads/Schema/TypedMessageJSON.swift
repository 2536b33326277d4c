import Specification

/// A message by the names of its fields, as JSON: the mapping of Protocol Buffers with the names of the schema. So numbers of 64 bits are
/// strings, bytes are Base64, values of enumerations have their names, and what was not sent is left out. What the schema does not know
/// stands under its number, as a list of what was sent.
struct TypedMessageJSON {
  let message: TypedMessage
  let output: OutputBuffer

  func write() { write([0..<message.reader.bytes.count], message.type) }

  private func write(_ ranges: [Range<Int>], _ type: Int) {
    let content = message.content(of: ranges, type)
    var members = Members(output, "{")
    for (index, field) in message.schema.messages[type].fields.enumerated() {
      guard let values = content.known[index] else { continue }
      members.name(field.name)
      write(field, values)
    }
    for (number, values) in content.unknown.sorted(by: { $0.key < $1.key }) {
      members.name(String(number))
      var elements = Members(output, "[")
      for value in values {
        elements.next()
        write(unknown: value)
      }
      elements.end("]")
    }
    members.end("}")
  }

  private func write(_ field: ProtobufSchema.Field, _ values: [ProtobufReader.Value]) {
    guard field.kind.isMessage, let type = field.type else {
      let scalars = message.scalars(values, field)
      guard field.isRepeated else { return write(scalars.last ?? message.zero(of: field), field) }
      var elements = Members(output, "[")
      for scalar in scalars {
        elements.next()
        write(scalar, field)
      }
      return elements.end("]")
    }
    if message.schema.messages[type].isMapEntry { return writeMap(values, type) }
    guard field.isRepeated else { return write(TypedMessage.ranges(values), type) }
    var elements = Members(output, "[")
    for range in TypedMessage.ranges(values) {
      elements.next()
      write([range], type)
    }
    elements.end("]")
  }

  private func writeMap(_ values: [ProtobufReader.Value], _ type: Int) {
    let entry = message.schema.messages[type]
    guard let index = entry.byNumber[2] else { return }
    let field = entry.fields[index]
    var members = Members(output, "{")
    for (key, value) in message.entries(values, type) {
      members.name(key)
      if field.kind.isMessage, let type = field.type {
        write(TypedMessage.ranges(value), type)
      } else {
        write(message.scalars(value, field).last ?? message.zero(of: field), field)
      }
    }
    members.end("}")
  }

  private func write(_ scalar: TypedMessage.Scalar, _ field: ProtobufSchema.Field) {
    switch scalar {
    case .signed(let value): if field.kind.isWide { output.json(String(value)) } else { output.number(value) }
    case .unsigned(let value): if field.kind.isWide { output.json(String(value)) } else { output.number(value) }
    case .double(let value): write(value.isFinite, value.isNaN, value.sign, String(value))
    case .float(let value): write(value.isFinite, value.isNaN, value.sign, String(value))
    case .bool(let value): output.text(value ? "true" : "false")
    case .text(let range): output.json(message.reader.text(range))
    case .bytes(let range): base64(range)
    case .enumeration(let number, let name): if let name { output.json(name) } else { output.number(Int64(number)) }
    }
  }

  /// A number with a fraction; JSON has none that is not finite.
  private func write(_ isFinite: Bool, _ isNaN: Bool, _ sign: FloatingPointSign, _ text: String) {
    if isFinite { output.text(text) } else { output.json(isNaN ? "NaN" : sign == .minus ? "-Infinity" : "Infinity") }
  }

  private func write(unknown value: ProtobufReader.Value) {
    switch value {
    case .varint(let value), .i64(let value): output.json(String(value))
    case .i32(let value): output.number(UInt64(value))
    case .len(let range), .group(let range): base64(range)
    }
  }

  private func base64(_ range: Range<Int>) {
    output.byte(UInt8(ascii: "\""))
    output.base64(message.reader.bytes.span.bytes.extracting(range))
    output.byte(UInt8(ascii: "\""))
  }

  /// Writes the commas between members.
  private struct Members {
    private let output: OutputBuffer
    private var isFirst = true

    init(_ output: OutputBuffer, _ opening: String) {
      self.output = output
      output.text(opening)
    }

    mutating func next() {
      if !isFirst { output.byte(UInt8(ascii: ",")) }
      isFirst = false
    }

    mutating func name(_ text: String) {
      next()
      output.json(text)
      output.byte(UInt8(ascii: ":"))
    }

    func end(_ closing: String) { output.text(closing) }
  }
}

extension ProtobufSchema.Kind {
  /// Whether its numbers are of 64 bits, of which readers of JSON lose some.
  fileprivate var isWide: Bool {
    switch self {
    case .int64, .uint64, .fixed64, .sfixed64, .sint64: true
    default: false
    }
  }
}
