import FoundationEssentials
import Glibc
import Testing

@testable import SystemFiles

/// A folder of a test's own, removed with everything in it.
final class ScratchFolder {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.path + "/wireproof-files-\(UUID().uuidString)"
    #expect(mkdir(path, 0o700) == 0)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func kind(_ name: String) -> mode_t {
    var status = stat()
    return lstat(file(name), &status) == 0 ? status.st_mode & S_IFMT : 0
  }
}

private func content(_ path: String) throws -> String { String(decoding: try InputFile.read(path), as: UTF8.self) }

@Suite("Files that commands write")
struct OutputFileTests {
  let folder = ScratchFolder()

  @Test("A new file, and one that was longer")
  func regular() throws {
    let path = folder.file("out")
    try OutputFile.write("a long first text", to: path)
    try OutputFile.write("short", to: path)
    #expect(try content(path) == "short")
  }

  @Test("A name of no characters is shown as such")
  func noName() {
    let fault = #expect(throws: FileFault.self) { try OutputFile.write("x", to: "") }
    #expect(fault?.description == "\"\": cannot be written: No such file or directory")
  }

  @Test("Folders are made with those that they lie in, and what stands in the way is said")
  func folders() throws {
    let path = folder.file("one/two//three/")
    try OutputFolder.make(path)
    try OutputFolder.make(path)
    #expect(folder.kind("one/two/three") == S_IFDIR)
    try OutputFile.write("x", to: folder.file("file"))
    for (name, reason) in [
      ("file", "Not a directory"), ("file/below", "Not a directory"),
      ("one/\(String(repeating: "x", count: 300))", "File name too long"),
    ] {
      let fault = #expect(throws: FileFault.self) { try OutputFolder.make(folder.file(name)) }
      #expect(fault?.reason == "the folder cannot be made: \(reason)")
    }
    #expect(throws: FileFault.self) { try OutputFolder.make("") }
  }

  @Test("A pipe is waited for until somebody reads it, or the task is cancelled", .timeLimit(.minutes(10)))
  func pipeWithoutReader() async throws {
    let path = folder.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let writing = Task.detached { try OutputFile.write("text", to: path) }
    writing.cancel()
    let fault = await #expect(throws: FileFault.self) { try await writing.value }
    #expect(fault?.reason == "cannot be written: nobody reads the pipe")
    let patient = Task.detached { try OutputFile.write("text", to: path) }
    #expect(try content(path) == "text")
    try await patient.value
  }

  @Test("A file keeps its mode")
  func mode() throws {
    let path = folder.file("out")
    try OutputFile.write("x", to: path)
    #expect(chmod(path, 0o600) == 0)
    try OutputFile.write("y", to: path)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test("A link stays a link, and what it leads to is written")
  func link() throws {
    #expect(symlink("behind", folder.file("link")) == 0)
    try OutputFile.write("text", to: folder.file("link"))
    #expect(folder.kind("link") == S_IFLNK)
    #expect(try content(folder.file("behind")) == "text")
  }

  @Test("Hard links share what is written")
  func hardLink() throws {
    try OutputFile.write("old", to: folder.file("one"))
    #expect(Glibc.link(folder.file("one"), folder.file("two")) == 0)
    try OutputFile.write("new", to: folder.file("one"))
    #expect(try content(folder.file("two")) == "new")
  }

  @Test("A device stays a device", .enabled(if: geteuid() == 0, "only root may make devices"))
  func device() throws {
    // A null device of the test's own.
    #expect(mknod(folder.file("null"), S_IFCHR | 0o666, 1 << 8 | 3) == 0)
    try OutputFile.write("text", to: folder.file("null"))
    #expect(folder.kind("null") == S_IFCHR)
    #expect(try InputFile.read(folder.file("null")).isEmpty)
  }

  @Test("A full disk is said", .enabled(if: geteuid() == 0, "only root may make devices"))
  func fullDisk() throws {
    #expect(mknod(folder.file("full"), S_IFCHR | 0o666, 1 << 8 | 7) == 0)
    let fault = #expect(throws: FileFault.self) { try OutputFile.write("text", to: folder.file("full")) }
    #expect(fault?.description == "\(folder.file("full")): cannot be written: No space left on device")
    #expect(folder.kind("full") == S_IFCHR)
  }

  @Test("A named pipe gets the bytes")
  func pipe() async throws {
    let path = folder.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    async let read = Task.detached { try content(path) }.value
    try await Task.detached { try OutputFile.write(String(repeating: "x", count: 200_000), to: path) }.value
    #expect(try await read.count == 200_000)
    #expect(folder.kind("pipe") == S_IFIFO)
  }

  @Test("An open descriptor by its name goes on where it is")
  func descriptorName() throws {
    let path = folder.file("log")
    let log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(log) }
    for name in ["/dev/fd/\(log)", "/proc/self/fd/\(log)"] { try OutputFile.write("line\n", to: name) }
    #expect(try content(path) == "line\nline\n")
  }

