import FuzzFiles

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  FileTargets.target(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
