"""What a program does with the client: it is called, calls, and says what it sees. wsclient is yours to copy."""
import asyncio
import sys

from wsclient import CallError, Client


async def main(url):
    client = Client(url, on_displaced=lambda by: print("displaced by", by.new_ip.decode(errors="replace")))
    client.handle(3, lambda message: print(f"one-way: {message.text}"))
    client.handle(7, lambda request: request.answer(17, request.payload))  # the server calls
    async with client:
        await client.send(2, "hello")
        try:
            answer = await client.call(2, "hello", timeout=1)
            print(f"answered: {answer.text}")
        except CallError as fault:
            print(f"no answer: {fault.code}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: example.py ws://HOST:PORT/PATH?QUERY")
    try:
        asyncio.run(main(sys.argv[1]))
    except OSError as fault:
        sys.exit(f"cannot connect: {fault}")
