extension HTMLScript {
  /// What is shown and chosen, keys, the address, and the reading of the data.
  static let main = #"""
    const state = { connection: null, query: '', chosen: null, view: [], placeOf: new Int32Array(0), calls: [], tracks: null };
    const narrow = matchMedia('(max-width: 900px)');
    const box = byId('records');
    const list = new List(box, 28, makeRecord, fill, place => choose(rows[state.view[place]]));
    const side = new Side(showConnection, go);
    const detail = new Detail(go, showConnection, () => choose(null));
    const timeline = new Timeline('timeline', go);
    const latencies = new Latencies('latency', call => go(rowOf(call)));
    const search = byId('search');
    let lanesWidth = 300;

    function fill(element, place) {
      fillRecord(element, rows[state.view[place]], place, state.tracks, lanesWidth, narrow.matches, state.chosen?.call ?? null);
    }

    /** Shows what belongs to the chosen connection and passes the search. */
    function refresh() {
      const { test, problem } = parse(state.query);
      const all = state.connection ? state.connection.rows : rows.map(row => row.index);
      state.view = test ? all.filter(index => test(rows[index])) : all.slice();
      state.placeOf = new Int32Array(rows.length).fill(-1);
      state.view.forEach((index, place) => { state.placeOf[index] = place; });
      const isShown = row => row !== null && state.placeOf[row.index] >= 0;
      state.calls = calls.filter(call => isShown(call.answer) || isShown(call.request) || isShown(call.row));
      state.tracks = layTracks(state.view, state.placeOf);
      byId('matches').textContent = problem || (test ? `${state.view.length.toLocaleString('en')} of ${all.length.toLocaleString('en')}` : '');
      byId('matches').classList.toggle('bad', problem !== '');
      byId('heads').classList.toggle('one', state.connection !== null);
      box.classList.toggle('one', state.connection !== null);
      const [left, right] = byId('heads').querySelectorAll('b');
      left.textContent = `client ${state.connection?.client ?? ''}`;
      right.textContent = `server ${state.connection?.server ?? ''}`;
      byId('heads').querySelector('.time').textContent = `time (${byId('app').dataset.zone})`;
      box.dataset.searched = state.query;
      box.setAttribute('aria-label', `${count(state.view.length, 'record')} in the order of the capture`);
      const chosen = state.chosen ? state.placeOf[state.chosen.index] : -1;
      list.show(state.view.length, chosen);
      if (chosen >= 0) list.select(chosen);
      else box.scrollTop = 0;
      timeline.show(state.view);
      latencies.show(state.calls, timeline.from, timeline.to);
      side.showView(state.view, state.calls);
      side.showConnections(state.connection);
      remember();
    }

    list.onView = () => {
      const width = list.elements[0]?.querySelector('.rungs').clientWidth ?? 0;
      if (width > 0 && Math.abs(width - lanesWidth) >= 1) {
        lanesWidth = width;
        list.redraw();
      }
      const times = rows.length ? state.view.slice(...list.view).map(index => rows[index].time).filter(time => time !== null) : [];
      timeline.sight = times.length && times.length < state.view.length ? [Math.min(...times), Math.max(...times)] : null;
      timeline.ask();
    };

    /** Marks a row of the view, and shows all of it. */
    function choose(row) {
      state.chosen = row;
      detail.show(row);
      list.select(row ? state.placeOf[row.index] : -1);
      if (row) byId('ladder').scrollIntoView({ block: 'nearest' });
      latencies.chosen = row?.call ?? null;
      latencies.ask();
      remember();
    }

    /** Shows a row, whatever hides it. */
    function go(row) {
      if (!row) return;
      if (state.placeOf[row.index] < 0) {
        if (state.connection && row.connection !== state.connection) state.connection = null;
        if (!parse(state.query).test?.(row)) setQuery('');
        state.chosen = row;
        refresh();
      }
      choose(row);
    }

    function showConnection(connection) {
      state.connection = connection;
      if (state.chosen && connection && state.chosen.connection !== connection) choose(null);
      refresh();
    }

    function setQuery(text) {
      state.query = search.value = text;
    }

    // MARK: Keys

    function goFinding(step) {
      const start = state.chosen ? state.placeOf[state.chosen.index] : step > 0 ? list.view[0] - 1 : list.view[1];
      for (let place = start + step; place >= 0 && place < state.view.length; place += step) {
        if (rows[state.view[place]].type === 'finding') return choose(rows[state.view[place]]);
      }
      byId('matches').textContent = `no finding ${step > 0 ? 'below' : 'above'}`;
    }

