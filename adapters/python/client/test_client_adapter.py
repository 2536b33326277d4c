"""The test of the adapter: python3 -m unittest discover, in this folder."""
import json
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Adapter(unittest.TestCase):
    def test_the_adapter_answers_for_the_client(self):
        frame = {"revision": "1.3.3", "message": "feef0a00000002000000040000006869"}
        lines = [{"cmd": "hello", "seq": 1, "protocol": 1}, {"cmd": "run", "seq": 2, "operation": "frame.decode", "input": frame},
                 {"cmd": "stop"}]
        ended = subprocess.run([sys.executable, str(HERE / "client_adapter.py")], check=True, capture_output=True,
                               input="".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        hello, decoded = map(json.loads, ended.stdout.splitlines())
        self.assertEqual(hello["name"], "wireproof's Python client")
        self.assertEqual(decoded["output"], {"protocolId": 2, "sn": 4, "length": 10, "payload": "6869"})


if __name__ == "__main__":
    unittest.main()
