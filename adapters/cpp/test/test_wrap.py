"""wrap.py: which class is meant, and what is copied of the sources beside it. Needs no Qt."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import wrap  # noqa: E402

CLASS = "class {name} : public QObject {{ Q_OBJECT\n public:\n  {method};\n}};\n"


class Sources(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def written(self, name, text):
        (self.path / name).write_text(text, encoding="utf-8")
        return self.path / name

    def test_the_class_with_send_msg_is_meant(self):
        for name in ("Connection", "Q_EXPORT Connection"):
            self.assertEqual(wrap.class_of(self.written("a.h", CLASS.format(name=name, method="void SendMsg()")), None), "Connection")

    def test_of_several_one_has_to_be_named(self):
        header = self.written("a.h", CLASS.format(name="A", method="void SendMsg()") + CLASS.format(name="B", method="void SendMsg()"))
        self.assertEqual(wrap.class_of(header, "B"), "B")
        with self.assertRaisesRegex(wrap.Lacking, "2 classes .* among A, B; name one with --class"):
            wrap.class_of(header, None)

    def test_a_header_without_such_a_class_says_what_it_has(self):
        with self.assertRaisesRegex(wrap.Lacking, "no classes of QObject with SendMsg among A"):
            wrap.class_of(self.written("a.h", CLASS.format(name="A", method="void Other()")), None)

    def test_generated_code_and_a_main_stay_behind_and_a_stand_in_comes(self):
        header = self.written("a.h", '#include "proto/msg.pb.h"\n')
        self.written("a.cpp", '#include "a.h"\n#include "../outside.pb.h"\n')
        for name in ("msg.pb.h", "msg.pb.cc", "moc_a.cpp"):
            self.written(name, "#error generated\n")
        self.written("main.cpp", "int main(int argc, char *argv[])\n{\n}\n")
        work = self.path / "work"
        self.assertEqual([file.name for file in wrap.copied(header, work)], ["a.cpp"])
        found = sorted(str(file.relative_to(work)) for file in work.rglob("*") if file.is_file())
        self.assertEqual(found, ["a.cpp", "a.h", "proto/msg.pb.h"])
        self.assertIn("wrapped/msg.pb.h", (work / "proto/msg.pb.h").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
