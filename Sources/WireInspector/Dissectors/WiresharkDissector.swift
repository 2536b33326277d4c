import FrameCodec

/// A dissector for Wireshark and tshark in Lua.
enum WiresharkDissector {
  static var text: String { head + layouts + body }

  private static let head = """
    -- goutils ws: frames, calls and displacements in WebSocket messages.
    -- Written by: wireproof dissector wireshark. Put it into the folder of personal Lua plugins (Help, About, Folders), or:
    --   tshark -X lua_script:goutils-ws.lua -r capture.pcapng -Y gws
    -- Filters: gws.id == 2, gws.sn == 4, gws.kind == "request", gws.time > 0.1, gws.revision == "1.3.3", gws.unanswered
    -- It finds its frames by itself in binary WebSocket messages; where it does not, name the server's port: -o gws.port:8003.

    """

  /// The layouts as a table: per revision the magic and the offset, size and name of each field.
  private static var layouts: String {
    var lines = ["local layouts = {"]
    for layout in FrameLayout.all {
      var parts: [String] = []
      if let (first, second) = layout.magic {
        parts.append("magic = \(Int(first) << 8 | Int(second))")
      }
      parts.append("header = \(layout.headerSize)")
      if layout.revision.isProtobuf { parts.append("protobuf = true") }
      let fields = layout.fields.compactMap { field -> String? in
        guard case .integer = field.content, let offset = layout.offset(of: field.name) else { return nil }
        return "{name = \"\(field.filterName)\", offset = \(offset), size = \(field.size ?? 0)}"
      }
      parts.append("fields = {\(fields.joined(separator: ", "))}")
      if let smallest = layout.revision.smallestLength { parts.append("smallest = \(smallest)") }
      parts.append("displacement = \(layout.revision.displacementProtocolId)")
      lines.append("  [\"\(layout.revision.rawValue)\"] = {\(parts.joined(separator: ", "))},")
    }
    lines.append("}")
    lines.append("local length_end = \((FrameLayout(.current).offset(of: "length") ?? 0) + 4)")
    let names = FrameLayout.all.enumerated().map { index, layout in
      "{\(index + 1), \"\(layout.revision.rawValue)\", \(index + 1)}"
    }
    lines.append("local revisions = {{0, \"by the bytes\", 0}, \(names.joined(separator: ", "))}")
    var summaries: [String] = []
    for field in FrameLayout(.current).fields {
      summaries.append("  \(field.filterName) = \"\(field.summary)\",")
    }
    return (lines + ["local summaries = {"] + summaries + ["}"]).joined(separator: "\n") + "\n"
  }

  private static let body = #"""

    local gws = Proto("gws", "goutils ws")
    gws.prefs.revision = Pref.enum("Revision", 0, "The revision of the wire", revisions, false)
    gws.prefs.port = Pref.uint("WebSocket port", 0, "The port of a server all of whose messages are frames; 0: none")

