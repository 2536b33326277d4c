"""Faults after public reports about servers of WebSocket and calls, most of which show behind something else alone.

The rows are those of faults.py: the name of a fault, the case that has to find it, options.
"""

TABLE = """
ping-in-segments-unanswered           control.ping.cut.7
mask-phase-per-read                   ws.stream.cut.20
extended-length-cut-refused           ws.stream.length-cut
compressed-sticks-when-fragmented     deflate.plain.fragments
compressed-lost-with-empty-first      deflate.fragments.empty
fragments-compressed-at-most-16       deflate.fragments.each-byte
frames-of-read-at-most-64             ws.stream.many
parts-left-to-next                    isolation.leftover.fragments
buffer-left-to-next                   isolation.leftover.frame
inflater-left-to-next                 isolation.leftover.compressed
deflater-left-to-next                 isolation.leftover.compressed
inflate-multiple-of-4096-refused      deflate.inflated.4096
deflate-multiple-of-1024-cut          deflate.deflated.1024
inflate-window-of-server              deflate.takeover.server-window
takeover-sides-swapped                deflate.offer.valid.server-no-context
offers-declined-takeover-kept         deflate.takeover.declined-before.client-flag
inflate-stored-above-32-kib           deflate.stored
deflate-large-behind-next             deflate.concurrent.sizes
ping-same-payload-once                control.ping.same
pong-dropped-when-unsent              queue.ping
close-answer-reason-cut               close.reason.longest.three-bytes
close-answer-reason-long              close.reason.longest
close-answer-code-swapped             close.running
close-answer-answered                 close.violation.magic
fin-ignored                           transport.half-close                          weaker
violation-of-one-ends-all-of-user     isolation.violation.user
violation-bans-address                message.after.malformed.magic
unmasked-accepted-behind-first        ws.mask.missing.later
reserved-unchecked-behind-first       ws.rsv.continuation.2
magic-unchecked-behind-first          message.later.magic
trailing-delivered-behind-first       message.later.trailing
slow-one-per-sn-of-16-bits            rpc.slow.same-sn
slow-large-overwritten                rpc.slow.payloads.large
slow-answer-id-shared                 rpc.slow.busy
slow-permit-kept-by-leaver            isolation.leaver
slow-dies-with-connection             isolation.leaver
call-permit-kept-by-leaver            isolation.servers-calls.leaver
call-sn-follows-client                server-calls.parity.odd
burst-dies-with-connection            isolation.leftover.burst
puller-dies-with-connection           isolation.leftover.puller
unknown-at-most-64                    frame.protocol-id.unknown.many
one-way-repeated-dropped              frame.one-way.repeated
calls-of-read-share-sn                rpc.concurrent.segment
payload-parsed-as-json                frame.payload.text.json-broken
payload-formatted                     frame.payload.text.formats
payload-html-escaped                  frame.payload.text.markup
payload-normalized                    frame.payload.text.combining
ended-removes-newcomer-from-hub       displacement.again
hub-looked-at-then-set                displacement.at-once
hub-matches-beginning                 identity.other.beginning
hub-empty-device-matches-any          identity.other.device-id
hub-keyed-by-hash                     identity.other.same-hash.times-31
hub-keyed-by-crc                      identity.other.same-hash.crc-32
anonymous-not-in-hub                  identity.empty
reconnect-soon-refused                displacement.returns
displacement-missing-while-calling    displacement.servers-call
granted-accept-twice                  handshake.accept.exact
granted-extensions-twice              deflate.offer.valid.bare
granted-in-http-1.0                   sanity.upgrade
subprotocols-echoed-whole             handshake.protocol.offered
subprotocol-unasked                   handshake.protocol.none
connection-second-field-ignored       handshake.read.connection-twice
query-empty-pair-refused              metadata.empty.pairs
query-without-value-refused           metadata.empty.no-equals-sign
query-at-most-16                      metadata.unknown.forty
query-split-at-last-question-mark     metadata.question-mark.value
query-value-ends-at-equals            metadata.separators.equals-sign
query-upper-hex-only                  metadata.percent.hex-in-lower-case
uid-trimmed                           identity.other.value.space-at-end
uid-255-characters                    identity.long
uid-invalid-utf-8-replaced            identity.other.value.not-utf8
uid-normalized                        identity.other.value.accents
device-case-ignored                   identity.other.value.case
device-64-characters                  identity.other.value.last-character
source-case-ignored                   identity.other.value.case
source-16-characters                  identity.other.value.last-character
typed-as-text                         metadata.integer.leading-zeros
typed-plus-refused                    metadata.integer.plus-sign
typed-as-python                       metadata.integer.invalid.underscore           weaker
"""
