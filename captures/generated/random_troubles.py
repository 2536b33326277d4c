"""Captures in random troubles of TCP, on random links, in random file formats: random_troubles.py DIR FROM TO [TROUBLES]

Makes one capture for each seed, and a manifest.json in the form of captures/nasty/manifest.json. Each function t_... is one trouble: it
changes the list of packets and says in the state S what has to be reported (req), what must not be (forb), and what is lost. The truth
follows from the packets: a message is there when every byte of it is in one, and its time is that of the last packet that it needed.
With a comma-separated list of TROUBLES, those instead of random ones.
"""
from conversations import *
FORB = ['tcp.gap', 'tcp.overlap-conflict', 'ws.protocol-error', 'app.bad-magic', 'app.length-mismatch', 'ws.deflate-context-lost', 'ws.inflate-error']
SZ = [0, 0, 1, 12, 40, 111, 112, 118, 200, 500, 3000, 9000]

def retime(P):
    ts = sorted((p.t for p in P))
    for p, t in zip(P, ts):
        p.t = t

def clone(p, **k):
    q = Pk(p)
    q.update(k)
    return q

def datas(P, lo=1):
    return [i for i, p in enumerate(P) if len(p.data) >= lo and (not p.get('ghost'))]

def t_dupall(r, P, S):
    P[:] = [x for p in P for x in (p, clone(p, t=p.t + 5, same=True))]
    S['dup'] = True

