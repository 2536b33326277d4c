"""wrap.py: what it says about a module that cannot be built."""
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import wrap  # noqa: E402

NEWEST = re.search(r"^go\s+(\S+)", "go 1.24.0")
SAID = {
    "reading go.work: go.work:1: invalid go version '1.24.0': must match format 1.23": "asks for Go 1.24.0",
    "go: module . listed in go.work file requires go >= 1.24.0, but go.work lists go 1.19": "asks for Go 1.24.0",
    "ws/conn.go:15:2: missing go.sum entry for module providing package github.com/gorilla/websocket": "go mod download",
    "go: example.org/x@v1.0.0: Get \"https://proxy/x\": dial tcp: lookup proxy: no such host": "go mod download",
    "./main.go:42:16: undefined: ws.NewMessage": "its interface is not that of goutils/ws",
    "./main.go:1:1: syntax error": "the compiler says why",
}


class Modules(unittest.TestCase):
    def test_what_the_compiler_says_is_explained(self):
        for errors, text in SAID.items():
            with self.subTest(errors):
                self.assertIn(text, wrap.advice(errors, NEWEST))

    def refused(self, *files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files:
                (Path(folder) / name).parent.mkdir(exist_ok=True)
                (Path(folder) / name).write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, wrap.__file__, folder], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        return done.stderr

    def test_a_folder_that_is_no_module_is_refused(self):
        self.assertIn("no module there", self.refused())
        self.assertIn("names no module", self.refused(("go.mod", "go 1.19\n")))

    def test_a_package_that_is_not_there_is_refused(self):
        self.assertIn("name the package's folder with --package", self.refused(("go.mod", "module example.org/m\n"), ("other/a.go", "package other\n")))


if __name__ == "__main__":
    unittest.main()
