/// What `captures/TRUTH.md` says of the recordings of the original Go and JavaScript programs, in the order of the wire.
let sharedCaptures1: [SharedCapture] = [
  SharedCapture(
    file: "bad-length.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:33680", identity: "len0-0--", revision: "1.3.3",
        fromClient: ["2/4096 alive?"],
        fromServer: ["3/4096 alive?"],
        controls: ["server close": 1]),
      SharedConnection(
        client: "127.0.0.1:33690", identity: "len1-0--", revision: "1.3.3",
        fromClient: ["2/4096 alive?"],
        fromServer: ["3/4096 alive?"],
        controls: ["server close": 1]),
      SharedConnection(
        client: "127.0.0.1:33700", identity: "len2-0--", revision: "1.3.3",
        fromClient: ["2/2 ", "2/4096 alive?"],
        fromServer: ["3/2 ", "3/4096 alive?"],
        controls: ["server close": 1]),
      SharedConnection(
        client: "127.0.0.1:33702", identity: "len3-0--", revision: nil,
        fromClient: [],
        fromServer: [],
        controls: ["server close": 1]),
      SharedConnection(
        client: "127.0.0.1:33704", identity: "len4-0--", revision: nil,
        fromClient: [],
        fromServer: [],
        controls: ["server close": 1]),
      SharedConnection(
        client: "127.0.0.1:33720", identity: "len5-0--", revision: nil,
        fromClient: [],
        fromServer: [],
        controls: ["server close": 1]),
    ],
    calls: ["client answered": 4],
    findings: ["app.length-mismatch": 5, "app.too-large": 2, "app.trailing-bytes": 1, "tcp.rst": 3]),
  SharedCapture(
    file: "bad-magic.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:46836", identity: "raw-0--", revision: "1.3.3",
        fromClient: ["2/2 before"],
        fromServer: ["3/2 before"],
        controls: ["server close": 1]),
      SharedConnection(
        client: "127.0.0.1:46852", identity: "raw2-0--", revision: nil,
        fromClient: [],
        fromServer: [],
        controls: ["server close": 1]),
      SharedConnection(
        client: "127.0.0.1:46860", identity: "raw3-0--", revision: nil,
        fromClient: [],
        fromServer: [],
        controls: ["server close": 1]),
    ],
    calls: ["client answered": 1],
    findings: ["app.bad-magic": 3]),
  SharedCapture(
    file: "close-in-flight.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:33902", identity: "100-0--", revision: "1.3.3",
        fromClient: ["4/2 go rpc 0"],
        fromServer: [],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client connectionClosed": 1],
    findings: ["rpc.unanswered": 1, "tcp.rst": 1]),
  SharedCapture(
    file: "deflate-raw-client.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:49596", identity: "ctx-0--", revision: "1.3.3",
        fromClient: ["2/2 #181", "2/4 #181", "2/6 #181", "2/100 #260", "2/102 uncompressed on a deflate connection"],
        fromServer: ["3/2 #181", "3/4 #181", "3/6 #181", "3/100 #260", "3/102 uncompressed on a deflate connection"],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 5],
    findings: [:]),
  SharedCapture(
    file: "displacement-deflate.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:50180", identity: "100-2--", revision: "1.3.3",
        fromClient: ["2/0 go async 0", "2/2 go rpc 0"],
        fromServer: ["3/0 go async 0", "3/2 go rpc 0", "2147483647/0 *displacement"],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:50196", identity: "100-2--", revision: "1.3.3",
        fromClient: ["2/0 second connection async", "2/2 second connection rpc"],
        fromServer: ["3/0 second connection async", "3/2 second connection rpc"],
        controls: ["client close": 1, "server close": 1]),
    ],
    calls: ["client answered": 2],
    findings: ["app.displaced": 1, "tcp.rst": 1]),
  SharedCapture(
    file: "displacement.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:50166", identity: "100-2-a100-web", revision: "1.3.3",
        fromClient: ["2/0 go async 0", "2/2 go rpc 0"],
        fromServer: ["3/0 go async 0", "3/2 go rpc 0", "2147483647/0 *displacement"],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:50174", identity: "100-2-a100-web", revision: "1.3.3",
        fromClient: ["2/0 second connection async", "2/2 second connection rpc"],
        fromServer: ["3/0 second connection async", "3/2 second connection rpc"],
        controls: ["client close": 1, "server close": 1]),
    ],
    calls: ["client answered": 2],
    findings: ["app.displaced": 1]),
  SharedCapture(
    file: "fragmented.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:33726", identity: "frag-0--", revision: "1.3.3",
        fromClient: ["2/2 fragmented payload", "2/4 one", "2/6 two", "2/8 three", "2/10 byte by byte"],
        fromServer: ["3/2 fragmented payload", "3/8 three", "3/4 one", "3/6 two", "3/10 byte by byte"],
        controls: ["client close 1000": 1, "client ping": 1, "server close": 1, "server pong": 1])
    ],
    calls: ["client answered": 5],
    findings: [:]),
  SharedCapture(
    file: "gbk.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:52348", identity: "张三-1-d-1-app", revision: "1.3.3",
        fromClient: ["2/0 你好世界", "2/2 你好世界"],
        fromServer: ["3/2 你好世界", "3/0 你好世界"],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 1],
    findings: ["tcp.rst": 1]),
  SharedCapture(
    file: "go-client-async-kicked-at-once.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:51160", identity: "100-0--", revision: nil,
        fromClient: [],
        fromServer: [],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: [:],
    findings: ["tcp.rst": 1]),
  SharedCapture(
    file: "go-client-async.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:51158", identity: "100-0--", revision: "1.3.3",
        fromClient: ["2/0 go async 0", "2/0 go async 1", "2/0 go async 2", "2/0 go async 3", "2/0 go async 4"],
        fromServer: ["3/0 go async 0", "3/0 go async 1", "3/0 go async 2", "3/0 go async 3", "3/0 go async 4"],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: [:],
    findings: ["tcp.rst": 1]),
  SharedCapture(
    file: "go-client-rpc.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:51142", identity: "100-0--", revision: "1.3.3",
        fromClient: ["2/2 go rpc 0", "2/4 go rpc 1", "2/6 go rpc 2", "2/8 go rpc 3", "2/10 go rpc 4"],
        fromServer: ["3/2 go rpc 0", "3/4 go rpc 1", "3/6 go rpc 2", "3/8 go rpc 3", "3/10 go rpc 4"],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 5],
    findings: ["tcp.rst": 1]),
  SharedCapture(
    file: "go-deflate-level0.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:35492", identity: "100-0--", revision: "1.3.3",
        fromClient: [
          "2/0 go async 0", "2/0 go async 1", "2/0 go async 2", "2/2 go rpc 0", "2/4 go rpc 1", "2/6 go rpc 2",
          "2/8 go rpc 3", "2/10 go rpc 4",
        ],
        fromServer: [
          "3/0 go async 0", "3/0 go async 1", "3/2 go rpc 0", "3/0 go async 2", "3/4 go rpc 1", "3/6 go rpc 2",
          "3/8 go rpc 3", "3/10 go rpc 4",
        ],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 5],
    findings: [:]),
  SharedCapture(
    file: "go-deflate-level2-2k.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:35478", identity: "100-0--", revision: "1.3.3",
        fromClient: ["2/2 #2000", "2/4 #2000", "2/6 #2000", "2/8 #2000"],
        fromServer: ["3/2 #2000", "3/4 #2000", "3/6 #2000", "3/8 #2000"],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 4],
    findings: [:]),
  SharedCapture(
    file: "go-deflate-level2.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:35476", identity: "100-0--", revision: "1.3.3",
        fromClient: [
          "2/0 go async 0", "2/0 go async 1", "2/0 go async 2", "2/2 go rpc 0", "2/4 go rpc 1", "2/6 go rpc 2",
          "2/8 go rpc 3", "2/10 go rpc 4",
        ],
        fromServer: [
          "3/0 go async 0", "3/0 go async 1", "3/0 go async 2", "3/2 go rpc 0", "3/4 go rpc 1", "3/6 go rpc 2",
          "3/8 go rpc 3", "3/10 go rpc 4",
        ],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 5],
    findings: ["tcp.rst": 1]),
  SharedCapture(
    file: "interleaved.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:37062", identity: "u-4-0--", revision: "1.3.3",
        fromClient: [
          "2/2 go rpc 0", "2/0 go async c4 4000012", "2/0 go async c4 4000013", "2/4 go rpc 1",
          "2/0 go async c4 4000014", "2/6 go rpc 2", "2/0 go async c4 4000015", "2/8 go rpc 3",
          "2/0 go async c4 4000016", "2/10 go rpc 4", "2/12 go rpc 5", "2/14 go rpc 6", "2/16 go rpc 7",
          "2/18 go rpc 8", "2/20 go rpc 9",
        ],
        fromServer: [
          "3/0 go async c4 4000012", "3/2 go rpc 0", "3/0 go async c4 4000013", "3/4 go rpc 1",
          "3/0 go async c4 4000014", "3/6 go rpc 2", "3/0 go async c4 4000015", "3/8 go rpc 3",
          "3/0 go async c4 4000016", "3/10 go rpc 4", "3/12 go rpc 5", "3/14 go rpc 6", "3/16 go rpc 7",
          "3/18 go rpc 8", "3/20 go rpc 9",
        ],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:37068", identity: "u-0-0--", revision: "1.3.3",
        fromClient: [
          "2/2 go rpc 0", "2/0 go async c0 0", "2/0 go async c0 1", "2/4 go rpc 1", "2/0 go async c0 2", "2/6 go rpc 2",
          "2/0 go async c0 3", "2/8 go rpc 3", "2/0 go async c0 4", "2/10 go rpc 4", "2/12 go rpc 5", "2/14 go rpc 6",
          "2/16 go rpc 7", "2/18 go rpc 8", "2/20 go rpc 9",
        ],
        fromServer: [
          "3/0 go async c0 0", "3/2 go rpc 0", "3/0 go async c0 1", "3/4 go rpc 1", "3/0 go async c0 2", "3/6 go rpc 2",
          "3/0 go async c0 3", "3/8 go rpc 3", "3/0 go async c0 4", "3/10 go rpc 4", "3/12 go rpc 5", "3/14 go rpc 6",
          "3/16 go rpc 7", "3/18 go rpc 8", "3/20 go rpc 9",
        ],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:37078", identity: "u-2-0--", revision: "1.3.3",
        fromClient: [
          "2/2 go rpc 0", "2/0 go async c2 2000006", "2/4 go rpc 1", "2/0 go async c2 2000007", "2/6 go rpc 2",
          "2/0 go async c2 2000008", "2/8 go rpc 3", "2/0 go async c2 2000009", "2/10 go rpc 4",
          "2/0 go async c2 2000010", "2/12 go rpc 5", "2/14 go rpc 6", "2/16 go rpc 7", "2/18 go rpc 8",
          "2/20 go rpc 9",
        ],
        fromServer: [
          "3/2 go rpc 0", "3/0 go async c2 2000006", "3/4 go rpc 1", "3/0 go async c2 2000007", "3/6 go rpc 2",
          "3/0 go async c2 2000008", "3/8 go rpc 3", "3/0 go async c2 2000009", "3/10 go rpc 4",
          "3/0 go async c2 2000010", "3/12 go rpc 5", "3/14 go rpc 6", "3/16 go rpc 7", "3/18 go rpc 8",
          "3/20 go rpc 9",
        ],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:37080", identity: "u-1-0--", revision: "1.3.3",
        fromClient: [
          "2/2 go rpc 0", "2/0 go async c1 1000003", "2/0 go async c1 1000004", "2/4 go rpc 1", "2/6 go rpc 2",
          "2/0 go async c1 1000005", "2/0 go async c1 1000006", "2/8 go rpc 3", "2/0 go async c1 1000007",
          "2/10 go rpc 4", "2/12 go rpc 5", "2/14 go rpc 6", "2/16 go rpc 7", "2/18 go rpc 8", "2/20 go rpc 9",
        ],
        fromServer: [
          "3/0 go async c1 1000003", "3/2 go rpc 0", "3/0 go async c1 1000004", "3/4 go rpc 1",
          "3/0 go async c1 1000005", "3/6 go rpc 2", "3/0 go async c1 1000006", "3/8 go rpc 3",
          "3/0 go async c1 1000007", "3/10 go rpc 4", "3/12 go rpc 5", "3/14 go rpc 6", "3/16 go rpc 7",
          "3/18 go rpc 8", "3/20 go rpc 9",
        ],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:37096", identity: "u-3-0--", revision: "1.3.3",
        fromClient: [
          "2/2 go rpc 0", "2/0 go async c3 3000009", "2/0 go async c3 3000010", "2/4 go rpc 1",
          "2/0 go async c3 3000011", "2/6 go rpc 2", "2/0 go async c3 3000012", "2/8 go rpc 3", "2/10 go rpc 4",
          "2/0 go async c3 3000013", "2/12 go rpc 5", "2/14 go rpc 6", "2/16 go rpc 7", "2/18 go rpc 8",
          "2/20 go rpc 9",
        ],
        fromServer: [
          "3/0 go async c3 3000009", "3/2 go rpc 0", "3/0 go async c3 3000010", "3/4 go rpc 1",
          "3/0 go async c3 3000011", "3/6 go rpc 2", "3/0 go async c3 3000012", "3/8 go rpc 3", "3/10 go rpc 4",
          "3/0 go async c3 3000013", "3/12 go rpc 5", "3/14 go rpc 6", "3/16 go rpc 7", "3/18 go rpc 8",
          "3/20 go rpc 9",
        ],
        controls: ["client close": 1, "server close": 1]),
    ],
    calls: ["client answered": 50],
    findings: ["tcp.rst": 3]),
]
