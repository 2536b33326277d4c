/// The style sheet of the page. Colours of verdicts have a contrast of at least 4.5 to 1 against the ground, in light and in
/// dark, and none of them stands without its sign.
enum PageStyle {
  /// The style sheet.
  static let text = colours + frame + tables + lists + pages + narrow + print

  private static let colours = ":root{color-scheme:light dark;\(light)}\n" + dark

  /// The colours on a light ground, which is also that of paper.
  private static let light = """
    --ground:#fdfdfb;--raised:#f6f5f1;--ink:#1c1e21;--soft-ink:#5b6067;--line:#e2e0da;--strong:#c9c6be;
    --accent:#1f4e8c;--pass:#226b36;--fail:#b3261e;--error:#8b1f6a;--soft:#7a5600;--info:#2b5fa5;--none:#62676e;--lost:#a04510;
    --pass-bg:#e4f2e6;--fail-bg:#fbe6e3;--error-bg:#f7e4f1;--soft-bg:#f8eed3;--info-bg:#e3ecf8;--none-bg:#edece8;--lost-bg:#fae8da;
    --bar-pass:#7fb98b;--bar-fail:#c8443b;--bar-error:#a5468a;--bar-soft:#d9ab3f;--bar-info:#7ea3d4;--bar-none:#dedbd3;--bar-lost:#d98148
    """

  private static let dark = """
    @media (prefers-color-scheme:dark){:root{--ground:#15171a;--raised:#1d2024;--ink:#e3e4e6;--soft-ink:#a0a6ae;--line:#2d3136;--strong:#464b52;
    --accent:#8db8f0;--pass:#79c78b;--fail:#f28b82;--error:#e59ad0;--soft:#dcb355;--info:#8db8f0;--none:#9aa0a8;--lost:#eba06c;
    --pass-bg:#1c3223;--fail-bg:#43211f;--error-bg:#3d2237;--soft-bg:#382d14;--info-bg:#1d2d44;--none-bg:#282b30;--lost-bg:#3d2817;
    --bar-pass:#4a8a58;--bar-fail:#cf5a50;--bar-error:#a85a92;--bar-soft:#b58c32;--bar-info:#527fb8;--bar-none:#353a40;--bar-lost:#b5683a}}

    """

  private static let frame = """
    *{box-sizing:border-box}
    html{scroll-padding-top:3.4rem;-webkit-text-size-adjust:100%}
    body{margin:0 auto;max-width:76rem;padding:0 1.5rem 4rem;background:var(--ground);color:var(--ink);
    font:15px/1.5 system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
    code,pre,.cid,.rid,.hex,.off,.lab,.wire,.dec{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.865em}
    a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
    a:hover{text-decoration-thickness:2px}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
    .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--ground);padding:.3rem .6rem;z-index:9}
    .vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    [hidden]{display:none!important}.on-paper{display:none}
    .top{padding:2.6rem 0 1.1rem}
    .eyebrow{margin:0;color:var(--soft-ink);font-size:.8rem;letter-spacing:.02em}
    h1{margin:.1rem 0 .5rem;font-size:1.85rem;line-height:1.2;font-weight:640;letter-spacing:-.015em;text-wrap:balance}
    .lead{margin:0;max-width:52rem;font-size:1.05rem;color:var(--ink);text-wrap:pretty}
    nav{position:sticky;top:0;z-index:5;background:var(--ground);border-bottom:1px solid var(--line);margin:0 -1.5rem;padding:0 1.5rem}
    nav ul{list-style:none;display:flex;gap:1.4rem;margin:0;padding:0;overflow-x:auto;white-space:nowrap;scrollbar-width:none}
    nav a{display:inline-block;padding:.6rem 0;color:var(--ink);text-decoration:none}
    nav a:hover{color:var(--accent)}
    nav .n{color:var(--soft-ink);font-size:.8rem}
    main>section{padding-top:2rem}
    h2{margin:0 0 .7rem;font-size:1.22rem;font-weight:640;letter-spacing:-.01em}
    h3{margin:1.6rem 0 .4rem;font-size:1rem;font-weight:640}
    h2 small,h3 small,h4 small{font-weight:400;color:var(--soft-ink);font-size:.85rem}
    .note,.facts{color:var(--soft-ink);font-size:.875rem;margin:.1rem 0 .7rem;max-width:60rem;text-wrap:pretty}
    footer{margin-top:3rem;padding-top:.8rem;border-top:1px solid var(--line);color:var(--soft-ink);font-size:.8rem}
    small{font-size:.82rem}

    """

