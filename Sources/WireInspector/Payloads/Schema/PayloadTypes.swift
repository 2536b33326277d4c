import SystemFiles

/// Which message the payloads of a protocolId hold: what `--proto` and `--type` say.
package struct PayloadTypes {
  let schema: ProtobufSchema
  /// Indices of types by protocolId.
  private let types: [Int64: Int]

  /// A descriptor set that is larger is refused.
  private static let sizeLimit = 32 << 20

  init(schema: ProtobufSchema, types: [Int64: Int]) {
    self.schema = schema
    self.types = types
  }

  /// Reads a descriptor set.
  ///
  /// - Parameters:
  ///   - path: A file that `protoc --descriptor_set_out=FILE --include_imports` has written.
  ///   - names: Names of messages, with their packages, by protocolId.
  /// - Throws: What is wrong, where, and what to do.
  package init(_ path: String, names: [Int64: String]) throws(InspectionError) {
    let bytes: [UInt8]
    do throws(FileFault) { bytes = try InputFile.read(path, limit: Self.sizeLimit) } catch {
      throw InspectionError(message: "\(error.description) (the descriptor set)")
    }
    let schema: ProtobufSchema
    do throws(DescriptorSetParser.Fault) { schema = try DescriptorSetParser.schema(of: bytes) } catch {
      if Self.isText(bytes) {
        throw InspectionError(
          message: "\(path): is text and not a descriptor set; compile a schema: protoc --include_imports"
            + " --descriptor_set_out=FILE.desc \(path)")
      }
      let place = error.offset.map { "byte \($0): " } ?? ""
      throw InspectionError(
        message: "\(path): \(place)\(error.reason) (a descriptor set is what protoc --include_imports"
          + " --descriptor_set_out=FILE.desc FILE.proto writes)")
    }
    var types: [Int64: Int] = [:]
    for (id, name) in names.sorted(by: { $0.key < $1.key }) {
      do throws(InspectionError) { types[id] = try schema.message(named: name) } catch {
        throw InspectionError(message: "\(path): \(error.message)")
      }
    }
    self.init(schema: schema, types: types)
  }

  /// The index of the type of a protocolId's payloads; nil: nobody has said.
  func type(of protocolId: Int64) -> Int? { types[protocolId] }

  /// Whether a file is text, as the source of a schema is; a descriptor set holds lengths and tags below 0x20.
  private static func isText(_ bytes: [UInt8]) -> Bool {
    bytes.prefix(1 << 16).allSatisfy { $0 >= 0x20 || [0x09, 0x0A, 0x0D].contains($0) }
  }
}
