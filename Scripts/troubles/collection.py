"""A folder of captures and its manifest."""
import json

from capture_forge import LINK_TYPES, Wire, pcap, truth

# What must not be said of bytes that are all there.
NEVER = ["tcp.gap", "tcp.overlap-conflict", "ws.protocol-error", "app.bad-magic", "app.length-mismatch",
         "ws.deflate-context-lost", "ws.inflate-error", "ws.resync"]


class Collection:
    """Captures and their manifest. Those larger than `limit` bytes are left out."""

    def __init__(self, folder, limit=None):
        self.folder, self.limit, self.manifest = folder, limit, []
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, name, parts, required=(), allowed=(), wire=None, pack=None, flags=None, exit="ok", snap=None, records=None,
            suffix=".pcap", forbidden=()):
        """`parts` are pairs of a conversation and its packets, `allowed` what may be said though it is in NEVER."""
        wire, flags = wire or Wire(), dict(flags or {})
        everything = [packet for _, segments in parts for packet in segments]
        if len(parts) > 1:
            everything.sort(key=lambda packet: packet.time)
        if records is None:
            records = [(packet.time, frame, len(frame)) for packet in everything for frame in wire.framed(packet)]
        if snap:
            for packet in everything:
                packet.kept = max(0, snap - 54)
            records = [(time, frame[:snap], size) for time, frame, size in records]
        data = (pack or pcap)(records, LINK_TYPES[wire.link])
        if self.limit is not None and len(data) > self.limit:
            return
        (self.folder / (name + suffix)).write_bytes(data)
        unlike = set(required) | set(allowed)
        self.manifest.append({
            "variant": name, "file": name + suffix, "exit": exit, "flags": flags, "anomalies_required": list(required),
            "anomalies_forbidden": [finding for finding in NEVER if finding not in unlike] + list(forbidden),
            "connections": [truth(conversation, segments, wire) for conversation, segments in parts]})

    def finish(self):
        """Writes the manifest, an entry a line."""
        lines = (json.dumps(entry, separators=(",", ":")) for entry in self.manifest)
        (self.folder / "manifest.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
