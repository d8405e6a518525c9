// The phone that runs a packed mini-program: WeChat's component framework, and a
// stand-in for WeChat's own functions (wx). Login codes and the answers to consent
// sheets go to the fake WeChat beside it, requests to the real server. Not there:
// picker, video, canvas, live maps, the moment when a component is ready; style isolation is off.
import { Event as Happening, triggerEvent } from 'glass-easel'
import { MiniProgramEnv } from 'glass-easel-miniprogram-adapter'

const program = window.miniProgram
const resident = new URLSearchParams(location.search).get('resident') ?? ''
const byId = (id) => document.getElementById(id)

// --- the framework -------------------------------------------------------------

const environment = new MiniProgramEnv()
const space = environment.createCodeSpace('', true)
const backend = environment.associateBackend()

// Pages name the methods that listen, as WeChat's own build of the framework wants.
const prepare = space.prepareComponentOptions.bind(space)
space.prepareComponentOptions = (is, options) => {
  const prepared = prepare(is, options)
  prepared[0].useMethodCallerListeners = true
  return prepared
}
// uni-app asks whether an event has a detail of its own.
const shadowed = Happening.prototype.wrapShadowedEvent
Happening.prototype.wrapShadowedEvent = function (...given) {
  const event = shadowed.apply(this, given)
  Object.defineProperty(event, 'detail', { value: this.detail, writable: true, enumerable: true, configurable: true })
  return event
}

const resolve = (from, path) => {
  const parts = path.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const part of path.replace(/^\//, '').split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

for (const [path, config] of Object.entries(program.configs)) {
  const used = Object.entries({ ...program.configs.app?.usingComponents, ...config.usingComponents })
  space.addComponentStaticConfig(path, {
    ...config,
    usingComponents: Object.fromEntries(used.map(([tag, where]) => [tag, '/' + resolve(path, where)])),
    styleIsolation: 'shared',
  })
}
for (const [path, content] of Object.entries(program.templates)) {
  space.addCompiledTemplate(path, { groupList: program.templates, content, fallbackListenerOnNativeNode: true })
}

const loaded = {}
function load(name) {
  if (!name.endsWith('.js')) name += '.js'
  if (!loaded[name]) {
    const module = { exports: {} }
    loaded[name] = module
    if (!program.modules[name]) throw new Error('the mini-program has no ' + name)
    program.modules[name].call(module.exports, (path) => load(resolve(name, path)), module, module.exports)
  }
  return loaded[name].exports
}

// What a file defines belongs to the component whose file it is.
let current
let nowhere
space.componentEnv('__nowhere', (env) => { nowhere = env })
for (const kind of ['Page', 'Component', 'Behavior']) window[kind] = (...given) => (current ?? nowhere)[kind](...given)
const defined = new Set()
function define(path) {
  if (defined.has(path)) return
  defined.add(path)
  for (const where of Object.values(space.getComponentStaticConfig(path)?.usingComponents ?? {})) define(where.slice(1))
  const before = current
  space.componentEnv(path, (env) => {
    current = env
    try { load(path) } finally { current = before }
  })
}

// --- pages ---------------------------------------------------------------------

const pages = []
let app
window.global = window
window.App = (options) => { app = options }
window.getApp = () => app
window.getCurrentPages = () => pages.map((page) => page.root.get())

function show() {
  const page = pages.at(-1)
  byId('root').replaceChildren(page.host)
  const name = program.configs[page.path]?.navigationBarTitleText ?? program.configs.app.window?.navigationBarTitleText ?? ''
  byId('name').textContent = name
  document.title = name
  byId('back').hidden = pages.length < 2
  page.root.get().onShow?.()
  scrollTo(0, page.scrolled ?? 0)
}

function open(url) {
  const [path, query = ''] = url.replace(/^\//, '').split('?')
  const before = pages.at(-1)
  if (before) {
    before.scrolled = scrollY
    before.root.get().onHide?.()
  }
  define(path)
  const root = backend.createRoot('mp-page', space, path)
  const host = document.createElement('div')
  const place = host.appendChild(document.createElement('span'))
  const page = root.get()
  page.route = path
  page.options = Object.fromEntries(new URLSearchParams(query))
  pages.push({ root, host, path })
  root.attach(host, place)
  page.onLoad?.(page.options)
  show()
  setTimeout(() => page.onReady?.(), 0)
}

function close(count = 1) {
  while (count-- > 0 && pages.length > 1) pages.pop().root.get().onUnload?.()
  show()
}

// --- events --------------------------------------------------------------------

function fire(target, name, detail) {
  let node = target
  while (node && !node.__wxElement) node = node.parentNode
  if (node) triggerEvent(node.__wxElement, name, detail, { bubbles: true, composed: true, capturePhase: true })
}

const on = (node) => node.hasAttribute('checked') && node.getAttribute('checked') !== 'false'
const chooses = 'radio, checkbox, switch'
function choose(node) {
  const group = node.closest('radio-group, checkbox-group')
  if (node.matches('radio')) {
    for (const other of group?.querySelectorAll('radio') ?? []) other.removeAttribute('checked')
    node.setAttribute('checked', '')
    fire(group, 'change', { value: node.getAttribute('value') ?? '' })
  } else {
    node.toggleAttribute('checked', !on(node))
    const all = [...(group?.querySelectorAll('checkbox') ?? [])].filter(on).map((each) => each.getAttribute('value') ?? '')
    fire(group ?? node, 'change', { value: group ? all : on(node) })
  }
}

byId('root').addEventListener('click', (event) => {
  const button = event.target.closest('button')
  if (button?.hasAttribute('disabled') && button.getAttribute('disabled') !== 'false') return
  const chosen = event.target.closest(chooses) ?? event.target.closest('label')?.querySelector(chooses)
  if (chosen) choose(chosen)
  fire(event.target, 'tap', { x: event.clientX, y: event.clientY })
  if (button?.getAttribute('open-type') === 'getPhoneNumber') {
    ask('phone').then((code) => fire(button, 'getphonenumber', { code, errMsg: 'getPhoneNumber:ok' }))
  }
}, true)
byId('root').addEventListener('input', (event) => {
  event.stopImmediatePropagation()
  fire(event.target, 'input', { value: event.target.value, cursor: event.target.selectionStart ?? 0 })
}, true)
byId('root').addEventListener('focusin', (event) => fire(event.target, 'focus', { value: event.target.value }))
byId('root').addEventListener('focusout', (event) => fire(event.target, 'blur', { value: event.target.value }))
byId('root').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.matches('input')) fire(event.target, 'confirm', { value: event.target.value })
})
byId('back').addEventListener('click', () => close())

