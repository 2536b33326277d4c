import FoundationEssentials

/// A descriptor set that protoc 35.1 wrote, and a message that the Python runtime of Protocol Buffers encoded.
///
/// ```proto
/// syntax = "proto2";
/// package chat;
/// import "google/protobuf/timestamp.proto";
/// enum Colour { NONE = 0; RED = 1; BLUE = -2; }
/// message Request {
///   message Part { optional string name = 1; repeated Part part = 2; optional Colour colour = 3; }
///   optional int32 a = 1;
///   optional int64 b = 2 [default = -7];
///   optional uint64 c = 3;
///   optional sint32 d = 4;
///   optional sint64 e = 5;
///   optional fixed32 f = 6;
///   optional sfixed64 g = 7;
///   optional float h = 8;
///   optional double i = 9;
///   optional bool j = 10;
///   optional string k = 11 [default = "none"];
///   optional bytes l = 12;
///   optional Colour m = 13 [default = RED];
///   repeated int32 n = 14 [packed = true];
///   repeated sint64 o = 15;
///   map<string, Part> p = 16;
///   map<int32, Colour> q = 17;
///   oneof choice { string r = 18; int32 s = 19; Part t = 20; }
///   optional group U = 21 { optional int32 v = 1; }
///   required string w = 22;
///   optional google.protobuf.Timestamp x = 23;
///   repeated Part y = 24;
///   repeated double z = 25 [packed = true];
///   extensions 100 to 200;
/// }
/// extend Request { optional string extra = 100; }
/// ```
enum ChatSchema {
  /// `protoc --include_imports --descriptor_set_out=chat.desc chat.proto`
  static let descriptorSet = Array(
    Data(
      base64Encoded: """
        Cv8BCh9nb29nbGUvcHJvdG9idWYvdGltZXN0YW1wLnByb3RvEg9nb29nbGUucHJvdG9idWYiOwoJVGltZXN0YW1wEhgKB3Nl\
        Y29uZHMYASABKANSB3NlY29uZHMSFAoFbmFub3MYAiABKAVSBW5hbm9zQoUBChNjb20uZ29vZ2xlLnByb3RvYnVmQg5UaW1l\
        c3RhbXBQcm90b1ABWjJnb29nbGUuZ29sYW5nLm9yZy9wcm90b2J1Zi90eXBlcy9rbm93bi90aW1lc3RhbXBwYvgBAaICA0dQ\
        QqoCHkdvb2dsZS5Qcm90b2J1Zi5XZWxsS25vd25UeXBlc2IGcHJvdG8zCroHCgpjaGF0LnByb3RvEgRjaGF0Gh9nb29nbGUv\
        cHJvdG9idWYvdGltZXN0YW1wLnByb3RvIq8GCgdSZXF1ZXN0EgwKAWEYASABKAVSAWESEAoBYhgCIAEoAzoCLTdSAWISDAoB\
        YxgDIAEoBFIBYxIMCgFkGAQgASgRUgFkEgwKAWUYBSABKBJSAWUSDAoBZhgGIAEoB1IBZhIMCgFnGAcgASgQUgFnEgwKAWgY\
        CCABKAJSAWgSDAoBaRgJIAEoAVIBaRIMCgFqGAogASgIUgFqEhIKAWsYCyABKAk6BG5vbmVSAWsSDAoBbBgMIAEoDFIBbBIf\
        CgFtGA0gASgOMgwuY2hhdC5Db2xvdXI6A1JFRFIBbRIQCgFuGA4gAygFQgIQAVIBbhIMCgFvGA8gAygSUgFvEiIKAXAYECAD\
        KAsyFC5jaGF0LlJlcXVlc3QuUEVudHJ5UgFwEiIKAXEYESADKAsyFC5jaGF0LlJlcXVlc3QuUUVudHJ5UgFxEg4KAXIYEiAB\
        KAlIAFIBchIOCgFzGBMgASgFSABSAXMSIgoBdBgUIAEoCzISLmNoYXQuUmVxdWVzdC5QYXJ0SABSAXQSHQoBdRgVIAEoCjIP\
        LmNoYXQuUmVxdWVzdC5VUgF1EgwKAXcYFiACKAlSAXcSKAoBeBgXIAEoCzIaLmdvb2dsZS5wcm90b2J1Zi5UaW1lc3RhbXBS\
        AXgSIAoBeRgYIAMoCzISLmNoYXQuUmVxdWVzdC5QYXJ0UgF5EhAKAXoYGSADKAFCAhABUgF6GmgKBFBhcnQSEgoEbmFtZRgB\
        IAEoCVIEbmFtZRImCgRwYXJ0GAIgAygLMhIuY2hhdC5SZXF1ZXN0LlBhcnRSBHBhcnQSJAoGY29sb3VyGAMgASgOMgwuY2hh\
        dC5Db2xvdXJSBmNvbG91chpICgZQRW50cnkSEAoDa2V5GAEgASgJUgNrZXkSKAoFdmFsdWUYAiABKAsyEi5jaGF0LlJlcXVl\
        c3QuUGFydFIFdmFsdWU6AjgBGkIKBlFFbnRyeRIQCgNrZXkYASABKAVSA2tleRIiCgV2YWx1ZRgCIAEoDjIMLmNoYXQuQ29s\
        b3VyUgV2YWx1ZToCOAEaEQoBVRIMCgF2GAEgASgFUgF2KgUIZBDJAUIICgZjaG9pY2UqLgoGQ29sb3VyEggKBE5PTkUQABIH\
        CgNSRUQQARIRCgRCTFVFEP7//////////wE6IwoFZXh0cmESDS5jaGF0LlJlcXVlc3QYZCABKAlSBWV4dHJh
        """) ?? Data())

  /// A `chat.Request` with all fields but `b` and `r`, and behind them field 62, a varint of 150, and field 63, the bytes "abc".
  static let request: [UInt8] = bytes(
    """
    08fbffffffffffffffff0118ffffffffffffffffff01200528ffffffffffffffffff013500286bee39f7ffffffffffff\
    ff450000c03f49000000000000f87f50015a076869201b5b324a6202ff0068feffffffffffffffff01720d01ffffffff\
    ffffffffff01ac02780178808080808080808080018201070a0162120218018201080a016112030a01788a010d08fcff\
    ffffffffffffff011001980107ab010809ac01b201046e656564ba01060880e2cfaa06c201100a056f7574657212070a\
    05696e6e6572c20100ca0110000000000000e03f9c7500883ce4377ea206046d6f7265f0039601fa0303616263
    """)

  /// Bytes of pairs of hexadecimal digits.
  static func bytes(_ digits: String) -> [UInt8] {
    let digits = Array(digits)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0..<$0 + 2]), radix: 16) ?? 0 }
  }
}
