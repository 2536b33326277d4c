import Glibc
import SystemFiles

/// The files of a ring: as many as there is room for, the oldest making place for the newest.
///
/// A file is written under another name and then renamed, so that one that is there is whole, whatever ends the process. The
/// folder is held open: its files can be written after rights are dropped, and wherever it is moved. One that is removed is made again.
final class RingFolder {
  private struct File {
    var name: String
    var size: Int
  }

  private static let ending = ".pcapng"
  /// What a file has behind its name, and before it, while it is written.
  private static let unfinished = ".part"

  let path: String
  private var descriptor: Int32
  private let byteLimit: Int
  private let fileLimit: Int
  /// The oldest first.
  private var files: [File] = []
  private var size = 0
  /// How many files were removed to make room.
  private(set) var removed = 0

  /// Opens a folder, or makes it. Files of earlier runs belong to the ring; what an earlier run left unfinished is removed.
  ///
  /// - Parameters:
  ///   - bytes: The most that all files take.
  ///   - files: How many there are at most.
  ///   - owner: Whose a folder is that has to be made; nil: of the process.
  /// - Throws: Why it cannot be used.
  init(_ path: String, bytes: Int, files: Int, owner: UnprivilegedUser? = nil) throws(FileFault) {
    self.path = path
    byteLimit = bytes
    fileLimit = files
    let isNew = access(path, F_OK) != 0
    try OutputFolder.make(path)
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.fault(path, "cannot be opened", errno) }
    if isNew, let owner { _ = fchown(descriptor, owner.user, owner.group) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw FileFault(path: path, reason: "is the ring of another process that is running; name another folder")
    }
    takeStock()
  }

  deinit { close(descriptor) }

  /// Whether a file can be written, which the process may have lost the right to.
  ///
  /// - Throws: Why not.
  func ensureWritable() throws(FileFault) {
    let probe = ".wireproof" + Self.ending + Self.unfinished
    let file = openat(descriptor, probe, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else {
      throw Self.fault(path, "no file can be made in it by user \(geteuid())", errno)
    }
    close(file)
    unlinkat(descriptor, probe, 0)
  }

  /// The files of earlier runs, by their age.
  private func takeStock() {
    guard let list = fdopendir(openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) else { return }
    defer { closedir(list) }
    var found: [(file: File, time: timespec)] = []
    while let entry = readdir(list) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasPrefix("."), name.hasSuffix(Self.ending + Self.unfinished) {
        unlinkat(descriptor, name, 0)
      } else if RingFileName.isOne(name) {
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG else {
          continue
        }
        found.append((File(name: name, size: Int(status.st_size)), status.st_mtim))
      }
    }
    found.sort {
      ($0.time.tv_sec, $0.time.tv_nsec, $0.file.name) < ($1.time.tv_sec, $1.time.tv_nsec, $1.file.name)
    }
    files = found.map(\.file)
    size = files.reduce(0) { $0 + $1.size }
    makeRoom(for: 0, besides: nil)
  }

  /// Writes a file; one of the same name is replaced by it at once.
  ///
  /// - Parameters:
  ///   - name: As ``RingFileName`` makes them.
  ///   - bytes: The whole file.
  /// - Throws: Why it is not there now.
  func write(_ bytes: [UInt8], as name: String) throws(FileFault) {
    makeRoom(for: bytes.count, besides: name)
    let temporary = "." + name + Self.unfinished
    var file = create(temporary)
    if file < 0, errno == ENOENT, reopen() { file = create(temporary) }
    guard file >= 0 else { throw Self.fault("\(path)/\(name)", "cannot be written", errno) }
    var failure = bytes.withUnsafeBytes { OutputFile.write($0, to: file) }
    if close(file) != 0, failure == 0 { failure = errno }
    if failure == 0, renameat(descriptor, temporary, descriptor, name) != 0 { failure = errno }
    guard failure == 0 else {
      unlinkat(descriptor, temporary, 0)
      throw Self.fault("\(path)/\(name)", "cannot be written", failure)
    }
    size += bytes.count
    if let index = files.firstIndex(where: { $0.name == name }) {
      size -= files[index].size
      files[index].size = bytes.count
    } else {
      files.append(File(name: name, size: bytes.count))
    }
  }

  private func create(_ name: String) -> Int32 {
    openat(descriptor, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
  }

  /// Makes the folder again, which somebody has removed.
  ///
  /// - Returns: Whether it is there and ours. If not, `errno` is as it was.
  private func reopen() -> Bool {
    let failure = errno
    defer { errno = failure }
    do throws(FileFault) { try OutputFolder.make(path) } catch { return false }
    let again = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard again >= 0 else { return false }
    guard flock(again, LOCK_EX | LOCK_NB) == 0 else {
      close(again)
      return false
    }
    close(descriptor)
    descriptor = again
    takeStock()
    return true
  }

  /// Removes the oldest files until another one has room: beside the one that it replaces, which is there until it is whole.
  private func makeRoom(for bytes: Int, besides name: String?) {
    let isNew = !files.contains { $0.name == name }
    while size + bytes > byteLimit || files.count + (name != nil && isNew ? 1 : 0) > fileLimit,
      let index = files.firstIndex(where: { $0.name != name })
    {
      // Somebody else may have removed it.
      unlinkat(descriptor, files[index].name, 0)
      size -= files[index].size
      files.remove(at: index)
      removed += 1
    }
  }

  /// How many files there are.
  var count: Int { files.count }

  private static func fault(_ path: String, _ what: String, _ number: Int32) -> FileFault {
    FileFault(path: path, reason: "\(what): \(SystemError.describe(number))", errorNumber: number)
  }
}