// --- WeChat --------------------------------------------------------------------

// ask has the fake WeChat do something for the resident whose phone this is.
async function ask(act, more = {}) {
  const answer = await fetch('/phone/api/act', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ resident, act, ...more }),
  })
  if (!answer.ok) throw new Error(act + ' ' + answer.status)
  return (await answer.json()).answer
}

// sheet puts a question over the page, and resolves to the button that was tapped.
function sheet(title, body, buttons) {
  byId('sheet-title').textContent = title
  byId('sheet-body').replaceChildren(...body)
  return new Promise((answered) => {
    byId('sheet-buttons').replaceChildren(...buttons.map(([value, label], i) => {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = label
      button.className = i === buttons.length - 1 ? 'main' : ''
      button.addEventListener('click', () => { byId('sheet').close(); answered(value) })
      return button
    }))
    byId('sheet').oncancel = () => answered('')
    byId('sheet').showModal()
  })
}

const line = (text) => Object.assign(document.createElement('p'), { textContent: text })

function box(text) {
  const label = document.createElement('label')
  const input = Object.assign(document.createElement('input'), { type: 'checkbox', checked: true })
  label.append(input, text)
  return label
}

// pick offers things to tap, and resolves to the one that was.
function pick(title, things) {
  return new Promise((picked) => {
    const body = things.map(([value, label]) => {
      const button = Object.assign(document.createElement('button'), { type: 'button', textContent: label })
      button.addEventListener('click', () => { byId('sheet').close(); picked(value) })
      return button
    })
    sheet(title, body, [['', '取消']]).then(() => picked(''))
  })
}

// answer calls back as WeChat does.
function answer(name, options, work) {
  const done = Promise.resolve().then(work).then(
    (result) => ({ errMsg: name + ':ok', ...result }),
    (error) => { throw { errMsg: name + ':fail ' + (error?.message ?? error) } },
  )
  const plain = !options?.success && !options?.fail && !options?.complete
  const told = done.then(
    (result) => { options?.success?.(result); options?.complete?.(result); return result },
    (error) => { options?.fail?.(error); options?.complete?.(error); if (plain) throw error },
  )
  return plain ? told : undefined
}

const shelf = (key) => `mini/${resident}/${key}`
const dates = (response) => Object.fromEntries([...response.headers].map(([k, v]) => [k === 'date' ? 'Date' : k, v]))
const files = {}
const keep = (file) => { const path = URL.createObjectURL(file); files[path] = file; return path }

