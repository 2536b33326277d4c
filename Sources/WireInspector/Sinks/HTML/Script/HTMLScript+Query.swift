extension HTMLScript {
  /// The language of the search field.
  static let query = #"""
    const KINDS = { request: 'call', response: 'answer', message: 'send', displacement: 'displace', acknowledgement: 'ack' };
    const UNITS = { ns: 1, us: 1e3, 'µs': 1e3, ms: 1e6, s: 1e9 };
    const NUMBER = /^(>=|<=|>|<|=)?(-?(?:0x[0-9a-f]+|\d+(?:\.\d+)?))(ns|us|µs|ms|s)?$/i;

    /** A test of numbers; null where the text is none. */
    function numeric(text, isDuration) {
      const found = NUMBER.exec(text);
      if (!found || found[3] && !isDuration) return null;
      const wanted = Number(found[2]) * (isDuration ? UNITS[(found[3] ?? 's').toLowerCase()] : 1);
      switch (found[1]) {
        case '>': return value => value !== null && value > wanted;
        case '<': return value => value !== null && value < wanted;
        case '>=': return value => value !== null && value >= wanted;
        case '<=': return value => value !== null && value <= wanted;
        default: return value => value === wanted;
      }
    }

    /** What may stand before a colon: takes what stands behind it, and gives the test of a row, or null where it makes no sense. */
    const FIELDS = {
      id: text => { const fits = numeric(text); return fits && (row => row.type !== 'finding' && fits(row.id)); },
      sn: text => { const fits = numeric(text); return fits && (row => fits(row.sn)); },
      size: text => { const fits = numeric(text); return fits && (row => fits(row.size)); },
      connection: text => { const fits = numeric(text); return fits && (row => fits(row.connection?.number ?? null)); },
      latency: text => { const fits = numeric(text, true); return fits && (row => row.call !== null && fits(row.call.latency)); },
      packet: text => {
        const number = Number(text), fits = numeric(text);
        return Number.isInteger(number) ? row => row.first !== null && row.first <= number && number <= row.last
          : fits && (row => fits(row.last));
      },
      kind: text => { const kind = Object.hasOwn(KINDS, text) ? KINDS[text] : text; return row => row.kind === kind || row.type === kind; },
      from: text => {
        const side = SIDES.findIndex(name => name.startsWith(text));
        return side < 0 ? null : row => row.from === side;
      },
      finding: text => row => row.type === 'finding' && (text === '*' || row.id.includes(text)),
      rule: text => row => row.rule !== null && row.rule.includes(text),
      outcome: text => {
        const wanted = new Map([['answered', [0]], ['unanswered', [1, 2]], ['closed', [2]], ['connectionclosed', [2]]]).get(text);
        return wanted ? row => row.call !== null && wanted.includes(row.call.outcome) : null;
      },
      text: text => row => hay(row).includes(text)
    };

    function hay(row) {
      row.hay ??= `${title(row)} ${row.text} ${row.rule ?? ''} ${row.type === 'connection' ? excerpt(row) : ''}`.toLowerCase();
      return row.hay;
    }

    /** Reads a query: the test of a row, or null for an empty one, and what is wrong with it. */
    function parse(query) {
      const tests = [];
      let problem = '';
      for (const [whole, minus, name, quoted, bare] of query.toLowerCase().matchAll(/(-?)(?:([a-z]+):(?=\S))?(?:"([^"]*)"?|(\S+))/g)) {
        const value = quoted ?? bare;
        const field = name && Object.hasOwn(FIELDS, name === 'c' ? 'connection' : name) ? FIELDS[name === 'c' ? 'connection' : name] : null;
        if (!field) {
          // A name that means nothing here is part of a text, as in http://.
          const text = quoted !== undefined && !name && !minus ? quoted : whole;
          tests.push(row => hay(row).includes(text));
          continue;
        }
        const test = field(value);
        if (test) tests.push(minus ? row => !test(row) : test);
        else problem = `${name}: does not take ${value}`;
      }
      return { test: tests.length === 0 ? null : row => tests.every(each => each(row)), problem };
    }

    """#
}