  private static let tables = """
    table{border-collapse:collapse;width:100%}
    th,td{padding:.42rem .7rem .42rem 0;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--line);font-weight:400}
    th:last-child,td:last-child{padding-right:0}
    thead th{color:var(--soft-ink);font-size:.8rem;border-bottom-color:var(--strong);vertical-align:bottom}
    .num{text-align:right;white-space:nowrap}
    .subjects tbody th{width:26%;min-width:11rem}.subjects .who{font-weight:600;display:block}
    .subjects tbody th small,.areas td small,.classes small{display:block;color:var(--soft-ink)}
    .subjects .wide{width:26%;vertical-align:middle}
    .subjects .num a{color:inherit}.subjects tbody td{vertical-align:middle}
    td.zero{color:var(--soft-ink)}
    td.pass,small.pass{color:var(--pass)}td.fail,small.fail,.areas td small.fail{color:var(--fail)}td.error{color:var(--error)}
    td.soft{color:var(--soft)}td.info{color:var(--info)}td.none{color:var(--none)}td.lost{color:var(--lost)}
    td.num.fail,td.num.error,.areas td small.fail{font-weight:600}
    .state small{font-weight:400}
    .areas.single td{display:grid;grid-template-columns:1fr 9rem;gap:.9rem;align-items:center}
    .bar{display:block;width:100%;height:.62rem;border-radius:2px;background:var(--none-bg)}
    .bar .pass,.sw.pass{fill:var(--bar-pass);background:var(--bar-pass)}.bar .fail,.sw.fail{fill:var(--bar-fail);background:var(--bar-fail)}
    .bar .error,.sw.error{fill:var(--bar-error);background:var(--bar-error)}.bar .soft,.sw.soft{fill:var(--bar-soft);background:var(--bar-soft)}
    .bar .info,.sw.info{fill:var(--bar-info);background:var(--bar-info)}.bar .none,.sw.none{fill:var(--bar-none);background:var(--bar-none)}
    .bar .lost,.sw.lost{fill:var(--bar-lost);background:var(--bar-lost)}
    .classes{width:auto;min-width:60%}.classes tbody th{font-weight:600;white-space:nowrap;padding-right:1.6rem}
    .classes td{padding-right:1.8rem}
    .state b{font-weight:600}.state small{display:inline!important;margin-left:.35rem}
    .state.pass .mark,.state.pass b{color:var(--pass)}.state.fail .mark,.state.fail b{color:var(--fail)}
    .state.lost .mark,.state.lost b{color:var(--lost)}.state.none b,.state.none .mark{color:var(--soft-ink);font-weight:400}
    .areas tbody th{width:9rem;white-space:nowrap}.areas td{vertical-align:middle;padding-top:.42rem;padding-bottom:.32rem}
    .areas td small{line-height:1.3;margin-top:.2rem}.areas.single td small{margin:0}.areas thead th{max-width:14rem}
    .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin:.7rem 0 0;padding:0;font-size:.8rem;color:var(--soft-ink)}
    .sw{display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin-right:.4rem;vertical-align:-.05rem}
    .levels{margin-top:1rem}.levels>summary{color:var(--soft-ink);font-size:.875rem}
    .figures{font-size:.9rem}.figures td{overflow-wrap:anywhere}.figures td.num{overflow-wrap:normal}.figures tbody th{white-space:nowrap}
    .changes tbody th{white-space:normal}.changes td{white-space:nowrap}.changes td:last-child{white-space:normal;color:var(--soft-ink);width:50%}
    .failing{list-style:none;margin:0;padding:0}
    .failing li{padding:.38rem 0;border-bottom:1px solid var(--line);display:grid;grid-template-columns:7.2rem minmax(9rem,17rem) 3.6rem 1fr;gap:0 .8rem;align-items:baseline}
    .failing .fcount{color:var(--soft-ink);font-size:.85rem;text-align:right}.failing .fcount b{color:var(--fail)}
    .failing .ft{color:var(--soft-ink);font-size:.9rem}.failing .only,.failing .asexpected{grid-column:4;justify-self:start}
    .failing a{text-decoration:none}.failing a:hover{text-decoration:underline}
    .plot{display:block;width:100%;max-width:60rem;height:auto}.plot rect{fill:var(--bar-info)}.plot .tick{stroke:var(--line)}
    .plot .median{stroke:var(--ink);stroke-dasharray:3 2}.plot text{fill:var(--soft-ink);font-size:8px}
    figure{margin:.6rem 0 1.2rem}figcaption{margin-bottom:.3rem}figcaption small{color:var(--soft-ink);margin-left:.4rem}

    """

