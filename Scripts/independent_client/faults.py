"""The faults that the client can have, and the requirement that each breaks.

A row is the name of a fault, the requirement, and options: `weaker`: what it breaks is a SHOULD, or the specification
permits it; `compress`: the client has to offer permessage-deflate; `read-wait`: it has to run with a short read wait;
`wrap`: it has to begin near the highest serial number; `outside`: the fault shows outside of every connection alone.
A name with `-when-` is a fault of two factors: each of them alone is handled rightly.
"""

active = set()


def on(name):
    """Whether the client has this fault."""
    assert name in FAULTS, name
    return name in active


TABLE = """
accept-unchecked                         handshake.client.accept
accept-compared-without-case             handshake.client.accept
accept-missing-taken                     handshake.client.accept
status-unchecked                         handshake.client.status
upgrade-unchecked                        handshake.client.upgrade
connection-unchecked                     handshake.client.connection
connection-list-refused                  handshake.read.list
header-names-by-case                     handshake.read.case
interim-taken-as-final                   handshake.client.interim
answer-in-pieces-lost                    handshake.read.pieces
early-frame-lost                         handshake.early.server
subprotocol-unasked-taken                handshake.client.protocol
extension-unasked-taken                  handshake.client.extension
deflate-unasked-taken                    deflate.answer.unoffered
deflate-parameter-unknown-taken          deflate.answer.unknown-parameter    compress
deflate-parameter-repeated-taken         deflate.answer.repeated-parameter   compress
deflate-value-unchecked                  deflate.answer.invalid-value        compress
deflate-twice-taken                      deflate.answer.repeated             compress
deflate-window-unchecked                 deflate.answer.window               compress
deflate-window-unasked-taken             deflate.answer.unoffered-window     compress
deflate-parameter-missing-taken          deflate.answer.missing              compress
key-always-the-same                      handshake.request.key.fresh
key-of-8-bytes                           handshake.request.key
version-8                                handshake.request.version
host-left-out                            handshake.request.host
frames-before-the-answer                 handshake.early.client
unmasked-when-large                      ws.mask.client
mask-key-constant                        ws.mask.key
mask-begins-anew-when-fragmented         ws.mask.apply
length-not-minimal-when-65535            ws.length.minimal
fragments-all-binary-when-large          ws.fragment.form
pong-cut-when-over-100                   ws.pong.payload
pong-answered                            ws.pong.unsolicited
ping-unanswered-when-fragmented          ws.ping.answer
ping-unanswered-when-calls-pend          ws.ping.answer
ping-drops-the-fragments                 ws.fragment.control
fragments-at-most-32                     ws.fragment.assemble
fragment-empty-ends-the-message          ws.fragment.empty
masked-taken                             ws.mask.server.fail
masked-taken-when-control                ws.mask.server.fail
reserved-bits-ignored                    ws.rsv.fail
reserved-opcode-ignored                  ws.opcode.fail
control-long-taken                       ws.control.length.fail
control-fragmented-taken                 ws.control.fragmented.fail
continuation-stray-ignored               ws.fragment.stray
interleaved-joined                       ws.fragment.interleaved
length-top-bit-dropped                   ws.length.top-bit
length-64-refused                        ws.length.forms
length-not-minimal-taken                 ws.length.minimal.fail              weaker
text-delivered                           frame.message.text
magic-swapped                            frame.magic
magic-unchecked                          frame.magic.reject
length-one-more-when-empty               frame.length.exact
length-unchecked-when-short              frame.short
length-below-8-delivered                 frame.length.minimum
zero-frame-delivered                     frame.zero-frame
trailing-delivered                       frame.trailing.truncate
padded-to-four                           frame.trailing
limit-one-less                           frame.length.limit
limit-not-held                           frame.length.limit.reject
id-16-bits                               frame.protocol-id.range
sn-31-bits                               frame.sn.range
message-text                             frame.message.binary
two-frames-joined-when-reports-meet      frame.message.one
payload-cut-when-65536                   frame.payload.opaque
payload-trimmed-when-nul-at-end          frame.payload.opaque
sn-odd                                   rpc.sn.parity
sn-again-when-an-earlier-call-ended      rpc.sn.unique
sn-steps-by-4                            rpc.sn.step                         weaker
sn-zero-at-the-wrap                      rpc.sn.zero                         wrap
sn-odd-after-the-wrap                    rpc.sn.wrap                         wrap
sn-pending-taken-when-wrapped            rpc.sn.wrap.pending                 wrap
one-way-with-sn-when-a-call-pends        frame.sn.one-way
answers-paired-by-id                     rpc.answer.pairing
answers-paired-by-order                  rpc.order
answer-second-to-another-when-one-pends  rpc.answer.second
answer-late-to-another-when-one-pends    rpc.answer.late
answer-unknown-closes                    rpc.answer.unknown
calls-one-at-a-time                      rpc.concurrent
call-lost-when-64-pend                   rpc.concurrent
answers-lost-when-in-one-segment         rpc.dispatch.complete
answer-sn-of-own-count                   rpc.answer.sn
answer-twice-when-large                  rpc.answer.once
request-repeated-dropped-when-in-flight  rpc.sn.duplicate
server-call-completes-own-when-near      rpc.dispatch.direction
unknown-answered                         dispatch.unknown.silent
unknown-closes                           dispatch.unknown
id-0-closes                              frame.protocol-id.none
timeout-never                            rpc.timeout
timeout-told-to-the-server               rpc.timeout.silent
pending-kept-when-closed                 rpc.close.pending
displacement-as-an-answer-when-one-pends hub.displacement.client
displacement-broken-closes               hub.displacement.client.broken
displacement-closes-at-once              hub.displacement.client.open        weaker
displacement-then-redial                 hub.displacement.redial             weaker
close-unanswered                         close.echo
close-unanswered-when-calls-pend         close.echo
close-answered-with-1005                 close.code
data-after-close-when-calls-pend         close.after
delivers-after-close                     close.after.receive
close-1-byte                             close.body.one
fin-ignored                              close.fin                           weaker
close-code-4000-refused                  close.code.accept
silence-endured                          keepalive.deadline.close            weaker read-wait
pings-left-out                           keepalive.ping.period               weaker read-wait
inflater-forgets-the-context             deflate.takeover                    compress
inflater-per-fragment-when-fragmented    deflate.fragments                   compress
final-block-refused                      deflate.bfinal                      compress
plain-refused-when-negotiated            deflate.plain                       compress
stored-block-refused                     deflate.blocks                      compress
inflated-limit-not-held                  deflate.limit.output                 compress
inflated-truncated-taken                 malformed.fail                       weaker compress
inflated-empty-delivered                 deflate.empty                       compress
reserved-1-on-control-taken              deflate.rsv1.control.fail           compress
reserved-1-on-continuation-taken         deflate.rsv1.continuation.fail      compress
deflater-keeps-context                   deflate.no-takeover                 compress
deflater-window-ignored-when-large       deflate.window                      compress
deflater-tail-left-when-large            deflate.tail                        compress
reserved-1-left-out-when-small           deflate.rsv1                        compress
reserved-1-on-pong-when-negotiated       deflate.rsv1.control                compress
reserved-1-on-fragments-when-compressed  deflate.rsv1.continuation           compress
violation-then-goes-on                   close.after
storm-when-the-server-is-gone            -                                   outside
crash-when-text-is-not-utf8              -
hang-when-pinged-in-a-message            -
"""

FAULTS = {row.split()[0]: row.split() for row in TABLE.strip().splitlines()}