def t_dupsome(r, P, S):
    for i in sorted(r.sample(range(len(P)), max(1, len(P) // 8)), reverse=True):
        P.insert(i + 1, clone(P[i], t=P[i].t + 1, same=True))

def t_retx(r, P, S):
    for i in sorted(r.sample(datas(P), min(5, len(datas(P)))), reverse=True):
        j = min(len(P), i + r.randrange(1, 12))
        q = clone(P[i], t=P[min(j, len(P) - 1)].t, ghost=True, noidx=True)
        if r.random() < 0.5 and len(q.data) > 2:
            k = r.randrange(1, len(q.data))
            q.off += k
            q.data = q.data[k:]
        P.insert(j, q)
    S['req'].add('tcp.retransmission')

def t_merge(r, P, S):
    """retransmission with other boundaries: old bytes and new ones in one segment"""
    D = datas(P)
    for i in sorted(r.sample(D[:-1], min(4, len(D) - 1)), reverse=True):
        nx = [j for j in D if j > i and P[j].d == P[i].d and (P[j].off == P[i].off + len(P[i].data))]
        if nx:
            j = nx[0]
            P[j] = clone(P[j], off=P[i].off, data=P[i].data + P[j].data)

def t_reorder(r, P, S):
    for _ in range(max(2, len(P) // 10)):
        i = r.randrange(3, len(P) - 1)
        k = r.randrange(2, 9)
        w = P[i:i + k]
        r.shuffle(w)
        P[i:i + k] = w
    retime(P)

def t_late(r, P, S):
    """one data packet comes much later"""
    D = datas(P)[:-3]
    if not D:
        return
    i = r.choice(D)
    p = P.pop(i)
    j = min(len(P) - 1, i + r.randrange(5, 30))
    P.insert(j, p)
    retime(P)

def t_conflict(r, P, S):
    D = [i for i in datas(P, 20) if P[i].off > 0]
    if not D:
        return
    i = r.choice(D)
    p = P[i]
    j = min(len(P), i + r.randrange(1, 4))
    k = r.randrange(10)
    P.insert(j, clone(p, data=p.data[:k] + bytes((x ^ 90 for x in p.data[k:])), ghost=True, t=P[j - 1].t + 1))
    S['req'].add('tcp.overlap-conflict')
    S['forb'].discard('tcp.overlap-conflict')

def t_badsum(r, P, S):
    D = [i for i in datas(P, 20) if i > len(P) // 4]
    for i in sorted(r.sample(D, min(2, len(D))), reverse=True):
        p = P[i]
        P.insert(i, clone(p, data=bytes((x ^ 119 for x in p.data)), badsum=True, ghost=True, t=p.t - 1, nofrag=False))
    if D:
        S['req'].add('tcp.bad-checksum')

def t_allbadsum(r, P, S):
    d = r.randrange(2)
    for p in P:
        if p.d == d:
            p.badsum = True

def t_dupsyn(r, P, S):
    P.insert(1, clone(P[0], t=P[0].t + 3))
    S['req'].add('tcp.dup-syn')
    if r.random() < 0.5:
        P.insert(3, clone(P[2], t=P[2].t + 1))

def t_lateSyn(r, P, S):
    p = P.pop(0)
    P.insert(r.randrange(1, 8), p)
    retime(P)

def t_rstout(r, P, S):
    D = datas(P)
    i = D[len(D) // 2]
    p = P[i]
    P.insert(i, clone(p, flags=r.choice([4, 20]), data=b'', off=p.off + r.choice([-100000, 10 ** 7, 10 ** 9]), t=p.t - 1))
    S['req'].add('tcp.rst-out-of-window')

def t_finfirst(r, P, S):
    F = [i for i, p in enumerate(P) if p.flags & 1]
    if not F:
        return
    i = F[0]
    D = [j for j in datas(P) if j < i and P[j].d == P[i].d]
    if D:
        p = P.pop(i)
        P.insert(D[-1], p)
        retime(P)

def t_keepalive(r, P, S):
    if len(P) < 14:
        return
    for _ in range(3):
        i = r.randrange(5, len(P) - 6)
        d = r.randrange(2)
        x = [p for p in P[:i] if p.d == d and (not p.get('ghost'))]
        off = max([p.off + len(p.data) for p in x], default=0)
        if off <= 0:
            continue
        P.insert(i, Pk(P[i], d=d, flags=16, off=off - 1, ack=P[i].ack if P[i].d == d else max([p.off + len(p.data) for p in P[:i] if p.d != d]), data=r.choice([b'', b'\x00', b'U']), ghost=True, t=P[i - 1].t + 1, opts=b'', noack=False))
        S['req'].add('tcp.keep-alive')

def t_zwin(r, P, S):
    D = [i for i in datas(P, 5)[2:]]
    if not D:
        return
    i = r.choice(D)
    p = P[i]
    z = clone(p, d=1 - p.d, flags=16, data=b'', off=p.ack, ack=p.off, win=0, t=p.t - 4)
    pr = clone(p, data=p.data[:1], flags=16, t=p.t - 3)
    P[i:i + 1] = [z, pr, clone(z, t=p.t - 2), clone(z, win=65535, t=p.t - 1), p]
    S['req'].add('tcp.zero-window')

def t_skew(r, P, S):
    d = r.randrange(2)
    k = r.choice([-8000, -3000, 3000, 20000])
    for p in P:
        if p.d == d:
            p.t += k
    P.sort(key=lambda p: p.t)
    S['skew'] = True

def t_drop(r, P, S):
    D = [i for i in datas(P) if P[i].off >= S['conn'].head0 if P[i].d == 0] + [i for i in datas(P) if P[i].d == 1 and P[i].off >= S['conn'].head1]
    if not D:
        return
    for i in sorted(r.sample(D, min(len(D), r.choice([1, 1, 2]))), reverse=True):
        P.pop(i)
    S['req'].add('tcp.gap')
    S['forb'].discard('tcp.gap')
    S['gap'] = True

def t_midstream(r, P, S):
    D = [i for i in datas(P) if P[i].off >= (S['conn'].head0 if P[i].d == 0 else S['conn'].head1)]
    k = r.choice(D[:max(1, len(D) // 2)])
    del P[:k]
    S['flags']['midstream'] = True
    S['req'].add('tcp.midstream')
    S['gap'] = True
    S['mid'] = True
    S['forb'].discard('tcp.gap')

def t_lose101(r, P, S):
    P[:] = [p for p in P if not (p.d == 1 and p.data and (p.off < S['conn'].head1) and (p.off + len(p.data) <= S['conn'].head1 + 0))]
    S['forb'].discard('tcp.gap')
    S['gap'] = True
    S['lose'] = True

def t_loseget(r, P, S):
    P[:] = [p for p in P if not (p.d == 0 and p.data and (p.off + len(p.data) <= S['conn'].head0))]
    S['forb'].discard('tcp.gap')
    S['gap'] = True
    S['flags']['midstream'] = True

def t_nosyn(r, P, S):
    del P[:3]
    S['flags']['midstream'] = False

def t_synonly2(r, P, S):
    P.pop(0)

def t_rstend(r, P, S):
    i = max(datas(P))
    p = P[i]
    P[i + 1:] = [x for x in P[i + 1:] if x.get('ghost')] + [clone(p, flags=20, data=b'', off=p.off + len(p.data), t=p.t + 50)]

def t_truncend(r, P, S):
    del P[-r.randrange(1, 6):]

def t_urg(r, P, S):
    for p in P:
        if p.data and r.random() < 0.2:
            p.flags |= 32

def t_ghostafterfin(r, P, S):
    F = [i for i, p in enumerate(P) if p.flags & 1]
    if F:
        p = P[F[0]]
        P.insert(F[0] + 1, clone(p, flags=24, off=p.off + 1 + 0, data=b'\x82\x05garbage', ghost=True, t=p.t + 1))
        S['req'].add('tcp.data-after-fin')
TCP = [t_dupall, t_dupsome, t_retx, t_merge, t_reorder, t_late, t_conflict, t_badsum, t_allbadsum, t_dupsyn, t_lateSyn, t_rstout, t_finfirst, t_keepalive, t_zwin, t_skew, t_urg, t_rstend, t_truncend, t_synonly2, t_ghostafterfin]
LOSS = [t_drop, t_midstream, t_lose101, t_loseget, t_nosyn]

def pairs(conn, arr, have, early=True):
    comp = []
    pre = [[], []]
    for d in range(2):
        m = -1
        for x in arr[d]:
            if x is not None and x > m:
                m = x
            pre[d].append(m)
    pend = {}
    out = []
    una = set()
    for i, m in enumerate(conn.msgs):
        m['t'] = pre[m['dir']][m['end'] - 1]
        if not have[i] or m['sn'] == 0:
            continue
        asker = 0 if m['sn'] % 2 == 0 else 1
        if m['dir'] == asker:
            pend[m['sn']] = m
        else:
            q = pend.pop(m['sn'], None)
            if q:
                out.append(dict(sn=m['sn'], asked_by=['c2s', 's2c'][asker], request=q['protocolId'], response=m['protocolId'], latency_ns=(m['t'] - q['t']) * 1000))
    return (out, [s for s in pend])

def build(seed, force=None):
    r = random.Random(seed)
    o = {}
    S = dict(req=set(), forb=set(FORB), flags={}, notes=[])
    o['mss'] = r.choice([1448, 1448, 536, 100, 8948])
    o['rndseg'] = r.random() < 0.2
    o['ackp'] = r.choice([0, 0.4, 1])
    o['wrap'] = r.random() < 0.2
    o['text'] = r.random() < 0.4
    o['frag'] = None
    wsfrag = r.choice(['none', 'none', 'gorilla', 'random', 'header'])
    copt = dict(frag=wsfrag, text=o['text'])
    z = None
    take = True
    if r.random() < 0.45:
        snct, cnct = (r.random() < 0.4, r.random() < 0.4)
        sb = r.choice([None, None, 8, 9, 10, 15])
        cb = r.choice([None, None, 8, 9, 12, 15])
        e = 'permessage-deflate' + ('; server_no_context_takeover' if snct else '') + ('; client_no_context_takeover' if cnct else '') + ('; server_max_window_bits=%d' % sb if sb else '') + ('; client_max_window_bits=%d' % cb if cb else '')
        copt['ext'] = e
        copt['offer'] = e
        lv = lambda: r.choice([0, 1, 6, 9])
        z = [Deflater(cb or 15, not cnct, lv()), Deflater(sb or 15, not snct, lv())]
        S['take'] = [not cnct, not snct]
        copt['bfinal'] = r.random() < 0.3
        copt['text'] = True
    names = []
    fs = r.sample(TCP, r.choice([0, 1, 1, 2, 3]))
    if r.random() < 0.3:
        fs.append(r.choice(LOSS))
    if force is not None:
        fs = [globals()[x] for x in force]
    if t_nosyn in fs:
        fs = [f for f in fs if f not in (t_lateSyn, t_dupsyn, t_synonly2)]
    if t_midstream in fs or t_loseget in fs or t_lose101 in fs:
        fs = [f for f in fs if f not in (t_lateSyn, t_dupsyn, t_synonly2, t_skew, t_late)]
    o['tfo'] = r.random() < 0.1 and (not set(fs) & {t_lateSyn, t_synonly2, t_nosyn, t_midstream, t_loseget})
    order = {f: i for i, f in enumerate([t_urg, t_synonly2, t_zwin, t_lateSyn, t_dupsyn, t_finfirst, t_ghostafterfin, t_drop, t_lose101, t_loseget, t_nosyn, t_midstream, t_late, t_merge, t_rstout, t_rstend, t_truncend, t_keepalive, t_badsum, t_allbadsum, t_conflict, t_retx, t_reorder, t_dupsome, t_dupall, t_skew])}
    fs.sort(key=lambda f: order[f])
    if t_allbadsum in fs:
        fs = [f for f in fs if f is not t_badsum]
    names = [f.__name__[2:] for f in fs]
    conns = []
    P = []
    t = 1700000000 * 10 ** 6
    for k in range(r.choice([1, 1, 1, 2])):
        c = Conn(r, 1001 + k, copt)
        c.http(coalesce=r.random() < 0.2)
        if z:
            c.z = z if k == 0 else [Deflater(z[0].bits, z[0].takeover, 6), Deflater(z[1].bits, z[1].takeover, 6)]
        c.talk(r.randrange(3, 25), SZ if not o['rndseg'] else SZ[:-2])
        if r.random() < 0.1 and (not o['rndseg']):
            c.msg(r.randrange(2), 9, 0, c.payload(70000))
        if r.random() < 0.8:
            c.close()
        S['conn'] = c
        q, t = packets(c, r, o, t, cl=('10.0.0.%d' % (1 + k), 40001 + k), sv=('10.0.0.200', 8080))
        for f in fs:
            f(r, q, S)
        conns.append((c, q))
        P.append(q)
    allp = sorted((p for q in P for p in q), key=lambda p: p.t) if t_skew not in fs else sorted((p for q in P for p in q), key=lambda p: p.t)
    if len(P) == 1:
        allp = P[0]
    v6 = r.random() < 0.3
    link = r.choice(list(LT))
    no = dict(link=link, v6=v6, v6ext=r.random() < 0.4)
    frag = None
    if r.random() < 0.2:
        frag = r.choice(['fwd', 'rev', 'any', 'dup', 'overlap'])
    no['frag'] = frag
    no['ipopts'] = r.random() < 0.2
    no['af6'] = r.choice([10, 24, 28, 30])
    no['pad'] = r.choice([None, 'min', 'min', 'rnd', 'frames'])
    eth = LT[link] == 1
    fcs = eth and r.random() < 0.2
    no['fcs'] = r.choice(['crc', 'frame']) if fcs else None
    no['tso'] = eth and (not v6) and (not frag) and (not fcs) and (not no['pad']) and (r.random() < 0.2)
    net = Net(r, no)
    recs = []
    mx = 0
    for p in allp:
        ids = []
        for ip, et in net.ip(p):
            b = net.link(ip, et, p)
            recs.append((p.t * 1000, b, len(b)))
    for _ in range(r.choice([0, 0, 3])):
        i = r.randrange(len(recs))
        recs.insert(i, (recs[i][0], r.choice([r.randbytes(60), recs[i][1][:r.randrange(14, 40)], bytes(12) + b'\x08\x06' + bytes(46)]), 60 if False else 64))
        recs[i] = (recs[i][0], recs[i][1], len(recs[i][1]))
    ff = r.choice(['pcap', 'pcap', 'pcapns', 'kuz', 'ng', 'ng', 'ng'])
    e = r.choice('<>')
    if ff in ('pcap', 'pcapns', 'kuz'):
        data = pcap(recs, LT[link], e, ff == 'pcapns', ff == 'kuz', ltw=603979776 if fcs else 0)
    else:
        po = dict(ifs=r.choice([1, 1, 2, 3]), sections=r.choice([1, 1, 2, 3]), blocks=r.random() < 0.5, oldpb=r.random() < 0.3, spb=r.random() < 0.12)
        if po['spb']:
            S['flags']['no_time'] = True
        if fcs:
            po['fcsopt'] = 4
        data = pcapng(r, recs, LT[link], po)
        ff += str(po)
    gz = r.random() < 0.15
    name = 's%05d.' % seed + ('pcap' if ff[:2] != 'ng' else 'pcapng')
    if gz:
        k = r.randrange(len(data))
        data = gzip.compress(data[:k], mtime=0) + gzip.compress(data[k:], mtime=0)
        name += '.gz'
    for c, q in conns:
        arr = deliver(q, c, [c.pos[0], c.pos[1]])
        if any((x is None for a in arr for x in a)):
            S['gap'] = True
            S['forb'].discard('tcp.gap')
    cs = []
    anyun = False
    anylost = False
    for c, q in conns:
        tot = [c.pos[0], c.pos[1]]
        arr = deliver(q, c, tot)
        have = [all((x is not None for x in arr[m['dir']][m['start']:m['end']])) for m in c.msgs]
        opt = set()
        if z:
            for d in range(2):
                dec = True
                for i, m in enumerate(c.msgs):
                    if m['dir'] != d:
                        continue
                    if not have[i]:
                        dec = False
                    elif not dec and S['take'][d]:
                        opt.add(i)
                if S.get('mid') and S['take'][d]:
                    for i, m in enumerate(c.msgs):
                        if m['dir'] == d:
                            opt.add(i)
        pr, un = pairs(c, arr, have)
        if un:
            anyun = True
        if not all(have):
            anylost = True
            S['gap'] = True
            S['forb'].discard('tcp.gap')
        D = ['c2s', 's2c']
        cl = q[0].c
        sv = q[0].s
        f = (lambda a: '[2001:db8::%x:%x]:%d' % (int.from_bytes(ipb(a[0])[:2], 'big'), int.from_bytes(ipb(a[0])[2:], 'big'), a[1])) if v6 else lambda a: '%s:%d' % a
        cs.append(dict(client=f(cl), server=f(sv), upgrade=dict(query=c.query), messages=[dict(m, dir=D[m['dir']]) for i, m in enumerate(c.msgs) if have[i] and i not in opt], optional=[(D[c.msgs[i]['dir']],) + tuple((c.msgs[i][x] for x in ('protocolId', 'sn', 'len', 'sha256'))) for i in opt], messages_lost=[0 for x in have if not x], rpc=dict(pairs=pr if not opt else [])))
        if opt:
            S['flags']['rpc_check'] = False
            S['forb'].discard('ws.deflate-context-lost')
    if z and S.get('gap'):
        S['forb'].discard('ws.deflate-context-lost')
    if anyun and (not z):
        S['req'].add('rpc.unanswered')
    if S.get('gap') and (not anylost):
        S['req'].discard('tcp.gap')
    if S['flags'].get('no_time'):
        S['flags']['rpc_latency_check'] = False
    S['req'] &= {'rpc.unanswered', 'tcp.gap', 'tcp.midstream', 'tcp.overlap-conflict', 'tcp.data-after-fin', 'tcp.keep-alive', 'tcp.rst-out-of-window', 'tcp.zero-window', 'tcp.bad-checksum'}
    if t_nosyn in fs:
        S['flags'].pop('midstream', None)
    return (name, data, dict(variant='s%05d' % seed, file=name, exit='ok', anomalies_required=sorted(S['req']), anomalies_forbidden=sorted(S['forb'] - S['req']), flags=S['flags'], connections=cs, note='%s link=%s net=%s ws=%s ext=%s o=%s %s' % (names, link, {k: v for k, v in no.items() if v}, wsfrag, copt.get('ext'), {k: v for k, v in o.items() if v}, ff)))
if __name__ == '__main__':
    out = sys.argv[1]
    a, b = (int(sys.argv[2]), int(sys.argv[3]))
    force = sys.argv[4].split(',') if len(sys.argv) > 4 else None
    os.makedirs(out, exist_ok=True)
    man = []
    for s in range(a, b):
        n, d, m = build(s, force)
        open(os.path.join(out, n), 'wb').write(d)
        man.append(m)
    json.dump(man, open(os.path.join(out, 'manifest.json'), 'w'))
