import ComplianceReport
import Testing

@Suite("Command lines of result files")
struct CommandLineTextTests {
  @Test(
    "The kind of run is that of the command",
    arguments: [
      ("/opt/wireproof verify --iut x", RunKind.verify), ("wireproof probe server ws://h", .probeServer),
      ("wireproof probe client -- node c.js {url}", .probeClient), ("wireproof mutate --full", .mutate),
      ("wireproof inspect --check a.pcap", .inspect), ("wireproof", .other), ("", .other),
    ])
  func kind(text: String, kind: RunKind) {
    #expect(CommandLineText(text).kind == kind)
  }

  @Test(
    "A case is run again without what only the whole run needs",
    arguments: [
      (
        "/x/wireproof verify --iut python3 a.py --results r.ndjson --jobs 2",
        "wireproof verify --iut 'python3 a.py' --filter a.b"
      ),
      (
        "wireproof probe server ws://h:1/join --profile reference --shard 1/2 --all --artifacts d -- python3 s.py {port}",
        "wireproof probe server ws://h:1/join --profile reference --all --filter a.b -- python3 s.py {port}"
      ),
      ("wireproof probe server ws://h --filter=x.* --seed 7", "wireproof probe server ws://h --seed 7 --filter a.b"),
    ])
  func repeating(text: String, command: String) {
    #expect(CommandLineText(text).repeating("a.b") == command)
  }

  @Test("A filter or a shard makes a run partial")
  func partial() {
    #expect(CommandLineText("wireproof verify --filter a.*").isPartial)
    #expect(CommandLineText("wireproof probe server u --shard 1/2").isPartial)
    #expect(!CommandLineText("wireproof probe server u -- x --filter y").isPartial)
  }

  @Test("Shards of one run have one command in common")
  func common() {
    let shards = ["1/2", "2/2"].map {
      CommandLineText("wireproof probe server u --shard \($0) --results \($0).n --filter a.* --all").common
    }
    #expect(shards == Array(repeating: "wireproof probe server u --filter 'a.*' --all", count: 2))
  }
}
