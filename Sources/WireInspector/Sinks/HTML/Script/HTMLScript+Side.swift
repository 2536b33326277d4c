extension HTMLScript {
  /// The lists at the side: connections, findings by their kinds, and the calls worth a look.
  static let side = #"""
    const LISTED = 50; // calls of each kind

    const endpoints = connection => `${connection.client || 'unknown'} > ${connection.server || 'unknown'}`;
    const fact = (connection, name) => connection.facts.find(([each]) => each === name)?.[1];
    const badge = (number, broken) => make('span', { class: `badge ${broken ? 'broken' : ''}` }, number.toLocaleString('en'));

    class Side {
      /** @param choose takes a connection, or null for all @param go takes a row */
      constructor(choose, go) {
        this.go = go;
        this.numbers = [null];
        this.list = new List(byId('connections'), 49, () => make('div', { class: 'connection-item' }), (element, place) => this.fill(element, place),
          place => choose(this.numbers[place]));
        this.tabs = ['connections', 'findings', 'calls'].map(name => [byId(`tab-${name}`), byId(`panel-${name}`)]);
        this.tabs.forEach(([tab], place) => {
          tab.addEventListener('click', () => this.open(place));
          tab.addEventListener('keydown', event => {
            const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
            if (!step) return;
            const next = (place + step + this.tabs.length) % this.tabs.length;
            this.open(next);
            this.tabs[next][0].focus();
          });
        });
      }

      open(place) {
        this.tabs.forEach(([tab, panel], each) => {
          tab.setAttribute('aria-selected', each === place);
          tab.tabIndex = each === place ? 0 : -1;
          panel.hidden = each !== place;
        });
      }

      showConnections(chosen) {
        this.numbers = [null, ...connections.values()];
        this.tabs[0][0].textContent = `Connections ${short(connections.size)}`;
        const found = rows.filter(row => row.type === 'finding');
        this.all = { frames: rows.filter(row => row.type === 'frame').length, found: found.length, broken: found.some(isBroken) };
        this.list.show(this.numbers.length, this.numbers.indexOf(chosen));
      }

      fill(element, place) {
        const connection = this.numbers[place];
        const line = (...parts) => make('div', {}, ...parts);
        if (!connection) {
          const { frames, found, broken } = this.all;
          element.replaceChildren(line(make('b', {}, 'All connections')), line(
            make('span', { class: 'what' }, count(frames, 'frame')),
            ...(found ? [badge(found, broken)] : [])));
          return;
        }
        const identity = fact(connection, 'identity');
        element.replaceChildren(
          line(make('b', {}, `#${connection.number}`), make('span', { class: 'name' }, endpoints(connection))),
          line(make('span', { class: 'what' }, `${identity === undefined ? '' : `${identity}, `}${count(connection.frames, 'frame')}, ${count(connection.calls, 'call')}`),
            ...(connection.findings ? [badge(connection.findings, connection.broken)] : [])));
        element.setAttribute('aria-label', `connection ${connection.number}, ${endpoints(connection)}, ${count(connection.frames, 'frame')}, `
          + `${count(connection.calls, 'call')}, ${count(connection.findings, 'finding')}`);
      }

      /** @param view the rows that are shown @param list the calls that are */
      showView(view, list) {
        const kinds = new Map();
        for (const index of view) {
          const row = rows[index];
          if (row.type === 'finding') append(kinds, row.id, row);
        }
        const found = [...kinds.values()].sort((a, b) => isBroken(b[0]) - isBroken(a[0]) || b.length - a.length);
        const total = found.reduce((sum, each) => sum + each.length, 0);
        this.tabs[1][0].textContent = `Findings ${short(total)}`;
        this.tabs[1][1].replaceChildren(...(total ? found.map(kind => this.kind(kind)) : [make('p', { class: 'quiet' }, 'None.')]));
        this.tabs[2][0].textContent = `Calls ${short(list.length)}`;
        const lost = list.filter(call => call.outcome !== 0);
        const slowest = list.filter(call => call.latency !== null).sort((a, b) => b.latency - a.latency).slice(0, LISTED);
        const part = (name, some, all) => (some.length === 0 ? [] : [make('h3', {}, all > some.length ? `${name}, ${some.length} of ${all.toLocaleString('en')}` : name),
          ...some.map(call => this.call(call))]);
        this.tabs[2][1].replaceChildren(...part('Without an answer', lost.slice(0, LISTED), lost.length),
          ...part('Slowest', slowest, list.length - lost.length), ...(list.length ? [] : [make('p', { class: 'quiet' }, 'None.')]));
      }

      /** A kind of finding: each press goes to the next one. */
      kind(found) {
        const button = make('button', { type: 'button', class: `entry ${isBroken(found[0]) ? 'broken' : ''}` });
        let next = 0;
        const say = text => button.replaceChildren(badge(found.length, isBroken(found[0])), make('b', {}, found[0].id),
          make('span', {}, text ? `${text}: ` : '', found[Math.max(0, next - 1)].text.slice(0, 200)));
        say('');
        button.addEventListener('click', () => {
          const row = found[next % found.length];
          next = next % found.length + 1;
          say(found.length > 1 ? `${next} of ${found.length}` : '');
          this.go(row);
        });
        return button;
      }

      call(call) {
        const button = make('button', { type: 'button', class: `entry call ${call.outcome ? 'broken' : ''}` },
          make('b', {}, call.outcome ? OUTCOMES[call.outcome] : duration(call.latency)),
          make('span', {}, `#${call.connection.number} ${SIDES[call.from]}, id ${call.requestId} sn ${call.sn}, ${clock(call.began ?? call.time, call.east)}`));
        button.addEventListener('click', () => this.go(rowOf(call)));
        return button;
      }
    }

    """#
}
