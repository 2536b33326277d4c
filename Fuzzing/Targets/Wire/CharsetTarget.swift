import FuzzHarness
import Negotiation
import Specification
import WebSocketCodec

/// UTF-8 and GBK: text goes there and back, and UTF-8 is what Unicode says, however it is cut.
enum CharsetTarget {
  @Sendable static func run(_ input: [UInt8]) {
    for charset in Charset.allCases {
      guard let text = try? charset.decode(input) else { continue }
      guard let bytes = try? charset.encode(text) else { fatalError("what was read as \(charset) cannot be written") }
      guard let again = try? charset.decode(bytes) else { fatalError("what was written as \(charset) cannot be read") }
      require(again.unicodeScalars.elementsEqual(text.unicodeScalars), "\(charset) changes a text")
    }
    let isText = String(validating: input, as: UTF8.self) != nil
    require(((try? Charset.utf8.decode(input)) != nil) == isText, "UTF-8 is read otherwise")
    var validator = UTF8Validator()
    var isGood = true
    for piece in pieces(input, seed: input.first ?? 0) where validator.validate(Array(piece).span.bytes) != nil {
      isGood = false
    }
    require(isGood && validator.isComplete == isText || !isGood && !isText, "the validator says otherwise")
    _ = try? Charset.gbk.encode(String(decoding: input, as: UTF8.self))
  }
}
