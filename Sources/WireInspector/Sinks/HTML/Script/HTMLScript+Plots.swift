extension HTMLScript {
  /// What is in view over time: frames and findings, and the latencies of calls.
  static let plots = #"""
    const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

    /** A canvas, ready to be drawn on in pixels of the page; null where it is not shown. */
    function drawing(canvas) {
      const { width, height } = canvas.getBoundingClientRect();
      if (width < 20 || height < 20) return null;
      const ratio = devicePixelRatio || 1;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      const context = canvas.getContext('2d');
      context.scale(ratio, ratio);
      context.font = '11px system-ui, sans-serif';
      return { context, width, height };
    }

    class Plot {
      /** @param go takes the row that was pointed at */
      constructor(name, go) {
        this.canvas = byId(name);
        this.text = byId(`${name}-text`);
        this.go = go;
        this.items = [];
        this.from = 0;
        this.to = 1;
        this.isAsked = false;
        this.base = null; // what does not change with what is chosen
        new ResizeObserver(() => this.ask()).observe(this.canvas);
        this.canvas.addEventListener('click', event => this.point(event.offsetX, event.offsetY));
        this.canvas.addEventListener('pointermove', event => { this.say(this.near(event.offsetX, event.offsetY)); });
        this.canvas.addEventListener('pointerleave', () => this.say(null));
      }

      ask(isStale = false) {
        if (isStale) this.base = null;
        if (this.isAsked) return;
        this.isAsked = true;
        requestAnimationFrame(() => {
          this.isAsked = false;
          const surface = drawing(this.canvas);
          if (surface) this.draw(surface);
        });
      }

      draw(surface) {
        const { context, width, height } = surface;
        if (this.base?.width !== this.canvas.width || this.base?.height !== this.canvas.height) {
          this.base = make('canvas', { width: this.canvas.width, height: this.canvas.height });
          const base = this.base.getContext('2d');
          base.scale(this.canvas.width / width, this.canvas.height / height);
          base.font = context.font;
          this.paint({ context: base, width, height });
          this.say(null);
        }
        this.mark(surface);
        context.drawImage(this.base, 0, 0, width, height);
      }

      /** The times that are shown, a little wider than what is there. */
      setTimes(from, to) {
        this.from = from;
        this.to = Math.max(to, from + 1000);
      }

      get width() { return this.canvas.clientWidth; }
      x(time) { return this.left + (time - this.from) / (this.to - this.from) * (this.width - this.left - 8); }
      time(x) { return this.from + (x - this.left) / (this.width - this.left - 8) * (this.to - this.from); }

      axis({ context, width, height }) {
        context.fillStyle = colour('quiet');
        context.textBaseline = 'bottom';
        context.textAlign = 'left';
        context.fillText(clock(this.from), this.left, height);
        context.textAlign = 'right';
        const span = `+${duration(this.to - this.from)}`;
        context.fillText(span, width - 8, height);
      }

      point(x, y) {
        const found = this.near(x, y);
        if (found) this.go(found);
      }
    }

    class Timeline extends Plot {
      left = 8;
      bars = [];
      tallest = 1;
      sight = null; // the times of what is in sight in the list, where that is not all
      view = [];
      isEmpty = true;

      show(view) {
        let [from, to] = [Infinity, -Infinity];
        for (const index of view) {
          const { time } = rows[index];
          if (time === null) continue;
          if (time < from) from = time;
          if (time > to) to = time;
        }
        this.view = view;
        this.isEmpty = from > to;
        if (!this.isEmpty) this.setTimes(from, to);
        this.ask(true);
      }

      /** Where the list is. */
      mark({ context, height }) {
        if (!this.sight) return;
        const [a, b] = this.sight.map(time => this.x(time));
        context.fillStyle = colour('chosen');
        context.fillRect(Math.max(0, a - 1), 0, Math.max(3, b - a + 2), height - 16);
      }

      paint(surface) {
        const { context, width, height } = surface;
        const number = Math.max(1, Math.floor((width - this.left - 8) / 4));
        this.bars = Array.from({ length: number }, () => ({ frames: [0, 0], findings: 0, broken: 0, first: null }));
        if (!this.isEmpty) {
          for (const index of this.view) {
            const row = rows[index];
            if (row.time === null) continue;
            const bar = this.bars[this.place(row.time)];
            bar.first ??= row;
            if (row.type === 'frame' || row.type === 'message') bar.frames[row.from] += 1;
            else if (row.type === 'finding') bar[isBroken(row) ? 'broken' : 'findings'] += 1;
          }
        }
        this.tallest = Math.max(1, ...this.bars.map(bar => bar.frames[0] + bar.frames[1]));
        const floor = height - 16, room = floor - 14;
        context.fillStyle = colour('line');
        context.fillRect(this.left, floor, width - this.left - 8, 1);
        const wide = (width - this.left - 8) / number;
        this.bars.forEach((bar, place) => {
          const x = this.left + place * wide;
          let y = floor;
          for (const side of [1, 0]) {
            const high = bar.frames[side] / this.tallest * room;
            if (high === 0) continue;
            context.fillStyle = colour(SIDES[side]);
            context.fillRect(x, y - Math.max(1, high), Math.max(1, wide - 1), Math.max(1, high));
            y -= high;
          }
          if (bar.findings + bar.broken === 0) return;
          context.fillStyle = colour(bar.broken ? 'broken' : 'found');
          context.fillRect(x, 0, Math.max(2, wide - 1), bar.broken ? 10 : 5);
        });
        if (!this.isEmpty) this.axis(surface);
      }

      place(time) { return Math.max(0, Math.min(this.bars.length - 1, Math.floor((time - this.from) / (this.to - this.from) * this.bars.length))); }

      near(x) {
        if (this.isEmpty) return null;
        const place = this.place(this.time(x));
        // Of places where nothing is, the next one that has something.
        for (let away = 0; away < this.bars.length; away += 1) {
          for (const each of [place + away, place - away]) if (this.bars[each]?.first) return this.bars[each].first;
        }
        return null;
      }

      say(row) {
        let text = this.isEmpty ? 'nothing with a time' : `at most ${this.tallest} in ${duration((this.to - this.from) / this.bars.length)}`;
        if (row) {
          const bar = this.bars[this.place(row.time)];
          text = `${clock(row.time)}: ${count(bar.frames[0], 'frame')} of clients, ${bar.frames[1]} of servers`
            + (bar.findings + bar.broken ? `, ${count(bar.findings + bar.broken, 'finding')}` : '');
        }
        this.text.textContent = text;
        if (!row) this.canvas.setAttribute('aria-label', `Frames over time, ${text}. The arrow keys go through the records.`);
      }
    }

    class Latencies extends Plot {
      left = 52;

      show(list, from, to) {
        this.items = list;
        this.setTimes(from, to);
        const answered = list.filter(call => call.latency !== null).map(call => call.latency).sort((a, b) => a - b);
        const at = share => answered[Math.min(answered.length - 1, Math.floor(answered.length * share))];
        const lost = list.filter(call => call.outcome !== 0).length;
        this.low = answered.length ? Math.floor(Math.log10(Math.max(1000, at(0)))) : 5;
        this.high = answered.length ? Math.max(Math.ceil(Math.log10(Math.max(1000, at(1)))), this.low + 1) : 6;
        this.words = list.length === 0 ? 'no calls' : (answered.length ? `p50 ${duration(at(0.5))}, p99 ${duration(at(0.99))}, longest ${duration(at(1))}` : '')
          + (lost ? `${answered.length ? ', ' : ''}${lost} without an answer` : '');
        this.listed = new Set(list);
        this.ask(true);
      }

      y(latency, height) {
        const share = (Math.log10(Math.max(1000, latency)) - this.low) / (this.high - this.low);
        return height - 18 - Math.max(0, Math.min(1, share)) * (height - 34);
      }

      /** Where a call is drawn: one without an answer at the top, when it began. */
      spot(call, height) {
        const time = call.latency === null ? call.began ?? call.time : call.time;
        return time === null ? null : [this.x(time), call.latency === null ? 6 : this.y(call.latency, height)];
      }

      /** The call that is chosen. */
      mark({ context, height }) {
        const spot = this.chosen && this.listed.has(this.chosen) ? this.spot(this.chosen, height) : null;
        if (!spot) return;
        context.strokeStyle = colour('accent');
        context.lineWidth = 2;
        context.beginPath();
        context.arc(...spot, 5, 0, 7);
        context.stroke();
      }

      paint(surface) {
        const { context, width, height } = surface;
        if (this.items.length > 0) {
          context.textAlign = 'right';
          context.textBaseline = 'middle';
          const every = Math.ceil((this.high - this.low) * 14 / (height - 34));
          for (let power = this.low; power <= this.high; power += every) {
            const y = Math.round(this.y(10 ** power, height));
            context.fillStyle = colour('line');
            context.fillRect(this.left, y, width - this.left - 8, 1);
            context.fillStyle = colour('quiet');
            context.fillText(duration(10 ** power).replace(/\.0+ /, ' '), this.left - 6, y);
          }
          this.axis(surface);
        }
        const colours = [colour('client'), colour('server')], lost = colour('broken');
        context.globalAlpha = this.items.length > 2000 ? 0.5 : 1;
        for (const call of this.items) {
          const spot = this.spot(call, height);
          if (!spot) continue;
          const [x, y] = spot;
          context.fillStyle = call.latency === null ? lost : colours[call.from];
          context.fillRect(x - 1.5, y - 1.5, 3, 3);
        }
      }

      near(x, y) {
        let [best, found] = [900, null]; // within 30 pixels
        const height = this.canvas.clientHeight;
        for (const call of this.items) {
          const spot = this.spot(call, height);
          if (!spot) continue;
          const away = (spot[0] - x) ** 2 + (spot[1] - y) ** 2;
          if (away < best) [best, found] = [away, call];
        }
        return found;
      }

      say(call) {
        this.text.textContent = call ? `#${call.connection.number} sn ${call.sn}, id ${call.requestId}: `
          + (call.latency === null ? OUTCOMES[call.outcome] : duration(call.latency)) : this.words ?? '';
        if (!call) this.canvas.setAttribute('aria-label', `Latency of calls, ${this.words}. The arrow keys go through the calls.`);
      }
    }

    """#
}
