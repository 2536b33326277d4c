extension HTMLScript {
  /// The rungs of the ladder: arrows between the lanes, and beside the caller's lane how long each call took.
  static let ladder = #"""
    const SVG = 'http://www.w3.org/2000/svg';
    const TRACKS = 4; // calls that are drawn beside each other, on each side
    const PARTS = ['lanes', 'spans', 'mine', 'arrow', 'head'];

    /**
     * Where calls of a view are drawn: for each place the tracks that pass it as bits, for callers on either side, and for each call its
     * track. Calls that find no track free are not drawn.
     */
    function layTracks(view, placeOf) {
      const passing = [new Uint8Array(view.length), new Uint8Array(view.length)];
      const tracks = new Map();
      const free = [0, 0];
      for (let place = 0; place < view.length; place += 1) {
        const { call } = rows[view[place]];
        if (call && call.request && call.answer) {
          const there = [placeOf[call.request.index], placeOf[call.answer.index]];
          const [from, to] = [Math.min(...there), Math.max(...there)];
          const side = call.from;
          if (from >= 0 && place === from && to > from) {
            const track = [0, 1, 2, 3].find(each => !(free[side] & 1 << each));
            if (track !== undefined) {
              free[side] |= 1 << track;
              tracks.set(call, { from, to, track });
            }
          } else if (place === to && tracks.has(call)) free[side] &= ~(1 << tracks.get(call).track);
        }
        passing[0][place] = free[0];
        passing[1][place] = free[1];
      }
      return { passing, tracks };
    }

    /** The places of a call that has no track: chosen, it is drawn over the outermost. */
    function spanOf(call) {
      if (!call.request || !call.answer) return undefined;
      const [from, to] = [call.request, call.answer].map(row => state.placeOf[row.index]).sort((a, b) => a - b);
      return from < 0 ? undefined : { from, to, track: TRACKS - 1 };
    }

    function makeRecord() {
      const svg = document.createElementNS(SVG, 'svg');
      svg.setAttribute('aria-hidden', 'true');
      for (const name of PARTS) svg.appendChild(document.createElementNS(SVG, 'path')).setAttribute('class', name);
      const span = name => make('span', { class: name });
      return make('div', { class: 'record' }, span('time'), span('number'), make('div', { class: 'rungs' }, svg, make('span', { class: 'label' })),
        span('text'), span('packet'));
    }

    /** Fills a row of the ladder: where is its place in the view, width what the lanes have, height the row's. */
    function fillRecord(element, row, where, tracks, width, isNarrow, chosen) {
      const [time, number, rungs, text, packet] = element.children;
      const [svg, label] = rungs.children;
      const side = row.from === null || row.type === 'finding' ? '' : SIDES[row.from];
      const type = row.type === 'connection' ? 'opening' : row.type;
      element.className = `item record ${type} ${side} ${isBroken(row) ? 'broken' : ''}`;
      time.textContent = isNarrow ? clock(row.time, row.east).slice(0, 12) : clock(row.time, row.east);
      number.textContent = row.connection ? `#${row.connection.number}` : '';
      text.textContent = excerpt(row);
      packet.textContent = row.first === null ? '' : row.last;
      label.replaceChildren(...words(row));
      element.setAttribute('aria-label', spoken(row));
      draw(svg, row, where, tracks, width, isNarrow ? 26 : 28, isNarrow, chosen);
    }

    function words(row) {
      const parts = [make('b', {}, row.type === 'connection' ? `#${row.connection.number} ${row.facts.find(([name]) => name === 'path')?.[1] ?? ''}` : title(row))];
      const note = (text, kind = '') => parts.push(make('i', { class: kind }, text));
      if (row.type === 'connection') {
        const status = row.facts.find(([name]) => name === 'status');
        if (status) note(`status ${status[1]}`);
      }
      const { call } = row;
      if (call && call.outcome !== 0) note('no answer', 'lost');
      else if (call && call.latency !== null && (row === call.answer || row === call.row)) note(duration(call.latency), call.isSlow ? 'late' : 'took');
      if (row.size !== null) note(`${row.size} B${row.wire === null ? '' : ' z'}`);
      return parts;
    }

    function spoken(row) {
      const parts = [clock(row.time, row.east)];
      if (row.connection) parts.push(`connection ${row.connection.number}`);
      if (row.type === 'finding') parts.push('finding');
      if (row.from !== null) parts.push(`from ${SIDES[row.from]}`);
      parts.push(title(row));
      if (row.size !== null) parts.push(`${row.size} bytes`);
      if (row.call) parts.push(row.call.outcome !== 0 ? OUTCOMES[row.call.outcome] : `answered after ${duration(row.call.latency ?? 0)}`);
      parts.push(excerpt(row));
      return parts.join(', ');
    }

    function draw(svg, row, where, { passing, tracks }, width, height, isNarrow, chosen) {
      const step = isNarrow ? 5 : 7, tall = isNarrow ? 26 : 28;
      const left = 8 + step * TRACKS, right = width - left, y = height / 2;
      const lane = side => (side === 0 ? left : right);
      const at = (side, track) => (side === 0 ? left - step * (track + 1) : right + step * (track + 1));
      const whole = isNarrow ? 60 : tall; // lines go on below the rung
      const shape = { lanes: '', spans: '', mine: '', arrow: '', head: '' };
      shape.lanes = `M${left} 0V${whole}M${right} 0V${whole}`;
      for (const side of [0, 1]) {
        const own = row.call && row.call.from === side ? tracks.get(row.call) : undefined;
        for (let track = 0; track < TRACKS; track += 1) {
          const x = at(side, track);
          if (own && own.track === track && where === own.from) shape.spans += `M${lane(side)} ${y}H${x}V${whole}`;
          else if (own && own.track === track && where === own.to) shape.spans += `M${x} 0V${y}H${lane(side)}`;
          else if (passing[side][where] & 1 << track) shape.spans += `M${x} 0V${whole}`;
        }
      }
      const mine = chosen ? tracks.get(chosen) ?? spanOf(chosen) : undefined;
      if (mine && where >= mine.from && where <= mine.to) {
        const x = at(chosen.from, mine.track);
        shape.mine = where === mine.from ? `M${lane(chosen.from)} ${y}H${x}V${whole}`
          : where === mine.to ? `M${x} 0V${y}H${lane(chosen.from)}` : `M${x} 0V${whole}`;
      }
      if (row.from !== null && row.type !== 'finding' && row.type !== 'call') {
        const [from, to] = [lane(row.from), lane(1 - row.from)];
        const back = from < to ? -7 : 7;
        shape.arrow = `M${from} ${y}H${to + back}`;
        shape.head = `M${to} ${y}l${back} -4v8z`;
      }
      PARTS.forEach((name, index) => svg.children[index].setAttribute('d', shape[name]));
    }

    """#
}