    function goConnection(step) {
      const place = side.numbers.indexOf(state.connection) + step;
      if (place >= 0 && place < side.numbers.length) showConnection(side.numbers[place]);
    }

    function goCall(step) {
      const ordered = state.calls.filter(call => state.placeOf[rowOf(call).index] >= 0);
      const place = state.chosen?.call ? ordered.indexOf(state.chosen.call) : step > 0 ? -1 : ordered.length;
      go(ordered[place + step] && rowOf(ordered[place + step]));
    }

    const KEYS = [
      [['j', 'k'], 'the next and the previous record; the arrow keys in the list too', { j: () => list.step(1), k: () => list.step(-1) }],
      [['n', 'p'], 'the next and the previous finding', { n: () => goFinding(1), p: () => goFinding(-1) }],
      [['.', ','], 'the next and the previous call', { '.': () => goCall(1), ',': () => goCall(-1) }],
      [['Enter'], 'from a call to its answer, and back', { Enter: () => go(state.chosen && otherHalf(state.chosen)) }],
      [['g', 'G'], 'the first and the last record', { g: () => list.step(-Infinity), G: () => list.step(Infinity) }],
      [['[', ']'], 'the previous and the next connection', { '[': () => goConnection(-1), ']': () => goConnection(1) }],
      [['/'], 'search', { '/': () => { search.focus(); search.select(); } }],
      [['Esc'], 'end the search, then the choice', { Escape: () => { if (state.query) { setQuery(''); refresh(); } else choose(null); } }],
      [['?'], 'this help', { '?': () => byId('help').showModal() }]
    ];
    const ACTS = Object.assign({}, ...KEYS.map(([, , acts]) => acts));
    const WORDS = [['id:2  sn:7  size:>1000', 'numbers, with > < >= <= before them, also 0x7fffffff'], ['kind:call', 'send, call, answer, displace, ack, close, ping, pong, finding, other (no frame)'],
      ['from:client', 'or server'], ['latency:>20ms', 'calls that took longer; us, ms, s'], ['outcome:unanswered', 'or closed, answered'],
      ['finding:rpc', 'findings whose id has this in it; finding:* for all'], ['rule:frame.magic', 'findings about a rule'], ['packet:12  connection:3', 'of a packet, of a connection'],
      ['-kind:ping', 'all but these'], ['"two words"', 'a text, in payloads and everything else that a row says']];

    document.addEventListener('keydown', event => {
      if (event.ctrlKey || event.altKey || event.metaKey || byId('help').open) return;
      const isTyping = event.target === search;
      if (isTyping && event.key === 'Enter') {
        event.preventDefault();
        box.focus();
        if (state.view.length && !(state.chosen && state.placeOf[state.chosen.index] >= 0)) choose(rows[state.view[0]]);
        return;
      }
      if (isTyping && event.key !== 'Escape' || event.key === 'Enter' && event.target.closest('button,pre')) return;
      const plot = { timeline: step => list.step(step), latency: goCall }[event.target.id];
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (plot && step) {
        event.preventDefault();
        return plot(step);
      }
      if (!Object.hasOwn(ACTS, event.key)) return;
      event.preventDefault();
      if (isTyping) box.focus();
      ACTS[event.key]();
    });

    let waiting = 0;
    search.addEventListener('input', () => {
      clearTimeout(waiting);
      // Of a large capture not every letter is searched for.
      waiting = setTimeout(() => {
        state.query = search.value;
        refresh();
      }, rows.length > 20000 ? 150 : 0);
    });
    byId('find').addEventListener('submit', event => event.preventDefault());
    byId('ask').addEventListener('click', () => byId('help').showModal());
    byId('help-text').append(
      make('table', {}, make('tbody', {}, ...KEYS.map(([keys, what]) => make('tr', {}, make('td', {}, ...keys.flatMap(key => [make('kbd', {}, key), ' '])), make('td', {}, what))))),
      make('table', {}, make('tbody', {}, ...WORDS.map(([words, what]) => make('tr', {}, make('td', {}, ...words.split('  ').flatMap(word => [make('code', {}, word), ' '])), make('td', {}, what))))));

    // MARK: The address