  private static let lists = """
    summary{cursor:pointer}
    .g{display:inline-flex;align-items:center;justify-content:center;width:1.3rem;height:1.3rem;border-radius:4px;font-size:.78rem;font-weight:700;line-height:1;flex:none}
    .g.pass{color:var(--pass);background:var(--pass-bg)}.g.fail{color:var(--fail);background:var(--fail-bg)}.g.error{color:var(--error);background:var(--error-bg)}
    .g.soft{color:var(--soft);background:var(--soft-bg)}.g.info{color:var(--info);background:var(--info-bg)}.g.none{color:var(--none);background:var(--none-bg)}
    .g.lost{color:var(--lost);background:var(--lost-bg)}.g.absent{color:var(--soft-ink)}
    .g.known{color:var(--none);background:var(--none-bg);box-shadow:inset 0 0 0 1px var(--strong)}
    .known{color:var(--ink);font-style:italic}.asexpected{font-size:.78rem;color:var(--none);background:var(--none-bg);border-radius:3px;padding:0 .35rem;white-space:nowrap}
    .stale{margin:.2rem 0 .8rem;padding-left:1.2rem}.stale li::marker{color:var(--error)}
    .rest>summary{color:var(--soft-ink);font-size:.875rem;padding:.4rem 0}.rest>summary:hover{color:var(--ink)}
    .group .rest>summary h3{display:inline;margin:0;border:0;color:var(--ink)}.group:has(>.rest:first-child){border-bottom:1px solid var(--line)}
    .gs{display:inline-flex;gap:3px;flex:none}
    .lv{font-size:.7rem;color:var(--soft-ink);letter-spacing:.03em;flex:none}.lv.must{color:var(--ink)}
    .only{font-size:.78rem;color:var(--fail);background:var(--fail-bg);border-radius:3px;padding:0 .35rem;white-space:nowrap}
    .filters{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;margin:.2rem 0 .9rem;font-size:.8rem;color:var(--soft-ink)}
    .filters label{display:grid;gap:.15rem}.filters .check{display:flex;align-items:center;gap:.35rem;padding-bottom:.35rem}
    .filters input[type=search],.filters select{font:inherit;font-size:.9rem;color:var(--ink);background:var(--ground);border:1px solid var(--strong);border-radius:5px;padding:.26rem .45rem;height:2.05rem}
    .filters input[type=search]{width:15rem;max-width:100%}.filters output{margin-left:auto;padding-bottom:.35rem}
    .columns{display:flex;flex-wrap:wrap;gap:.1rem 1.6rem;margin:0 0 .7rem;padding:0 0 0 1.2rem;font-size:.82rem;color:var(--soft-ink)}
    .columns li{padding-right:.4rem}
    .case,.req{border-bottom:1px solid var(--line)}
    .group h3{margin:1.5rem 0 .2rem;padding-bottom:.2rem;border-bottom:1px solid var(--strong)}
    .case>summary,.req>summary{display:grid;gap:0 .8rem;align-items:baseline;padding:.32rem 0;list-style:none}
    .case>summary::-webkit-details-marker,.req>summary::-webkit-details-marker{display:none}
    .case>summary:hover,.req>summary:hover{background:var(--raised)}
    .list .case>summary{grid-template-columns:auto minmax(11rem,21rem) 1fr 3.6rem 4.4rem}
    .list .req>summary{grid-template-columns:auto 2.6rem minmax(11rem,18rem) 3.6rem 1fr 5rem}
    .case[open]>summary .cid,.req[open]>summary .rid{font-weight:700}
    .tx{color:var(--soft-ink);font-size:.9rem}.case>summary .tx{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
    .case[open]>summary .tx{white-space:normal}
    .du,.nc{text-align:right;color:var(--soft-ink);font-size:.8rem;white-space:nowrap}.cl{color:var(--soft-ink);font-size:.85rem}
    .req.idle>summary .rid,.req.idle>summary .tx{opacity:.85}.idle-why{color:var(--soft-ink)}
    .refs{list-style:none;margin:.4rem 0;padding:0;columns:3 18rem;gap:1.5rem;font-size:.85rem}
    .refs li{padding:.12rem 0;break-inside:avoid}.refs .g{width:1.1rem;height:1.1rem;font-size:.68rem}

    """

