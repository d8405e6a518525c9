// pack.mjs BUILT OUT packs a built mini-program into a page that runs it in a browser,
// on the component framework that WeChat itself is built on (glass-easel). It is not
// WeChat: see phone.js for what stands in for it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'

import { buildSync } from 'esbuild'
import { TmplGroup } from 'glass-easel-template-compiler'

const [root, out] = process.argv.slice(2)
const here = dirname(new URL(import.meta.url).pathname)
const templates = new TmplGroup()
const faults = []
const modules = []
const configs = {}
const sheets = {}

for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue
  const file = join(entry.parentPath, entry.name)
  const name = relative(root, file).split(sep).join('/')
  const [, stem, kind] = /^(.*)\.([^.]+)$/.exec(name) ?? [, name, '']
  const text = () => readFileSync(file, 'utf8')
  if (kind === 'wxml') {
    // A browser has no <image>, but <img> is the same.
    const found = templates.addTmpl(stem, text().replace(/<(\/?)image(?=[\s/>])/g, '<$1img'))
    if (Array.isArray(found)) faults.push(...found.map((f) => `${name}: ${f.message ?? JSON.stringify(f)}`))
  } else if (kind === 'wxs') templates.addScript(stem, text())
  else if (kind === 'js') modules.push(`${JSON.stringify(name)}: function (require, module, exports) {${text()}\n}`)
  else if (kind === 'json' && stem !== 'project.config') configs[stem] = JSON.parse(text())
  else if (kind === 'wxss') sheets[name] = text()
}
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}

const imported = (name) =>
  (sheets[name] ?? '').replace(/@import\s+["']([^"']+)["'];?/g, (_, from) => imported(posix.normalize(posix.join(posix.dirname(name), from))))
// A page of the mini-program is 750rpx wide; its root is called page.
const inBrowser = (css) =>
  css.replace(/(-?[\d.]+)rpx/g, 'calc(100vw / 750 * $1)').replace(/(^|[},\s])page(?=[\s,{.:])/g, '$1body').replace(/(^|[},\s>])image(?=[\s,{.:])/g, '$1img')

mkdirSync(out, { recursive: true })
const write = (name, text) => writeFileSync(join(out, name), text)
write('app.css', Object.keys(sheets).map((name) => inBrowser(imported(name))).join('\n'))
write('phone.css', readFileSync(join(here, 'phone.css')))
write('app.js', `window.miniProgram = { configs: ${JSON.stringify(configs)}, templates: ${templates.getTmplGenObjectGroups()}, modules: {${modules.join(',\n')}} }\n`)
write('phone.js', buildSync({ entryPoints: [join(here, 'phone.js')], bundle: true, minify: true, write: false, format: 'iife', target: 'es2022' }).outputFiles[0].text)
write('index.html', `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width,initial-scale=1" />
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="phone.css" />
    <link rel="stylesheet" href="app.css" />
    <title>小程序</title>
    <script src="app.js" defer></script>
    <script src="phone.js" defer></script>
  </head>
  <body>
    <nav id="bar"><button type="button" id="back" hidden>返回</button><h1 id="name"></h1></nav>
    <main id="root"></main>
    <div id="toast" role="status"></div>
    <dialog id="sheet" aria-labelledby="sheet-title"><h2 id="sheet-title"></h2><div id="sheet-body"></div><div id="sheet-buttons"></div></dialog>
  </body>
</html>
`)
