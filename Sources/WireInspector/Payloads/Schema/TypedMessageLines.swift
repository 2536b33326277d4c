import Specification

/// A message by the names of its fields, in lines for people; in the order of the schema, what it does not know last.
struct TypedMessageLines {
  private let message: TypedMessage
  private let columns: Int

  /// - Parameter columns: How wide a line may be, 20 at least.
  init(_ message: TypedMessage, columns: Int) {
    self.message = message
    self.columns = columns
  }

  func write(_ line: (String) -> Void) {
    write([0..<message.reader.bytes.count], message.type, depth: 0, line)
  }

  private func write(_ ranges: [Range<Int>], _ type: Int, depth: Int, _ line: (String) -> Void) {
    let content = message.content(of: ranges, type)
    for (index, field) in message.schema.messages[type].fields.enumerated() {
      guard let values = content.known[index] else {
        if let text = field.statedDefault {
          let quoted = field.kind == .string || field.kind == .bytes
          put(
            "\(field.name): \(quoted ? "\"" : "")\(TerminalText.escaped(text))\(quoted ? "\"" : "") (default)", depth,
            line)
        } else if field.isRequired {
          put("\(field.name) is required and not there", depth, line)
        }
        continue
      }
      write(field, values, depth: depth, line)
    }
    for (number, values) in content.unknown.sorted(by: { $0.key < $1.key }) {
      for value in values { put("\(number): \(unknown(value))", depth, line) }
    }
  }

  private func write(
    _ field: ProtobufSchema.Field, _ values: [ProtobufReader.Value], depth: Int, _ line: (String) -> Void
  ) {
    guard field.kind.isMessage, let type = field.type else {
      let scalars = message.scalars(values, field)
      guard field.isRepeated else {
        if let last = scalars.last { put("\(field.name): \(shown(last))", depth, line) }
        return
      }
      return put("\(field.name): [\(scalars.map(shown).joined(separator: ", "))]", depth, line)
    }
    if message.schema.messages[type].isMapEntry {
      writeMap(field, values, type, depth: depth, line)
    } else if field.isRepeated {
      for range in TypedMessage.ranges(values) { nested(field.name, [range], type, depth: depth, line) }
    } else {
      nested(field.name, TypedMessage.ranges(values), type, depth: depth, line)
    }
  }

  private func writeMap(
    _ field: ProtobufSchema.Field, _ values: [ProtobufReader.Value], _ type: Int, depth: Int, _ line: (String) -> Void
  ) {
    let entry = message.schema.messages[type]
    guard let keyIndex = entry.byNumber[1], let valueIndex = entry.byNumber[2] else { return }
    let valueField = entry.fields[valueIndex]
    let isText = entry.fields[keyIndex].kind == .string
    for (key, value) in message.entries(values, type) {
      let name = "\(field.name)[\(isText ? "\"\(TerminalText.escaped(key))\"" : key)]"
      if valueField.kind.isMessage, let type = valueField.type {
        nested(name, TypedMessage.ranges(value), type, depth: depth, line)
      } else {
        put("\(name): \(shown(message.scalars(value, valueField).last ?? message.zero(of: valueField)))", depth, line)
      }
    }
  }

  private func nested(
    _ name: String, _ ranges: [Range<Int>], _ type: Int, depth: Int, _ line: (String) -> Void
  ) {
    var isEmpty = true
    write(ranges, type, depth: depth + 1) { text in
      if isEmpty { put("\(name) {", depth, line) }
      isEmpty = false
      line(text)
    }
    put(isEmpty ? "\(name) {}" : "}", depth, line)
  }

  private func put(_ text: String, _ depth: Int, _ line: (String) -> Void) {
    let indentation = min(depth * 2, columns / 2)
    TerminalText.fold(
      String(repeating: " ", count: indentation) + text, to: columns, indentation: indentation + 4, line)
  }

  // MARK: Values

  private func shown(_ scalar: TypedMessage.Scalar) -> String {
    switch scalar {
    case .text(let range):
      if let text = String(validating: message.reader.bytes[range], as: UTF8.self) {
        "\"\(TerminalText.escaped(text))\""
      } else {
        "\"\(InertText.ascii(message.reader.bytes[range], limit: .max))\""
      }
    case .bytes(let range): shown(range)
    case .signed, .unsigned, .double, .float, .bool, .enumeration: message.plain(scalar)
    }
  }

  private func unknown(_ value: ProtobufReader.Value) -> String {
    switch value {
    case .varint(let value): String(value)
    case .i64(let value): "0x" + ColumnText.right(String(value, radix: 16), 16, filler: "0")
    case .i32(let value): "0x" + ColumnText.right(String(value, radix: 16), 8, filler: "0")
    case .len(let range): shown(range)
    case .group(let range): "{ \(RecordText.hexadecimal(message.reader.bytes.span.bytes.extracting(range))) }"
    }
  }

  /// Bytes as text where they are text, else in hexadecimal.
  private func shown(_ range: Range<Int>) -> String {
    let span = message.reader.bytes.span.bytes.extracting(range)
    if let text = RecordText.text(span, .utf8) { return "\"\(TerminalText.escaped(text))\"" }
    return RecordText.hexadecimal(span)
  }
}
