"""The tests of the client: python3 -m unittest discover, in this folder."""
import asyncio
import base64
import hashlib
import struct
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))
from wsclient import (
    DISPLACEMENT, GBK, CallError, Client, Displacement, Frame, ProtocolError, Redial, decode_text, encode_text, handshake, websocket,
)
from wsclient.calls import Calls
from wsclient.compression import Deflater, Inflater

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 section 1.3


def response(accept=ACCEPT, extra=""):
    return (f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n{extra}\r\n").encode()


class Bytes(unittest.TestCase):
    def refuses(self, code, offset, function, *given):
        with self.assertRaises(ProtocolError) as caught:
            function(*given)
        self.assertEqual((caught.exception.code, caught.exception.offset), (code, offset))

    def test_a_frame_is_the_bytes_of_the_specification_both_ways(self):
        message = bytes.fromhex("feef0a00000002000000040000006869")
        self.assertEqual(Frame(2, 4, b"hi").encode(), message)
        self.assertEqual(Frame.decode(message), Frame(2, 4, b"hi"))

    def test_a_malformed_frame_is_refused_where_the_fault_is(self):
        for message, code, offset in (
            ("", "empty", 0), ("feee0800000000000000", "bad-magic", 1), ("feef080000", "short", 5), ("feef08000000", "short", 6),
            ("feef070000000000000000", "length-too-small", 2), ("feef01000800", "too-large", 2),
            ("feef080000000200000000000000ff", "trailing-bytes", 14),
        ):
            with self.subTest(message):
                self.refuses(code, offset, Frame.decode, bytes.fromhex(message))

    def test_a_displacement_is_read_without_a_protobuf_library(self):
        payload = bytes.fromhex("0a0161" + "2207756e6b6e6f776e" + "120162" + "18ffffffffffffffffff01")
        self.assertEqual(Displacement.decode(payload), Displacement(b"a", b"b", -1))
        self.refuses("bad-protobuf", 3, Displacement.decode, bytes.fromhex("0a01610a05"))

    def test_text_is_never_replaced_silently(self):
        self.assertEqual(encode_text("€你", GBK).hex(), "80c4e3")
        self.assertEqual(decode_text(bytes.fromhex("80c4e3"), GBK), "€你")
        self.refuses("unencodable", 1, encode_text, "a😀", GBK)
        self.refuses("malformed", 1, decode_text, b"a\xff", GBK)

    def test_serial_numbers_wrap_without_0_and_skip_those_that_wait(self):
        calls = Calls()
        self.assertEqual(calls.begin("first"), 2)
        calls.next_sn = 0xFFFFFFFE
        self.assertEqual([calls.begin("last"), calls.begin("next")], [0xFFFFFFFE, 4])

    def test_messages_are_put_together_however_the_bytes_are_cut(self):
        stream = bytes.fromhex("02016189007a" "8001628200".replace("89007a", "8900"))
        whole = list(websocket.Decoder(100).feed(stream))
        decoder = websocket.Decoder(100)
        self.assertEqual([event for byte in stream for event in decoder.feed(bytes([byte]))], whole)
        self.assertEqual([event.payload for event in whole], [b"", b"ab", b""])

    def test_the_answer_is_held_against_what_was_asked(self):
        self.assertIsNone(handshake.answer(response()[:-1], KEY))
        early = handshake.answer(b"HTTP/1.1 103 Early\r\n\r\n" + response() + b"\x82\x00", KEY)
        self.assertEqual(early.consumed, len(response()) + 22)
        deflate = handshake.answer(response(extra="Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n"), KEY,
                                   compress=True).deflate
        self.assertEqual(deflate.server_max_window_bits, 10)
        for code, answer in (
            ("wrong-accept", response("AAAA")), ("refused", response().replace(b"101", b"200")),
            ("unoffered-extension", response(extra="Sec-WebSocket-Extensions: permessage-deflate\r\n")),
            ("unoffered-protocol", response(extra="Sec-WebSocket-Protocol: chat\r\n")),
        ):
            with self.subTest(code):
                self.refuses(code, None, handshake.answer, answer, KEY)

    def test_a_message_inflates_no_further_than_the_limit(self):
        data = Deflater().message(bytes(100000))
        self.assertEqual(Inflater(limit=100000).message(data), bytes(100000))
        self.refuses("too-large", None, Inflater(limit=99999).message, data)


class Server:
    """A server of one connection after the other, each played by the test."""

    def __init__(self, *plays):
        self.plays, self.connections = list(plays), 0

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/join?uid=100"
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def serve(self, reader, writer):
        self.connections += 1
        self.reader, self.writer = reader, writer
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = head.split("Sec-WebSocket-Key: ")[1].split("\r\n")[0]
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        writer.write(response(accept))
        try:
            await self.plays.pop(0)(self)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def send(self, protocol_id, sn, payload):
        self.raw(2, Frame(protocol_id, sn, payload).encode())

    def raw(self, opcode, payload):
        self.writer.write(bytes([0x80 | opcode, len(payload)]) + payload)

    async def frame(self):
        """The next data frame; control frames in between are passed over, except a close frame."""
        while True:
            head = await self.reader.readexactly(2)
            size = head[1] & 127
            if size == 126:
                size, = struct.unpack(">H", await self.reader.readexactly(2))
            key = await self.reader.readexactly(4)
            payload = websocket.mask(await self.reader.readexactly(size), key)
            if head[0] & 15 == 8:
                return payload
            if head[0] & 15 == 2:
                return Frame.decode(payload)


class Connections(unittest.IsolatedAsyncioTestCase):
    async def play(self, script, *plays, **options):
        async with Server(*plays) as server:
            client = Client(server.url, **{"redial": None, **options})
            await client.connect()
            try:
                await asyncio.wait_for(script(client, server), 20)
            finally:
                await client.close()

    async def test_calls_get_the_answers_with_their_numbers_in_any_order(self):
        async def server(peer):
            one, two = await peer.frame(), await peer.frame()
            peer.send(3, two.sn, two.payload)
            peer.send(3, one.sn, one.payload)
            peer.send(3, one.sn, b"again")
            await peer.frame()

        async def script(client, _):
            answers = await asyncio.gather(client.call(2, "one"), client.call(2, "two"))
            self.assertEqual([(answer.sn, answer.text) for answer in answers], [(2, "one"), (4, "two")])
        await self.play(script, server)

    async def test_a_call_fails_in_time_and_at_the_end_of_the_connection(self):
        async def server(peer):
            await peer.frame()
            await peer.frame()

        async def script(client, _):
            for timeout, code in ((0.01, "timeout"), (None, "closed")):
                with self.assertRaises(CallError) as caught:
                    await client.call(2, b"", timeout)
                self.assertEqual(caught.exception.code, code)
            await client.wait_ended()
            with self.assertRaises(CallError) as caught:
                await client.call(2, b"")
            self.assertEqual(caught.exception.code, "stopped")
        await self.play(script, server)

    async def test_the_peer_is_answered_and_may_break_nothing(self):
        answered = asyncio.get_running_loop().create_future()

        async def server(peer):
            await peer.frame()
            peer.send(99, 3, b"nobody handles this")
            peer.send(8, 0, b"this handler fails")
            peer.send(DISPLACEMENT, 0, b"\x0a\x05")
            peer.send(7, 5, b"hi")
            answered.set_result(await peer.frame())

        async def script(client, _):
            client.handle(8, lambda message: 1 // 0)
            client.handle(7, lambda message: message.answer(17, message.payload))
            await client.send(1)
            self.assertEqual(await answered, Frame(17, 5, b"hi"))
        with self.assertLogs("wsclient"):
            await self.play(script, server)

    async def test_a_violation_fails_the_connection_with_its_code(self):
        for raw, code in (((2, b"\xfe\xee"), 1002), ((1, b"text"), 1003), ((2, bytes.fromhex("feef01000800")), 1009)):
            closed = asyncio.get_running_loop().create_future()

            async def server(peer):
                peer.raw(*raw)
                closed.set_result(await peer.frame())

            async def script(client, _):
                self.assertEqual((await closed)[:2], code.to_bytes(2, "big"))
                await client.wait_ended()
            with self.subTest(code), self.assertLogs("wsclient"):
                await self.play(script, server)

    async def test_a_lost_connection_is_dialled_again_but_not_after_a_displacement(self):
        async def lose(peer):
            pass

        async def displace(peer):
            peer.send(DISPLACEMENT, 0, bytes.fromhex("0a01611201621805"))
            peer.raw(8, b"")
            await peer.frame()

        async def script(client, server):
            await client.wait_ended()
            self.assertEqual((client.displaced, server.connections), (Displacement(b"a", b"b", 5), 3))
        await self.play(script, lose, lose, displace, redial=Redial(attempts=2, first=0.001))


if __name__ == "__main__":
    unittest.main()
