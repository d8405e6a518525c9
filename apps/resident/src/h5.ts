// What a browser needs besides the pages: the roles and names that uni-app's own
// elements do not have, the keys that press them, and the way in by a link.
import { keep, kept } from './draft'
import { loginByLink } from './me'
import { words } from './words'

const BACK = 'back'

function put(e: Element, name: string, value: string) { if (e.getAttribute(name) !== value) e.setAttribute(name, value) }

function button(b: Element) {
  if (!b.hasAttribute('role')) put(b, 'role', 'button')
  const off = b.hasAttribute('disabled') && b.getAttribute('disabled') !== 'false'
  put(b, 'tabindex', off ? '-1' : '0')
  put(b, 'aria-disabled', String(off))
}

// A picture is called what its wrapper is called; one inside a button has its name there.
function image(w: Element) {
  const img = w.querySelector('img')
  if (img) put(img, 'alt', w.getAttribute('aria-label') ?? '')
}

// The label stands on uni's wrapper; the field inside is what is read and typed in.
function field(w: Element) {
  const inner = w.querySelector('input,textarea')
  const label = w.getAttribute('aria-label')
  if (!inner || !label) return
  put(inner, 'aria-label', label)
  w.removeAttribute('aria-label')
}

function fix() {
  document.querySelectorAll('uni-button').forEach(button)
  document.querySelectorAll('uni-image').forEach(image)
  document.querySelectorAll('uni-input[aria-label],uni-textarea[aria-label]').forEach(field)
  document.querySelectorAll('.uni-page-head-hd .uni-page-head-btn').forEach((b) => {
    put(b, 'role', 'button')
    put(b, 'tabindex', '0')
    put(b, 'aria-label', words.back)
  })
  document.querySelectorAll('.uni-page-head__title').forEach((h) => {
    put(h, 'role', 'heading')
    put(h, 'aria-level', '1')
  })
}

function pressed(e: KeyboardEvent) {
  const at = e.target as HTMLElement
  const role = at.getAttribute('role') ?? ''
  if ((e.key === 'Enter' || e.key === ' ') && ['button', 'radio', 'checkbox'].includes(role)) {
    e.preventDefault()
    at.click()
  }
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key]
  if (role !== 'radio' || !step) return
  const group = [...(at.closest('[role=radiogroup]')?.querySelectorAll<HTMLElement>('[role=radio]') ?? [])]
  e.preventDefault()
  group[(group.indexOf(at) + step + group.length) % group.length]?.focus()
}

export function dress() {
  fix()
  new MutationObserver(fix).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled', 'aria-label'] })
  document.addEventListener('keydown', pressed)
}

// arrive takes the code of a link out of the address, before anything else reads it,
// and puts the page there that one came from.
export function arrive(): Promise<void> {
  const code = location.hash.slice(1)
  if (!/^[A-Za-z0-9_-]{8,64}$/.test(code)) return Promise.resolve()
  const back = kept<string>(BACK) ?? ''
  history.replaceState(null, '', location.pathname + location.search + '#' + back)
  return loginByLink(code)
}

// leave goes to WeChat, which says who holds the phone; one comes back to this page.
export function leave() {
  keep(BACK, location.hash.slice(1))
  location.href = '/api/v1/logins/web'
}

// save hands a file over to be kept.
export function save(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const a = document.createElement('a')
  a.href = url
  a.download = name
  a.click()
  setTimeout(() => { URL.revokeObjectURL(url) }, 60_000)
}

export const speaks = () => 'speechSynthesis' in window && 'SpeechSynthesisUtterance' in window

// speak reads the page aloud, line by line: browsers break off what is long. What is
// written on buttons of deeds is left out.
export function speak(over: () => void) {
  hush()
  const pages = [...document.querySelectorAll<HTMLElement>('.page')].filter((p) => p.offsetParent)
  const buttons = new Set(pages.flatMap((p) => [...p.querySelectorAll<HTMLElement>('uni-button.plain, uni-button.main')]).map((b) => b.innerText.trim()))
  const lines = pages.flatMap((p) => p.innerText.split('\n')).map((l) => l.trim()).filter((l) => l && !buttons.has(l))
  const said = lines.map((l) => {
    const one = new SpeechSynthesisUtterance(l)
    one.lang = 'zh-CN'
    one.rate = 0.9
    return one
  })
  const last = said.at(-1)
  if (!last) return over()
  last.onend = last.onerror = () => { over() }
  said.forEach((one) => { speechSynthesis.speak(one) })
}

export function hush() { speechSynthesis.cancel() }