  @Test("A pipe that does not block gets all bytes")
  func nonBlocking() async throws {
    var ends: [Int32] = [0, 0]
    #expect(Glibc.pipe(&ends) == 0)
    let (reading, writing) = (ends[0], ends[1])
    defer { close(reading) }
    #expect(fcntl(writing, F_SETFL, O_NONBLOCK) == 0)
    async let read = Task.detached { try InputFile.read("/dev/fd/\(reading)").count }.value
    try await Task.detached {
      try OutputFile.write(String(repeating: "x", count: 1_000_000), to: "/dev/fd/\(writing)")
      close(writing)
    }.value
    #expect(try await read == 1_000_000)
  }

  @Test(
    "What cannot be opened is said",
    arguments: [("", "Is a directory"), ("missing/out", "No such file or directory"), ("file/out", "Not a directory")])
  func unwritable(name: String, reason: String) throws {
    try OutputFile.write("x", to: folder.file("file"))
    let fault = #expect(throws: FileFault.self) { try OutputFile.write("x", to: folder.file(name)) }
    #expect(fault?.reason == "cannot be written: \(reason)")
  }

  @Test("A descriptor that is not open is said")
  func closedDescriptor() {
    let fault = #expect(throws: FileFault.self) { try OutputFile.write("x", to: "/dev/fd/987") }
    #expect(fault?.errorNumber == EBADF)
  }
}

@Suite("Files that commands read")
struct InputFileTests {
  let folder = ScratchFolder()

  @Test("A file is the same by all of its names, and no other is")
  func identity() throws {
    try OutputFile.write("x", to: folder.file("one"))
    try OutputFile.write("x", to: folder.file("other"))
    #expect(symlink("one", folder.file("link")) == 0)
    #expect(Glibc.link(folder.file("one"), folder.file("hard")) == 0)
    let descriptor = try InputFile.open(folder.file("one"))
    defer { close(descriptor) }
    let one = try FileIdentity(input: folder.file("one"))
    #expect(one.isRegular)
    for name in [folder.file("link"), folder.file("hard"), "/dev/fd/\(descriptor)"] {
      #expect(try FileIdentity(input: name) == one)
      #expect(FileIdentity(output: name) == one)
    }
    #expect(try FileIdentity(input: folder.file("other")) != one)
    #expect(FileIdentity(output: folder.file("none")) == nil)
    #expect(throws: FileFault.self) { try FileIdentity(input: folder.file("none")) }
    #expect(try FileIdentity(input: folder.path).isFolder)
    #expect(try !FileIdentity(input: "/dev/null").isRegular)
  }

  @Test("An open descriptor by its name is read where it is, and stays open")
  func openDescriptor() throws {
    try OutputFile.write("abcdef", to: folder.file("in"))
    let descriptor = open(folder.file("in"), O_RDONLY)
    defer { close(descriptor) }
    #expect(lseek(descriptor, 3, SEEK_SET) == 3)
    #expect(try content("/dev/fd/\(descriptor)") == "def")
    #expect(fcntl(descriptor, F_GETFD) >= 0)
  }

  @Test("A byte order mark is no part of the text")
  func byteOrderMark() throws {
    try OutputFile.write([0xEF, 0xBB, 0xBF] + Array("text".utf8), to: folder.file("in"))
    #expect(try InputFile.text(folder.file("in")) == "text")
  }

  @Test("Other encodings are named", arguments: [([0xFF, 0xFE, 0x61, 0], "UTF-16"), ([0x61, 0xE9], "no UTF-8")])
  func encodings(bytes: [UInt8], word: String) throws {
    try OutputFile.write(bytes, to: folder.file("in"))
    let fault = #expect(throws: FileFault.self) { try InputFile.text(folder.file("in")) }
    #expect(fault?.reason.contains(word) == true)
  }

  @Test("A device without end is refused")
  func endless() {
    let fault = #expect(throws: FileFault.self) { try InputFile.read("/dev/zero", limit: 100_000) }
    #expect(fault?.reason == "holds more than 100000 bytes")
  }

  @Test("What cannot be read is said", arguments: [("", "Is a directory"), ("missing", "No such file or directory")])
  func unreadable(name: String, reason: String) {
    let fault = #expect(throws: FileFault.self) { try InputFile.read(folder.file(name)) }
    #expect(fault?.reason == "cannot be read: \(reason)")
  }

  @Test("The null device is an empty file")
  func null() throws {
    #expect(try InputFile.text("/dev/null") == "")
  }
}