function request(options) {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(new Error('timeout')), options.timeout ?? 60000)
  const method = options.method ?? 'GET'
  const plain = method === 'GET' || method === 'HEAD'
  answer('request', options, async () => {
    const url = new URL(options.url, location.origin)
    if (plain) for (const [k, v] of Object.entries(options.data ?? {})) url.searchParams.set(k, v)
    const body = plain || options.data === undefined ? undefined : typeof options.data === 'string' ? options.data : JSON.stringify(options.data)
    const headers = new Headers({ 'Content-Type': 'application/json' })
    for (const [k, v] of Object.entries(options.header ?? {})) headers.set(k, v)
    const got = await fetch(url, { method, signal: stop.signal, body, headers })
    clearTimeout(timer)
    const text = await got.text()
    let data = text
    try { data = JSON.parse(text) } catch { /* not JSON */ }
    return { statusCode: got.status, data, header: dates(got) }
  })
  return { abort: () => stop.abort(), onHeadersReceived() {}, offHeadersReceived() {} }
}

function uploadFile(options) {
  answer('uploadFile', options, async () => {
    const form = new FormData()
    for (const [k, v] of Object.entries(options.formData ?? {})) form.append(k, v)
    form.append(options.name, files[options.filePath] ?? await (await fetch(options.filePath)).blob(), 'photo.jpg')
    const got = await fetch(new URL(options.url, location.origin), { method: 'POST', headers: options.header, body: form })
    return { statusCode: got.status, data: await got.text() }
  })
  return { abort() {}, onProgressUpdate() {} }
}

// chooseMedia asks the browser for pictures.
const chooseMedia = (options) => answer('chooseMedia', options, () => new Promise((chosen, failed) => {
  const input = Object.assign(document.createElement('input'), { type: 'file', accept: 'image/*', multiple: (options.count ?? 9) > 1, id: 'album' })
  input.hidden = true
  document.body.append(input)
  input.addEventListener('change', () => {
    chosen({ type: 'image', tempFiles: [...input.files].map((file) => ({ tempFilePath: keep(file), size: file.size, fileType: 'image' })) })
    input.remove()
  })
  input.addEventListener('cancel', () => { failed(new Error('cancel')); input.remove() })
  input.click()
}))

const system = () => ({
  platform: 'devtools', SDKVersion: '3.7.0', version: '8.0.50', system: 'Linux', brand: 'sample', model: 'sample', language: 'zh_CN', pixelRatio: devicePixelRatio,
  windowWidth: innerWidth, windowHeight: innerHeight, screenWidth: innerWidth, screenHeight: innerHeight, statusBarHeight: 20,
  safeArea: { left: 0, right: innerWidth, top: 0, bottom: innerHeight, width: innerWidth, height: innerHeight },
  fontSizeSetting: 16, fontSizeScaleFactor: Number(new URLSearchParams(location.search).get('scale') ?? 1), host: { env: 'WeChat' },
})
const launch = () => ({ path: '', query: Object.fromEntries(new URLSearchParams(location.hash.split('?')[1] ?? '')), scene: 1001 })

let fading
function toast(text) {
  byId('toast').textContent = text
  clearTimeout(fading)
  fading = setTimeout(() => { byId('toast').textContent = '' }, 3000)
}

