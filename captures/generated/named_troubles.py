"""Captures in troubles that need a certain arrangement, one for each: named_troubles.py DIR

Reuse of ports, losses at chosen places, snap lengths, broken lengths, WebSocket violations, deflate, handshakes, calls, fragments, damaged
files. Writes a manifest.json in the form of captures/nasty/manifest.json.
"""
from random_troubles import *
OUT = sys.argv[1]
os.makedirs(OUT, exist_ok=True)
MAN = []
D = ['c2s', 's2c']

def entry(name, data, conns, req=(), forb=FORB, flags=None, exit='ok', ext='.pcap', note=''):
    fn = name + ext
    open(os.path.join(OUT, fn), 'wb').write(data)
    cs = []
    for c, q in conns:
        arr = deliver(q, c, c.pos)
        have = [all((x is not None for x in arr[m['dir']][m['start']:m['end']])) and (not m.get('bad')) for m in c.msgs]
        pr, un = pairs(c, arr, have)
        cs.append(dict(client='%s:%d' % q[0].c, server='%s:%d' % q[0].s, upgrade=dict(query=c.query), optional=[(D[m['dir']],) + tuple((m[x] for x in ('protocolId', 'sn', 'len', 'sha256'))) for m in c.msgs if m.get('opt')], messages=[dict(m, dir=D[m['dir']]) for i, m in enumerate(c.msgs) if have[i] and (not m.get('opt'))], messages_lost=[], rpc=dict(pairs=getattr(c, 'rpcs', pr))))
    MAN.append(dict(variant=name, file=fn, exit=exit, anomalies_required=list(req), anomalies_forbidden=[x for x in forb if x not in req], flags=flags or {}, connections=cs, note=note))

def mk(r, n=1001, ext=None, talk=8, sizes=SZ, close=True, take=(True, True), bits=(15, 15), http=True, frag='none', level=6, **kw):
    c = Conn(r, n, dict(ext=ext, frag=frag, text=True, **kw))
    if http:
        c.http()
    if ext:
        c.z = [Deflater(bits[0], take[0], level), Deflater(bits[1], take[1], level)]
    if talk:
        c.talk(talk, sizes)
    if close:
        c.close()
    return c

def write(P, r, link='eth', **no):
    o = dict(link=link)
    o.update(no)
    net = Net(r, o)
    recs = []
    for p in P:
        for ip, et in net.ip(p):
            b = net.link(ip, et, p)
            recs.append((p.t * 1000, b, len(b)))
    return recs
T0 = 1700000000 * 10 ** 6
C1 = ('10.0.0.1', 40001)
SV = ('10.0.0.200', 8080)

def simple(name, c, r, req=(), fn=None, flags=None, forb=FORB, o={}, note='', snap=None, **no):
    P, t = packets(c, r, dict(o), T0)
    if fn:
        P = fn(P) or P
    recs = write(P, r, **no)
    if snap:
        recs = [(t, b[:snap], n) for t, b, n in recs]
        for p in P:
            p.cut = max(0, snap - 54 - len(p.opts)) if len(p.data) + 54 > snap else None
    entry(name, pcap(recs, LT[no.get('link', 'eth')], snap=snap or 262144), [(c, P)], req, forb, flags, note=note)
for k, (end, delta) in enumerate([('fin', None), ('fin', 1000), ('fin', 60000), ('none', None), ('none', 500), ('none', 30000), ('rst', 2000), ('rst', None), ('none', -300), ('fin', -300), ('fin', 0), ('fin', 1)]):
    for sw in (False, True):
        r = random.Random(100 + k)
        a = mk(r, 1001, close=end != 'none')
        P, t = packets(a, r, dict(end=end), T0, cl=('127.0.0.1', 40001), sv=('127.0.0.1', 40002))
        isn = None
        if delta is not None:
            isn = [P[0].isn[d] + 1 + a.pos[d] + delta & M32 for d in range(2)]
        b = mk(r, 1002)
        cl, sv = (('127.0.0.1', 40001), ('127.0.0.1', 40002))
        if sw:
            cl, sv = (sv, cl)
            isn = isn and isn[::-1]
        Q, t = packets(b, r, {}, t + 200, cl=cl, sv=sv, isn=isn)
        entry('reuse_%s_%s%s' % (end, delta, '_swapped' if sw else ''), pcap(write(P + Q, r, 'null'), 0), [(a, P), (b, Q)], [], note='delta %s' % delta)
