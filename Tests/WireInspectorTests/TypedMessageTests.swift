import Glibc
import Specification
import Testing

@testable import WireInspector

/// `inspect --proto FILE.desc --type ID=package.Message`.
@Suite("Payloads by the names of their fields") struct TypedMessageTests {
  private static func schema() throws -> ProtobufSchema { try DescriptorSetParser.schema(of: ChatSchema.descriptorSet) }

  private static func message(_ bytes: [UInt8], _ name: String = "chat.Request") throws -> TypedMessage {
    let schema = try schema()
    return try TypedMessage(bytes, schema.message(named: name), of: schema)
  }

  private static func lines(_ message: TypedMessage, columns: Int = 76) -> [String] {
    var lines: [String] = []
    TypedMessageLines(message, columns: columns).write { lines.append($0) }
    return lines
  }

  private static func json(_ message: TypedMessage) -> String {
    let file = TemporaryFile()
    let descriptor = Glibc.open(file.path, O_WRONLY)
    let output = OutputBuffer(descriptor: descriptor)
    TypedMessageJSON(message: message, output: output).write()
    output.flush()
    close(descriptor)
    return String(decoding: file.bytes, as: UTF8.self)
  }

  @Test(
    "Every kind of field has its name and its value, what was not sent its default, and what is not known its number")
  func lines() throws {
    #expect(
      Self.lines(try Self.message(ChatSchema.request)) == [
        "a: -5", "b: -7 (default)", "c: 18446744073709551615", "d: -3", "e: -9223372036854775808", "f: 4000000000",
        "g: -9", "h: 1.5", "i: nan", "j: true", #"k: "hi \u{1b}[2J""#, "l: ff 00", "m: BLUE", "n: [1, -1, 300]",
        "o: [-1, 4611686018427387904]", #"p["b"] {"#, "  colour: RED", "}", #"p["a"] {"#, #"  name: "x""#, "}",
        "q[-4]: RED", "s: 7", "u {", "  v: 9", "}", #"w: "need""#, "x {", "  seconds: 1700000000", "}", "y {",
        #"  name: "outer""#, "  part {", #"    name: "inner""#, "  }", "}", "y {}", "z: [0.5, 1e+300]",
        #"[chat.extra]: "more""#, "62: 150", #"63: "abc""#,
      ])
  }

  @Test("As JSON it is the mapping of Protocol Buffers with the names of the schema") func json() throws {
    #expect(
      Self.json(try Self.message(ChatSchema.request))
        == #"{"a":-5,"c":"18446744073709551615","d":-3,"e":"-9223372036854775808","f":4000000000,"g":"-9","h":1.5,"#
        + #""i":"NaN","j":true,"k":"hi \u001b[2J","l":"/wA=","m":"BLUE","n":[1,-1,300],"o":["-1","4611686018427387904"],"#
        + #""p":{"b":{"colour":"RED"},"a":{"name":"x"}},"q":{"-4":"RED"},"s":7,"u":{"v":9},"w":"need","#
        + #""x":{"seconds":"1700000000"},"y":[{"name":"outer","part":[{"name":"inner"}]},{}],"z":[0.5,1e+300],"#
        + #""[chat.extra]":"more","62":["150"],"63":["YWJj"]}"#)
    #expect(Self.json(try Self.message([])) == "{}")
  }

  @Test("Of a choice and of a single field the last counts, parts of a message are one, and a map has one value a key")
  func lastCounts() throws {
    // s = 1, r = "x", t { name "n" }, t { colour RED }; a = 1, a = 2; q { 1: RED }, q { 1: BLUE }, q {}.
    let choice = "98010192010178" + "a201030a016e" + "a201021801" + "08010802"
    let map = "8a010408011001" + "8a010d080110feffffffffffffffff01" + "8a0100"
    #expect(
      Self.json(try Self.message(ChatSchema.bytes(choice + map)))
        == #"{"a":2,"q":{"1":"BLUE","0":"NONE"},"t":{"name":"n","colour":"RED"}}"#)
  }

  @Test("Repeated numbers are read packed or not, whatever the schema says, and other wire types are not known")
  func wireTypes() throws {
    // n unpacked and packed, o packed; a as a length, k as a varint.
    let bytes = ChatSchema.bytes("7005" + "72020607" + "7a020102" + "0a0141" + "5803")
    #expect(Self.json(try Self.message(bytes)) == #"{"n":[5,6,7],"o":["-1","1"],"1":["QQ=="],"11":["3"]}"#)
    // A number that the enumeration has not, and text that is no UTF-8.
    let odd = try Self.message(ChatSchema.bytes("6863" + "5a02ff41"))
    #expect(Self.json(odd) == #"{"k":"\#u{FFFD}A","m":99}"#)
    let odds = Self.lines(odd)
    #expect(odds.contains(#"k: "\xffA""#) && odds.contains("m: 99") && odds.contains("w is required and not there"))
  }

  @Test(
    "What is no message says where and why",
    arguments: [
      ("08", "at byte 1: field 1 has a varint that does not end"),
      ("0a0561", "at byte 1: field 1 has 5 bytes, of which 1 are there"),
      ("0001", "at byte 0: a tag that no field can have"),
      ("0f", "at byte 0: field 1 has the wire type 7, which there is not"),
      ("72020180", "at byte 2: the values of n do not fill its 2 bytes"),
      ("c201050a03ffff", "at byte 2: field 24 has 5 bytes, of which 4 are there"),
      ("c201040a05ffff", "at byte 4: in y, field 1 has 5 bytes, of which 2 are there"),
      ("c20106120412020a09", "at byte 8: in y.part.part, field 1 has 9 bytes, of which 0 are there"),
      ("ab01ac0108", "at byte 5: field 1 has a varint that does not end"),
      ("ab0108", "at byte 3: field 1 has a varint that does not end"),
      ("ac01", "at byte 0: the end of a group that did not begin"),
      ("3500", "at byte 1: field 6 has 4 bytes that are not there"),
    ])
  func fault(_ digits: String, _ text: String) throws {
    let bytes = ChatSchema.bytes(digits)
    let error = #expect(throws: MessageFault.self) { try Self.message(bytes) }
    #expect(error?.text == text)
  }

  @Test("Messages and groups nested without end, and more values than anybody reads, are refused") func bounded() throws
  {
    var nested: [UInt8] = []
    for _ in 0..<200 {
      var length: [UInt8] = []
      var rest = nested.count
      repeat {
        length.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
        rest >>= 7
      } while rest > 0
      nested = [0x12] + length + nested
    }
    let error = #expect(throws: MessageFault.self) { try Self.message(nested, "chat.Request.Part") }
    #expect(error?.reason == "messages are nested too deep")
    let groups = [UInt8](repeating: 0x0B, count: 100_000)
    #expect(throws: MessageFault.self) { try Self.message(groups) }
    let many = [0x72, 0x80, 0x80, 0x80, 0x01] + [UInt8](repeating: 1, count: 1 << 21)
    #expect(throws: MessageFault.self) { try Self.message(many) }
  }

  @Test("Lines keep their width and show nothing unseen, whatever was sent") func inert() throws {
    for seed in UInt64(0)..<400 {
      var bytes = ChatSchema.request
      let noise = ConversationScript.noise(8, seed: seed)
      for index in 0..<4 { bytes[(Int(noise[index]) + Int(noise[index + 4]) * 3) % bytes.count] = noise[7 - index] }
      guard let message = try? Self.message(bytes) else { continue }
      for columns in [20, 40, 76] {
        for line in Self.lines(message, columns: columns) {
          #expect(TerminalText.width(line) <= columns)
          #expect(!line.unicodeScalars.contains { $0.isUnseen })
        }
      }
      _ = try JSONLines(Self.json(message), columns: 76).map { _ in () } ?? { throw MessageFault(0, "no JSON") }()
    }
  }

  @Test("A message that there is not is named, with those that there are") func unknownType() throws {
    let schema = try Self.schema()
    #expect(try schema.message(named: ".chat.Request.Part") == schema.message(named: "chat.Request.Part"))
    for (name, others) in [
      ("Part", "chat.Request.Part"), ("x.Reply", "chat.Request, chat.Request.Part, chat.Request.U, google"),
    ] {
      let error = #expect(throws: InspectionError.self) { try schema.message(named: name) }
      #expect(error?.message.contains("there is no message \(name) in the descriptor set; it has \(others)") == true)
    }
  }

  @Test("Damaged descriptor sets are refused, or read, and never crash") func damagedSets() throws {
    let whole = ChatSchema.descriptorSet
    for end in 0..<whole.count { _ = try? DescriptorSetParser.schema(of: Array(whole[..<end])) }
    var read = 0
    for seed in UInt64(0)..<3000 {
      var bytes = whole
      let noise = ConversationScript.noise(9, seed: seed)
      for index in 0..<3 { bytes[(Int(noise[index]) << 8 | Int(noise[index + 3])) % bytes.count] = noise[index + 6] }
      guard let schema = try? DescriptorSetParser.schema(of: bytes) else { continue }
      read += 1
      for index in schema.messages.indices {
        guard let message = try? TypedMessage(ChatSchema.request, index, of: schema) else { continue }
        _ = Self.lines(message)
      }
    }
    #expect((1..<3000).contains(read))
  }

  @Test("What is no descriptor set says what is wrong and where") func refusedSets() throws {
    func reason(_ bytes: [UInt8]) -> String {
      do throws(DescriptorSetParser.Fault) { _ = try DescriptorSetParser.schema(of: bytes) } catch {
        return "\(error.offset.map(String.init) ?? "-"): \(error.reason)"
      }
      return "read"
    }
    func part(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(content.count)] + content }
    func text(_ number: UInt8, _ text: String) -> [UInt8] { part(number, Array(text.utf8)) }
    func file(_ content: [UInt8]) -> [UInt8] { part(1, text(1, "f") + content) }
    func field(_ content: [UInt8]) -> [UInt8] { file(part(4, text(1, "M") + part(2, text(1, "x") + content))) }
    #expect(reason([]) == "-: it describes no file")
    #expect(reason([0x08]) == "1: the descriptor set is no descriptor: field 1 has a varint that does not end")
    #expect(reason(file(part(4, text(1, "M")) + part(4, text(1, "M")))) == "12: there are two types M")
    #expect(reason(file(part(4, text(1, "a b")))) == "7: a type of no package has no proper name")
    #expect(reason(field([0x18, 0x00, 0x28, 0x05])) == "12: field x of M has the number 0")
    #expect(reason(field([0x18, 0x01, 0x28, 0x63])) == "12: field x of M has no type that there is")
    #expect(reason(field([0x18, 0x01])) == "12: field x of M has no type that there is")
    #expect(reason(field([0x18, 0x01, 0x28, 0x0B])) == "12: field x of M has a type without a name")
    #expect(
      reason(field([0x18, 0x01, 0x28, 0x0B] + text(6, ".p.N")))
        == "12: field x of M needs p.N, which is not in the set; write it with protoc --include_imports")
    #expect(reason(field([0x18, 0x01, 0x28, 0x0B] + text(6, ".M"))) == "read")
    let entry = part(7, [0x38, 0x01])
    #expect(reason(file(part(4, text(1, "M") + entry))) == "7: M is an entry of a map without a key or a value")
    var deep = part(4, text(1, "M"))
    for _ in 0..<20 { deep = part(4, text(1, "M") + Array([deep[0] - 8] + deep.dropFirst())) }
    #expect(reason(file(deep)) == "read")
    let types = (0..<100_001).flatMap { part(5, text(1, "E\($0)")) }
    var length: [UInt8] = []
    var rest = types.count
    repeat {
      length.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    #expect(reason([0x0A] + length + types).hasSuffix(": it has more than 100000 types"))
  }

  @Test("A schema's source is told from a compiled one, and a report shows payloads by name") func report() throws {
    let source = TemporaryFile(Array("syntax = \"proto3\";\nmessage M {}\n".utf8))
    let fault = #expect(throws: InspectionError.self) { try PayloadTypes(source.path, names: [2: "M"]) }
    #expect(
      fault?.message.hasPrefix("\(source.path): is text and not a descriptor set; compile a schema: protoc ") == true)

    var script = ConversationScript()
    script.upgrade()
    script.say(true, 2, 2, ChatSchema.bytes("08015a026869"))
    script.say(false, 3, 2, Array("plain".utf8))
    script.say(true, 2, 4, [0x08])
    script.close()
    let capture = TemporaryFile(try CaptureWriterScript.pcap(script))
    let set = TemporaryFile(ChatSchema.descriptorSet)
    func lines(_ format: InspectionReport.Format, isDialogue: Bool = false) throws -> [String] {
      let output = TemporaryFile()
      var options = InspectionOptions()
      options.followedConnection = isDialogue ? 1 : nil
      var report = InspectionReport(options: options, format: format, outputPath: output.path)
      report.types = try PayloadTypes(set.path, names: [2: "chat.Request"])
      report.isDialogue = isDialogue
      #expect(report.run(paths: [capture.path]) == .good)
      return String(decoding: output.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    let text = try lines(.text)
    let call = try #require(text.firstIndex { $0.hasSuffix("id 2 sn 2 6 B") })
    #expect(Array(text[call + 1..<call + 4]) == ["    a: 1", "    b: -7 (default)", #"    k: "hi""#])
    #expect(text.contains { $0.hasSuffix(#"id 3 sn 2 5 B "plain""#) })
    #expect(text.contains("    ! no chat.Request: at byte 1: field 1 has a varint that does not end"))
    let dialogue = try lines(.text, isDialogue: true)
    #expect(dialogue.contains("                  a: 1"))
    let frames = try lines(.ndjson).filter { $0.hasPrefix(#"{"type":"frame""#) }
    #expect(frames[0].hasSuffix(#""kind":"request","message":{"a":1,"k":"hi"}}"#))
    #expect(!frames[1].contains("\"message\":"))
    #expect(
      frames[2].hasSuffix(
        #""message":null,"messageFault":"at byte 1: field 1 has a varint that does not end"}"#))
  }
}