const functions = {
  canIUse: () => false,
  nextTick: (work) => Promise.resolve().then(work),
  getMenuButtonBoundingClientRect: () => ({ top: 20, height: 32, width: 87, left: innerWidth - 94, right: innerWidth - 7, bottom: 52 }),
  getSystemInfoSync: system, getDeviceInfo: system, getWindowInfo: system, getAppBaseInfo: system,
  getSystemSetting: () => ({}), getAppAuthorizeSetting: () => ({}),
  getLaunchOptionsSync: launch, getEnterOptionsSync: launch,
  getAccountInfoSync: () => ({ miniProgram: { appId: 'sample', envVersion: 'develop' } }),
  getStorageSync: (key) => { const kept = localStorage.getItem(shelf(key)); return kept === null ? '' : JSON.parse(kept) },
  setStorageSync: (key, value) => localStorage.setItem(shelf(key), JSON.stringify(value)),
  removeStorageSync: (key) => localStorage.removeItem(shelf(key)),
  getStorageInfoSync: () => ({ keys: Object.keys(localStorage).filter((k) => k.startsWith(shelf(''))).map((k) => k.slice(shelf('').length)) }),
  request, uploadFile, chooseMedia,
  chooseImage: (options) => chooseMedia({
    ...options, success: (got) => options.success?.({ tempFilePaths: got.tempFiles.map((f) => f.tempFilePath), tempFiles: got.tempFiles.map((f) => ({ path: f.tempFilePath, size: f.size })) }),
  }),
  compressImage: (options) => answer('compressImage', options, () => ({ tempFilePath: options.src })),
  previewImage: (options) => answer('previewImage', options, () => ({})),
  login: (options) => answer('login', options, async () => ({ code: await ask('login') })),
  checkSession: (options) => answer('checkSession', options, () => ({})),
  requestSubscribeMessage: (options) => answer('requestSubscribeMessage', options, async () => {
    const boxes = options.tmplIds.map(box)
    const said = await sheet('允许小程序发送以下通知', boxes, [['reject', '取消'], ['accept', '允许']])
    const result = {}
    for (const [i, id] of options.tmplIds.entries()) {
      const accepted = said === 'accept' && boxes[i].querySelector('input').checked
      result[id] = accepted ? 'accept' : 'reject'
      await ask('consent', { text: id, yes: accepted })
    }
    return result
  }),
  getLocation: (options) => answer('getLocation', options, () => ({ latitude: 33.3015, longitude: 118.6025, accuracy: 30 })),
  chooseLocation: (options) => answer('chooseLocation', options, () => ({ name: '中心花园', address: '', latitude: 33.3015, longitude: 118.6025 })),
  openLocation: (options) => { toast('在地图上打开：' + (options.name ?? '')); return answer('openLocation', options, () => ({})) },
  scanCode: (options) => answer('scanCode', options, async () => {
    const state = await (await fetch('/phone/api/state?resident=' + encodeURIComponent(resident))).json()
    const scene = await pick('扫哪个码', state.scenes.map((s) => [s.scene, s.label]))
    if (!scene) throw new Error('cancel')
    return { result: scene, scanType: 'QR_CODE', path: '' }
  }),
  showToast: (options) => { toast(options.title); return answer('showToast', options, () => ({})) },
  hideToast: (options) => { byId('toast').textContent = ''; return answer('hideToast', options, () => ({})) },
  showLoading: (options) => { toast(options.title); return answer('showLoading', options, () => ({})) },
  hideLoading: (options) => { byId('toast').textContent = ''; return answer('hideLoading', options, () => ({})) },
  showModal: (options) => answer('showModal', options, async () => {
    const buttons = options.showCancel === false ? [] : [['no', options.cancelText ?? '取消']]
    const said = await sheet(options.title ?? '', [line(options.content ?? '')], [...buttons, ['yes', options.confirmText ?? '确定']])
    return { confirm: said === 'yes', cancel: said !== 'yes' }
  }),
  showActionSheet: (options) => answer('showActionSheet', options, async () => {
    const chosen = await pick(options.alertText ?? '请选择', options.itemList.map((label, i) => [String(i), label]))
    if (chosen === '') throw new Error('cancel')
    return { tapIndex: Number(chosen) }
  }),
  setClipboardData: (options) => { toast('内容已复制'); return answer('setClipboardData', options, () => ({})) },
  makePhoneCall: (options) => { toast('拨打 ' + options.phoneNumber); return answer('makePhoneCall', options, () => ({})) },
  setNavigationBarTitle: (options) => { byId('name').textContent = options.title; document.title = options.title; return answer('setNavigationBarTitle', options, () => ({})) },
  pageScrollTo: (options) => { scrollTo(0, options.scrollTop ?? 0); return answer('pageScrollTo', options, () => ({})) },
  getNetworkType: (options) => answer('getNetworkType', options, () => ({ networkType: navigator.onLine ? 'wifi' : 'none' })),
  onNetworkStatusChange: (heard) => {
    for (const name of ['online', 'offline']) addEventListener(name, () => heard({ isConnected: navigator.onLine, networkType: navigator.onLine ? 'wifi' : 'none' }))
  },
  offNetworkStatusChange: () => {},
  getImageInfo: (options) => answer('getImageInfo', options, async () => {
    const { width, height } = await createImageBitmap(files[options.src] ?? await (await fetch(options.src)).blob())
    return { width, height, path: options.src }
  }),
  getUpdateManager: () => ({ onCheckForUpdate() {}, onUpdateReady() {}, onUpdateFailed() {}, applyUpdate() {} }),
  stopPullDownRefresh: (options) => answer('stopPullDownRefresh', options, () => ({})),
  exitMiniProgram: (options) => { close(pages.length); byId('root').replaceChildren(); toast('小程序关上了'); return answer('exitMiniProgram', options, () => ({})) },
  navigateTo: (options) => answer('navigateTo', options, () => { open(options.url); return {} }),
  redirectTo: (options) => answer('redirectTo', options, () => { pages.pop()?.root.get().onUnload?.(); open(options.url); return {} }),
  reLaunch: (options) => answer('reLaunch', options, () => { while (pages.length > 0) pages.pop().root.get().onUnload?.(); open(options.url); return {} }),
  switchTab: (options) => functions.reLaunch(options),
  navigateBack: (options) => answer('navigateBack', options, () => { close(options?.delta ?? 1); return {} }),
}
const listens = (name) => typeof name === 'string' && /^(on|off)[A-Z]/.test(name)
window.wx = new Proxy(functions, {
  get: (known, name) => known[name] ?? (listens(name) ? () => {} : undefined),
  has: (known, name) => name in known || listens(name),
})

load('app')
app?.onLaunch?.(launch())
app?.onShow?.(launch())
open(location.hash.slice(1) || program.configs.app.pages[0])
