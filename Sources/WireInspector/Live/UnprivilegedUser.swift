import Glibc

/// A user that a process becomes, for good, when it needs the rights of root no more.
struct UnprivilegedUser {
  let name: String
  let user: uid_t
  let group: gid_t

  /// Finds a user.
  ///
  /// - Parameter text: A name, or a number; one that the system does not know has the group of the same number.
  /// - Throws: That there is none, or that becoming it would take no right away.
  init(_ text: String) throws(InspectionError) {
    if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      guard let number = uid_t(text), number != uid_t.max else {
        throw InspectionError(message: "--user-id \(text): there is no such user number")
      }
      let entry = getpwuid(number)
      self.init(
        name: entry.map { String(cString: $0.pointee.pw_name) } ?? text, user: number,
        group: entry?.pointee.pw_gid ?? number)
    } else {
      guard let entry = getpwnam(text) else {
        throw InspectionError(message: "--user-id \(text): there is no user of this name; name one, or its number")
      }
      self.init(name: text, user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }
    guard user != 0 else {
      throw InspectionError(message: "--user-id \(text): this is root, so that no right would be dropped")
    }
    guard geteuid() == 0 else {
      throw InspectionError(
        message: "--user-id \(text): only root can become another user; run it with sudo, or leave the option out")
    }
  }

  private init(name: String, user: uid_t, group: gid_t) {
    self.name = name
    self.user = user
    self.group = group
  }

  /// Becomes the user: groups first, since only root may change them.
  ///
  /// - Throws: What the system refuses. The process should end then.
  func become() throws(InspectionError) {
    var groups = [group]
    guard setgroups(1, &groups) == 0 else { throw refusal("setgroups") }
    guard setgid(group) == 0 else { throw refusal("setgid") }
    guard setuid(user) == 0 else { throw refusal("setuid") }
    // Some kernels and sandboxes say yes and do something else.
    guard getuid() == user, geteuid() == user, getgid() == group, getegid() == group, setuid(0) != 0 else {
      throw InspectionError(message: "--user-id \(name): the rights of root are still there after they were dropped")
    }
  }

  private func refusal(_ call: String) -> InspectionError {
    InspectionError(message: "--user-id \(name): \(call) failed: \(SystemError.describe(errno))")
  }
}
