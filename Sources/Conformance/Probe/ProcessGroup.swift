import FoundationEssentials
import Glibc

extension ProcessResources {
  /// What the processes of a group hold together: a server may be started by a shell, and start others. Nil where Linux does not
  /// tell.
  static func ofGroup(_ group: pid_t) -> ProcessResources? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let members = names.compactMap { pid_t($0) }.filter { getpgid($0) == group }.compactMap { ProcessResources($0) }
    guard !members.isEmpty else { return nil }
    return members.dropFirst().reduce(members[0]) { sum, one in
      ProcessResources(
        residentKiB: sum.residentKiB + one.residentKiB, peakKiB: sum.peakKiB + one.peakKiB,
        threads: sum.threads + one.threads, files: sum.files + one.files)
    }
  }
}
