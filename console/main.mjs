// The page: what is connected to what.
import * as api from './api.mjs';
import { Calls } from './calls.mjs';
import { GBK, UTF8 } from './client.mjs';
import { Composer } from './composer.mjs';
import { showDetail } from './detail.mjs';
import { $, announce, attempt, make, onNextFrame, setText } from './elements.mjs';
import { clock, note, servedEntry, summary } from './frames.mjs';
import { Ladder } from './ladder.mjs';
import { LatencyPlot } from './latency.mjs';
import { List } from './list.mjs';
import { Peer } from './peer.mjs';
import { toHex, visible } from './payload.mjs';
import { replay, savePcapng, saveScript, saveServerCapture } from './save.mjs';
import { ServerPanel } from './server.mjs';
import { parseFilter, Store } from './store.mjs';

const stores = { page: new Store(), server: new Store() };
let shown = 'page';
const store = () => stores[shown];

const mark = (entry) => (entry.compressed ? 'z' : entry.compressed === null && entry.deflate ? '(z)' : '');
const arrow = { client: '→', server: '←', '': '·' };
const list = new List($('log'), stores.page, [
    { name: 'time', text: (entry) => clock(entry.time) },
    { name: 'conn', text: (entry) => String(entry.connection) },
    { name: 'arrow', text: (entry) => arrow[entry.from] },
    { name: 'kind', text: (entry) => entry.kind },
    { name: 'id', text: (entry) => (entry.id === null ? '' : String(entry.id)) },
    { name: 'sn', text: (entry) => (entry.sn ? String(entry.sn) : '') },
    { name: 'size', text: (entry) => (entry.type === 'frame' ? String(entry.size) : '') },
    { name: 'zip', text: mark },
    { name: 'what', text: summary },
]);
const ladder = new Ladder($('ladder'), list, stores.page);
const latency = { page: new LatencyPlot($('plot-page'), $('plot-page-text')), server: new LatencyPlot($('plot-server'), $('plot-server-text')) };
const peer = new Peer(stores.page);
const server = new ServerPanel();
new Composer(peer);
new Calls(peer);

// ---------------------------------------------------------------------------------------------------------- the connection

$('connect').addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(async () => {
        hideDisplacement();
        const protocols = $('protocols').value.split(/[\s,]+/).filter(Boolean);
        await peer.connect($('url').value, { protocols, redial: $('redial').checked });
        announce('connected');
    });
});
$('disconnect').addEventListener('click', () => attempt(() => peer.close()));

const STATES = { closed: 'not connected', connecting: 'connecting', open: 'connected', displaced: 'displaced' };
peer.addEventListener('change', () => {
    $('state').className = `state ${peer.state}`;
    setText($('state'), STATES[peer.state] + (peer.isOpen && peer.isCompressed ? ', deflate' : ''));
    $('disconnect').disabled = !peer.isOpen;
});
peer.addEventListener('answered', ({ detail }) => latency.page.add(detail.time, detail.latency));
peer.addEventListener('displaced', ({ detail }) => {
    const { oldIp, newIp, ts } = detail;
    setText($('displaced-text'), `This connection (${visible(oldIp)}) was displaced by ${visible(newIp)} at ${clock(Number(ts / 1000000n))}. `
        + 'Connecting again would displace that one.');
    $('displaced').hidden = false;
});
function hideDisplacement() { $('displaced').hidden = true; }
$('displaced-close').addEventListener('click', hideDisplacement);

// ------------------------------------------------------------------------------------------------------------------ the log

const count = onNextFrame(() => {
    const { first, next } = store();
    const lost = first > 0 ? `, ${first} older given up` : '';
    const waiting = list.waiting > 0 ? `, ${list.waiting} new` : '';
    setText($('count'), `${store().count} of ${next - first}${lost}${waiting}`);
});
for (const one of Object.values(stores)) one.onChange(count);

function applyFilter() {
    const fits = parseFilter($('filter').value, (entry) => `${summary(entry)} ${entry.kind}`);
    const kinds = new Set([...document.querySelectorAll('input[name=kind]:checked')].map((box) => box.value));
    const kindOf = ({ type, kind }) => (type !== 'frame' ? (type === 'control' ? 'control' : 'note')
        : kind === 'request' || kind === 'response' || kind === 'acknowledgement' ? 'call' : 'message');
    for (const one of Object.values(stores)) one.setFilter((entry) => kinds.has(kindOf(entry)) && fits(entry));
}
let filtering;
$('filter').addEventListener('input', () => {
    clearTimeout(filtering);
    filtering = setTimeout(applyFilter, 120);
});
for (const box of document.querySelectorAll('input[name=kind]')) box.addEventListener('change', applyFilter);

