extension HTMLScript {
  /// A list of which only what is in sight is in the document, however long it is.
  static let list = #"""
    const TALLEST = 8e6; // pixels that every browser gives an element

    class List {
      /**
       * @param box what scrolls
       * @param make gives the element of a row, which fill(element, place) fills
       * @param pick takes the place of a row that was chosen
       */
      constructor(box, height, make, fill, pick) {
        Object.assign(this, { box, height, make, fill, pick, length: 0, selected: -1, elements: [], version: 0, onView: null, isAsked: false });
        this.space = box.appendChild(document.createElement('div'));
        this.space.className = 'space';
        this.space.setAttribute('role', 'presentation');
        box.addEventListener('scroll', () => this.ask(), { passive: true });
        box.addEventListener('keydown', event => this.key(event));
        this.space.addEventListener('click', event => {
          const element = event.target.closest('.item');
          if (element) this.pick(element.place);
        });
        new ResizeObserver(() => this.ask()).observe(box);
      }

      /** How far the scroll bar stands for more than there are pixels. */
      get scale() { return Math.max(1, (this.length * this.height - this.box.clientHeight) / (TALLEST - this.box.clientHeight)); }
      get top() { return this.box.scrollTop * this.scale; }

      /** The places in sight, from and behind. */
      get view() {
        const first = Math.floor(this.top / this.height);
        return [Math.min(first, this.length), Math.min(this.length, first + Math.ceil(this.box.clientHeight / this.height))];
      }

      /** Shows so many rows, all of them filled anew. */
      show(length, selected = -1) {
        Object.assign(this, { length, selected });
        this.space.style.height = `${Math.min(TALLEST, length * this.height)}px`;
        this.redraw();
      }

      redraw() {
        this.version += 1;
        this.ask();
      }

      ask() {
        if (this.isAsked) return;
        this.isAsked = true;
        requestAnimationFrame(() => {
          this.isAsked = false;
          this.draw();
        });
      }

      draw() {
        const { scale, height } = this;
        const room = Math.ceil(this.box.clientHeight / height) + 2;
        while (this.elements.length < room) {
          const element = this.make();
          element.classList.add('item');
          element.setAttribute('role', 'option');
          element.place = -1;
          this.elements.push(element);
          this.space.append(element);
        }
        const top = this.top, first = Math.floor(top / height), shift = this.box.scrollTop - top;
        const shown = new Set();
        for (let place = first; place < Math.min(this.length, first + room); place += 1) {
          const element = this.elements[place % this.elements.length];
          shown.add(element);
          element.style.transform = `translateY(${place * height + shift}px)`;
          if (element.place === place && element.version === this.version) continue;
          element.hidden = false;
          element.place = place;
          element.version = this.version;
          element.style.height = `${height}px`;
          element.id = `${this.box.id}-${place}`;
          element.setAttribute('aria-posinset', place + 1);
          element.setAttribute('aria-setsize', this.length);
          element.setAttribute('aria-selected', place === this.selected);
          this.fill(element, place);
        }
        for (const element of this.elements) {
          if (shown.has(element)) continue;
          element.hidden = true;
          element.place = -1;
        }
        if (shown.has(this.elements[this.selected % this.elements.length]) && this.selected >= 0) {
          this.box.setAttribute('aria-activedescendant', `${this.box.id}-${this.selected}`);
        } else this.box.removeAttribute('aria-activedescendant');
        this.onView?.();
      }

      /** Marks a row, and brings it into sight; where it is far away, to the middle. */
      select(place) {
        this.selected = place;
        if (place >= 0) {
          const high = this.box.clientHeight, top = this.top, from = place * this.height;
          let wanted = top;
          if (from < top - high || from > top + 2 * high) wanted = from - high / 2;
          else if (from < top) wanted = from;
          else if (from + this.height > top + high) wanted = from + this.height - high;
          if (wanted !== top) this.box.scrollTop = wanted / this.scale;
        }
        this.redraw();
      }

      key(event) {
        const page = Math.max(1, Math.floor(this.box.clientHeight / this.height) - 1);
        const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity }[event.key];
        if (step === undefined || event.ctrlKey || event.altKey || event.metaKey || this.length === 0) return;
        event.preventDefault();
        this.step(step);
      }

      step(step) {
        if (this.length === 0) return;
        const now = this.selected >= 0 ? this.selected : this.view[0] - (step > 0 ? 1 : 0);
        this.pick(Math.max(0, Math.min(this.length - 1, now + step)));
      }
    }

    """#
}