r = random.Random(1)
a = mk(r, 1001, talk=20)
b = mk(r, 1002, talk=20)
P, t = packets(a, r, {}, T0, cl=('10.0.0.1', 5000), sv=('10.0.0.2', 6000))
Q, t = packets(b, r, {}, T0, cl=('10.0.0.2', 5000), sv=('10.0.0.1', 6000))
entry('crossed', pcap(write(sorted(P + Q, key=lambda p: p.t), r), 1), [(a, P), (b, Q)])
r = random.Random(2)
a = mk(r, 1001, talk=20)
b = mk(r, 1002, talk=20)
P, t = packets(a, r, {}, T0, cl=('127.0.0.1', 5000), sv=('127.0.0.1', 6000))
Q, t = packets(b, r, {}, T0, cl=('127.0.0.1', 5001), sv=('127.0.0.1', 5000))
entry('crossed_same_ip', pcap(write(sorted(P + Q, key=lambda p: p.t), r, 'null'), 0), [(a, P), (b, Q)])
r = random.Random(3)
c = mk(r)
simple('syn_other_isn', c, r, fn=lambda P: [clone(P[0], isn=[77, P[0].isn[1]], t=P[0].t - 10)] + P)

def dropbytes(d, lo, hi):

    def f(P):
        out = []
        for p in P:
            a, b = (p.off, p.off + len(p.data))
            if p.d != d or not p.data or b <= lo or (a >= hi):
                out.append(p)
                continue
            if a < lo:
                out.append(clone(p, data=p.data[:lo - a], flags=16))
            if b > hi:
                out.append(clone(p, off=hi, data=p.data[hi - a:]))
        return out
    return f
