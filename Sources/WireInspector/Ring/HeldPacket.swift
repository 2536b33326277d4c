import CaptureFile
import PacketCapture

/// What belongs to a packet beside its bytes.
struct PacketNote {
  /// Its number in the capture.
  var number: Int
  /// Nanoseconds since 1970-01-01T00:00:00Z, nil if it has no time.
  var time: Int64?
  var linkType: UInt16
  var frameCheckSequenceLength: Int
  /// Its length on the wire.
  var originalLength: Int
}

/// A packet that is kept for a while.
struct HeldPacket {
  var note: PacketNote
  var bytes: [UInt8]
}