    local f = {
      revision = ProtoField.string("gws.revision", "Revision"),
      magic = ProtoField.uint16("gws.magic", "Magic", base.HEX, nil, nil, summaries.magic),
      length = ProtoField.uint32("gws.length", "Length", base.DEC, nil, nil, summaries.length),
      id = ProtoField.int64("gws.id", "Protocol id", base.DEC, nil, nil, summaries.id),
      sn = ProtoField.uint32("gws.sn", "Serial number", base.DEC, nil, nil, summaries.sn),
      payload = ProtoField.bytes("gws.payload", "Payload", base.NONE, summaries.payload),
      payload_length = ProtoField.uint32("gws.payload_length", "Payload length"),
      text = ProtoField.string("gws.text", "Payload as text"),
      kind = ProtoField.string("gws.kind", "Kind"),
      sender = ProtoField.string("gws.sender", "Sender"),
      response_in = ProtoField.framenum("gws.response_in", "Answered in", base.NONE, frametype.RESPONSE),
      response_to = ProtoField.framenum("gws.response_to", "Answer to", base.NONE, frametype.REQUEST),
      time = ProtoField.relative_time("gws.time", "Response time"),
      unanswered = ProtoField.bool("gws.unanswered", "No answer captured"),
      old_address = ProtoField.string("gws.displacement.old", "Displaced address"),
      new_address = ProtoField.string("gws.displacement.new", "Displacing address"),
      trailing = ProtoField.bytes("gws.trailing", "Bytes behind the frame"),
    }
    local fields = {}
    for _, field in pairs(f) do fields[#fields + 1] = field end
    gws.fields = fields
    local e = {
      length = ProtoExpert.new("gws.bad_length", "The length is not that of the message", expert.group.MALFORMED, expert.severity.ERROR),
      trailing = ProtoExpert.new("gws.trailing_bytes", "Bytes follow the frame in its message", expert.group.PROTOCOL, expert.severity.WARN),
      displaced = ProtoExpert.new("gws.displaced", "The connection is displaced", expert.group.SEQUENCE, expert.severity.NOTE),
    }
    gws.experts = {e.length, e.trailing, e.displaced}

    local stream_of = Field.new("tcp.stream")
    local mask_of = Field.new("websocket.mask")

    -- Calls by connection and serial number, and what was found about each frame of a packet.
    local open_calls, known, current = {}, {}, {}
    function gws.init() open_calls, known, current = {}, {}, {} end

    -- Reads a varint. Gives the low 32 bits as a signed integer, the whole as far as Lua's numbers hold it, and the offset behind it.
    local function varint(tvb, offset)
      local low, value, factor, count = 0, 0, 1, 0
      while offset < tvb:len() and count < 10 do
        local byte = tvb(offset, 1):uint()
        local bits = byte % 128
        if count < 4 then low = low + bits * 128 ^ count end
        if count == 4 then low = low + (bits % 16) * 128 ^ 4 end
        value = value + bits * factor
        factor = factor * 128
        offset, count = offset + 1, count + 1
        if byte < 128 then
          if count == 10 and byte > 1 then return nil end
          if low >= 2147483648 then low = low - 4294967296 end
          return low, value, offset
        end
      end
      return nil
    end

    -- Reads the fields of a protobuf message from an offset to the end: {number, wire type, value or tvb range}. Nil: it is none.
    local function protobuf(tvb, offset)
      local list = {}
      while offset < tvb:len() do
        local _, tag, after = varint(tvb, offset)
        if not tag or tag > 4294967295 then return nil end
        local number, wire = math.floor(tag / 8), tag % 8
        if number == 0 then return nil end
        if wire == 0 then
          local low, _, next = varint(tvb, after)
          if not next then return nil end
          list[#list + 1] = {number, wire, low, tvb(offset, next - offset)}
          offset = next
        elseif wire == 2 then
          local _, size, start = varint(tvb, after)
          if not size or start + size > tvb:len() then return nil end
          list[#list + 1] = {number, wire, size > 0 and tvb(start, size) or nil, tvb(offset, start + size - offset)}
          offset = start + size
        elseif wire == 1 or wire == 5 then
          local size = wire == 1 and 8 or 4
          if after + size > tvb:len() then return nil end
          list[#list + 1] = {number, wire, nil, tvb(offset, after + size - offset)}
          offset = after + size
        else
          return nil
        end
      end
      return list
    end

    -- protocol_id and data of a P_MESSAGE that takes all bytes from an offset on. Nil: there is none.
    local function message(tvb, offset)
      local list = protobuf(tvb, offset)
      if not list then return nil end
      local found = {id = 0}
      for _, field in ipairs(list) do
        if field[1] == 1 and field[2] == 0 then found.id, found.id_range = field[3], field[4] end
        if field[1] == 2 and field[2] == 2 then found.data = field[3] end
      end
      return found
    end

    local function magic_of(tvb) return tvb:len() >= 2 and tvb(0, 2):uint() or -1 end

    -- The revision that a message is of; nil: of none.
    local function revision_of(tvb)
      local chosen = gws.prefs.revision
      if chosen and chosen > 0 then return revisions[chosen + 1][2] end
      local magic = magic_of(tvb)
      local stream = stream_of()
      stream = tostring(stream and stream.value or 0)
      if magic == layouts["1.3.3"].magic then
        current[stream] = true
        return "1.3.3"
      end
      -- Peers speak one revision on a connection.
      if current[stream] then return nil end
      if magic == layouts["1.3.0"].magic then
        if tvb:len() > length_end and tvb(length_end, 1):uint() == 8 and message(tvb, length_end) then return "1.2" end
        return "1.3.0"
      end
      if tvb:len() >= 2 and tvb(0, 1):uint() == 8 and message(tvb, 0) then return "1.1" end
      return nil
    end

    local function is_text(range)
      for i = 0, range:len() - 1 do
        local byte = range(i, 1):uint()
        if byte < 32 and byte ~= 9 and byte ~= 10 and byte ~= 13 or byte == 127 then return false end
      end
      return true
    end

    -- Pairs calls: by connection and serial number, whoever began.
    local function pair(pinfo, sn, sender, kind)
      local key = pinfo.number .. ":" .. sn .. ":" .. kind
      if pinfo.visited then return known[key] end
      local stream = stream_of()
      local calls = tostring(stream and stream.value or 0) .. ":" .. sn
      local entry = {}
      known[key] = entry
      if kind == "request" then
        open_calls[calls] = {number = pinfo.number, time = pinfo.rel_ts, entry = entry}
      else
        local call = open_calls[calls]
        if call then
          open_calls[calls] = nil
          entry.request, entry.time = call.number, pinfo.rel_ts - call.time
          call.entry.response = pinfo.number
          call.entry.time = entry.time
        end
      end
      return entry
    end

    function gws.dissector(tvb, pinfo, tree)
      local revision = revision_of(tvb)
      if not revision then return 0 end
      local layout = layouts[revision]
      local values, payload, finish = {}, nil, tvb:len()
      local branch = tree:add(gws, tvb())
      branch:add(f.revision, revision):set_generated()
      if layout.magic then
        if tvb:len() < length_end then
          branch:add_proto_expert_info(e.length)
          return tvb:len()
        end
        branch:add(f.magic, tvb(0, 2))
        local length = tvb(length_end - 4, 4):le_uint()
        finish = length_end + length
        if magic_of(tvb) ~= layout.magic or finish > tvb:len() or length < layout.smallest then
          branch:add_le(f.length, tvb(length_end - 4, 4))
          branch:add_proto_expert_info(e.length)
          return tvb:len()
        end
      end
      for _, field in ipairs(layout.fields) do
        local range = tvb(field.offset, field.size)
        values[field.name] = range:le_uint()
        if field.name == "id" then
          branch:add(f.id, range, Int64.new(range:le_uint()))
        else
          branch:add_le(f[field.name], range)
        end
      end
      if layout.protobuf then
        local body = tvb:range(0, finish):tvb()
        local found = message(body, layout.header)
        if not found then
          branch:add_proto_expert_info(e.length)
          return tvb:len()
        end
        values.id = found.id
        branch:add(f.id, found.id_range or tvb(layout.header, 0), Int64.new(found.id))
        payload = found.data
      elseif finish > layout.header then
        payload = tvb(layout.header, finish - layout.header)
      end
      local size = payload and payload:len() or 0
      branch:add(f.payload_length, size):set_generated()
      if payload then
        branch:add(f.payload, payload)
        if is_text(payload) then branch:add(f.text, payload, payload:string(ENC_UTF_8)) end
      end
      if finish < tvb:len() then
        branch:add(f.trailing, tvb(finish))
        branch:add_proto_expert_info(e.trailing)
      end

      -- Masked frames are a client's. Of several in a packet the last one so far is this.
      local masks = {mask_of()}
      local sender = #masks > 0 and masks[#masks].value and "client" or "server"
      branch:add(f.sender, sender):set_generated()
      local sn = values.sn or 0
      local kind = "message"
      if values.id == layout.displacement and sender == "server" and sn == 0 then
        kind = "displacement"
        branch:add_proto_expert_info(e.displaced)
        local parts = payload and protobuf(payload:tvb(), 0) or {}
        for _, part in ipairs(parts) do
          if part[1] == 1 and part[3] and part[2] == 2 then branch:add(f.old_address, part[3], part[3]:string()) end
          if part[1] == 2 and part[3] and part[2] == 2 then branch:add(f.new_address, part[3], part[3]:string()) end
        end
      elseif sn ~= 0 then
        kind = (sn % 2 == 0) == (sender == "client") and "request" or "response"
        local found = pair(pinfo, sn, sender, kind) or {}
        if found.response then branch:add(f.response_in, found.response):set_generated() end
        if found.request then branch:add(f.response_to, found.request):set_generated() end
        if found.time then
          local seconds = math.floor(found.time)
          local nanoseconds = math.floor((found.time - seconds) * 1e9 + 0.5)
          branch:add(f.time, NSTime.new(seconds, nanoseconds)):set_generated()
        end
        if kind == "request" and pinfo.visited and not found.response then branch:add(f.unanswered, true):set_generated() end
      end
      branch:add(f.kind, kind):set_generated()
      local number = sn ~= 0 and (" sn " .. sn) or ""
      local summary = kind .. " id " .. tostring(values.id) .. number .. ", " .. size .. " B"
      branch:append_text(": " .. summary)
      if tostring(pinfo.cols.protocol) ~= "gws" then
        pinfo.cols.protocol = "gws"
        pinfo.cols.info = summary
      else
        pinfo.cols.info:append(" | " .. summary)
      end
      return tvb:len()
    end

    -- A message is taken when its length fits, so that other protocols over WebSocket are left alone.
    local function heuristic(tvb, pinfo, tree)
      local revision = revision_of(tvb)
      if not revision then return false end
      local layout = layouts[revision]
      if layout.magic and (tvb:len() < length_end or magic_of(tvb) ~= layout.magic) then return false end
      gws.dissector(tvb, pinfo, tree)
      return true
    end
    gws:register_heuristic("ws", heuristic)
    -- A server's port, where nothing is to be guessed.
    local port = 0
    function gws.prefs_changed()
      local ports = DissectorTable.get("ws.port")
      if port ~= gws.prefs.port then
        if port > 0 then ports:remove(port, gws) end
        port = gws.prefs.port
        if port > 0 then ports:add(port, gws) end
      end
    end

    """#
}