  private static let pages = """
    .body{padding:.1rem 0 1.1rem 2.1rem;position:relative}
    .body p{margin:.35rem 0;max-width:60rem}
    .anchor{position:absolute;left:.4rem;top:.3rem;color:var(--soft-ink);text-decoration:none}.at{scroll-margin-top:7rem}
    .at:target+.anchor{color:var(--accent);font-weight:700}
    .clauses{margin:.2rem 0 .5rem;padding:0;list-style:none;max-width:62rem}.clauses li{padding:.15rem 0 .15rem 1rem;text-indent:-1rem}
    .why,.req .body p{color:var(--ink)}.req .body .facts,.req .body .idle-why{color:var(--soft-ink)}
    .body b{font-weight:600}
    .result{border-left:3px solid var(--line);padding:.1rem 0 .2rem .9rem;margin:.9rem 0}
    .result.fail{border-color:var(--bar-fail)}.result.error{border-color:var(--bar-error)}.result.soft{border-color:var(--bar-soft)}
    .result.info{border-color:var(--bar-info)}.result.lost{border-color:var(--bar-lost)}
    h4{margin:0 0 .35rem;font-size:.95rem;font-weight:600}
    .reason{white-space:pre-line}
    .cmp{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:.4rem 0}
    .cmp dt{color:var(--soft-ink);font-size:.85rem}.cmp dd{margin:0;overflow-wrap:anywhere}
    mark{background:var(--fail-bg);color:var(--fail);font-weight:700;border-radius:2px}mark:empty{display:none}
    .again code,.stepline code,.cmp code{overflow-wrap:anywhere}
    .again{font-size:.9rem}.again code{user-select:all;background:var(--raised);padding:.1rem .35rem;border-radius:3px;-webkit-box-decoration-break:clone;box-decoration-break:clone}
    .links a{margin-right:.9rem}
    pre{margin:.3rem 0;padding:.6rem .8rem;background:var(--raised);border-radius:5px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;max-height:24rem}
    .ladder{margin:.8rem 0;max-width:56rem}
    .ends{display:flex;justify-content:space-between;margin-left:5.4rem;font-size:.8rem;font-weight:600}
    .ends span:last-child{text-align:right;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;max-width:60%}
    .ladder ol{list-style:none;margin:0;padding:0}
    .ladder li{display:grid;grid-template-columns:4.8rem 1fr;gap:0 .6rem}
    .ladder time{color:var(--soft-ink);font-size:.75rem;text-align:right;padding-top:.2rem;white-space:nowrap}
    .lane{grid-column:2;border-left:1px solid var(--strong);border-right:1px solid var(--strong);padding:.18rem .7rem .12rem;min-width:0}
    .say{font-size:.88rem}.lab{overflow-wrap:anywhere}.dec{display:block;color:var(--soft-ink)}
    .d-received .say{text-align:right}.d-received .bytes{text-align:left}
    .lane summary{list-style:none}.lane summary::-webkit-details-marker{display:none}
    .lane summary:hover .lab{text-decoration:underline dotted;text-underline-offset:3px}
    .lane summary .lab::before{content:"▸ ";color:var(--soft-ink)}.lane details[open]>summary .lab::before{content:"▾ "}
    .after{margin-left:5.4rem}.after>summary{color:var(--soft-ink);font-size:.82rem;padding:.3rem 0}.after ol{margin-left:-5.4rem}
    .cn{color:var(--soft-ink);font-size:.75rem}
    .line{position:relative;height:7px;margin:1px -.7rem 2px}
    .line::before{content:"";position:absolute;left:0;right:0;top:3px;border-top:1.5px solid var(--soft-ink)}
    .line::after{content:"";position:absolute;top:0;border:3.5px solid transparent}
    .d-sent .line::after{right:0;border-left:7px solid var(--soft-ink);border-right:0}
    .d-received .line::after{left:0;border-right:7px solid var(--soft-ink);border-left:0}
    .d-note .lab,.d-step .lab{color:var(--soft-ink)}
    .d-step .lane{padding-top:.5rem}.d-step .lab{border-bottom:1px dotted var(--strong)}
    .unmet .lane{background:var(--fail-bg)}.unmet .lab{color:var(--fail);border:0}
    .divergent .lane{background:var(--fail-bg)}.divergent .line::before{border-color:var(--fail)}
    .divergent.d-received .line::after{border-right-color:var(--fail)}
    .here{margin:.1rem 0 .25rem!important;font-size:.8rem;color:var(--fail);font-weight:600}.divergent .here{text-align:right}
    .bytes{margin:.2rem 0 .4rem;background:var(--ground);border:1px solid var(--line);border-radius:4px;border-collapse:separate;border-spacing:0}
    .bytes td{padding:.12rem .5rem;border-bottom:1px solid var(--line);font-size:.8rem;vertical-align:top}
    .bytes tr:last-child td{border-bottom:0}
    .bytes .off{color:var(--soft-ink);text-align:right;width:3.4rem}.bytes .hex{overflow-wrap:anywhere;white-space:pre-wrap;border-left:3px solid var(--line);width:50%}
    .bytes td:last-child{overflow-wrap:anywhere;padding-right:.5rem}
    .f-header .hex{border-left-color:#7d8794!important}.f-mask .hex{border-left-color:#b8a06a!important}.f-magic .hex{border-left-color:#a65fb0!important}
    .f-length .hex{border-left-color:#3f8fa8!important}.f-id .hex{border-left-color:#4a7fd0!important}.f-sn .hex{border-left-color:#3f9a5f!important}
    .f-payload .hex{border-left-color:#d08a3f!important}.f-code .hex{border-left-color:#c0503f!important}.f-rest .hex{border-left-color:#c8443b!important}
    .f-header .hex{color:#5a6470}.f-mask .hex{color:#7a6420}.f-magic .hex{color:#8a3f95}.f-length .hex{color:#1f6b85}.f-id .hex{color:#2a5fb5}
    .f-sn .hex{color:#23753f}.f-payload .hex{color:#99591a}.f-code .hex{color:#a83a2a}.f-rest .hex{color:#b3261e}
    @media (prefers-color-scheme:dark){.f-header .hex{color:#a9b2bd}.f-mask .hex{color:#cdb67c}.f-magic .hex{color:#d59be0}.f-length .hex{color:#7fc4da}
    .f-id .hex{color:#90b8f5}.f-sn .hex{color:#7fce9a}.f-payload .hex{color:#e6b27a}.f-code .hex{color:#ef9a8c}.f-rest .hex{color:#f28b82}}
    .run h3{margin-bottom:.2rem}.facts dt,.verdicts dt{color:var(--soft-ink)}
    dl.facts,dl.verdicts{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.1rem;margin:.3rem 0;font-size:.9rem;color:var(--ink)}
    dl.facts dd,dl.verdicts dd{margin:0;overflow-wrap:anywhere}dl.verdicts dt{white-space:nowrap}

    """