function show(name) {
    shown = name;
    list.show(store());
    ladder.show(store());
    showDetail($('detail'), null);
    setPaused(false);
    count();
}
for (const choice of document.querySelectorAll('input[name=source]')) choice.addEventListener('change', () => show(choice.value));

function setPaused(isPaused) {
    list.paused = isPaused;
    $('pause').setAttribute('aria-pressed', isPaused);
    setText($('pause'), isPaused ? 'Go on' : 'Pause');
    count();
}
$('pause').addEventListener('click', () => setPaused($('pause').getAttribute('aria-pressed') !== 'true'));
$('clear').addEventListener('click', () => {
    store().clear();
    latency[shown].clear();
    showDetail($('detail'), null);
});
list.addEventListener('select', ({ detail: entry }) => {
    showDetail($('detail'), entry, entry ? actions(entry) : []);
    if (entry) openTab('detail');
});

function actions(entry) {
    if (entry.type !== 'frame') return [];
    const buttons = [make('button', { type: 'button', text: 'Put into Send', onclick: () => {
        $('id').value = entry.id;
        $('format').value = 'hex';
        $('payload').value = toHex(entry.payload);
        $('payload').focus();
    } }), make('button', { type: 'button', text: 'Copy hex', onclick: () => attempt(async () => {
        await navigator.clipboard.writeText(toHex(entry.payload));
        announce('copied');
    }) })];
    if (entry.sn) buttons.push(make('button', { type: 'button', text: `Only sn ${entry.sn}`, onclick: () => {
        $('filter').value = `sn:${entry.sn} conn:${entry.connection}`;
        applyFilter();
    } }));
    return buttons;
}

// -------------------------------------------------------------------------------------------------------------------- tabs

const tabs = [...document.querySelectorAll('[role=tab]')];
function openTab(name) {
    for (const tab of tabs) {
        const isOpen = tab.dataset.tab === name;
        tab.setAttribute('aria-selected', isOpen);
        tab.tabIndex = isOpen ? 0 : -1;
        $(tab.getAttribute('aria-controls')).hidden = !isOpen;
    }
    list.dispatchEvent(new Event('view'));
}
tabs.forEach((tab, place) => {
    tab.addEventListener('click', () => openTab(tab.dataset.tab));
    tab.addEventListener('keydown', (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const other = tabs[(place + step + tabs.length) % tabs.length];
        openTab(other.dataset.tab);
        other.focus();
    });
});
openTab('ladder');

// -------------------------------------------------------------------------------------------------------------------- files

$('save-pcapng').addEventListener('click', () => attempt(() => savePcapng(peer, stores.page)));
$('save-script').addEventListener('click', () => attempt(() => saveScript(peer, stores.page)));
$('save-server').addEventListener('click', () => attempt(() => saveServerCapture()));
$('replay').addEventListener('click', () => attempt(() => replay(peer, stores.page)));

// --------------------------------------------------------------------------------------------------------------- the server

const charsets = new Map(); // of the mock server's connections, by the inspector's numbers
function heard(event) {
    server.heard(event);
    switch (event.type) {
    case 'connection':
        charsets.set(event.connection, event.charset === GBK ? GBK : UTF8);
        if (charsets.size > 1000) charsets.delete(charsets.keys().next().value);
        break;
    case 'rpc':
        if (event.latency !== null) latency.server.add((event.time ?? 0) / 1000, event.latency / 1e6);
        return;
    case 'missed':
        stores.server.add(note(0, `${event.count} events were left out: this page did not keep up`, { isBad: true }));
        return;
    default: break;
    }
    const entry = servedEntry(event, charsets.get(event.connection) ?? UTF8);
    if (entry) stores.server.add(entry);
}

api.listen(heard, (isThere, reason) => {
    $('console-lost').hidden = isThere;
    setText($('console-lost'), reason);
    server.forget();
    if (isThere) attempt(async () => {
        await server.load();
        if ($('url').value === '') $('url').value = `${server.url}?uid=100`;
    });
});

// --------------------------------------------------------------------------------------------------------------------- keys

document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, textarea, select')) return;
    const run = { '/': () => $('filter').focus(), p: () => $('pause').click(), l: () => $('log').focus(), s: () => $('payload').focus() }[event.key];
    if (!run) return;
    event.preventDefault();
    run();
});
applyFilter();
