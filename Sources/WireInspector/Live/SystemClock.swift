import Glibc

/// The clocks of the system, in nanoseconds.
enum SystemClock {
  /// Since some time in the past; only goes forward.
  static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

  /// Since 1970-01-01T00:00:00Z, as captured packets have it.
  static var wall: Int64 { read(CLOCK_REALTIME) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
