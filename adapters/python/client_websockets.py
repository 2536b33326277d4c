#!/usr/bin/env python3
"""A driven client over `websockets` from PyPI: wireproof probe client --profile … -- python3 client_websockets.py {url}"""
import argparse
import asyncio
import random
import ssl

import websockets.asyncio.client
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from driver import LIMIT, Driver, Malformed


async def serve(connection, driver):
    """Serves one connection until it has ended."""
    # Driver.send does not wait and connection.send does: one task sends in order.
    queue = asyncio.Queue()

    async def write():
        while True:
            message, code = await queue.get()
            if message is None:
                await connection.close(code)
            else:
                await connection.send(message)

    driver.attach(lambda message: queue.put_nowait((message, None)), lambda code: queue.put_nowait((None, code)))
    writing = asyncio.create_task(write())
    try:
        async for message in connection:
            if isinstance(message, str):
                raise Malformed("a text message", 1003)
            driver.take(message)
    except Malformed as malformed:
        await connection.close(malformed.code, str(malformed))
    except ConnectionClosed:
        pass
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        driver.detach()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--compress", action="store_true")
    parser.add_argument("--insecure", action="store_true")
    parser.add_argument("--pause", type=float, default=0.5, help="before the first attempt to connect again")
    arguments = parser.parse_args()
    options = {"compression": "deflate" if arguments.compress else None, "max_size": LIMIT + 6, "proxy": None,
               "ping_interval": 24, "ping_timeout": 60, "close_timeout": 2}
    if arguments.insecure:
        options["ssl"] = ssl.create_default_context()
        options["ssl"].check_hostname, options["ssl"].verify_mode = False, ssl.CERT_NONE
    driver, failures = Driver(), 0
    while driver.goes_on and failures <= 3:
        try:
            connection = await websockets.asyncio.client.connect(arguments.url, **options)
        except InvalidHandshake as error:
            raise SystemExit(f"not connected: {error}")
        except (OSError, EOFError) as error:
            print(f"not connected: {error}", flush=True)
        else:
            await serve(connection, driver)
            if driver.reconnecting is not None:
                failures = 0
                continue
        failures += 1
        if driver.goes_on:
            await asyncio.sleep(arguments.pause * 2 ** failures * random.uniform(0.5, 1))


asyncio.run(main())