for ext in (None, 'permessage-deflate', 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'):
    for d in (0, 1):
        for where in ('header1', 'header2', 'headertail', 'payload', 'payloadend', 'frameboundary', 'two'):
            for frag in ('none', 'random'):
                r = random.Random(len(where) * 7 + d + len(frag) + len(ext or ''))
                take = 'no_context' not in (ext or '')
                c = mk(r, ext=ext, talk=25, sizes=[40, 200, 3000], take=(take, take), frag=frag)
                if not any((m['dir'] == d for m in c.msgs[2:])):
                    continue
                cand = [m for m in c.msgs[2:] if m['dir'] == d]
                m = cand[len(cand) // 2]
                s, e = (m['start'], m['end'])
                lo, hi = {'header1': (s, s + 1), 'header2': (s + 1, s + 4), 'headertail': (s - 3, s + 2), 'payload': (s + (e - s) // 2, s + (e - s) // 2 + 5), 'payloadend': (e - 3, e), 'frameboundary': (s, e), 'two': (s + 9, e + 1)}[where]
                lo = max(lo, c.head0 if d == 0 else c.head1)
                hi = min(hi, c.pos[d])
                cut = False
                for x in c.msgs:
                    if x['dir'] == d and x['start'] < hi and (x['end'] > lo):
                        cut = True
                    elif x['dir'] == d and cut and ext and take:
                        x['opt'] = True
                simple('gap_%s_%s_%d_%s' % (where, frag, d, 'plain' if not ext else 'take' if take else 'notake'), c, r, ['tcp.gap'], fn=dropbytes(d, lo, hi), forb=['app.bad-magic', 'app.length-mismatch', 'ws.inflate-error'], flags=dict(rpc_check=not (ext and take)), note='%d-%d' % (lo, hi))
for d in (0, 1):
    for ext in (None, 'permessage-deflate; server_no_context_takeover; client_no_context_takeover', 'permessage-deflate'):
        for part in ('start', 'middle', 'end', 'tail2'):
            r = random.Random(50 + d)
            take = ext == 'permessage-deflate'
            c = mk(r, ext=ext, take=(take, take))
            h = (c.head0, c.head1)[d]
            lo, hi = {'start': (0, 20), 'middle': (30, 60), 'end': (h - 20, h), 'tail2': (h - 20, h + 9)}[part]
            for x in c.msgs:
                if take and x['dir'] == d and (part == 'tail2'):
                    x['opt'] = True
            simple('gap_http_%s_%d_%s' % (part, d, ext and ext[-8:].strip()), c, r, ['tcp.gap'], fn=dropbytes(d, lo, hi), forb=['app.bad-magic', 'app.length-mismatch', 'ws.inflate-error'], flags=dict(midstream=d == 0, rpc_check=not take), o=dict(mss=30000))
for snap in (68, 96, 128, 200, 400, 1000):
    r = random.Random(snap)
    c = mk(r, talk=20)
    simple('snaplen_%d' % snap, c, r, ['capture.snaplen'], forb=['app.bad-magic'], snap=snap, flags=dict(midstream=True))
r = random.Random(6)
c = mk(r, close=False)

def rawmsg(c, d, b, op=2, **k):
    h, q = c.frame(d, op, b, **k)
    c.put(d, h + q)
x = bytearray(app(5, 0, b'hello'))
x[2] = 200
rawmsg(c, 0, bytes(x))
x[2] = 3
rawmsg(c, 1, bytes(x))
c.msg(0, 9, 0, b'ok')
c.close()
simple('lying', c, r, ['app.length-mismatch'])
r = random.Random(7)
c = mk(r, close=False)
rawmsg(c, 0, b'\xfe\xef\x00')
rawmsg(c, 1, b'')
rawmsg(c, 0, app(1, 0, b'x'), op=1)
rawmsg(c, 0, b'\xff\xfe', op=1)
c.msg(0, 9, 0, b'ok')
c.msg(1, 9, 0, b'ok')
c.close()
simple('short_text', c, r, ['app.short', 'ws.unexpected-text', 'ws.bad-utf8'])
r = random.Random(8)
c = mk(r, close=False)
c.msg(0, 9, 0, c.r.randbytes(600000))
c.msg(1, 9, 0, c.r.randbytes(3 << 20), frags='gorilla')
c.msg(1, 10, 0, b'after')
c.close()
simple('too_large', c, r, ['app.too-large'], o=dict(mss=8948))
r = random.Random(9)
c = mk(r, close=False)
c.msg(1, 9, 0, bytes(18 << 20))
c.msgs[-1]['opt'] = True
c.msg(1, 10, 0, b'after')
c.close()
simple('too_large_18', c, r, ['app.too-large'], o=dict(mss=60000, ackp=0.05))
for mb in (8, 20, 64):
    r = random.Random(10)
    c = mk(r, ext='permessage-deflate', close=False)
    c.msg(1, 9, 0, b'A' * (mb << 20))
    c.msgs[-1]['opt'] = True
    c.msg(1, 10, 0, b'after the bomb AAAAAAAAAAAAAAAAAA' * 5)
    c.msg(1, 11, 0, c.payload(500))
    c.close()
    simple('bomb_%d' % mb, c, r, ['app.too-large'])
r = random.Random(11)
c = mk(r, close=False)
c.control(0, 9, b'x' * 200)
c.control(0, 9, b'y', fin=0)
c.control(1, 11, b'z')
h, q = c.frame(1, 0, b'stray')
c.put(1, h + q)
c.msg(1, 5, 0, b'fine')
h, q = c.frame(0, 2, app(6, 0, b'unmasked'), mask=0)
c.put(0, h + q)
c.msgs.append(dict(dir=0, protocolId=6, sn=0, len=8, sha256=hashlib.sha256(b'unmasked').hexdigest(), start=c.pos[0] - 5, end=c.pos[0]))
h, q = c.frame(1, 2, app(7, 0, b'masked'), mask=1)
c.put(1, h + q)
c.msgs.append(dict(dir=1, protocolId=7, sn=0, len=6, sha256=hashlib.sha256(b'masked').hexdigest(), start=c.pos[1] - 5, end=c.pos[1]))
b = app(8, 0, b'padded')
c.put(1, b'\x82~' + struct.pack('>H', len(b)) + b)
c.msgs.append(dict(dir=1, protocolId=8, sn=0, len=6, sha256=hashlib.sha256(b'padded').hexdigest(), start=c.pos[1] - 5, end=c.pos[1]))
b = app(8, 0, b'padded64')
c.put(1, b'\x82\x7f' + struct.pack('>Q', len(b)) + b)
c.msgs.append(dict(dir=1, protocolId=8, sn=0, len=8, sha256=hashlib.sha256(b'padded64').hexdigest(), start=c.pos[1] - 5, end=c.pos[1]))
c.control(0, 8, b'\x03')
c.control(1, 8, b'\x03\xed\xff')
c.msg(1, 9, 0, b'after close')
c.msgs[-1]['opt'] = True
simple('ws_violations', c, r, ['ws.bad-control', 'ws.reserved-opcode', 'ws.stray-continuation', 'ws.unmasked-client', 'ws.masked-server', 'ws.nonminimal-length', 'ws.data-after-close', 'ws.bad-utf8'], forb=['ws.protocol-error', 'app.bad-magic', 'tcp.gap'])
r = random.Random(12)
c = mk(r, close=False)
c.put(1, b'\x82\xff' + b'\xff' * 8 + b'abcd')
c.msg(1, 5, 0, b'fine after')
c.msg(0, 5, 0, b'client fine')
c.close()
simple('ws_len_topbit', c, r, ['ws.bad-length'], forb=['app.bad-magic'])
r = random.Random(13)
c = mk(r, close=False)
c.control(0, 8, b'\x03\xe8')
c.put(0, b'garbage after close that is no frame at all')
c.control(1, 8, b'\x03\xe8')
simple('garbage_after_close', c, r, ['ws.data-after-close'], forb=['app.bad-magic'])
r = random.Random(14)
c = mk(r, close=False)
c.z = [Deflater(15, True, 6), Deflater(15, True, 6)]
c.msg(0, 5, 0, b'compressed though not negotiated' * 3)
c.z = None
h, q = c.frame(1, 2, app(9, 0, b'plain with rsv1'), rsv=4)
c.put(1, h + q)
c.msgs[-1]['opt'] = True
c.msg(0, 6, 0, b'ok')
c.close()
simple('rsv1_unnegotiated', c, r, ['ws.reserved-bits'], forb=['tcp.gap'])
EXT = 'permessage-deflate'

def z1(c, d, pid, p, how):
    b = app(pid, 0, p)
    z = c.z[d].z
    if how == 'keep4':
        o = z.compress(b) + z.flush(zlib.Z_SYNC_FLUSH)
    elif how == 'full':
        o = (z.compress(b) + z.flush(zlib.Z_FULL_FLUSH))[:-4]
    elif how == 'partial':
        o = z.compress(b[:7]) + z.flush(zlib.Z_SYNC_FLUSH) + z.compress(b[7:]) + z.flush(zlib.Z_SYNC_FLUSH)
        o = o[:-4]
    elif how == 'bfinal':
        o = z.compress(b) + z.flush(zlib.Z_FINISH)
        c.z[d].new()
    elif how == 'bfinal0':
        o = z.compress(b) + z.flush(zlib.Z_FINISH) + b'\x00'
        c.z[d].new()
    elif how == 'stored':
        o = b'\x00' + struct.pack('<HH', len(b), len(b) ^ 65535) + b + b'\x00'
    s = c.pos[d]
    h, q = c.frame(d, 2, o, rsv=4)
    c.put(d, h + q)
    c.msgs.append(dict(dir=d, protocolId=pid, sn=0, len=len(p), sha256=hashlib.sha256(p).hexdigest(), start=s, end=c.pos[d]))
for how in ('keep4', 'full', 'partial', 'bfinal', 'bfinal0'):
    r = random.Random(15)
    c = mk(r, ext=EXT, close=False)
    for k in range(6):
        z1(c, k % 2, 20 + k, c.payload(100 + k), how if k in (1, 2, 4) else 'full' if how == 'full' else 'partial')
    c.msg(0, 31, 0, c.payload(300))
    c.msg(1, 32, 0, c.payload(300))
    c.close()
    simple('z_' + how, c, r, [], forb=FORB)
r = random.Random(16)
c = mk(r, ext=EXT + '; client_no_context_takeover; server_no_context_takeover', take=(True, True), talk=15)
simple('z_violating_takeover', c, r, [], forb=['tcp.gap', 'app.bad-magic'])
for take in (True, False):
    r = random.Random(17)
    e = EXT + ('' if take else '; client_no_context_takeover; server_no_context_takeover')
    c = mk(r, ext=e, take=(take, take), close=False)
    h, q = c.frame(0, 2, b'\xff\xff\xff\xff garbage', rsv=4)
    c.put(0, h + q)
    c.z[0].new()
    c.msg(0, 40, 0, c.payload(200))
    c.msg(0, 41, 0, c.payload(200))
    c.close()
    simple('z_broken_%d' % take, c, r, ['ws.inflate-error'], forb=['tcp.gap', 'app.bad-magic'])
for w in (8, 9, 10):
    r = random.Random(18 + w)
    c = mk(r, ext=EXT + '; server_max_window_bits=%d' % w, bits=(15, 15), talk=20)
    simple('z_toolargewindow_%d' % w, c, r, [])
r = random.Random(30)
c = mk(r, ext=None, talk=3, close=False, http=True)

def hs(name, req, res, r, conv=None, reqfind=(), flags=None, fn=None, opts=None):
    c = Conn(r, 1001, dict(text=True))
    c.put(0, req)
    c.head0 = c.pos[0]
    c.put(1, res)
    c.head1 = c.pos[1]
    c.talk(10, SZ)
    c.close()
    simple(name, c, r, reqfind, flags=flags, fn=fn, o=opts or {})
key = 'dGhlIHNhbXBsZSBub25jZQ=='
acc = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
RQ = 'GET /ws?uid=u1001&typed=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n' % key
RS = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n' % acc
r = random.Random(31)
hs('hs_lower', RQ.lower().replace('http/1.1', 'HTTP/1.1').replace('get', 'GET').replace(key.lower(), key).encode(), RS.lower().replace('http/1.1', 'HTTP/1.1').replace(acc.lower(), acc).encode(), r)
hs('hs_lf', RQ.replace('\r\n', '\n').encode(), RS.replace('\r\n', '\n').encode(), r)
hs('hs_fold', RQ.replace('Host: x', 'Host: x\r\nX-A: 1\r\n  folded: yes').encode(), RS.encode(), r)
hs('hs_100', RQ.encode(), ('HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n' + RS).encode(), r)
hs('hs_bytes', RQ.encode(), RS.encode(), r, opts=dict(mss=1))
hs('hs_emptylines', ('\r\n\r\n' + RQ).encode(), RS.encode(), r)
hs('hs_body', RQ.replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n').encode(), RS.replace('\r\n\r\n', '\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n').encode(), r)
hs('hs_absolute', RQ.replace('GET /ws', 'GET http://x/ws').encode(), RS.encode(), r)
hs('hs_big', RQ.replace('Host: x', 'Host: x\r\nCookie: ' + 'a' * 60000).encode(), RS.encode(), r)
hs('hs_badaccept', RQ.encode(), RS.replace(acc, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=').encode(), r, reqfind=['http.bad-accept'])
hs('hs_noaccept', RQ.encode(), RS.replace('Sec-WebSocket-Accept: %s\r\n' % acc, '').encode(), r, reqfind=['http.bad-accept'])
hs('hs_unasked_ext', RQ.encode(), RS.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n').encode(), r, reqfind=['http.bad-extension'])
c = Conn(r, 1001, dict(text=True))
c.put(0, RQ.encode())
c.put(1, b'HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nFE EF')
c.put(0, RQ.encode())
c.head0 = c.pos[0]
c.put(1, RS.encode())
c.head1 = c.pos[1]
c.talk(10, SZ)
c.close()
simple('hs_refused_then', c, r, ['http.upgrade-rejected'])
c = Conn(r, 1001, dict(text=True))
c.put(0, b'GET /index HTTP/1.1\r\nHost: x\r\n\r\nHEAD /i HTTP/1.1\r\nHost: x\r\n\r\nPOST /p HTTP/1.1\r\nContent-Length: 10\r\n\r\n\x82\x08\xfe\xef123456')
c.put(1, b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n\x82\x03\xfe\xefa\r\n0\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\nHTTP/1.1 204 No\r\n\r\n')
c.put(0, RQ.encode())
c.head0 = c.pos[0]
c.put(1, RS.encode())
c.head1 = c.pos[1]
c.talk(10, SZ)
c.close()
simple('hs_plain_then', c, r)
c = Conn(r, 1001, dict(text=True))
c.put(0, RQ.encode(), coalesce=True)
c.head0 = c.pos[0]
c.msg(0, 2, 2, b'early')
c.msg(0, 2, 4, b'early 2')
c.put(1, RS.encode())
c.head1 = c.pos[1]
c.msg(1, 3, 2, b'a')
c.msg(1, 3, 4, b'b')
c.close()
simple('hs_early', c, r)
for st, body in ((400, b'Bad Request'), (426, b''), (503, b'HTTP/1.1 101 Switching')):
    c = Conn(r, 1001, dict(text=True))
    c.put(0, RQ.encode())
    c.put(1, b'HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n' % (st, len(body)) + body)
    c.head0 = c.head1 = 0
    simple('hs_%d' % st, c, r, ['http.upgrade-rejected'], forb=FORB + ['http.no-response'])
c = Conn(r, 1001, dict(text=True))
c.put(0, RQ.encode())
c.head0 = c.head1 = 0
simple('hs_noanswer', c, r, ['http.no-response'])
c = mk(r, talk=0, close=False)
for k in range(5):
    c.msg(1, 50 + k, 3 + 2 * k, b'call')
    c.msg(0, 50 + k, 3 + 2 * k, b'')
    c.msg(0, 80 + k, 0, b'x')
c.msg(0, 2, 2, b'ask')
c.msg(1, 3, 2, b'ans')
c.msg(0, 3, 2, b'', record=True)
c.msg(1, 9, 0, b'oneway')
c.msg(0, 9, 0, b'')
c.close()
simple('cpp', c, r, forb=FORB + ['rpc.orphan-response', 'rpc.duplicate-response', 'rpc.unanswered', 'rpc.sn-reuse'])
c = mk(r, talk=0, close=False)
for k in range(40):
    c.msg(0, 2, 2 + 2 * k, b'q%d' % k)
    c.msg(1, 4, 3 + 2 * k, b'p%d' % k)
for k in range(40):
    c.msg(1, 3, 2 + 2 * k, b'a%d' % k)
    c.msg(0, 5, 3 + 2 * k, b'b%d' % k)
c.close()
simple('mutual', c, r, forb=FORB + ['rpc.orphan-response', 'rpc.unanswered'])
c = mk(r, talk=0, close=False)
for k in range(4):
    c.msg(0, 2, 2, b'q%d' % k)
    c.msg(1, 3, 2, b'a%d' % k)
for sn in (4294967292, 4294967294, 2):
    c.msg(0, 2, sn, b'q')
    c.msg(1, 3, sn, b'q')
c.msg(1, 3, 2, b'dup')
c.msg(1, 3, 99998, b'orphan')
c.msg(0, 2, 8, b'never')
c.close()
simple('calls2', c, r, ['rpc.duplicate-response', 'rpc.orphan-response', 'rpc.unanswered'])
for v6 in (False, True):
    for how in ('tiny', 'lost', 'interleave', 'dupafter', 'overlap2', 'lastfirst'):
        r = random.Random(40)
        c = mk(r, talk=12, sizes=[500, 3000])
        P, t = packets(c, r, {}, T0)
        net = Net(r, dict(link='eth', v6=v6, frag='fwd', pad='min' if how == 'lastfirst' else None))
        recs = []
        n = 0
        hold = []
        req = []
        forb = list(FORB)
        for p in P:
            if how == 'tiny' and len(p.data) > 600:
                net.r = type('R', (), dict(randrange=lambda s, a, b=None: 8 // 8 if b else 0, choice=r.choice))()
            x = net.ip(p)
            net.r = r
            if how == 'tiny' and len(p.data) > 600:
                pass
            if len(x) > 1:
                n += 1
                if how == 'lost' and n == 3:
                    x = x[:-1]
                    p['ghost'] = True
                    req = ['ip.fragment-lost', 'tcp.gap']
                if how == 'interleave':
                    hold.append(x)
                if how == 'interleave' and len(hold) < 2:
                    continue
                if how == 'interleave':
                    x = [y for z in zip(*hold) for y in z] + [y for z in hold for y in z[min(map(len, hold)):]]
                    hold = []
                if how == 'dupafter':
                    x = x + x[::-1]
                if how == 'lastfirst':
                    x = x[::-1]
            for ip, et in x:
                b = net.link(ip, et, p)
                recs.append((p.t * 1000, b, len(b)))
        for x in hold:
            for ip, et in x:
                b = net.link(ip, et, p)
                recs.append((p.t * 1000, b, len(b)))
        entry('frag_%s_%d' % (how, v6), pcap(recs, 1), [(c, P)], req, [f for f in forb if f not in req], flags=dict(rpc_latency_check=how != 'interleave'))
        if v6:
            for x in MAN[-1]['connections']:
                x['client'] = '[2001:db8::a00:1]:40001'
                x['server'] = '[2001:db8::a00:c8]:8080'
r = random.Random(60)
c = mk(r, talk=20)
P, t = packets(c, r, {}, T0)
recs = write(P, r)
full = pcap(recs, 1)

def cutat(k):
    pos = 24
    n = 0
    for t, b, l in recs:
        if pos + 16 + len(b) > k:
            break
        pos += 16 + len(b)
        n += 1
    return n
k = len(full) * 2 // 3

def upto(n):
    return [(c, P[:n])]
entry('file_cut', full[:k], upto(cutat(k)), ['file.truncated'], ['app.bad-magic'], exit='partial')
entry('file_gzcut', gzip.compress(full, mtime=0)[:-700], [(c, [])] if 0 else [], ['file.truncated'], [], exit='partial', ext='.pcap.gz', flags=dict(messages_optional=True))
x = bytearray(full)
pos = 24
for t, b, l in recs[:len(recs) // 2]:
    pos += 16 + len(b)
x[pos + 8:pos + 12] = b'\xff\xff\xff\x7f'
entry('file_corrupt', bytes(x), upto(len(recs) // 2), ['file.corrupt-record'], ['app.bad-magic'], exit='partial')
entry('file_headeronly', full[:24], [], [], [])
entry('file_shortheader', full[:10], [], [], [], exit='error' if 0 else 'partial')
entry('file_gzmembers', b''.join((gzip.compress(full[i:i + 1000], mtime=0) for i in range(0, len(full), 1000))) + bytes(512), [(c, P)], [], ext='.pcap.gz')
entry('file_gzjunk', gzip.compress(full, mtime=0) + b'junk', [(c, P)], [], [], exit='partial', ext='.pcap.gz')
entry('file_text', b'this is a text file, no capture\n' * 5, [], ['file.bad-magic'], exit='error')
entry('file_gztext', gzip.compress(b'this is a text file, no capture\n' * 5, mtime=0), [], ['file.bad-magic'], exit='error', ext='.gz')
json.dump(MAN, open(os.path.join(OUT, 'manifest.json'), 'w'))
