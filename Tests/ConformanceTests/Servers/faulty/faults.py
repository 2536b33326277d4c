"""The faults that the server can have, and the case of the probes that has to find each.

A row is the name of a fault, the case, and options: `weaker`: what the fault does is permitted, or against a SHOULD, so
the case is not strict; `informational`: the case cannot tell it from what is permitted; `plain`: the fault shows where
nothing is compressed; `all`: the case is not in the default run.
The faults were written down from the protocol alone, before the probes were looked at; their names say what is wrong.
"""

from faulty import reported_faults

active = set()


def on(name):
    """Whether the server has this fault."""
    return name in active


TABLE = """
header-case                           handshake.read.name-case
field-value-untrimmed                 handshake.key.empty
upgrade-case-refused                  handshake.read.case.upgrade-in-capitals
typed-hexadecimal                     metadata.integer.invalid.hex                           weaker
typed-trimmed                         metadata.integer.invalid.space-before                  weaker
typed-prefix                          metadata.integer.invalid.word-behind                   weaker
typed-negative-is-zero                identity.other.typed-negative
typed-16-bits                         metadata.integer.distinct.above-31-bits
typed-32-bits                         metadata.integer.distinct.above-31-bits
query-semicolon-splits                metadata.semicolon.in-value                            weaker
query-broken-drops-all                metadata.escape.no-digits                              weaker
query-broken-kept                     metadata.escape.no-digits                              weaker
query-undecoded                       metadata.percent.in-name
query-plus-kept                       metadata.plus.in-value
query-key-case-ignored                metadata.case.before
query-last-wins                       metadata.repeated.uid
uid-case-ignored                      identity.other.uid
uid-as-number                         identity.other.number
uid-32-characters                     identity.long
uid-not-ascii-replaced                identity.other.value.not-ascii
uid-cut-at-nul                        identity.other.value.behind-nul
identity-with-version                 identity.metadata.version
identity-with-charset                 identity.metadata.charset
identity-with-compression             displacement.compression
identity-device-ignored               identity.other.device-id
identity-empty-parts-left-out         identity.other.place
offers-quoted-not-honoured            deflate.offer.quoted.honoured.9
offers-kept-for-next                  deflate.offer.connections
offers-second-field-ignored           deflate.offer.second-field                             weaker
offers-first-only                     deflate.offer.second-field                             weaker
offers-last-preferred                 deflate.offer.first                                    weaker
offers-prefix-matched                 deflate.offer.other.similar-name
offers-repeated-accepted              deflate.offer.repeated-parameter.flag
offers-leading-zero-accepted          deflate.offer.invalid-value.server-window-leading-zero
offers-out-of-range-clamped           deflate.offer.invalid-value.server-window-7
offers-value-ignored                  deflate.offer.invalid-value.server-flag-with-value
offers-window-8-answered-9            deflate.offer.window-eight
offers-client-window-raised           deflate.offer.valid.client-window-9
offers-unknown-accepted               deflate.offer.window-eight
offers-client-window-unasked          deflate.offer.valid.bare
offers-takeover-unanswered            deflate.offer.valid.both-no-context
mask-tail-left                        frame.size.4081
inflater-shared                       deflate.takeover.connections
parts-shared                          isolation.fragments
ping-drops-fragments                  message.fragments.pings
ping-ends-compression                 deflate.fragments.empty
ping-restarts-count                   ws.message.limit.endless                               weaker
control-long-pong-accepted            control.length.pong.126
control-long-close-accepted           control.length.close-answered
control-long-ping-answered            control.length.ping.126
websocket-length-16-signed            ws.length.form.16.65535
websocket-length-padded-accepted      ws.length.longer.16.19                                 weaker
websocket-length-top-bit-dropped      ws.length.top-bit.small
websocket-length-32-bits              ws.length.wraps
websocket-length-64-refused           ws.length.form.64.65536
limit-counts-message-before           rpc.position.sizes
limit-per-fragment                    ws.message.limit.endless                               weaker
limit-plain-eightfold                   ws.message.limit.endless                               weaker plain
limit-64-kib-compressed               deflate.fragments.size.100000
limit-fragmented-64-kib               message.fragments.large
limit-websocket-none                  ws.message.limit.endless                               weaker
mask-zero-refused                     ws.mask.key.zero
mask-of-first-fragment                ws.mask.fragments.3
mask-runs-on                          ws.mask.fragments.3
reserved-on-continuation              deflate.rsv1.continuation.of-compressed
reserved-on-nonfinal                  ws.rsv.not-final.1
reserved-on-ping                      deflate.rsv1.control.ping
reserved-on-pong                      deflate.rsv1.control.pong
reserved-on-close                     ws.rsv.close.1
reserved-2-with-deflate               deflate.rsv.6
reserved-3-ignored                    ws.rsv.1
reserved-with-compressed              deflate.rsv.5
reserved-on-text                      ws.rsv.empty.text                                      weaker
reserved-1-without-deflate            ws.rsv.4                                               plain
opcode-reserved-nonfinal-accepted     ws.opcode.not-final.3
opcode-reserved-between-fragments     ws.opcode.inside.3
opcode-7-as-binary                    ws.opcode.7
opcode-control-ignored                ws.opcode.11
opcode-control-nonfinal-ignored       control.fragmented.ping
control-fragmented-ping-answered      control.fragmented.ping
control-fragmented-pong-ignored       control.fragmented.pong
control-fragmented-close-answered     control.fragmented.close-answered
unmasked-control-accepted             ws.mask.missing.ping
unmasked-close-answered               ws.mask.missing.close-answered
unmasked-empty-accepted               ws.mask.missing.empty.ping
unmasked-continuation-accepted        ws.mask.missing.continuation
continuation-stray-ignored            ws.fragment.stray.final
continuation-stray-as-message         ws.fragment.stray.final
interleaved-restarts                  ws.fragment.interleaved.not-final
fragment-empty-first-forgotten        message.fragments.empty.first
fragment-empty-ends                   message.fragments.empty.middle
fragments-at-most-64                  message.fragments.count.130
fragments-8-bits                      message.fragments.count.260
fragment-last-empty-lost              message.fragments.empty.last
fragmented-cut-64-kib                 message.fragments.large
fragmented-compressed-first-only      deflate.fragments.two
uncompressed-inflated                 deflate.plain
uncompressed-refused                  deflate.plain
uncompressed-large-refused            deflate.plain.size-5000
uncompressed-resets-context           deflate.takeover.plain
uncompressed-fragmented-refused       deflate.takeover.plain-fragments
text-context-lost                     deflate.takeover.text
compressed-ping-between-breaks        deflate.bfinal.fragments
inflate-window-small                  deflate.takeover.distance.20000
inflate-takeover-forgotten            deflate.takeover
inflate-takeover-forgotten-late       deflate.takeover.later
inflate-takeover-forgotten-after-32   deflate.takeover.position
inflate-takeover-forgotten-fragmented deflate.takeover.distance.20000
inflate-sync-inside-cut               deflate.blocks.flush-inside
limit-inflated-cut                    deflate.limit.behind                                   weaker
bfinal-context-lost                   deflate.bfinal.window                                  weaker
bfinal-next-lost                      deflate.bfinal.several                                 weaker
bfinal-refused-above-4096             deflate.bfinal.size.final.5000
bfinal-only-first-block               deflate.bfinal.several                                 weaker
bfinal-rest-refused                   deflate.bfinal
truncated-delivered                   deflate.truncated.behind                               weaker
inflate-chunk-64-kib                  deflate.message.large
inflate-ratio-limited                 deflate.ratio
deflater-shared                       deflate.concurrent.connections
deflate-takeover-kept-large           deflate.answers.no-takeover.2000
deflate-takeover-kept-second          deflate.answers.no-takeover.500
deflate-window-15-for-large           deflate.answers.windows.9.20000
deflate-skipped-keeps-context         deflate.answers.incompressible
deflate-strips-greedily               deflate.answers.ends.nuls
deflate-tail-left                     deflate.answers
deflate-output-16-kib                 deflate.message.large
deflate-small-without-bit             deflate.answers
deflate-small-with-bit                deflate.answers
deflate-small-expanded                deflate.message.large
send-126-short                        ws.length.form.16.126
send-65536-wraps                      ws.length.form.64.65536
send-65535-long                       frame.size.65521
send-above-32767-long                 frame.size.65521
send-close-long                       close.empty
send-pong-masked                      control.ping.26
send-control-fragmented               control.ping.26
send-fragments-opcode-repeated        deflate.message.large
send-fragments-bit-repeated           deflate.answers
send-fragments-unfinished             deflate.message.large
trailing-starts-next                  frame.trailing.zero-byte
leading-zeros-skipped                 message.garbage.byte-before
magic-second-byte-unchecked           frame.magic.second-off
length-signed                         frame.length.limit.announced.sign-bit
length-24-bits                        frame.length.high-bits.24
limit-exclusive                       frame.length.limit.exact
limit-on-payload                      frame.length.limit.above
limit-with-header                     frame.length.limit.below
length-sum-wraps                      frame.length.minimum.0
length-below-8-as-8                   frame.length.minimum.0
trailing-one-byte-accepted            frame.trailing.zero-byte
trailing-cut-off                      frame.trailing.one-byte                                weaker
length-one-short-accepted             frame.cut.payload.1
id-31-bits                            frame.protocol-id.high-bits.bit-31
id-8-bits                             frame.protocol-id.high-bits.bit-16
id-high-refused                       frame.protocol-id.high-bits.bit-31
sn-high-refused                       rpc.sn.top-bit
payload-cut-at-nul                    frame.payload.begins.nul
payload-trimmed                       frame.payload.line-ends
payload-as-utf-8                      frame.payload.not-utf8
payload-line-ends                     frame.payload.line-ends
payload-resynchronised                frame.payload.magic
payload-byte-order-mark               frame.payload.begins.byte-order-mark
payload-last-nul-dropped              frame.payload.ends.nul
send-sn-31-bits                       rpc.sn.top-bit
send-sn-16-bits                       frame.sn.byte-order
send-sn-as-float                      rpc.sn.each-byte
send-length-16-bits                   rpc.concurrent.sizes
send-length-in-characters             frame.payload.begins.han
send-length-padded                    sanity.sender.frame
send-multiple-of-4096-cut             frame.size.131072
send-magic-of-1.2-when-empty          frame.empty-payload.one-way
displacement-milliseconds             displacement.timestamp
displacement-seconds                  displacement.timestamp
displacement-time-32-bits             displacement.timestamp
displacement-time-missing             displacement.timestamp
displacement-new-address-of-old       displacement.addresses
displacement-without-ports            displacement.addresses
displacement-addresses-cut            displacement.addresses                                 informational
displacement-empty-payload            displacement.payload
queue-overflow-dropped                queue.large
queue-overflow-closes                 close.unsent                                           informational
queue-unbounded                       resources.queue                                        weaker all
displacement-then-data                displacement.order
send-large-uncompressed-with-bit      deflate.answers
batch-last-lost                       burst.count
batch-first-twice                     burst.count
send-messages-mixed                   rpc.concurrent.sizes
stuck-writer-blocks-all               queue.others
queue-full-stalls                     queue.large
partial-message-blocks-all            isolation.unfinished
displaced-end-removes-newcomer        displacement.old-end
slow-answer-to-newest-of-identity     displacement.in-flight
reset-kills-server                    transport.reset.idle
close-without-fin                     close.empty
closed-still-serves                   close.after.close
segment-rest-waits-for-more           rpc.concurrent.segment
segment-partial-frame-lost            ws.stream.partial.1
malformed-dropped                     frame.magic.swapped                                    weaker
malformed-drops-next                  message.after.malformed.magic                          weaker
malformed-close-kept-open             close.violation.magic
violation-1006                        frame.length.limit.above
violation-data-behind                 close.violation.magic
violation-reason-long                 frame.length.limit.above
violation-reason-not-utf-8            frame.magic.swapped
ping-answer-shared                    isolation.pings
ping-empty-unanswered                 control.ping.0
ping-cut-at-124                       control.ping.125
ping-125-unanswered                   control.ping.125
ping-cut-at-nul                       control.ping.125
ping-unanswered-while-slow            rpc.slow.ping
ping-unanswered-in-message            message.fragments.pong-before-end
ping-while-slow-cancels               rpc.slow.busy
ping-answer-compressed                deflate.answers
ping-answered-with-ping               control.ping.26
pong-answered                         control.pong.unsolicited.10
pong-unsolicited-refused              control.pong.unsolicited.10
pong-in-message-refused               message.fragments.pongs
close-one-byte-accepted               close.body.one                                         weaker
close-application-codes-refused       close.code.legal.3000
close-1012-refused                    close.code.registered.1012                             informational
close-any-code-accepted               close.code.illegal.1005
close-reason-not-utf-8-accepted       close.reason.utf8.stray                                weaker
close-long-reason-unanswered          close.reason.longest
close-empty-answered-1005             close.code.answer.none
close-empty-unanswered                close.empty
close-unanswered-when-unsent          close.unsent
close-unanswered-when-running         close.running
close-waits-for-running               close.running                                          weaker
close-unanswered-in-message           close.fragments
close-unanswered-behind-data          close.running.many
close-answered-twice                  close.after.close
close-answer-compressed-bit           deflate.close
close-rst                             close.burst
text-dropped                          message.text.plain.words                               weaker
text-drops-next                       message.text.pings
text-fragmented-delivered             message.text.fragmented
text-compressed-delivered             deflate.text
every-300th-closes                    rpc.position.calls
handled-256-lost                      rpc.position.calls
sn-own-parity-ignored                 rpc.sn.odd.five
answer-zero-unreported                server-calls.empty
answer-handler-skipped                server-calls.request-with-its-sn                       weaker
answer-unknown-drops-next             message.after.dropped.unknown.answer
answer-unknown-closes                 rpc.answer.unknown.three
sn-used-once                          rpc.sn.reused
unknown-drops-next                    message.after.dropped.unknown.one-way
unknown-answered-when-call            frame.protocol-id.unknown.call
id-0-closes                           frame.protocol-id.zero.one-way
id-high-closes                        frame.protocol-id.high-bits.bit-31
displacement-from-client-drops-next   message.after.dropped.id.displacement
displacement-from-client-closes       displacement.from-client.empty
one-way-stops-at-300                  rpc.position.one-way
one-way-carries-last-sn               rpc.slow.one-way
one-way-unanswered-while-slow         rpc.slow.one-way
one-way-empty-unanswered              frame.empty-payload.one-way
echo-empty-unanswered                 frame.empty-payload.call
echo-cached-by-sn                     isolation.same-request
echo-waits-for-slow                   rpc.blocking                                           weaker
echo-at-most-300                      rpc.position.calls
echo-lost-behind-100                  rpc.concurrent.connections
echo-above-64-kib-lost                rpc.concurrent.sizes
echo-to-newest                        isolation.large
echo-buffer-shared                    isolation.large
compressor-shared-when-large          deflate.concurrent.sizes
echo-broadcast-to-user                isolation.uid
slow-at-most-16                       rpc.slow.many
slow-payload-shared                   rpc.slow.payloads
slow-one-per-sn                       rpc.slow.same-sn
slow-timer-shared                     rpc.slow.payloads
slow-timer-of-all                     rpc.slow.connections
slow-dropped-with-empty               rpc.slow.size.0
slow-compressed-early                 deflate.slow
slow-one-at-a-time                    rpc.blocking.many                                      weaker
slow-answered-with-last-sn            rpc.slow.busy
slow-answer-large-cut                 rpc.slow.size.5000
slow-answered-twice-when-large        rpc.slow.size.5000
call-one-at-a-time                    server-calls.concurrent
call-empty-not-made                   server-calls.empty-trigger
call-sn-reused-when-two               server-calls.concurrent
call-sn-by-one                        server-calls.answered
call-table-shared                     isolation.servers-calls.crossed
answer-second-reported                server-calls.second-answer
answer-first-pending-completed        server-calls.concurrent
answer-of-any-id-refused              server-calls.answered
answer-large-unreported               server-calls.size.70000
report-payload-of-call                server-calls.answered
burst-shared-counter                  burst.connections
burst-stops-on-input                  burst.twice
puller-runs-once                      puller.later
puller-shared                         puller.others
handshakes-one-at-a-time              transport.upgrade.waiting
broken-handshake-stops-accepting      transport.upgrade.abandoned.nothing
head-in-segments-refused              handshake.read.pieces.seven-bytes
garbage-request-stops-accepting       handshake.method.put
accept-of-latest-key                  displacement.at-once
offers-answer-left-out                deflate.offer.unnamed
connection-leaks-512-kib              resources.connections                                  weaker
displaced-delays-newcomer             displacement.not-reading                               weaker
hub-at-most-12                        rpc.concurrent.connections
newcomer-refused-after-first          displacement.again
displacement-first-only               displacement.again
displacement-to-both                  displacement.late.end
stuck-old-takes-newcomer              displacement.late.unsent
calls-move-to-newcomer                displacement.servers-call
displaced-late-end-takes-newcomer     displacement.late.end
displacement-missing-while-slow       displacement.running.slow
displacement-missing-in-message       displacement.unfinished.fragments
displacement-missing-when-unsent      displacement.unsent
displacement-when-idle-only           displacement.busy
displacement-old-address-of-newest    displacement.addresses
displacement-with-sn                  displacement.payload
displacement-id-minus-1               displacement.newcomer
displacement-twice                    displacement.order
displacement-bit-without-deflate      displacement.order                                     plain
displacement-plain-bit                displacement.compression
displacement-as-text                  displacement.newcomer
displacement-missing-after-calls      displacement.again
displaced-stays-open                  displacement.newcomer
displaced-without-close-frame         displacement.order
displaced-without-fin                 displacement.order
query-plus-behind-escape              metadata.plus.escaped.device-id
query-decoded-twice                   metadata.percent.once.device-id
identity-of-raw-query                 metadata.percent.hyphen
identity-as-tuple                     identity.ambiguous                                     weaker
fragments-of-limit-refused            message.fragments.limit
short-judged-compressed               deflate.answers
fragments-with-many-controls-refused  ws.mask.fragments.1
fragments-behind-long-ping-lost       ws.right
call-table-without-parity             server-calls.wrong-sn
answer-fragmented-unreported          server-calls.size.70000
answer-in-burst-one-way               burst.calls
slow-one-way-numbered                 rpc.slow.numbered
puller-of-newcomer                    displacement.puller
displacement-not-twice-a-second       displacement.again
magic-unchecked-fragmented            frame.magic.fragments.inside-the-header
magic-unchecked-compressed            deflate.magic
magic-unchecked-compressed-in-fragments deflate.magic.fragments.inside-the-payload
short-filled-fragmented               frame.short.fragments.256.inside-the-payload
short-filled-compressed               deflate.short.256
short-filled-compressed-in-fragments  deflate.short.fragments.1.inside-the-header
trailing-delivered-fragmented         frame.trailing.fragments.at-the-end
trailing-delivered-compressed         deflate.trailing.one-byte
trailing-delivered-compressed-in-fragments deflate.trailing.fragments.in-the-payload
second-frame-delivered-fragmented     frame.second.fragments.one-way.between-them
second-frame-delivered-compressed     deflate.second.calls
second-frame-delivered-compressed-in-fragments deflate.second.fragments.calls.between-them
refused-upgrade-displaces             displacement.refused.version
burst-behind-displacement             displacement.burst.running
one-way-completes-call                server-calls.pending.one-way.ids
one-way-dropped-while-calling         server-calls.pending.one-way.echo
typed-octal                           metadata.integer.zero-and-octal-digits
typed-as-double                       metadata.integer.distinct.above-53-bits
query-empty-passed-over               metadata.repeated.empty-device-id-first
query-plus-kept-in-source             metadata.plus.source
mask-key-ends-at-zero                 ws.mask.key.a100c2d3.200
"""

FAULTS = {fields[0]: (fields[0], fields[1], " ".join(fields[2:])) for fields in map(str.split, (TABLE + reported_faults.TABLE).split("\n")) if fields}