  private static let narrow = """
    @media (max-width:46rem){
    .only{white-space:normal}
    body{padding:0 1rem 3rem;font-size:14.5px}nav{margin:0 -1rem;padding:0 1rem}.top{padding-top:1.5rem}h1{font-size:1.4rem}
    html{scroll-padding-top:3rem}
    .subjects,.subjects tbody,.subjects tr,.subjects th,.subjects td{display:block;width:auto!important;border:0;padding:0}
    .subjects thead{display:none}.subjects tr{padding:.7rem 0;border-bottom:1px solid var(--line)}
    .subjects td.num{display:inline-block;margin:.35rem 1rem 0 0;text-align:left}.subjects td.num.zero{display:none}
    .subjects td.num::after{content:" " attr(data-name);font-weight:400;font-size:.82rem}
    .subjects .wide{padding:.35rem 0 0}
    .classes{min-width:0;width:100%}.classes td,.classes thead th{min-width:5.6rem;padding-right:.6rem}.classes tbody th{padding-right:.8rem}.state small{display:block!important;margin:0;overflow-wrap:anywhere}
    section:has(>table){overflow-x:auto}.areas tbody th{width:auto;white-space:normal}.areas td{min-width:6.5rem}
    .figures{display:block;overflow-x:auto}
    .failing li{grid-template-columns:auto auto 1fr;gap:0 .6rem}.failing .fcount{text-align:left;order:3}.failing .ft{grid-column:1/-1;order:4}
    .failing .only,.failing .asexpected{grid-column:1/-1;order:5}
    .list .case>summary{grid-template-columns:auto 1fr auto}.list .case>summary .tx{grid-column:2/-1;order:5;white-space:normal}.list .case>summary .lv{display:none}
    .list .case>summary .cid{overflow-wrap:anywhere}
    .list .req>summary{grid-template-columns:auto 1fr auto}.list .req>summary .cl,.list .req>summary .lv{display:none}.list .req>summary .tx{grid-column:2/-1;order:5}
    .list .req>summary .rid{overflow-wrap:anywhere}
    .body{padding-left:.2rem}.anchor{position:static;float:right}
    .result{padding-left:.6rem}.cmp{grid-template-columns:1fr;gap:0}.cmp dd{margin-bottom:.3rem}
    .ladder li{grid-template-columns:1fr}.lane{grid-column:1}.ladder time{text-align:left;padding:.2rem .7rem 0;border-left:1px solid var(--strong);border-right:1px solid var(--strong)}
    .ends,.after{margin-left:0}.after ol{margin-left:0}.bytes .off{display:none}.bytes .hex{width:55%}
    dl.facts,dl.verdicts{grid-template-columns:1fr;gap:0}dl.facts dd,dl.verdicts dd{margin-bottom:.4rem}
    .filters label{flex:1 1 8rem}.filters input[type=search]{width:100%}.filters output{margin-left:0;flex-basis:100%}
    }

    """

  private static let print = "@media print{:root{color-scheme:light;\(light);--ground:#fff;--ink:#000}\n" + paper

  private static let paper = """
    body{max-width:none;padding:0;font-size:9.5pt}nav,.filters,.skip,.anchor{display:none!important}
    .on-paper{display:block!important}.case[data-v=pass],.case[data-v=notApplicable],.group:not(:has(.case:not([data-v=pass],[data-v=notApplicable]))){display:none}
    .list .req>summary{grid-template-columns:auto 2.2rem 11rem 3.3rem 1fr 4rem;gap:0 .5rem}.list .case>summary{grid-template-columns:auto 15rem 1fr 3.3rem 4rem;gap:0 .5rem}
    .failing li{grid-template-columns:6rem 12rem 3.3rem 1fr;gap:0 .5rem}
    h2,h3,h4{break-after:avoid}tr,.list details:not([open]),.failing li,figure{break-inside:avoid}
    a{color:inherit;text-decoration:none}main>section{padding-top:1.2rem}
    .bar,.sw,.g,.plot rect,.unmet .lane,.divergent .lane,mark{-webkit-print-color-adjust:exact;print-color-adjust:exact}
    pre{max-height:none}
    @page{margin:16mm 14mm}
    }
    """
}
