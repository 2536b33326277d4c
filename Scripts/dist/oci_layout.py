"""The container image, as a tar archive of OCI's image layout: the executable, its data, and of a system only glibc and what it loads."""
import hashlib
import json
import pathlib
import shutil
import subprocess
import tempfile
import time

import archive
from release import DEBIAN_CPU, SUMMARY, moment, version

USER = 65532

FILES = {
    "etc/passwd": f"root:x:0:0:root:/:/sbin/nologin\nwireproof:x:{USER}:{USER}:wireproof:/work:/sbin/nologin\n",
    "etc/group": f"root:x:0:\nwireproof:x:{USER}:\n",
    # Names are looked up in the files that a container's engine writes, and then asked for.
    "etc/nsswitch.conf": "hosts: files dns\n",
}


def build(tree, folder):
    path = folder / f"wireproof-{version()}-oci-{DEBIAN_CPU}.tar"
    with tempfile.TemporaryDirectory() as place:
        layout = pathlib.Path(place)
        (layout / "blobs" / "sha256").mkdir(parents=True)
        fill(layout, tree)
        path.write_bytes(archive.tar(layout))
    return path


def fill(layout, tree):
    with tempfile.TemporaryDirectory() as place:
        root = pathlib.Path(place) / "root"
        shutil.copytree(tree, root / "usr")
        for unused in ["man", "bash-completion", "zsh", "fish"]:
            shutil.rmtree(root / "usr" / "share" / unused)
        copy_libraries(tree / "bin" / "wireproof", root)
        for name, text in FILES.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        for name in ["work", "tmp"]:
            (root / name).mkdir()
        content = archive.tar(root)
    packed = archive.gzipped(content)
    layer = blob(layout, packed, "application/vnd.oci.image.layer.v1.tar+gzip")
    configuration = blob(layout, encoded({
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment())),
        "architecture": DEBIAN_CPU, "os": "linux",
        "config": {
            "User": f"{USER}:{USER}", "Entrypoint": ["/usr/bin/wireproof"], "Cmd": ["--help"], "WorkingDir": "/work",
            "Env": ["PATH=/usr/bin"], "Labels": labels(),
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(content).hexdigest()}"]},
        "history": [{"created_by": "make dist", "comment": f"wireproof {version()}"}],
    }), "application/vnd.oci.image.config.v1+json")
    manifest = blob(layout, encoded({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": configuration, "layers": [layer], "annotations": labels(),
    }), "application/vnd.oci.image.manifest.v1+json")
    manifest["platform"] = {"architecture": DEBIAN_CPU, "os": "linux"}
    manifest["annotations"] = {"org.opencontainers.image.ref.name": version()}
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (layout / "index.json").write_bytes(encoded({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [manifest]}))


def labels():
    return {
        "org.opencontainers.image.title": "wireproof", "org.opencontainers.image.version": version(),
        "org.opencontainers.image.description": SUMMARY,
        "org.opencontainers.image.licenses": "Apache-2.0 AND LGPL-2.1-or-later AND GPL-3.0-or-later WITH GCC-exception-3.1",
    }


def encoded(value):
    return json.dumps(value, separators=(",", ":")).encode()


def blob(layout, content, media_type):
    digest = hashlib.sha256(content).hexdigest()
    (layout / "blobs" / "sha256" / digest).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}


def copy_libraries(executable, root):
    """glibc's loader and libraries, where the loader looks for them, with their licences."""
    listed = subprocess.run(["ldd", str(executable)], check=True, capture_output=True, text=True).stdout
    paths = [word for word in listed.split() if word.startswith("/")]
    # glibc loads it when a thread is ended, and ends the program where it is missing.
    libc = next(path for path in paths if path.endswith("/libc.so.6"))
    for path in [*paths, str(pathlib.Path(libc).with_name("libgcc_s.so.1"))]:
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o755)
    for package in ["libc6", "libgcc-s1"]:
        terms = root / "usr" / "share" / "doc" / package
        terms.mkdir(parents=True)
        shutil.copyfile(f"/usr/share/doc/{package}/copyright", terms / "copyright")
