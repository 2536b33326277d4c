import Specification
import StrictJSON
import Testing

@testable import Conformance

@Suite("The suite of probes")
struct ProbeSuiteTests {
  @Test("The shipped probes load, the sanity case first", arguments: [PeerRole.server, .client])
  func shippedProbes(role: PeerRole) throws {
    let suite = try ProbeSuite.load(Samples.repository, role: role)
    #expect(suite.sanity.id == ProbeSuite.sanityID(role))
    #expect(suite.cases.allSatisfy { $0.role == role.peer })
    #expect(suite.cases.allSatisfy { $0.id.hasPrefix("client-") == (role == .client) })
    #expect(Set(suite.cases.map(\.id)).count == suite.cases.count)
    #expect(suite.hash.utf8.count == 64)
  }

  @Test(
    "What is wrong is told with its place",
    arguments: [
      (
        "suite: s\ntitle: t\ncases: [{id: a.b, title: t, requirements: [rpc.answer], steps: [alive]}]", "sanity.service"
      ),
      (
        ProbeSamples.probes.replacing("[frame.extra]", with: "[frame.nonesuch]"),
        "sample.yaml:11:5: there is no requirement frame.nonesuch"
      ),
      ("role: server\nrules: [{on: {id: 2}, do: [{reply: {id: 3}}]}]", "sample.yaml: this is no probe file"),
      ("cases: [", "sample.yaml:"),
    ])
  func faults(text: String, expected: String) {
    let error = #expect(throws: DataFaults.self) { try ProbeSamples.suite(text) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test("An id in two files is told with both places")
  func repeatedId() {
    let error = #expect(throws: DataFaults.self) {
      try ProbeSuite(
        version: "1", catalogue: ProbeSamples.catalogue(),
        texts: [("a.yaml", ProbeSamples.probes), ("b.yaml", ProbeSamples.probes)], hash: "")
    }
    #expect(error?.description.contains("the id rpc.echo is there twice, first at a.yaml:5:5") == true)
  }

  @Test(
    "Filter, tags and shards select",
    arguments: [
      (["rpc"], false, nil, ["rpc.echo", "rpc.word.one", "rpc.word.two", "rpc.alone"]),
      (["rpc.*o"], false, nil, ["rpc.echo", "rpc.word.two"]),
      (["rpc.slow"], true, nil, ["rpc.slow"]),
      ([], false, "1/3", ["sanity.service", "rpc.word.two"]),
      ([], false, "3/3", ["rpc.word.one", "rpc.alone"]),
    ] as [([String], Bool, String?, [String])])
  func selection(patterns: [String], all: Bool, shard: String?, ids: [String]) throws {
    var selection = ProbeSelection()
    selection.patterns = patterns
    selection.includesReserved = all
    selection.shard = shard.flatMap(ProbeSelection.Shard.init)
    #expect(try selection.select(from: ProbeSamples.suite()).map(\.id) == ids)
  }

  @Test(
    "A filter that selects nothing is an error",
    arguments: [("nonesuch", "no probe has an id like this"), ("rpc.slow", "add --all")])
  func emptySelection(pattern: String, expected: String) throws {
    var selection = ProbeSelection()
    selection.patterns = [pattern]
    let suite = try ProbeSamples.suite()
    let error = #expect(throws: DataFaults.self) { try selection.select(from: suite) }
    #expect(error?.description.contains(expected) == true)
  }

  @Test(
    "What is no shard is refused",
    arguments: ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1/99999999999999999999"])
  func badShard(text: String) {
    #expect(ProbeSelection.Shard(text) == nil)
  }

  @Test("The shipped profiles load", arguments: ShippedProfile.names)
  func shippedProfiles(name: String) throws {
    let profile = try ShippedProfile.load(name, in: Samples.repository)
    #expect(profile.name == name)
    if name == "reference" { #expect(profile == .reference) }
    #expect((profile.echo == nil) == (name == "minimal"))
  }

  @Test("The shipped profiles of clients load", arguments: ShippedProfile.clientNames)
  func clientProfiles(name: String) throws {
    let profile = try ShippedProfile.load(name, in: Samples.repository, role: .client)
    #expect(profile.name == "client-\(name)")
    #expect(try ShippedProfile.load("client-\(name)", in: Samples.repository, role: .client) == profile)
    if name == "reference" { #expect(profile.client.driver == PeerProfile.referenceClient.client.driver) }
    #expect((profile.client.driver == nil) == (name == "passive"))
  }

  @Test("A profile that is written is the one that is read")
  func writtenProfile() throws {
    var profile = PeerProfile.referenceClient
    profile.client.hides = ["pings"]
    let text = ProfileWriter.text(of: profile, comment: "a client")
    #expect(try PeerProfile.parse(text, file: "profile.yaml").client == profile.client)
  }

  @Test(
    "What cannot be in the profile of a client is told with its place",
    arguments: [
      ("client: {orders: [call]}", "takes no orders"),
      ("client: {driver: {order: 20, report: 21}, orders: [dance]}", "no such order"),
      ("client: {driver: {order: 20, report: 21}, orders: [call], reconnect: true}", "cannot be kept"),
    ])
  func clientFaults(text: String, expected: String) {
    let error = #expect(throws: ScriptFaults.self) { try PeerProfile.parse(text, file: "profile.yaml") }
    #expect("\(String(describing: error))".contains(expected))
  }
}
