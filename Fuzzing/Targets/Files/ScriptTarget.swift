import Conformance
import FuzzHarness

/// Scripts and profiles in YAML: read strictly, or refused with a place, in bounded time.
enum ScriptTarget {
  @Sendable static func run(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    do throws(ScriptFaults) {
      _ = try ScriptFile.parse(text, file: "script.yaml")
    } catch {
      require(!error.faults.isEmpty, "refused without a fault")
      _ = error.description
    }
  }

  @Sendable static func runProfile(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    do throws(ScriptFaults) {
      _ = try PeerProfile.parse(text, file: "profile.yaml").variables
    } catch {
      require(!error.faults.isEmpty, "refused without a fault")
      _ = error.description
    }
  }
}

/// Lists of expected failures.
enum ExpectedTarget {
  @Sendable static func run(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    guard let file = try? ExpectedFailures(text, file: "known.txt") else { return }
    require(file.ids.count == file.entries.count, "an id is there twice")
    _ = file.expectations
    _ = file.unknownIDs(known: [])
  }
}
