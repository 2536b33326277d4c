-- A dissector of the protocol's current revision for Wireshark, as one writes it in an afternoon: the header of each message.
local goutils = Proto("goutils", "goutils ws")
local f = {
  length = ProtoField.uint32("goutils.length", "Length"),
  id = ProtoField.uint32("goutils.id", "Protocol id"),
  sn = ProtoField.uint32("goutils.sn", "Serial number"),
  payload = ProtoField.bytes("goutils.payload", "Payload"),
}
goutils.fields = { f.length, f.id, f.sn, f.payload }

function goutils.dissector(buffer, packet, tree)
  if buffer:len() < 14 or buffer(0, 2):uint() ~= 0xFEEF then return 0 end
  local subtree = tree:add(goutils, buffer())
  subtree:add_le(f.length, buffer(2, 4))
  subtree:add_le(f.id, buffer(6, 4))
  subtree:add_le(f.sn, buffer(10, 4))
  if buffer:len() > 14 then subtree:add(f.payload, buffer(14)) end
  return buffer:len()
end

DissectorTable.get("ws.port"):add(8003, goutils)
