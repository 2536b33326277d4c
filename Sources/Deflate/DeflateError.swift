internal import CZlib

/// Why a message cannot be inflated or deflated.
public struct DeflateError: Error, Hashable, Sendable {
  /// What is wrong. The first three are the peer's violations.
  public enum Code: String, CaseIterable, Sendable {
    /// The bytes are no DEFLATE data (RFC 1951), or refer back beyond the window.
    case invalidData = "invalid-data"
    /// The message, with 00 00 FF FF appended, does not end at the end of a block (RFC 7692 §7.2.2).
    case truncated
    /// The message inflates to more than the limit.
    case tooLarge = "too-large"
    /// zlib got no memory.
    case outOfMemory = "out-of-memory"
    /// A parameter that zlib does not take: the caller's mistake.
    case badParameter = "bad-parameter"
    /// The context was used after an error without a reset: the caller's mistake.
    case contextLost = "context-lost"
    /// Something that zlib says never happens: its version does not fit, or memory was overwritten.
    case zlibFailure = "zlib-failure"
  }

  /// What is wrong.
  public let code: Code

  /// How many bytes of the message were taken when that was noticed; for the four tail bytes that a sender leaves out, on.
  public let offset: Int

  /// What zlib says about it, "" if nothing.
  public let explanation: String

  /// One sentence for people.
  public var reason: String {
    let what =
      switch code {
      case .invalidData: "the compressed message is no valid DEFLATE data"
      case .truncated: "the compressed message ends inside of a block"
      case .tooLarge: "the message inflates to more than the limit"
      case .outOfMemory: "zlib could not get memory"
      case .badParameter: "zlib does not take the window bits, level or memory level"
      case .contextLost: "the context was lost by an earlier error"
      case .zlibFailure: "zlib failed in a way that it rules out"
      }
    return "\(what) after \(offset) bytes" + (explanation.isEmpty ? "" : ": \(explanation)")
  }

  /// Whether the data refers back farther than the window (or than there is anything to refer to).
  public var isBeyondWindow: Bool { code == .invalidData && explanation == "invalid distance too far back" }

  /// Makes an error.
  public init(_ code: Code, offset: Int, explanation: String = "") {
    self.code = code
    self.offset = offset
    self.explanation = explanation
  }

  /// The error that a return code of zlib stands for; nil for those that are none.
  ///
  /// - Parameters:
  ///   - zlibCode: What a function of zlib returned.
  ///   - offset: How many bytes of the message were taken.
  ///   - message: `z_stream.msg`.
  static func from(zlibCode: Int32, offset: Int, message: UnsafePointer<CChar>?) -> DeflateError? {
    let explanation = message.map { String(cString: $0) } ?? ""
    switch zlibCode {
    // Z_BUF_ERROR is no error: there was nothing to do, or no room; the call can be repeated.
    case Z_OK, Z_STREAM_END, Z_BUF_ERROR: return nil
    case Z_DATA_ERROR: return DeflateError(.invalidData, offset: offset, explanation: explanation)
    // A preset dictionary exists in the zlib format only, never in raw DEFLATE.
    case Z_NEED_DICT: return DeflateError(.invalidData, offset: offset, explanation: "a preset dictionary is asked for")
    case Z_MEM_ERROR: return DeflateError(.outOfMemory, offset: offset, explanation: explanation)
    // The parameters, or a stream whose state was overwritten or freed.
    case Z_STREAM_ERROR: return DeflateError(.badParameter, offset: offset, explanation: explanation)
    case Z_VERSION_ERROR:
      return DeflateError(.zlibFailure, offset: offset, explanation: "the library's version differs from the header's")
    // Z_ERRNO comes from zlib's file functions, which are not used here.
    default: return DeflateError(.zlibFailure, offset: offset, explanation: "return code \(zlibCode). \(explanation)")
    }
  }
}
