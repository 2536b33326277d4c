/// What `captures/TRUTH.md` says of the other recordings, in the order of the wire.
let sharedCaptures2: [SharedCapture] = [
  SharedCapture(
    file: "js-client-native.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:46824", identity: "x10000-0--", revision: "1.3.3",
        fromClient: [
          "2/0 js async 0", "2/0 js async 1", "2/2 js rpc 0", "2/4 js rpc 1", "2/6 js rpc 2", "2/8 js rpc 3",
        ],
        fromServer: [
          "3/0 js async 0", "3/0 js async 1", "3/2 js rpc 0", "3/4 js rpc 1", "3/6 js rpc 2", "3/8 js rpc 3",
        ],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 4],
    findings: [:]),
  SharedCapture(
    file: "js-client.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:58928", identity: "x10000-0--", revision: "1.3.3",
        fromClient: [
          "2/0 js async 0", "2/0 js async 1", "2/2 js rpc 0", "2/4 js rpc 1", "2/6 js rpc 2", "2/8 js rpc 3",
          "6/0 call me",
        ],
        fromServer: [
          "3/0 js async 0", "3/0 js async 1", "3/2 js rpc 0", "3/4 js rpc 1", "3/6 js rpc 2", "3/8 js rpc 3",
          "7/3 call me", "2147483647/0 *displacement",
        ],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:58932", identity: "x10000-0--", revision: "1.3.3",
        fromClient: ["2/0 second"],
        fromServer: ["3/0 second"],
        controls: ["client close": 1, "server close": 1]),
    ],
    calls: ["client answered": 4, "server connectionClosed": 1],
    findings: ["app.displaced": 1, "rpc.unanswered": 1, "tcp.rst": 1]),
  SharedCapture(
    file: "large-messages.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:37060", identity: "100-0--", revision: "1.3.3",
        fromClient: ["2/2 #300000", "2/4 #300000", "2/6 #300000", "2/8 #300000", "2/10 #300000"],
        fromServer: ["3/2 #300000", "3/4 #300000", "3/6 #300000", "3/8 #300000", "3/10 #300000"],
        controls: ["client close": 1])
    ],
    calls: ["client answered": 5],
    findings: ["tcp.rst": 1, "tcp.zero-window": 3]),
  SharedCapture(
    file: "midstream.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:49598", identity: nil, revision: "1.3.3",
        fromClient: ["2/16 go rpc 7", "2/18 go rpc 8", "2/20 go rpc 9", "2/22 go rpc 10", "2/24 go rpc 11"],
        fromServer: ["3/16 go rpc 7", "3/18 go rpc 8", "3/20 go rpc 9", "3/22 go rpc 10", "3/24 go rpc 11"],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 5],
    findings: ["tcp.midstream": 1, "tcp.rst": 1]),
  SharedCapture(
    file: "pings.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:48502", identity: "100-0--", revision: nil,
        fromClient: [],
        fromServer: [],
        controls: [
          "client close": 1, "client ping": 12, "client pong": 12, "server close": 1, "server ping": 12,
          "server pong": 12,
        ])
    ],
    calls: [:],
    findings: ["tcp.rst": 1]),
  SharedCapture(
    file: "puller.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:34572", identity: "100-0--", revision: "1.3.3",
        fromClient: ["12/0 signal", "12/0 signal", "12/0 signal"],
        fromServer: ["9/0 first pull", "9/0 pull 1", "9/0 pull 2", "9/0 pull 3", "9/0 pull 4"],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: [:],
    findings: ["tcp.rst": 1]),
  SharedCapture(
    file: "rev-1.1.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:51768", identity: "100-2-a100", revision: "1.1",
        fromClient: ["2/- old async 0", "2/- old async 1"],
        fromServer: ["3/- echo:old async 0", "3/- echo:old async 1", "-1/- *displacement"],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:51784", identity: "100-2-a100", revision: "1.1",
        fromClient: ["2/- second connection"],
        fromServer: ["3/- echo:second connection"],
        controls: ["client close": 1, "server close": 1]),
    ],
    calls: [:],
    findings: ["app.displaced": 1, "tcp.rst": 1]),
  SharedCapture(
    file: "rev-1.2.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:51800", identity: "100-2-a100", revision: "1.2",
        fromClient: ["2/- old async 0", "2/- old async 1"],
        fromServer: ["3/- echo:old async 0", "3/- echo:old async 1", "-1/- *displacement"],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:51806", identity: "100-2-a100", revision: "1.2",
        fromClient: ["2/- second connection"],
        fromServer: ["3/- echo:second connection"],
        controls: ["client close": 1, "server close": 1]),
    ],
    calls: [:],
    findings: ["app.displaced": 1, "tcp.rst": 2]),
  SharedCapture(
    file: "rev-1.3.0.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:51808", identity: "100-2-a100", revision: "1.3.0",
        fromClient: ["2/- old async 0", "2/- old async 1"],
        fromServer: ["3/- echo:old async 0", "3/- echo:old async 1", "2147483647/- *displacement"],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:51816", identity: "100-2-a100", revision: "1.3.0",
        fromClient: ["2/- second connection"],
        fromServer: ["3/- echo:second connection"],
        controls: ["client close": 1, "server close": 1]),
    ],
    calls: [:],
    findings: ["app.displaced": 1, "tcp.rst": 2]),
  SharedCapture(
    file: "rev-1.3.3.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:54380", identity: "100-2-a100-", revision: "1.3.3",
        fromClient: ["2/0 old async 0", "2/0 old async 1"],
        fromServer: ["3/0 echo:old async 0", "3/0 echo:old async 1", "2147483647/0 *displacement"],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:54392", identity: "100-2-a100-", revision: "1.3.3",
        fromClient: ["2/0 second connection"],
        fromServer: ["3/0 echo:second connection"],
        controls: ["client close": 1, "server close": 1]),
    ],
    calls: [:],
    findings: ["app.displaced": 1]),
  SharedCapture(
    file: "rpc-timeout.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:56146", identity: "100-0--", revision: "1.3.3",
        fromClient: ["4/2 go rpc 0"],
        fromServer: ["5/2 go rpc 0"],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 1],
    findings: ["rpc.slow": 1, "tcp.rst": 1]),
  SharedCapture(
    file: "server-initiated-rpc.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:56156", identity: "100-0--", revision: "1.3.3",
        fromClient: [
          "6/0 call me 0", "17/3 answer:call me 0", "6/0 call me 1", "17/5 answer:call me 1", "6/0 call me 2",
          "17/7 answer:call me 2",
        ],
        fromServer: [
          "7/3 call me 0", "8/0 answer:call me 0", "7/5 call me 1", "8/0 answer:call me 1", "7/7 call me 2",
          "8/0 answer:call me 2",
        ],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["server answered": 3],
    findings: [:]),
  SharedCapture(
    file: "ts-client-deflate.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:58908", identity: "x10000-0--", revision: "1.3.3",
        fromClient: [
          "2/0 ts async 0", "2/0 ts async 1", "2/2 ts rpc 0", "2/4 ts rpc 1", "2/6 ts rpc 2", "2/8 ts rpc 3",
        ],
        fromServer: [
          "3/0 ts async 0", "3/0 ts async 1", "3/2 ts rpc 0", "3/4 ts rpc 1", "3/6 ts rpc 2", "3/8 ts rpc 3",
        ],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 4],
    findings: [:]),
  SharedCapture(
    file: "ts-client.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:32772", identity: "x10000-0--", revision: "1.3.3",
        fromClient: [
          "2/0 ts async 0", "2/0 ts async 1", "2/2 ts rpc 0", "2/4 ts rpc 1", "2/6 ts rpc 2", "2/8 ts rpc 3",
          "6/0 call me",
        ],
        fromServer: [
          "3/0 ts async 0", "3/0 ts async 1", "3/2 ts rpc 0", "3/4 ts rpc 1", "3/6 ts rpc 2", "3/8 ts rpc 3",
          "7/3 call me", "2147483647/0 *displacement",
        ],
        controls: ["client close": 1, "server close": 1]),
      SharedConnection(
        client: "127.0.0.1:32782", identity: "x10000-0--", revision: "1.3.3",
        fromClient: ["2/0 second"],
        fromServer: ["3/0 second"],
        controls: ["client close": 1, "server close": 1]),
    ],
    calls: ["client answered": 4, "server connectionClosed": 1],
    findings: ["app.displaced": 1, "rpc.unanswered": 1, "tcp.rst": 1]),
  SharedCapture(
    file: "utf8-chinese.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:53378", identity: "张三-0--", revision: "1.3.3",
        fromClient: ["2/0 你好世界", "2/2 你好世界"],
        fromServer: ["3/0 你好世界", "3/2 你好世界"],
        controls: ["client close": 1, "server close": 1])
    ],
    calls: ["client answered": 1],
    findings: ["tcp.rst": 1]),

]