    let remembering = 0;
    function remember() {
      clearTimeout(remembering);
      remembering = setTimeout(() => {
        const parts = new URLSearchParams();
        if (state.connection) parts.set('connection', state.connection.number);
        if (state.query) parts.set('search', state.query);
        if (state.chosen) parts.set('record', state.chosen.index + 1);
        if (`${parts}` === location.hash.slice(1)) return;
        try { history.replaceState(null, '', `#${parts}`); } catch { /* where pages may not */ }
      }, 200);
    }

    function follow() {
      const parts = new URLSearchParams(location.hash.slice(1));
      state.connection = connections.get(Number(parts.get('connection') ?? NaN)) ?? null;
      setQuery(parts.get('search') ?? '');
      state.chosen = rows[Number(parts.get('record') ?? NaN) - 1]
        ?? (parts.has('packet') ? rows.find(row => row.type !== 'finding' && row.first !== null && row.first <= Number(parts.get('packet')) && Number(parts.get('packet')) <= row.last) : null) ?? null;
      const { chosen } = state;
      refresh();
      if (chosen) go(chosen);
    }
    addEventListener('hashchange', follow);

    // MARK: Looks

    function adapt() {
      list.height = narrow.matches ? 46 : 28;
      refresh();
    }
    narrow.addEventListener('change', adapt);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { timeline.ask(true); latencies.ask(true); });

    const PRINTED = 2000;
    addEventListener('beforeprint', () => {
      const cells = (tag, texts) => make('tr', {}, ...texts.map(text => make(tag, {}, text)));
      const some = state.view.slice(0, PRINTED).map(index => rows[index]);
      byId('print').replaceChildren(
        make('p', {}, state.connection ? `connection #${state.connection.number}, ${endpoints(state.connection)}` : 'all connections', state.query ? `, search: ${state.query}` : '',
          state.view.length > PRINTED ? `; the first ${PRINTED} of ${state.view.length} records` : ''),
        make('table', {}, make('thead', {}, cells('th', ['time', 'no.', 'from', 'what', 'payload', 'packet'])),
          make('tbody', {}, ...some.map(row => cells('td', [clock(row.time, row.east), row.connection ? `${row.connection.number}` : '', row.from === null ? '' : SIDES[row.from],
            [...words(row)].map(part => part.textContent).join(' '), excerpt(row), packets(row)])))));
      byId('print').hidden = false;
    });
    addEventListener('afterprint', () => {
      byId('print').hidden = true;
      byId('print').replaceChildren();
    });

    // MARK: Reading

    /** Reads a piece of the data; of one that is cut, the records that are whole. */
    function read(text) {
      let list;
      try { list = JSON.parse(text); } catch {
        list = text.split('\n').flatMap(line => {
          try { return line.startsWith('[') && line.length > 2 ? [JSON.parse(line.replace(/,$/, ''))] : []; } catch { return []; }
        });
      }
      for (const each of list) add(each);
    }

    function sayCounts() {
      const notes = [];
      if (!summary) notes.push('This page is not complete: the inspection did not come to its end.');
      else if (summary.leftOut) notes.push(`${count(summary.leftOut, 'record')} had no place on this page; --filter and --connection choose.`);
      byId('notice').textContent = notes.join(' ');
      byId('notice').hidden = notes.length === 0;
      if (!summary) {
        byId('summary').textContent = count(rows.length, 'record');
        return;
      }
      byId('summary').textContent = [[summary.connections, 'connection'], [summary.frames, 'frame'], [summary.calls, 'call'], [summary.findings, 'finding'],
        [summary.packets, 'packet'], [summary.bytes, 'byte']].map(([number, word]) => count(number, word)).join(', ');
    }

    async function load() {
      let since = performance.now();
      for (const piece of document.querySelectorAll('script[type="application/json"]')) {
        read(piece.textContent);
        if (performance.now() - since < 40) continue;
        byId('summary').textContent = `Reading the records: ${rows.length.toLocaleString('en')}`;
        if (state.view.length === 0) adapt();
        await new Promise(done => setTimeout(done, 0));
        since = performance.now();
      }
      list.height = narrow.matches ? 46 : 28;
      detail.show(null);
      follow();
      if (rows.length === 0) list.space.append(make('p', { class: 'empty' }, 'Nothing is shown of this capture.'));
      detail.byPacket = null;
      sayCounts();
      byId('app').dataset.read = Math.round(performance.now()); // milliseconds, for who measures
    }

    byId('app').hidden = false;
    if (document.readyState === 'loading') addEventListener('DOMContentLoaded', load);
    else load();

    """#
}
