/// The templates of the page (``PageTemplate``). They are strings of the program, so that one binary is all it takes. `{{x}}` escapes
/// for HTML; `{{{x}}}` stands only where a view holds markup that another template made.
enum PageTemplates {
  /// The templates by name.
  static let all: [(name: String, text: String)] = [
    ("page", page), ("summary", summary), ("classes", classes), ("areas", areas), ("failing", failing),
    ("requirements", requirements), ("requirement", requirement), ("cases", cases), ("group", group), ("case", item),
    ("result", result), ("ladder", ladder), ("rung", rung), ("timing", timing), ("method", method), ("diff", diff),
  ]

  private static let page = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="{{policy}}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="generator" content="wireproof">
    <title>{{title}}</title>
    <link rel="icon" href="data:,">
    <style>{{{style}}}</style>
    </head>
    <body>
    <a class="skip" href="#main">Skip to the content</a>
    <header class="top">
    <p class="eyebrow">{{eyebrow}}</p>
    <h1>{{heading}}</h1>
    {{#lead}}<p class="lead">{{{.}}}</p>{{/lead}}
    </header>
    <nav aria-label="Parts of the report"><ul>
    {{#sections}}<li><a href="#{{anchor}}">{{name}}</a>{{#count}} <span class="n">{{.}}</span>{{/count}}</li>
    {{/sections}}
    </ul></nav>
    <main id="main">
    {{{content}}}
    </main>
    <footer>{{footer}}</footer>
    {{#script}}<script>{{{.}}}</script>{{/script}}
    </body>
    </html>

    """

  private static let summary = """
    <section id="summary" aria-labelledby="summary-title">
    <h2 id="summary-title">Summary</h2>
    <table class="subjects">
    <thead><tr><th scope="col">Implementation</th><th scope="col" class="wide">Verdicts</th>
    {{#columns}}<th scope="col" class="num">{{.}}</th>{{/columns}}</tr></thead>
    <tbody>
    {{#subjects}}
    <tr><th scope="row"><span class="who">{{title}}</span><small>{{conclusion}}</small></th>
    <td class="wide">{{{bar}}}</td>
    {{#counts}}<td class="num {{class}}" data-name="{{name}}">{{#link}}<a href="{{.}}">{{/link}}{{text}}{{#link}}</a>{{/link}}</td>{{/counts}}</tr>
    {{/subjects}}
    </tbody>
    </table>
    {{#hasStale}}<h3 id="stale">Stale expectations</h3>
    <ul class="stale">{{#stale}}<li>{{.}}</li>{{/stale}}</ul>{{/hasStale}}
    {{{classes}}}
    <details class="levels"><summary>Verdicts by level</summary>
    <table class="figures"><thead><tr><th scope="col">Implementation</th><th scope="col">Level</th>
    {{#columns}}<th scope="col" class="num">{{.}}</th>{{/columns}}</tr></thead><tbody>
    {{#levels}}<tr><th scope="row">{{title}}</th><td>{{level}}</td>
    {{#counts}}<td class="num {{class}}">{{text}}</td>{{/counts}}</tr>
    {{/levels}}</tbody></table></details>
    </section>
    """

  private static let classes = """
    <h3 id="classes">Conformance classes</h3>
    <p class="note">A class is met when every MUST of it that applies passes.</p>
    <table class="classes">
    <thead><tr><th scope="col">Class</th>{{#subjects}}<th scope="col">{{title}}{{#role}} <small>as a {{.}}</small>{{/role}}</th>{{/subjects}}</tr></thead>
    <tbody>
    {{#rows}}<tr><th scope="row">{{name}}</th>
    {{#cells}}<td class="state {{class}}"><span class="mark" aria-hidden="true">{{mark}}</span> <b>{{state}}</b> <small>{{remark}}</small></td>{{/cells}}</tr>
    {{/rows}}
    </tbody>
    </table>
    """

  private static let areas = """
    <section id="areas" aria-labelledby="areas-title">
    <h2 id="areas-title">Areas</h2>
    <table class="areas{{#single}} single{{/single}}">
    <thead><tr><th scope="col">Area</th>{{#subjects}}<th scope="col">{{.}}</th>{{/subjects}}</tr></thead>
    <tbody>
    {{#rows}}<tr><th scope="row">{{name}}</th>
    {{#cells}}<td>{{{bar}}}<small class="{{class}}">{{text}}</small></td>{{/cells}}</tr>
    {{/rows}}
    </tbody>
    </table>
    <ul class="legend" aria-label="Colours">{{#legend}}<li><i class="sw {{class}}"></i>{{name}}</li>{{/legend}}</ul>
    </section>
    """

  private static let failing = """
    <section id="failures" aria-labelledby="failures-title">
    <h2 id="failures-title">What fails</h2>
    {{^any}}<p class="note">Nothing fails.</p>{{/any}}
    {{#any}}<p class="note">{{note}}</p>
    <ol class="failing">
    {{#rows}}<li><span class="fcount"><b>{{count}}</b> of {{of}}</span> <a href="#req-{{id}}"><code>{{id}}</code></a> <span class="lv">{{level}}</span>
    <span class="ft">{{{text}}}</span>{{#expected}} <span class="asexpected">{{.}}</span>{{/expected}}{{#only}} <span class="only">only {{.}}</span>{{/only}}</li>
    {{/rows}}</ol>
    {{#more}}<details><summary>{{more}} more</summary><ol class="failing">
    {{#rest}}<li><span class="fcount"><b>{{count}}</b> of {{of}}</span> <a href="#req-{{id}}"><code>{{id}}</code></a> <span class="lv">{{level}}</span>
    <span class="ft">{{{text}}}</span>{{#expected}} <span class="asexpected">{{.}}</span>{{/expected}}{{#only}} <span class="only">only {{.}}</span>{{/only}}</li>
    {{/rest}}</ol></details>{{/more}}{{/any}}
    </section>
    """

  private static let requirements = """
    <section id="requirements" aria-labelledby="requirements-title">
    <h2 id="requirements-title">Requirements</h2>
    <p class="note">{{note}}</p>
    {{#columns}}<ol class="columns" aria-label="Columns of the verdicts">{{#names}}<li>{{.}}</li>{{/names}}</ol>{{/columns}}
    <form class="filters" hidden data-for="reqs" aria-label="Filter requirements">
    <label>Text <input type="search" name="text" placeholder="id, clause or words"></label>
    <label>Verdict <select name="verdict"><option value="">all</option>{{#verdicts}}<option value="{{value}}">{{name}}</option>{{/verdicts}}<option value="none">not exercised</option></select></label>
    <label>Level <select name="level"><option value="">all</option><option>MUST</option><option>SHOULD</option><option>MAY</option></select></label>
    <label>Class <select name="class"><option value="">all</option>{{#classes}}<option>{{.}}</option>{{/classes}}</select></label>
    {{#matrix}}<label class="check"><input type="checkbox" name="divided"> implementations differ</label>
    <label class="check"><input type="checkbox" name="only"> only one fails</label>{{/matrix}}
    <output></output>
    </form>
    <div id="reqs" class="list">
    {{#groups}}{{>group}}{{/groups}}
    </div>
    </section>
    """

  private static let requirement = """
    <details class="req{{^exercised}} idle{{/exercised}}" data-v="{{verdicts}}" data-level="{{level}}" data-class="{{class}}"{{#divided}} data-divided{{/divided}}{{#only}} data-only{{/only}}>
    <summary><span class="gs">{{#glyphs}}<span class="g {{class}}"{{#name}} role="img" title="{{.}}"{{/name}}>{{mark}}</span>{{/glyphs}}</span><span class="cl">{{clause}}</span><span class="rid">{{id}}</span><span class="lv {{levelClass}}">{{level}}</span><span class="tx">{{{text}}}{{#only}} <span class="only">only {{.}} fails</span>{{/only}}</span><span class="nc">{{count}}</span></summary>
    <div class="body"><span class="at" id="req-{{id}}"></span><a class="anchor" href="#req-{{id}}" title="Link to this">#</a>
    <p class="facts">clause {{clause}} · binds the {{role}} · class {{class}} · source: {{source}}{{#capability}} · only with the capability {{.}}{{/capability}}</p>
    {{#why}}<p><b>Why</b> {{{.}}}</p>{{/why}}
    {{#right}}<p><b>Right</b> <span class="wire">{{.}}</span></p>{{/right}}
    {{#wrong}}<p><b>Wrong</b> <span class="wire">{{.}}</span></p>{{/wrong}}
    {{#idle}}<p class="idle-why">Not exercised: {{.}}.</p>{{/idle}}
    {{#hasCases}}<ul class="refs">{{#cases}}<li>{{#glyphs}}<span class="g {{class}}"{{#name}} role="img" title="{{.}}"{{/name}}>{{mark}}</span>{{/glyphs}} <a href="#case-{{id}}">{{id}}</a></li>{{/cases}}</ul>{{/hasCases}}
    {{#moreCases}}<p class="note">… and {{.}}; the cases view has all.</p>{{/moreCases}}
    </div></details>

    """

  private static let cases = """
    <section id="cases" aria-labelledby="cases-title">
    <h2 id="cases-title">Cases</h2>
    <p class="note on-paper">On paper, only the cases that do not simply pass are listed.</p>
    <form class="filters" hidden data-for="list" aria-label="Filter cases">
    <label>Text <input type="search" name="text" placeholder="id or words ( / )"></label>
    <label>Verdict <select name="verdict"><option value="">all</option>{{#verdicts}}<option value="{{value}}">{{name}}</option>{{/verdicts}}</select></label>
    <label>Area <select name="area"><option value="">all</option>{{#areas}}<option>{{.}}</option>{{/areas}}</select></label>
    <label>Level <select name="level"><option value="">all</option><option>MUST</option><option>SHOULD</option><option>MAY</option></select></label>
    <label>Class <select name="class"><option value="">all</option>{{#classes}}<option>{{.}}</option>{{/classes}}</select></label>
    {{#matrix}}<label class="check"><input type="checkbox" name="divided"> implementations differ</label>
    <label class="check"><input type="checkbox" name="only"> only one fails</label>{{/matrix}}
    <output></output>
    </form>
    {{#columns}}<ol class="columns" aria-label="Columns of the verdicts">{{#names}}<li>{{.}}</li>{{/names}}</ol>{{/columns}}
    <div id="list" class="list">
    {{#groups}}{{>group}}{{/groups}}
    </div>
    </section>
    """

  /// What asks to be looked at stands open; the rest of an area is folded.
  private static let group = """
    <section class="group" aria-label="{{area}}">{{#hasOpen}}<h3>{{area}} <small>{{count}}</small></h3>
    {{{rows}}}{{/hasOpen}}{{#rest}}<details class="rest"><summary>{{#label}}{{.}}{{/label}}{{^label}}<h3>{{area}} <small>{{count}}</small></h3>{{/label}}</summary>
    {{{folded}}}</details>{{/rest}}</section>

    """

  private static let item = """
    <details class="case" data-v="{{verdicts}}" data-area="{{area}}" data-level="{{level}}" data-class="{{class}}"{{#divided}} data-divided{{/divided}}{{#only}} data-only{{/only}}><summary><span class="gs">{{#glyphs}}<span class="g {{class}}"{{#name}} role="img" title="{{.}}"{{/name}}>{{mark}}</span>{{/glyphs}}</span><span class="cid">{{id}}</span><span class="tx">{{title}}</span><span class="lv {{levelClass}}">{{level}}</span><span class="du">{{duration}}</span></summary><div class="body"><span class="at" id="case-{{id}}"></span><a class="anchor" href="#case-{{id}}" title="Link to this">#</a>{{#simple}}<p class="facts">{{#requirements}}<a href="#req-{{id}}">{{id}}</a> {{/requirements}}</p>{{/simple}}{{^simple}}<ul class="clauses">{{#requirements}}<li><a href="#req-{{id}}"><code>{{id}}</code></a> <span class="lv">{{level}}</span> <small>{{clause}}</small> {{{text}}}</li>{{/requirements}}</ul>{{#why}}<p class="why"><b>Why it matters</b> {{{.}}}</p>{{/why}}{{/simple}}{{{results}}}</div></details>

    """

  private static let result = """
    <section class="result {{class}}">
    <h4><span class="g {{class}}" aria-hidden="true">{{mark}}</span> {{#who}}{{.}}: {{/who}}{{verdict}} <small>{{duration}}{{#runs}} · {{.}}{{/runs}}</small></h4>
    {{#known}}<p class="known">{{.}}</p>{{/known}}
    {{#reason}}<p class="reason">{{.}}</p>{{/reason}}
    {{#compared}}<dl class="cmp">{{#place}}<dt>first difference</dt><dd><code>{{.}}</code></dd>{{/place}}
    {{#sides}}<dt>{{name}}</dt><dd><code>{{before}}<mark>{{marked}}</mark>{{after}}</code></dd>{{/sides}}</dl>{{/compared}}
    {{#step}}<p class="stepline"><b>Step</b> <code>{{.}}</code></p>{{/step}}
    {{{ladder}}}
    {{#stderr}}<details class="err"><summary>Standard error of the implementation</summary><pre>{{.}}</pre></details>{{/stderr}}
    {{#links}}<p class="links">Evidence: {{#items}}<a href="{{reference}}">{{title}}</a> {{/items}}</p>{{/links}}
    {{#command}}<p class="again"><b>Repeat</b> <code>{{.}}</code></p>{{/command}}
    </section>
    """

  private static let ladder = """
    <div class="ladder" role="group" aria-label="What went to and fro">
    <div class="ends" aria-hidden="true"><span>wireproof</span><span>{{peer}}</span></div>
    {{#earlier}}<p class="note">{{.}}</p>{{/earlier}}
    {{#before}}<details class="after"><summary>{{count}} before that</summary><ol>{{#rows}}{{>rung}}{{/rows}}</ol></details>{{/before}}
    <ol>{{#rows}}{{>rung}}{{/rows}}</ol>
    {{#after}}<details class="after"><summary>{{count}} after that</summary><ol>{{#rows}}{{>rung}}{{/rows}}</ol></details>{{/after}}
    {{#more}}<p class="note">{{.}}</p>{{/more}}
    </div>
    """

  private static let rung = """
    <li class="{{class}}">{{#time}}<time>{{.}}</time>{{/time}}<div class="lane">{{#hasFields}}<details{{#open}} open{{/open}}><summary>{{/hasFields}}<div class="say">{{#connection}}<span class="cn" title="connection {{.}}">#{{.}}</span> {{/connection}}<span class="vh">{{who}}</span><span class="lab">{{label}}</span>{{#decoded}}<span class="dec">{{.}}</span>{{/decoded}}</div>{{#arrow}}<div class="line" aria-hidden="true"></div>{{/arrow}}{{#hasFields}}</summary>{{/hasFields}}{{#divergent}}<p class="here">what came instead</p>{{/divergent}}{{#unmet}}<p class="here">not met{{#nothing}}: nothing that would do came after it{{/nothing}}</p>{{/unmet}}{{#hasFields}}<table class="bytes"><tbody>{{#fields}}<tr class="f-{{kind}}"><td class="off">{{offset}}</td><td class="hex">{{text}}</td><td>{{label}}</td></tr>{{/fields}}</tbody></table>{{#omitted}}<p class="note">{{.}}</p>{{/omitted}}</details>{{/hasFields}}</div></li>

    """

  private static let timing = """
    <section id="timing" aria-labelledby="timing-title">
    <h2 id="timing-title">How long cases took</h2>
    <p class="note">The time of each case that was judged, waiting included, on a logarithmic scale. It says little about speed: many probes wait for a silence to last.</p>
    {{#plots}}<figure><figcaption><b>{{title}}</b> {{what}} <small>median {{median}} · 95 of 100 below {{high}} · longest {{longest}}</small></figcaption>{{{picture}}}</figure>
    {{/plots}}
    </section>
    """

  private static let method = """
    <section id="method" aria-labelledby="method-title">
    <h2 id="method-title">How this was tested</h2>
    {{#runs}}<article class="run"><h3>{{title}} <small>{{kind}}</small></h3>
    <dl class="facts">{{#facts}}<dt>{{name}}</dt><dd>{{#code}}<code>{{value}}</code>{{/code}}{{^code}}{{value}}{{/code}}</dd>{{/facts}}</dl></article>
    {{/runs}}
    <h3>Verdicts</h3>
    <dl class="verdicts">{{#verdicts}}<dt><span class="g {{class}}" aria-hidden="true">{{mark}}</span> {{name}}</dt><dd>{{text}}</dd>{{/verdicts}}</dl>
    </section>
    """

  private static let diff = """
    <section id="summary" aria-labelledby="summary-title">
    <h2 id="summary-title">Summary</h2>
    <p class="lead">{{conclusion}}.</p>
    {{#warnings}}<p class="note">Note: {{.}}.</p>{{/warnings}}
    <table class="figures"><thead><tr><th scope="col"></th><th scope="col">Implementation</th><th scope="col">Started</th><th scope="col">Suite</th><th scope="col">Command</th></tr></thead>
    <tbody>{{#runs}}<tr><th scope="row">{{name}}</th><td>{{title}}</td><td>{{started}}</td><td><code>{{suite}}</code></td><td><code>{{command}}</code></td></tr>{{/runs}}</tbody></table>
    </section>
    {{#groups}}<section id="{{anchor}}" aria-labelledby="{{anchor}}-title"><h2 id="{{anchor}}-title">{{title}} <small>{{count}}</small></h2>
    <table class="figures changes"><thead><tr><th scope="col">Case</th><th scope="col">Before</th><th scope="col">Now</th><th scope="col">Reason</th></tr></thead><tbody>
    {{#changes}}<tr><th scope="row"><code>{{id}}</code></th><td><span class="g {{oldClass}}" aria-hidden="true">{{oldMark}}</span> {{old}}</td><td><span class="g {{newClass}}" aria-hidden="true">{{newMark}}</span> {{new}}</td><td>{{reason}}</td></tr>
    {{/changes}}</tbody></table></section>
    {{/groups}}
    """
}
