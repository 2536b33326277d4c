/// The style of the page.
enum HTMLStyle {
  static let text = """
    :root { color-scheme: light dark; --page: #f6f7f9; --box: #fff; --text: #1a1d21; --quiet: #59616b; --line: #d9dde3; --accent: #0b57a4;
      --chosen: #dbe9f8; --client: #17682b; --server: #1a559c; --found: #855400; --found-box: #fdf3dc; --broken: #b3261e;
      --broken-box: #fdeceb; --lane: #aab2bd; font: 14px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; }
    @media (prefers-color-scheme: dark) { :root { --page: #14171a; --box: #1c2024; --text: #e6e9ec; --quiet: #a3adb8; --line: #343b43;
      --accent: #79b8ff; --chosen: #1f3a57; --client: #7fd394; --server: #8bbdf5; --found: #e6b450; --found-box: #332a17;
      --broken: #ff8f86; --broken-box: #3a1f1d; --lane: #5a6470; } }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    body { margin: 0; background: var(--page); color: var(--text); }
    h1 { font-size: 16px; margin: 0; white-space: nowrap; }
    h2 { font-size: 14px; margin: 0 0 6px; overflow-wrap: anywhere; }
    h3 { font-size: 12px; margin: 14px 0 4px; color: var(--quiet); font-weight: 600; }
    p { margin: 6px 0; }
    button, input { font: inherit; font-size: 13px; color: inherit; }
    button { background: var(--box); border: 1px solid var(--line); border-radius: 5px; padding: 3px 10px; cursor: pointer; }
    button:hover { border-color: var(--accent); }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
    .quiet { color: var(--quiet); }
    #app { height: 100vh; height: 100dvh; display: flex; flex-direction: column; }
    header { display: flex; align-items: center; gap: 6px 14px; padding: 7px 14px; background: var(--box); border-bottom: 1px solid var(--line); }
    #summary { margin: 0; color: var(--quiet); flex: 1 1 200px; min-width: 0; font-size: 13px; }
    #find { display: flex; align-items: center; gap: 8px; flex: 2 1 280px; min-width: 0; max-width: 720px; }
    #search { flex: 1; min-width: 0; background: var(--page); border: 1px solid var(--line); border-radius: 5px; padding: 4px 8px; }
    #matches { color: var(--quiet); font-size: 12px; max-width: 55%; }
    #matches.bad { color: var(--broken); }
    #notice { margin: 0; padding: 6px 14px; background: var(--found-box); color: var(--found); border-bottom: 1px solid var(--line); }
    #page { flex: 1; min-height: 0; display: grid; grid-template-columns: 290px minmax(0, 1fr) 330px; }
    #side { border-right: 1px solid var(--line); display: flex; flex-direction: column; min-height: 0; background: var(--box); }
    .tabs { display: flex; padding: 0 6px; border-bottom: 1px solid var(--line); }
    .tabs button { border: 0; border-radius: 0; background: none; border-bottom: 2px solid transparent; color: var(--quiet); padding: 6px 6px; font-size: 12.5px; white-space: nowrap; }
    .tabs button[aria-selected=true] { color: var(--text); border-bottom-color: var(--accent); }
    .panel { flex: 1; min-height: 0; overflow: auto; }
    #panel-connections { overflow: hidden; }
    .list { height: 100%; overflow: auto; position: relative; overflow-anchor: none; }
    .space { position: relative; overflow: hidden; }
    .list .item { position: absolute; inset: 0 0 auto; overflow: hidden; cursor: default; contain: strict; }
    .item:hover { background: color-mix(in srgb, var(--chosen) 45%, transparent); }
    .item[aria-selected=true] { background: var(--chosen); }
    .connection-item { padding: 5px 10px; border-bottom: 1px solid var(--line); font-size: 12px; line-height: 19px; }
    .connection-item div { display: flex; gap: 6px; white-space: nowrap; }
    .connection-item b, .connection-item .name, .connection-item .what { overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
    .connection-item b { flex: none; }
    .connection-item .name { font-variant-numeric: tabular-nums; }
    .connection-item .what { flex: 1; color: var(--quiet); }
    .badge { border-radius: 9px; padding: 0 7px; background: var(--found-box); color: var(--found); font-size: 11px; line-height: 18px; flex: none; }
    .badge.broken { background: var(--broken-box); color: var(--broken); }
    .entry { display: block; width: 100%; text-align: left; border: 0; border-bottom: 1px solid var(--line); border-radius: 0; padding: 6px 10px; background: none; font-size: 12px; overflow-wrap: anywhere; }
    .entry:hover { background: color-mix(in srgb, var(--chosen) 45%, transparent); }
    .entry span { display: block; color: var(--quiet); unicode-bidi: isolate; }
    .entry b { color: var(--found); }
    .entry.broken b { color: var(--broken); }
    .entry.call:not(.broken) b { color: inherit; }
    .entry .badge { float: right; display: inline; margin-left: 6px; color: var(--found); }
    .entry.broken .badge { background: var(--broken-box); color: var(--broken); }
    #side .panel > p, #side .panel > h3 { margin: 8px 10px; }
    main { display: flex; flex-direction: column; min-width: 0; min-height: 0; }
    #plots { display: grid; grid-template-columns: 1fr 1fr; gap: 0 16px; padding: 6px 12px; border-bottom: 1px solid var(--line); background: var(--box); }
    figure { margin: 0; min-width: 0; }
    figcaption { font-size: 12px; color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    figcaption b { color: var(--text); font-weight: 600; margin-right: 6px; }
    canvas { display: block; width: 100%; height: 112px; cursor: pointer; touch-action: pan-y; }
    #ladder { flex: 1; min-height: 0; display: flex; flex-direction: column; background: var(--box); }
    #records { flex: 1; min-height: 120px; height: auto; overflow-y: scroll; overflow-x: hidden; }
    #heads, .record { display: grid; grid-template-columns: 112px 38px minmax(340px, 5fr) minmax(0, 4fr) 62px; padding: 0 10px; column-gap: 8px; }
    #heads { color: var(--quiet); font-size: 12px; line-height: 24px; border-bottom: 1px solid var(--line); scrollbar-gutter: stable; overflow: hidden; }
    #heads .rungs { display: flex; justify-content: space-between; gap: 12px; }
    #heads b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
    #heads .client { color: var(--client); }
    #heads .server { color: var(--server); }
    .one .number { visibility: hidden; }
    .one#heads, .one .record { grid-template-columns: 112px 0 minmax(340px, 5fr) minmax(0, 4fr) 62px; }
    .record { line-height: 28px; white-space: nowrap; }
    .record .time, .record .number, .record .packet, .number, .packet { font-variant-numeric: tabular-nums; font-size: 12px; color: var(--quiet); }
    .number, .packet { text-align: right; }
    .record > span { overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
    .record .text { font: 12px/28px ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
    .record .rungs { position: relative; min-width: 0; height: 100%; }
    .record svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: hidden; }
    .record .label { position: absolute; top: 4px; height: 20px; line-height: 20px; left: 50%; transform: translateX(-50%); max-width: calc(100% - 92px); padding: 0 7px;
      border-radius: 10px; background: var(--box); font-size: 12px; overflow: hidden; text-overflow: ellipsis; font-variant-numeric: tabular-nums; unicode-bidi: isolate; }
    .record[aria-selected=true] .label { background: var(--chosen); }
    .label b { font-weight: 600; }
    .label i { font-style: normal; color: var(--quiet); margin-left: 6px; }
    .label i.late { color: var(--found); font-weight: 600; }
    .label i.lost { color: var(--broken); font-weight: 600; }
    svg path { fill: none; stroke-width: 1.25; }
    .lanes { stroke: var(--lane); }
    .spans { stroke: var(--lane); }
    .mine { stroke: var(--accent); stroke-width: 2.5 !important; }
    .client .arrow { stroke: var(--client); } .client .head { fill: var(--client); }
    .server .arrow { stroke: var(--server); } .server .head { fill: var(--server); }
    .client .label b { color: var(--client); } .server .label b { color: var(--server); }
    .control .arrow { stroke-dasharray: 3 3; }
    .record.opening { background: var(--page); border-top: 1px solid var(--line); }
    .record.opening .label { background: var(--page); font-weight: 600; }
    .record.finding { background: var(--found-box); color: var(--found); }
    .record.finding.broken { background: var(--broken-box); color: var(--broken); }
    .record.finding .label, .record.finding .label b { background: none; color: inherit; font-weight: 600; }
    .record.finding .text { font-family: inherit; }
    .record.finding[aria-selected=true] { box-shadow: inset 0 0 0 2px currentColor; }
    #detail { border-left: 1px solid var(--line); padding: 12px; overflow: auto; background: var(--box); min-height: 0; }
    #detail dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 12px; margin: 0; font-size: 13px; }
    dt { color: var(--quiet); }
    dd { margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate; font-variant-numeric: tabular-nums; }
    #detail button { font-size: 12px; padding: 1px 8px; margin: 0 4px 3px 0; text-align: left; }
    #detail .close { float: right; border: 0; font-size: 16px; padding: 0 6px; }
    #detail .buttons { margin: 8px 0; }
    pre { margin: 4px 0; padding: 8px; background: var(--page); border-radius: 5px; font: 12px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow: auto;
      white-space: pre-wrap; overflow-wrap: anywhere; max-height: 60vh; unicode-bidi: isolate; }
    pre.dump { white-space: pre; overflow-wrap: normal; font-size: 11px; }
    .empty { padding: 24px; text-align: center; color: var(--quiet); }
    dialog { border: 1px solid var(--line); border-radius: 8px; background: var(--box); color: var(--text); max-width: min(620px, calc(100vw - 24px)); max-height: 90vh; overflow: auto; }
    dialog table { width: 100%; font-size: 13px; border-collapse: collapse; margin-bottom: 10px; }
    dialog td { padding: 2px 12px 2px 0; vertical-align: top; }
    kbd, code { font: 12px ui-monospace, Menlo, Consolas, monospace; background: var(--page); border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; }
    .digest { display: block; max-width: 1000px; margin: 0 auto; padding: 16px; }
    .digest h1 { font-size: 20px; } .digest h2 { font-size: 16px; margin-top: 18px; }
    .digest table, #print table { border-collapse: collapse; width: 100%; font-size: 13px; }
    .digest th, .digest td, #print th, #print td { text-align: left; vertical-align: top; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; unicode-bidi: isolate; }
    .digest td:last-child, #print td:nth-child(4), #print td:nth-child(5) { overflow-wrap: anywhere; }
    .violation td:first-child { color: var(--broken); }
    @media (max-width: 1240px) {
      #page { grid-template-columns: 270px minmax(0, 1fr); grid-template-rows: minmax(0, 1fr) auto; }
      #side { grid-row: 1 / 3; }
      #detail { border-left: 0; border-top: 1px solid var(--line); max-height: 34vh; }
      #page:not(.chosen) #detail { display: none; }
    }
    @media (max-width: 900px) {
      #heads, .record, .one#heads, .one .record { grid-template-columns: 76px 0 minmax(0, 1fr) 46px; grid-template-rows: 26px 18px; column-gap: 6px; padding: 0 8px; }
      #heads { grid-template-rows: 24px; }
      #heads .text, .number { display: none; }
      .record .rungs { grid-column: 1 / -1; grid-row: 1; }
      .record .label { max-width: calc(100% - 52px); top: 3px; }
      .record .time { grid-column: 1; grid-row: 2; font-size: 11px; line-height: 16px; }
      .record .text { grid-column: 2 / 4; grid-row: 2; font-size: 11px; line-height: 16px; }
      .record .packet { grid-column: 4; grid-row: 2; font-size: 11px; line-height: 16px; }
      #heads .rungs { grid-column: 1 / -1; }
      #heads .time, #heads .packet { display: none; }
    }
    @media (max-width: 720px) {
      #app { height: auto; min-height: 100vh; }
      header { flex-wrap: wrap; gap: 4px 10px; padding: 6px 10px; }
      #summary { order: 3; flex: 1 1 100%; font-size: 12px; }
      h1 { flex: 1; }
      #find { order: 4; flex: 1 1 100%; }
      #page { display: block; }
      #side { border: 0; border-bottom: 1px solid var(--line); }
      .panel { max-height: 148px; flex: none; }
      #panel-connections { height: 148px; }
      #plots { grid-template-columns: 1fr; gap: 4px; padding: 6px 10px; }
      canvas { height: 76px; }
      #records { height: calc(100vh - 60px); flex: none; }
      #detail { position: fixed; inset: auto 0 0; max-height: 42vh; box-shadow: 0 -4px 16px #0003; }
      .chosen #records { height: calc(58vh - 26px); }
      .chosen #ladder { margin-bottom: 42vh; scroll-margin-bottom: 42vh; }
    }
    @media print {
      :root { --page: #fff; --box: #fff; --text: #000; --quiet: #444; --line: #bbb; color-scheme: light; }
      #app { height: auto; display: block; }
      header form, header button, #page, dialog { display: none !important; }
      header { position: static; padding: 0; }
      #print { font-size: 11px; } #print table { font-size: 10px; } #print tr { break-inside: avoid; }
    }

    """
}
