/// What `captures/TRUTH.md` says of the recording of the C++ client, run by run.
let sharedCaptures3: [SharedCapture] = [
  SharedCapture(
    file: "cpp-client.pcap",
    connections: [
      SharedConnection(
        client: "127.0.0.1:32812", identity: "-0--", revision: "1.3.3",
        fromClient: [
          "2/0 hello", "2/0 hello", "2/0 hello", "2/2 hello", "3/0 *acknowledgement", "3/0 *acknowledgement",
          "3/0 *acknowledgement", "3/2 *acknowledgement", "2/4 hello", "3/4 *acknowledgement", "2/6 hello",
          "3/6 *acknowledgement", "2/8 hello", "3/8 *acknowledgement", "4/10 hello",
        ],
        fromServer: ["3/0 hello", "3/0 hello", "3/0 hello", "3/2 hello", "3/4 hello", "3/6 hello", "3/8 hello"],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:32824", identity: "-0--", revision: "1.3.3",
        fromClient: ["2/0 hello", "2/0 hello", "2/2 hello", "2/4 hello"],
        fromServer: ["3/0 hello", "3/0 hello", "3/2 hello", "3/4 hello"],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:53876", identity: "-0-", revision: "1.3.0",
        fromClient: [],
        fromServer: ["3/- #6"],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:53890", identity: "-0--", revision: nil,
        fromClient: [],
        fromServer: ["3/0 l"],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:53892", identity: "-0--", revision: "1.3.3",
        fromClient: ["3/9998 *acknowledgement"],
        fromServer: ["3/9998 unknown sn", "77/9998 unknown sn, no handler", "77/0 async, no handler"],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:53894", identity: "-0--", revision: "1.3.3",
        fromClient: ["3/0 ", "3/0 *acknowledgement"],
        fromServer: ["3/0 "],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:53904", identity: "-0--", revision: "1.3.3",
        fromClient: ["3/0 *acknowledgement"],
        fromServer: ["3/0 after text"],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:53906", identity: "-0--", revision: "1.3.3",
        fromClient: ["3/1 *acknowledgement", "3/3 *acknowledgement"],
        fromServer: ["3/1 server rpc sn=1", "3/3 server rpc sn=3", "77/5 server rpc, no handler"],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:53916", identity: "-0--", revision: "1.3.3",
        fromClient: [
          "2/2 hello", "2/2 *acknowledgement", "3/2 *acknowledgement", "2/2 *acknowledgement", "3/2 *acknowledgement",
          "2/2 *acknowledgement", "3/2 *acknowledgement", "2/2 *acknowledgement", "3/2 *acknowledgement",
          "2/2 *acknowledgement",
        ],
        fromServer: [
          "2/2 #42", "3/2 real response", "2/2 #42", "3/2 real response", "2/2 #42", "3/2 real response", "2/2 #42",
          "3/2 real response", "2/2 #42",
        ],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:53922", identity: "-0--", revision: "1.3.3",
        fromClient: ["2/2 hello"],
        fromServer: [],
        controls: [:]),
      SharedConnection(
        client: "127.0.0.1:45698", identity: "-0--", revision: "1.3.3",
        fromClient: ["2/2 hello"],
        fromServer: [],
        controls: ["client close 4001": 1, "server close 4001": 1]),
      SharedConnection(
        client: "127.0.0.1:45704", identity: "-0--", revision: "1.3.3",
        fromClient: ["2/2 hello"],
        fromServer: [],
        controls: [:]),
      SharedConnection(
        client: "127.0.0.1:45718", identity: "-0--", revision: "1.3.3",
        fromClient: ["2/2 hello"],
        fromServer: [],
        controls: [:]),
      SharedConnection(
        client: "127.0.0.1:45732", identity: "-0--", revision: "1.3.3",
        fromClient: ["2/2 hello"],
        fromServer: [],
        controls: [:]),
      SharedConnection(
        client: "127.0.0.1:45746", identity: "-0--", revision: nil,
        fromClient: [],
        fromServer: [],
        controls: ["client close 1000": 1, "client ping": 4, "server close 1000": 1, "server pong": 4]),
      SharedConnection(
        client: "127.0.0.1:45760", identity: "-0--", revision: "1.3.3",
        fromClient: ["2/2 #524274"],
        fromServer: ["3/2 #524274"],
        controls: ["client close 1000": 1, "server close 1000": 1]),
      SharedConnection(
        client: "127.0.0.1:45770", identity: "-0--", revision: "1.3.3",
        fromClient: ["2/2 #524275"],
        fromServer: [],
        controls: [:]),
    ],
    calls: [
      "client answered": 8, "client connectionClosed": 6, "client unanswered": 1, "server answered": 2,
      "server connectionClosed": 1,
    ],
    findings: [
      "app.length-mismatch": 2, "app.short": 4, "app.trailing-bytes": 1, "rpc.duplicate-response": 8,
      "rpc.orphan-response": 2, "rpc.unanswered": 8, "tcp.rst": 11, "ws.truncated-message": 1, "ws.unexpected-text": 1,
    ])
]
