extension HTMLScript {
  /// The records as objects, from the data of the page, and calls put together with their frames.
  static let model = #"""
    const TYPES = ['frame', 'control', 'call', 'finding', 'connection', 'message', 'clock', 'summary'];
    const FRAMES = ['send', 'call', 'answer', 'displace', 'ack'];
    const SIDES = ['client', 'server'];
    const OUTCOMES = ['answered', 'no answer in the capture', 'the connection ended first'];
    const DAY = 86400e9; // nanoseconds, as all times here

    const rows = []; // what is shown, in the order of the capture
    const calls = [];
    const connections = new Map(); // by number
    let origin = null; // what times count from, since 1970
    let originInDay = 0;
    let east = 0; // seconds by which the clock is ahead of UTC
    let summary = null;

    const make = (tag, attributes = {}, ...content) => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        if (name === 'class') element.className = value;
        else if (value !== null) element.setAttribute(name, value);
      }
      element.append(...content);
      return element;
    };
    const short = number => number.toLocaleString('en', number < 10000 ? {} : { notation: 'compact' });
    const byId = name => document.getElementById(name);
    const count = (number, word) => `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;

    /** Appends to the list of a key; of so many at most, the oldest are forgotten. */
    function append(map, key, value, most = Infinity) {
      const list = map.get(key);
      if (!list) map.set(key, [value]);
      else if (list.push(value) > most) list.shift();
    }

    function connectionOf(number) {
      if (number === null) return null;
      let connection = connections.get(number);
      if (!connection) {
        connection = { number, client: '', server: '', facts: [], rows: [], frames: 0, calls: 0, findings: 0, broken: 0,
          requests: new Map(), answers: new Map(), lastCall: null };
        connections.set(number, connection);
      }
      return connection;
    }

    /** Takes a record as it stands in the data. */
    function add(a) {
      const type = TYPES[a[0]];
      if (type === 'clock') {
        if (origin === null) {
          origin = BigInt(a[1]);
          originInDay = Number((origin % 86400000000000n + 86400000000000n) % 86400000000000n);
        }
        east = a[2];
        return;
      }
      if (type === 'summary') {
        const [packets, bytes, connections, frames, calls, findings, leftOut] = a.slice(5);
        summary = { packets, bytes, connections, frames, calls, findings, leftOut };
        return;
      }
      const connection = connectionOf(a[1]);
      const row = { index: -1, type, kind: type, connection, time: a[2], east, first: a[3], last: a[3] === null ? null : a[3] + a[4],
        from: null, id: null, sn: null, length: null, size: null, wire: null, fragments: 1, mode: 1, text: '', call: null, rule: null,
        level: null, offset: null, hay: null };
      if (type === 'connection') {
        [connection.client, connection.server] = [a[5], a[6]];
        connection.facts = pairs(a[7]);
        row.facts = connection.facts;
      } else {
        row.from = a[5];
        if (type === 'frame') {
          row.kind = FRAMES[a[6]];
          [row.id, row.sn, row.length, row.size, row.wire, row.fragments, row.mode, row.text] = a.slice(7);
          connection.frames += 1;
          if (row.kind === 'call') append(connection.requests, callKey(row.from, row.sn), row, 64);
          // The C++ client answers with an acknowledgement.
          if (row.kind === 'answer' || row.kind === 'ack' && row.sn) connection.answers.set(callKey(1 - row.from, row.sn), row);
        } else if (type === 'message') {
          row.kind = 'other';
          [row.size, row.wire, row.fragments, row.mode, row.text] = a.slice(6);
        } else if (type === 'control') {
          [row.kind, row.id, row.mode, row.text] = a.slice(6);
        } else if (type === 'finding') {
          [row.id, row.rule, row.level, row.offset, row.text] = a.slice(6);
          if (connection) {
            connection.findings += 1;
            const last = connection.lastCall;
            if (row.id === 'rpc.slow' && last && row.text.includes(`sn ${last.sn} `)) last.isSlow = true;
            if (row.level === 'MUST') connection.broken += 1;
          }
        } else if (addCall(a, row)) return;
      }
      row.index = rows.length;
      rows.push(row);
      connection?.rows.push(row.index);
    }

    /** Takes a call, and says whether it belongs to a frame that is there: others have a row of their own. */
    function addCall(a, row) {
      const [from, sn, requestId, responseId, latency, outcome, began, requestSize, responseSize, mode, text] = a.slice(5);
      const { connection } = row;
      const call = { index: calls.length, connection, from, sn, requestId, responseId, latency, outcome, began, requestSize,
        responseSize, time: row.time, east: row.east, request: null, answer: null, row: null, isSlow: false };
      calls.push(call);
      connection.lastCall = call;
      connection.calls += 1;
      const key = callKey(from, sn);
      const waiting = connection.requests.get(key) ?? [];
      const place = waiting.findLastIndex(each => each.id === requestId && (began === null || each.time === began));
      if (place >= 0) [call.request] = waiting.splice(place, 1);
      if (waiting.length === 0) connection.requests.delete(key);
      const answer = outcome === 0 ? connection.answers.get(key) : undefined;
      if (answer && answer.id === responseId) {
        call.answer = answer;
        connection.answers.delete(key);
      }
      for (const part of [call.request, call.answer]) if (part) part.call = call;
      if (call.request && (call.answer || outcome !== 0)) return true;
      call.row = row;
      Object.assign(row, { call, id: requestId, sn, size: requestSize, mode, text });
      return false;
    }

    const callKey = (from, sn) => from * 4294967296 + sn;
    const pairs = list => list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]]] : []));
    const isBroken = row => row.type === 'finding' && row.level === 'MUST';

    /** Where a call is seen: its answer, or what there is of it. */
    const rowOf = call => call.answer ?? call.request ?? call.row;

    /** The time of day, as hh:mm:ss.ffffff. */
    function clock(time, ahead = east) {
      if (time === null) return '--:--:--.------';
      const inDay = ((originInDay + time + ahead * 1e9) % DAY + DAY) % DAY;
      const two = value => String(Math.floor(value)).padStart(2, '0');
      return `${two(inDay / 3600e9)}:${two(inDay / 60e9 % 60)}:${two(inDay / 1e9 % 60)}.${String(Math.floor(inDay % 1e9 / 1e3)).padStart(6, '0')}`;
    }

    function date(time, ahead) {
      try {
        return new Date(Number((origin + BigInt(time)) / 1000000n) + ahead * 1000).toISOString().slice(0, 10);
      } catch { return ''; } // beyond what has a date
    }

    /** A duration in the words of the other outputs. */
    function duration(nanoseconds) {
      const size = Math.abs(nanoseconds), sign = nanoseconds < 0 ? '-' : '';
      if (size < 1e6) return `${sign}${Math.floor(size / 1e3)} us`;
      if (size < 1e9) return `${sign}${(Math.floor(size / 1e4) / 100).toFixed(2)} ms`;
      return `${sign}${(Math.floor(size / 1e6) / 1e3).toFixed(3)} s`;
    }

    const packets = row => (row.first === null ? '' : row.first === row.last ? `${row.first}` : `${row.first}-${row.last}`);
    const hexadecimal = text => (text.match(/../g) ?? []).join(' ');

    /** The beginning of what a row carries, in a line. */
    function excerpt(row) {
      if (row.type === 'connection') {
        return `${row.connection.client} > ${row.connection.server}, ${row.facts.map(([name, value]) => `${name} ${value}`).join(', ')}`;
      }
      if (row.type === 'finding') return row.text + (row.rule ? ` (${row.rule})` : '');
      if (row.text === '') return '';
      const text = row.mode & 1 ? row.text.slice(0, 300) : hexadecimal(row.text.slice(0, 200));
      return text + (row.mode & 2 || text.length < row.text.length && row.mode & 1 ? '…' : '');
    }

    /** What it is, in a few words. */
    function title(row) {
      switch (row.type) {
        case 'frame': return `${row.kind} id ${row.id}${row.sn ? ` sn ${row.sn}` : ''}`;
        case 'control': return row.kind + (row.id === null ? '' : ` ${row.id}`);
        case 'call': return `call id ${row.id} sn ${row.sn}`;
        case 'finding': return row.id;
        case 'connection': return `connection #${row.connection.number}`;
        default: return 'message that is no frame';
      }
    }

    """#
}
