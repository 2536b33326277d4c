import FoundationEssentials
import SystemCrypto

/// What the page does beyond showing: filters, links into folded parts, and keys. Everything can be read without it.
enum PageScript {
  /// The policy of the page: nothing is loaded from anywhere, and no script runs but this one.
  static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; script-src 'sha256-"
    + Data(SHA256.digest(of: Array(text.utf8))).base64EncodedString() + "'"

  /// The script. It takes nothing from the page but attributes and texts, and writes only texts.
  static let text = """
    (() => {
      'use strict';
      const forms = [...document.querySelectorAll('form.filters')];
      const apply = form => {
        const list = document.getElementById(form.dataset.for);
        const v = name => (form.elements[name] ? (form.elements[name].type === 'checkbox'
          ? form.elements[name].checked : form.elements[name].value.trim()) : '');
        const words = v('text').toLowerCase().split(/\\s+/).filter(Boolean);
        let shown = 0, all = 0;
        for (const item of list.querySelectorAll('details[data-v]')) {
          all++;
          const d = item.dataset;
          let ok = (!v('verdict') || d.v.split(' ').includes(v('verdict')))
            && (!v('area') || d.area === v('area')) && (!v('level') || d.level === v('level'))
            && (!v('class') || d.class === v('class')) && (!v('divided') || 'divided' in d)
            && (!v('only') || 'only' in d);
          if (ok && words.length) {
            const text = item.firstElementChild.textContent.toLowerCase();
            ok = words.every(word => text.includes(word));
          }
          item.hidden = !ok;
          if (ok) shown++;
        }
        for (const group of list.querySelectorAll('.group'))
          group.hidden = !group.querySelector('details[data-v]:not([hidden])');
        // What a filter looks for is not to lie in a fold.
        const isFiltered = shown !== all;
        for (const rest of list.querySelectorAll('details.rest')) {
          rest.hidden = !rest.querySelector('details[data-v]:not([hidden])');
          if (isFiltered && !rest.open) { rest.open = true; rest.dataset.unfolded = ''; }
          else if (!isFiltered && 'unfolded' in rest.dataset) { rest.open = false; delete rest.dataset.unfolded; }
        }
        form.querySelector('output').textContent = shown === all ? all + ' shown' : shown + ' of ' + all + ' shown';
      };
      const state = form => {
        const q = new URLSearchParams();
        for (const field of form.elements) {
          if (!field.name) continue;
          if (field.type === 'checkbox') { if (field.checked) q.set(field.name, '1'); }
          else if (field.value.trim()) q.set(field.name, field.value.trim());
        }
        return q.toString();
      };
      const section = form => form.closest('section').id;
      for (const form of forms) {
        form.hidden = false;
        form.addEventListener('submit', event => event.preventDefault());
        form.addEventListener('input', () => {
          apply(form);
          const q = state(form);
          history.replaceState(null, '', '#' + section(form) + (q ? '?' + q : ''));
        });
        apply(form);
      }
      const follow = () => {
        let hash = location.hash.slice(1);
        try { hash = decodeURIComponent(hash); } catch (error) { /* taken as it is */ }
        const [name, query] = hash.split('?');
        const form = forms.find(form => section(form) === name);
        if (form && query !== undefined) {
          const q = new URLSearchParams(query);
          for (const field of form.elements) {
            if (!field.name) continue;
            if (field.type === 'checkbox') field.checked = q.has(field.name);
            else field.value = q.get(field.name) || '';
          }
          apply(form);
          document.getElementById(name).scrollIntoView();
          return;
        }
        const target = document.getElementById(hash);
        if (!target) return;
        const item = target.closest('details');
        if (!item) return;
        item.hidden = false;
        for (const part of [item.closest('.group'), item.closest('.rest')]) if (part) part.hidden = false;
        for (let part = item; part; part = part.parentElement.closest('details')) part.open = true;
        item.scrollIntoView({ block: 'start' });
        item.querySelector('summary').focus({ preventScroll: true });
      };
      // A case opens at the step that was not met, where that lies below the screen.
      document.addEventListener('toggle', event => {
        const item = event.target;
        if (!item.open || !item.matches || !item.matches('details.case')) return;
        const step = item.querySelector('.unmet,.divergent');
        if (step && step.getBoundingClientRect().bottom > innerHeight) step.scrollIntoView({ block: 'center' });
      }, true);
      addEventListener('hashchange', follow);
      if (location.hash) follow();
      addEventListener('keydown', event => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const typing = event.target.closest && event.target.closest('input,select,textarea');
        if (event.key === 'Escape' && typing) { typing.blur(); return; }
        if (typing) return;
        if (event.key === '/') {
          event.preventDefault();
          document.querySelector('#cases input[name=text]').focus();
        } else if (event.key === 'j' || event.key === 'k') {
          const items = [...document.querySelectorAll('#list details.case:not([hidden]) > summary')]
            .filter(item => !item.closest('[hidden]') && item.getClientRects().length);
          const at = items.indexOf(document.activeElement);
          const next = items[Math.max(0, Math.min(items.length - 1, at + (event.key === 'j' ? 1 : -1)))];
          if (next) { next.focus(); next.scrollIntoView({ block: 'nearest' }); }
        }
      });
      let printed = [];
      addEventListener('beforeprint', () => {
        printed = [...document.querySelectorAll('details.levels:not([open]),details.rest:not([open])')];
        for (const item of printed) item.open = true;
      });
      addEventListener('afterprint', () => { for (const item of printed) item.open = false; });
    })();
    """
}
