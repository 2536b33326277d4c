extension HTMLScript {
  /// Everything about the record that was chosen.
  static let detail = #"""
    /** The text that was sent: what is escaped in the data is line breaks and tabs, unseen characters, and backslashes themselves. */
    const unescaped = text => text.replace(/\\(\\|n|r|t)/g, (_, sign) => ({ '\\': '\\', n: '\n', r: '', t: '\t' })[sign]);

    /** JSON with a member a line, its numbers and strings as they were sent; null where it is none. */
    function pretty(text) {
      if (!/^\s*[[{]/.test(text)) return null;
      try { JSON.parse(text); } catch { return null; }
      let depth = 0, shown = '';
      const line = () => `\n${'  '.repeat(Math.min(depth, 40))}`;
      for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[\]{},:]|[^\s[\]{},:"]+/g)) {
        if (/^[[{]\s*[\]}]$/.test(token)) shown += token.replace(/\s/g, '');
        else if (token === '{' || token === '[') { depth += 1; shown += token + line(); }
        else if (token === '}' || token === ']') { depth -= 1; shown += line() + token; }
        else if (token === ',') shown += token + line();
        else shown += token === ':' ? ': ' : token;
      }
      return shown;
    }

    /** Sixteen bytes a line, with their offset and the printable characters. */
    function dump(text) {
      const bytes = (text.match(/../g) ?? []).map(pair => parseInt(pair, 16));
      const lines = [];
      for (let offset = 0; offset < bytes.length; offset += 8) {
        const part = bytes.slice(offset, offset + 8);
        lines.push(`${offset.toString(16).padStart(4, '0')}  ${part.map(byte => byte.toString(16).padStart(2, '0')).join(' ').padEnd(23)}  `
          + part.map(byte => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join(''));
      }
      return lines.join('\n');
    }

    class Detail {
      /** @param go takes a row @param choose takes a connection @param close ends it */
      constructor(go, choose, close) {
        this.close = close;
        this.box = byId('detail');
        this.go = go;
        this.choose = choose;
        this.byPacket = null;
      }

      show(row) {
        byId('page').classList.toggle('chosen', row !== null);
        if (!row) {
          this.box.replaceChildren(make('p', { class: 'empty' }, 'Choose a record to see all of it. The key ? shows what keys there are.'));
          return;
        }
        const list = make('dl');
        const say = (name, ...value) => { if (value[0] !== null && value[0] !== '') list.append(make('dt', {}, name), make('dd', {}, ...value)); };
        say('time', row.time === null ? null : `${date(row.time, row.east)} ${clock(row.time, row.east)} ${byId('app').dataset.zone}`);
        if (row.connection) say('connection', this.button(`#${row.connection.number}`, () => this.choose(row.connection)), endpoints(row.connection));
        say(row.type === 'finding' ? 'about the' : 'from', row.from === null ? null : SIDES[row.from]);
        if (row.first !== null) say(row.first === row.last ? 'packet' : 'packets', ...this.packets(row));
        if (row.type === 'frame') {
          say('protocolId', `${row.id}${row.id > 9 ? ` (0x${row.id.toString(16)})` : ''}`);
          say('sn', row.sn === null ? null : `${row.sn}`);
          say('length', row.length === null ? null : `${row.length}, as the header says`);
        }
        if (row.size !== null) say('payload', count(row.size, 'byte'));
        if (row.wire !== null) say('compressed', `${count(row.wire, 'byte')} of the message on the wire`);
        if (row.fragments > 1) say('fragments', `${row.fragments}`);
        if (row.type === 'control') say('code', row.id === null ? null : `${row.id}`);
        if (row.type === 'finding') {
          say('rule', row.rule === null ? null : `${row.rule} (${row.level})`);
          say('offset', row.offset === null ? null : `${row.offset}`);
        }
        for (const [name, value] of row.facts ?? []) say(name, value);
        const close = this.button('×', this.close);
        close.className = 'close';
        close.setAttribute('aria-label', 'Close');
        const parts = [make('h2', {}, close, row.type === 'finding' ? row.id : title(row)), list, ...this.call(row), ...this.related(row)];
        if (row.type === 'finding') parts.splice(1, 0, make('p', {}, row.text));
        else if (row.text !== '') parts.push(...this.payload(row));
        this.box.replaceChildren(...parts);
        this.box.scrollTop = 0;
      }

      button(text, act) {
        const button = make('button', { type: 'button' }, text);
        button.addEventListener('click', act);
        return button;
      }

      /** The numbers of its packets, each of which leads to what else is of that packet. */
      packets(row) {
        const numbers = row.first === row.last ? [row.first] : [row.first, row.last];
        return numbers.map(number => {
          const other = this.of(number).find(each => each !== row);
          return other ? this.button(`${number}`, () => this.go(other)) : `${number} `;
        });
      }

      of(packet) {
        if (!this.byPacket) {
          this.byPacket = new Map();
          for (const row of rows) {
            if (row.first === null) continue;
            for (const number of row.first === row.last || row.type === 'finding' ? [row.last] : [row.first, row.last]) append(this.byPacket, number, row);
          }
        }
        return this.byPacket.get(packet) ?? [];
      }

      call(row) {
        const { call } = row;
        if (!call) return [];
        const parts = [make('h3', {}, `Call of the ${SIDES[call.from]}`), make('p', {}, call.outcome === 0
          ? `answered${call.latency === null ? '' : ` after ${duration(call.latency)}`}` : OUTCOMES[call.outcome])];
        const other = otherHalf(row);
        if (other) parts.push(this.button(other === call.answer ? 'to the answer' : 'to the call', () => this.go(other)));
        return parts;
      }

      /** Findings about the same packets, and for a finding what it is about. */
      related(row) {
        if (row.first === null) return [];
        const all = new Set([...this.of(row.first), ...this.of(row.last)]);
        all.delete(row);
        const some = [...all].filter(each => each.connection === row.connection && (row.type === 'finding') !== (each.type === 'finding')).slice(0, 12);
        if (some.length === 0) return [];
        return [make('h3', {}, row.type === 'finding' ? 'In its packets' : 'Findings here'),
          make('div', { class: 'buttons' }, ...some.map(each => this.button(each.type === 'finding' ? `${each.id}: ${each.text.slice(0, 120)}` : title(each), () => this.go(each))))];
      }

      payload(row) {
        const isCut = (row.mode & 2) !== 0;
        const head = make('h3', {}, row.kind === 'close' ? 'Reason' : `Payload${isCut ? ', its beginning' : ''}`);
        if (!(row.mode & 1)) return [head, make('pre', { class: 'dump', tabindex: '0' }, dump(row.text))];
        const plain = unescaped(row.text), neat = isCut ? null : pretty(plain);
        const box = make('pre', { tabindex: '0' }, neat ?? plain);
        if (neat === null) return [head, box];
        const button = this.button('as it was sent', () => {
          const isNeat = box.textContent === neat;
          box.textContent = isNeat ? plain : neat;
          button.textContent = isNeat ? 'as JSON' : 'as it was sent';
        });
        return [head, button, box];
      }
    }

    /** The answer of a call, and the call of an answer. */
    const otherHalf = row => (row.call ? (row === row.call.request ? row.call.answer : row.call.request) : null);

    """#
}
