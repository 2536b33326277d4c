"""Conversations of the protocol as TCP packets, and packets as files.

A Conn collects what both ends write, with the place of every message in its stream; packets() cuts that into TCP segments; Net puts
them into IP packets (fragments, options, extension headers) and link layers; pcap() and pcapng() write files. Times are in
microseconds, those of files in nanoseconds; direction 0 comes from the client. All choices come from the given generator of random
numbers, so the same seed gives the same bytes (with the same release of zlib where messages are compressed).
"""
import random, struct, zlib, hashlib, json, os, sys, base64, gzip
M32 = 4294967295

def csum(b):
    if len(b) & 1:
        b = b + b'\x00'
    s = sum(struct.unpack('>%dH' % (len(b) // 2), b))
    while s >> 16:
        s = (s & 65535) + (s >> 16)
    return 65535 - s

def app(pid, sn, p):
    return b'\xfe\xef' + struct.pack('<III', 8 + len(p), pid, sn) + p

def xor(b, k):
    n = len(b)
    return (int.from_bytes(b, 'big') ^ int.from_bytes((k * (n // 4 + 1))[:n], 'big')).to_bytes(n, 'big') if n else b''

class Deflater:

    def __init__(s, bits, takeover, level):
        s.bits, s.takeover, s.level = (max(bits, 9), takeover, level)
        s.new()

    def new(s):
        s.z = zlib.compressobj(s.level, 8, -s.bits)

    def go(s, b, bfinal=False):
        if bfinal:
            o = s.z.compress(b) + s.z.flush(zlib.Z_FINISH) + b'\x00'
            s.new()
            s.lastfinal = True
            return o
        o = s.z.compress(b) + s.z.flush(zlib.Z_SYNC_FLUSH)
        assert o.endswith(b'\x00\x00\xff\xff')
        o = o[:-4]
        if not s.takeover:
            s.new()
        return o

class Conn:
    """Bytes of both directions, in writes; messages with stream ranges."""

    def __init__(s, r, n, opt, t0=0):
        s.r = r
        s.opt = opt
        s.writes = []
        s.pos = [0, 0]
        s.msgs = []
        s.frames = [[], []]
        s.pend = [b'', b'']
        s.csn = 2
        s.ssn = 3
        s.uid = 'u%d' % n
        s.query = {'uid': s.uid, 'typed': str(r.randrange(5)), 'deviceId': 'dev-%d' % n, 'source': 'ios', 'version': '10203', 'charset': '0'}
        s.z = None
        s.ctl = []
        s.find = set()
        s.optional = []

    def raw(s, d, b, gap=None, coalesce=False):
        if s.pend[1 - d]:
            s.writes.append((1 - d, s.pend[1 - d], s.r.randrange(50, 3000)))
            s.pend[1 - d] = b''
        if s.pend[d]:
            b = s.pend[d] + b
            s.pend[d] = b''
        if coalesce:
            s.pend[d] = b
            return
        s.writes.append((d, b, gap if gap is not None else s.r.randrange(50, 3000)))

    def put(s, d, b, coalesce=False):
        s.pos[d] += len(b)
        s.raw(d, b, coalesce=coalesce)

    def frame(s, d, op, p, fin=1, rsv=0, mask=None):
        n = len(p)
        m = 128 if (d == 0 if mask is None else mask) else 0
        h = bytes([fin << 7 | rsv << 4 | op])
        h += bytes([m | n]) if n < 126 else bytes([m | 126]) + struct.pack('>H', n) if n < 65536 else bytes([m | 127]) + struct.pack('>Q', n)
        if m:
            k = s.r.randbytes(4)
            h += k
            p = xor(p, k)
        return (h, p)

    def http(s, coalesce=False):
        r = s.r
        o = s.opt
        q = '&'.join(('%s=%s' % x for x in s.query.items()))
        key = base64.b64encode(r.randbytes(16)).decode()
        acc = base64.b64encode(hashlib.sha1((key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').encode()).digest()).decode()
        ext = o.get('ext')
        a = 'GET /ws?%s HTTP/1.1\r\nHost: x\r\nUser-Agent: y\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n' % (q, key)
        if ext:
            a += 'Sec-WebSocket-Extensions: %s\r\n' % o.get('offer', ext)
        b = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n' % acc
        if ext:
            b += 'Sec-WebSocket-Extensions: %s\r\n' % ext
        s.put(0, a.encode() + b'\r\n')
        s.head0 = s.pos[0]
        s.put(1, b.encode() + b'\r\n', coalesce)
        s.head1 = s.pos[1]

    def payload(s, n):
        if s.opt.get('text'):
            w = [b'alpha', b'beta', b'gamma', b'{"uid":"u1001",', b'"x":564,']
            o = b''
            while len(o) < n:
                o += s.r.choice(w) + bytes([s.r.randrange(48, 58)])
            return o[:n]
        return s.r.randbytes(n)

    def msg(s, d, pid, sn, p, frags=None, compress=True, coalesce=False, bfinal=False, op=2, between=None, record=True):
        r = s.r
        b = app(pid, sn, p)
        rsv = 0
        comp = s.z is not None and compress
        if comp:
            if s.opt.get('offs'):
                b = b
            b = s.z[d].go(b, bfinal)
            rsv = 4
        mode = frags or s.opt.get('frag', 'none')
        cuts = []
        if mode == 'gorilla':
            if d == 0:
                cuts = list(range(4096, len(b), 4096))
            elif len(b) > 8220:
                cuts = [len(b)]
            else:
                cuts = list(range(4096, len(b), 4096))
        elif mode == 'random':
            for _ in range(r.randrange(5)):
                cuts.append(r.randrange(len(b) + 1))
            cuts.sort()
        elif mode == 'header':
            cuts = [1, 1, 3, 6, 10, 14, 14][:max(1, len(b))]
            cuts = [c for c in cuts if c <= len(b)]
        cuts = [0] + cuts + [len(b)]
        start = s.pos[d]
        parts = []
        for i in range(len(cuts) - 1):
            last = i == len(cuts) - 2
            h, q = s.frame(d, op if i == 0 else 0, b[cuts[i]:cuts[i + 1]], fin=int(last), rsv=rsv if i == 0 else 0)
            s.frames[d].append((s.pos[d] + sum(map(len, parts)), len(h), len(q), comp))
            parts.append(h + q)
            if not last and (between if between is not None else r.random() < 0.15 and mode != 'gorilla'):
                h, q = s.frame(d, 9, b'p' * r.randrange(5))
                s.frames[d].append((s.pos[d] + sum(map(len, parts)), len(h), len(q), False))
                parts.append(h + q)
        if len(parts) > 1 and r.random() < 0.3:
            for x in parts[:-1]:
                s.put(d, x)
            s.put(d, parts[-1], coalesce)
        else:
            s.put(d, b''.join(parts), coalesce)
        if record:
            s.msgs.append(dict(dir=d, protocolId=pid, sn=sn, len=len(p), sha256=hashlib.sha256(p).hexdigest(), start=start, end=s.pos[d], comp=comp))

    def control(s, d, op, p=b'', fin=1, coalesce=False, mask=None):
        h, q = s.frame(d, op, p, fin=fin, mask=mask)
        s.frames[d].append((s.pos[d], len(h), len(q), False))
        s.put(d, h + q, coalesce)

    def talk(s, n, sizes):
        r = s.r
        wait = []
        for _ in range(n):
            k = r.random()
            size = lambda: r.choice(sizes)
            co = r.random() < 0.15
            bf = s.opt.get('bfinal') and r.random() < 0.4
            if k < 0.3:
                s.msg(0, r.randrange(1, 200), s.csn, s.payload(size()), coalesce=co, bfinal=bf)
                wait.append((1, s.csn))
                s.csn += 2
            elif k < 0.45:
                s.msg(1, r.randrange(1, 200), s.ssn, s.payload(size()), coalesce=co, bfinal=bf)
                wait.append((0, s.ssn))
                s.ssn += 2
            elif k < 0.6:
                s.msg(r.randrange(2), r.randrange(1, 200), 0, s.payload(size()), coalesce=co, bfinal=bf)
            elif k < 0.65:
                d = r.randrange(2)
                s.control(d, 9, b'ping')
                s.control(1 - d, 10, b'ping')
            elif wait:
                d, sn = wait.pop(r.randrange(len(wait)))
                s.msg(d, r.randrange(1, 200), sn, s.payload(size()), coalesce=co, bfinal=bf)
        if r.random() < 0.8:
            for d, sn in wait:
                s.msg(d, 7, sn, s.payload(r.choice(sizes)))
        for d in range(2):
            if s.pend[d]:
                s.raw(d, b'')

    def close(s):
        s.control(0, 8, b'\x03\xe8bye')
        s.control(1, 8, b'\x03\xe8bye')

class Pk(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__

def packets(c, r, o, t, cl=('10.0.0.1', 40001), sv=('10.0.0.200', 8080), isn=None):
    """TCP packets; seq absolute. d, off (stream offset or None), data, flags."""
    isn = isn or [r.randrange(1 << 32), r.randrange(1 << 32)]
    if o.get('wrap'):
        isn = [(1 << 32) - r.choice([1, 2, 100, 700, 3000]), (1 << 32) - r.choice([1, 2, 50, 500, 4000])]
    out = []
    nxt = [0, 0]
    acked = [0, 0]

    def pk(d, flags, data=b'', off=None, ackoff=None, **kw):
        nonlocal t
        t += r.randrange(20, 900)
        p = Pk(t=t, d=d, flags=flags, data=data, off=nxt[d] if off is None else off, ack=nxt[1 - d] if ackoff is None else ackoff, win=65535, c=cl, s=sv, isn=isn, badsum=False, cut=None, ipid=None, opts=b'')
        p.update(kw)
        out.append(p)
        return p
    mss = o.get('mss', 1448)
    ini = bytes.fromhex('020405b40103030704020100')
    synd = o.get('tfo')
    first = [w for w in c.writes if w[0] == 0][0][1] if synd else b''
    sd = first[:min(len(first), r.choice([1, 50, 300, 1400]))] if synd else b''
    pk(0, 2, off=-1, ackoff=None, opts=ini, data=sd)['noack'] = True
    if synd:
        nxt[0] = len(sd)
    pk(1, 18, off=-1, opts=ini)
    if not o.get('nohsack'):
        pk(0, 16)
    skip = len(sd)
    for d, b, gap in c.writes:
        t += gap
        if d == 0 and skip:
            k = min(skip, len(b))
            b = b[k:]
            skip -= k
        i = 0
        while i < len(b):
            m = mss if not o.get('rndseg') else r.choice([1, 2, 3, 7, 50, 100, 500, mss])
            seg = b[i:i + m]
            i += len(seg)
            pk(d, 24 if i >= len(b) else 16, seg)
            nxt[d] += len(seg)
            if r.random() < o.get('ackp', 0.4):
                pk(1 - d, 16)
        if r.random() < 0.7:
            pk(1 - d, 16)
    if o.get('end', 'fin') == 'fin':
        pk(0, 17)
        nxt[0] += 1
        pk(1, 17)
        nxt[1] += 1
        pk(0, 16)
    elif o['end'] == 'rst':
        pk(r.randrange(2), 20)
    return (out, t)

def seqof(p, d=None):
    return p.isn[p.d] + 1 + p.off & M32

def deliver(pk, conn, total):
    """First-arrival per byte; returns per direction list of (record-time) for in-order completion, and covered ranges."""
    arr = [[None] * total[0], [None] * total[1]]
    for p in pk:
        if p.get('ghost'):
            continue
        n = len(p.data) if p.cut is None else max(0, min(len(p.data), p.cut))
        a = arr[p.d]
        for i in range(p.off, p.off + n):
            if 0 <= i < len(a) and a[i] is None:
                a[i] = p.t
    return arr

def ipb(s):
    return bytes(map(int, s.split('.')))

def tcpseg(p, src, dst, sp, dp, v6=False):
    hl = 20 + len(p.opts)
    h = struct.pack('>HHIIBBHHH', sp, dp, seqof(p), 0 if p.get('noack') else p.isn[1 - p.d] + 1 + p.ack & M32, hl // 4 << 4, p.flags, p.win, 0, 0) + p.opts + p.data
    ph = src + dst + (struct.pack('>II', len(h), 6) if v6 else struct.pack('>HH', 6, len(h)))
    k = csum(ph + h)
    if p.badsum:
        k ^= 21845
    return h[:16] + struct.pack('>H', k) + h[18:]

class Net:

    def __init__(s, r, o):
        s.r = r
        s.o = o
        s.id = r.randrange(60000)
        s.find = set()

    def ip(s, p):
        """IP packets of a segment, as (bytes, ethertype)"""
        r = s.r
        o = s.o
        a, b = (p.c, p.s) if p.d == 0 else (p.s, p.c)
        s.id = s.id + 1 & 65535 or 1
        i = s.id if p.ipid is None else p.ipid
        p.ipid = i
        if o.get('v6'):
            src = bytes.fromhex('20010db8000000000000000000000000')[:12] + ipb(a[0])
            dst = bytes.fromhex('20010db80000000000000000') + ipb(b[0])
            seg = tcpseg(p, src, dst, a[1], b[1], True)
            ext = b''
            nx = 6
            hs = []
            if o.get('v6ext'):
                hs = [(0, b'\x01\x04\x00\x00\x00\x00'), (60, b'\x01\x0c' + bytes(12)), (43, b'\x00\x00' + bytes(4) + bytes(16))][:r.randrange(1, 4)]

            def chain(nx):
                b = b''
                for t, body in reversed(hs):
                    n = 2 + len(body)
                    pad = -n % 8
                    b = bytes([nx, (n + pad) // 8 - 1]) + body + bytes(pad) + b
                    nx = t
                return (nx, b)
            if o.get('frag') and len(seg) > 600 and (not p.get('nofrag')):
                parts = []
                k = 8 * r.randrange(20, 100)
                for f in range(0, len(seg), k):
                    parts.append((f, seg[f:f + k], f + k < len(seg)))
                parts = s.arrange(parts)
                out = []
                for f, q, m in parts:
                    nx, e = chain(44)
                    pl = e + struct.pack('>BBHI', 6, 0, f | int(m), i + 77000) + q
                    out.append((struct.pack('>IHBB', 6 << 28, len(pl), nx, 64) + src + dst + pl, 34525))
                return out
            nx, e = chain(6)
            return [(struct.pack('>IHBB', 6 << 28, len(e) + len(seg), nx, 64) + src + dst + e + seg, 34525)]
        src, dst = (ipb(a[0]), ipb(b[0]))
        seg = tcpseg(p, src, dst, a[1], b[1])
        opts = o.get('ipopts') and r.choice([b'', b'\x94\x04\x00\x00', b"\x07'\x04" + bytes(37), b'\x01\x01\x01\x00']) or b''

        def hdr(n, off, mf, tot=None):
            h = struct.pack('>BBHHHBBH', 69 + len(opts) // 4, 0, 20 + len(opts) + n if tot is None else tot, i, off // 8 | (8192 if mf else 0) | (16384 if not mf and (not off) and (not o.get('frag')) else 0), 64, 6, 0) + src + dst + opts
            return h[:10] + struct.pack('>H', csum(h)) + h[12:]
        if o.get('frag') and len(seg) > 200 and (not p.get('nofrag')):
            parts = []
            k = 8 * r.randrange(6, 90)
            for f in range(0, len(seg), k):
                parts.append((f, seg[f:f + k], f + k < len(seg)))
            return [(hdr(len(q), f, m) + q, 2048) for f, q, m in s.arrange(parts)]
        tot = 0 if o.get('tso') and len(p.data) > 500 else None
        return [(hdr(len(seg), 0, False, tot) + seg, 2048)]

    def arrange(s, parts):
        r = s.r
        k = s.o['frag']
        if k in ('rev', 'any'):
            parts = parts[::-1] if k == 'rev' else r.sample(parts, len(parts))
        if k == 'dup':
            parts = [x for q in parts for x in [q] * r.randrange(1, 3)]
        if k == 'overlap' and len(parts) > 1:
            f, q, m = parts[1]
            if len(q) >= 16:
                parts.insert(2, (f + 8, bytes((x ^ 85 for x in q[8:16])) if r.random() < 0.5 else q[8:16], True) if m or len(q) > 16 else (f, q[:8], True))
                s.find.add('ip.fragment-overlap')
        return parts

    def link(s, ip, et, p):
        r = s.r
        k = s.o['link']
        mac = b'\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02'
        e = struct.pack('>H', et)
        t = lambda: struct.pack('>H', r.randrange(4096))
        pp = b'\x00!' if et == 2048 else b'\x00W'
        fam = 2 if et == 2048 else s.o.get('af6', 24)
        L = {'eth': lambda: mac + e + ip, 'vlan': lambda: mac + b'\x81\x00' + t() + e + ip, 'qinq': lambda: mac + b'\x88\xa8' + t() + b'\x81\x00' + t() + e + ip, 'vlan3': lambda: mac + b'\x91\x00' + t() + b'\x81\x00' + t() + b'\x81\x00' + t() + e + ip, 'mpls': lambda: mac + b'\x88G' + struct.pack('>I', r.randrange(1 << 20) << 12 | 64) * r.randrange(3) + struct.pack('>I', r.randrange(1 << 20) << 12 | 256 | 64) + ip, 'vlanmpls': lambda: mac + b'\x81\x00' + t() + b'\x88G' + struct.pack('>I', 16 << 12 | 320) + ip, 'pppoe': lambda: mac + b'\x88d' + struct.pack('>BBHH', 17, 0, 7, len(ip) + 2) + pp + ip, 'vlanpppoe': lambda: mac + b'\x81\x00' + t() + b'\x88d' + struct.pack('>BBHH', 17, 0, 7, len(ip) + 2) + pp + ip, 'snap': lambda: mac + struct.pack('>H', min(1500, len(ip) + 8)) + b'\xaa\xaa\x03\x00\x00\x00' + e + ip, 'null': lambda: struct.pack('<I', fam) + ip, 'nullbe': lambda: struct.pack('>I', fam) + ip, 'loop': lambda: struct.pack('>I', fam) + ip, 'raw': lambda: ip, 'raw12': lambda: ip, 'raw228': lambda: ip, 'sll': lambda: struct.pack('>HHH', 0 if p.d == 0 else 4, 1, 6) + mac[:6] + b'\x00\x00' + e + ip, 'sllvlan': lambda: struct.pack('>HHH', 0 if p.d == 0 else 4, 1, 6) + mac[:6] + b'\x00\x00\x81\x00' + t() + e + ip, 'sll2': lambda: e + b'\x00\x00' + struct.pack('>IHBB', 2, 1, 0, 6) + mac[:6] + b'\x00\x00' + ip, 'ppp': lambda: b'\xff\x03' + pp + ip, 'ppp2': lambda: pp + ip}
        b = L[k]()
        if k in ('eth', 'vlan', 'pppoe', 'qinq') and s.o.get('pad') and (not s.o.get('tso')):
            n = 60 - len(b) if s.o['pad'] == 'min' else r.choice([0, 4, 18, 30])
            if n > 0:
                fill = (b'\x82\x0f' + app(66, 0, b'x')) * 3 if s.o['pad'] == 'frames' else bytes(n) if r.random() < 0.5 else r.randbytes(n)
                b += fill[:n].ljust(n, b'\x00')
        if s.o.get('fcs'):
            b += b'\x82\x0e\xfe\xef'[:4] if s.o['fcs'] == 'frame' else struct.pack('<I', zlib.crc32(b))
        return b
LT = {'eth': 1, 'vlan': 1, 'qinq': 1, 'vlan3': 1, 'mpls': 1, 'vlanmpls': 1, 'pppoe': 1, 'vlanpppoe': 1, 'snap': 1, 'null': 0, 'nullbe': 0, 'loop': 108, 'raw': 101, 'raw12': 12, 'raw228': 228, 'sll': 113, 'sllvlan': 113, 'sll2': 276, 'ppp': 9, 'ppp2': 9}

def pcap(recs, lt, e='<', ns=False, kuz=False, ltw=0, snap=262144):
    m = 2712849716 if kuz else 2712812621 if ns else 2712847316
    o = [struct.pack(e + 'IHHiIII', m, 2, 4, 0, 0, snap, lt | ltw)]
    for t, b, n in recs:
        o.append(struct.pack(e + 'IIII', t // 10 ** 9, t % 10 ** 9 // (1 if ns else 1000), len(b), n) + (struct.pack(e + 'IHBB', 3, 2048, 0, 0) if kuz else b'') + b)
    return b''.join(o)

def opt(e, c, v):
    return struct.pack(e + 'HH', c, len(v)) + v + bytes(-len(v) % 4)

def blk(e, t, b):
    b += bytes(-len(b) % 4)
    n = len(b) + 12
    return struct.pack(e + 'II', t, n) + b + struct.pack(e + 'I', n)

def shb(e, known=-1):
    return blk(e, 168627466, struct.pack(e + 'IHHq', 439041101, 1, 0, known) + opt(e, 4, b'gen') + opt(e, 0, b''))

def idb(e, lt, res, off=0, snap=0, fcs=None):
    o = opt(e, 9, bytes([res])) if res != 6 else b''
    if off:
        o += opt(e, 14, struct.pack(e + 'q', off))
    if fcs is not None:
        o += opt(e, 13, bytes([fcs]))
    if o:
        o += opt(e, 0, b'')
    return blk(e, 1, struct.pack(e + 'HHI', lt, 0, snap) + o)

def units(t, res, off):
    t -= off * 10 ** 9
    return (t << (res & 127)) // 10 ** 9 if res & 128 else t // 10 ** (9 - res) if res <= 9 else t * 10 ** (res - 9)

def epb(e, i, t, res, off, b, n, extra=b''):
    u = units(t, res, off)
    return blk(e, 6, struct.pack(e + 'IIIII', i, u >> 32, u & M32, len(b), n) + b + bytes(-len(b) % 4) + extra)

def pcapng(r, recs, lt, o):
    e = r.choice('<>')
    out = []
    noise = lambda: r.choice([b'', b'', blk(e, 2989, r.randbytes(r.randrange(40))), blk(e, 1073744813, struct.pack(e + 'I', 32473) + b'custom'), blk(e, 4, struct.pack(e + 'HH', 1, 8) + ipb('10.0.0.1') + b'abc\x00' + struct.pack(e + 'HH', 0, 0)), blk(e, 10, struct.pack(e + 'II', 1414288203, 12) + b'# no keys   '), blk(e, 5, struct.pack(e + 'III', 0, 0, 0) + opt(e, 5, struct.pack(e + 'Q', 3)) + opt(e, 0, b''))])

    def start():
        ifs = []
        out.append(shb(e))
        for _ in range(o.get('ifs', 1)):
            res = r.choice([6, 9, 9, 128 | 20, 128 | 30, 8, 10])
            off = r.choice([0, 0, 1600000000, -5])
            if o.get('spb'):
                res = 6
                off = 0
            ifs.append((res, off))
            out.append(idb(e, lt, res, off, 0, o.get('fcsopt')))
        return ifs
    ifs = start()
    sec = o.get('sections', 1)
    per = len(recs) // sec + 1
    for k, (t, b, n) in enumerate(recs):
        if k and k % per == 0:
            e = r.choice('<>')
            ifs = start()
        if o.get('blocks'):
            out.append(noise())
        i = r.randrange(len(ifs))
        if o.get('spb'):
            out.append(blk(e, 3, struct.pack(e + 'I', n) + b))
        elif o.get('oldpb') and r.random() < 0.5:
            u = units(t, *ifs[i])
            out.append(blk(e, 2, struct.pack(e + 'HHIIII', i, 65535, u >> 32, u & M32, len(b), n) + b))
        else:
            out.append(epb(e, i, t, *ifs[i], b, n, opt(e, 1, b'comment') + opt(e, 0, b'') if r.random() < 0.2 else b''))
    return b''.join(out)
