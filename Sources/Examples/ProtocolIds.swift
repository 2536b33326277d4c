// snippet: protocol-ids
/// What a frame is about. The numbers are yours; 0 and 0x7FFFFFFF are reserved.
enum ProtocolId {
  static let request: Int64 = 2
  static let response: Int64 = 3
  static let lookUp: Int64 = 20
  static let found: Int64 = 21
  static let question: Int64 = 22
  static let reply: Int64 = 23
  static let name: Int64 = 24
  static let greeting: Int64 = 25
  static let news: Int64 = 26
}
// end
