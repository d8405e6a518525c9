// A deed is something a tap sets off: it is done once however often one taps, goes
// on by itself after the network was away, and says honestly how far it is.
import { onUnmounted, reactive } from 'vue'

import { Trouble } from './api'
import { drop, keep, kept } from './draft'
import { words } from './words'

export type Stage = '' | 'sending' | 'kept' | 'done' | 'failed'

export interface Deed<T> {
  stage: Stage
  said: string
  run: (content: unknown, send: (key: string) => Promise<T>) => Promise<T | undefined>
  clear: () => void
}

const RETRIES = [800, 2000, 4000]
// Who taps twice means once, also when the first tap was answered in between.
const TWICE = 2000
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

function random(): string {
  let s = ''
  while (s.length < 32) s += Math.floor(Math.random() * 0x100000000).toString(36)
  return s.slice(0, 32)
}

// keyOf is the key under which a content is handed in. It outlives the page, so that
// who comes back and taps again does not do the same thing twice.
export function keyOf(name: string, content: unknown): string {
  const sum = digest(JSON.stringify(content) ?? '')
  const had = kept<{ sum: string; key: string }>('key:' + name)
  if (had?.sum === sum) return had.key
  const key = random()
  keep('key:' + name, { sum, key })
  return key
}

// digest tells contents apart without keeping them (FNV-1a, twice).
export function digest(text: string): string {
  let a = 0x811c9dc5
  let b = 0x01000193
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b)
  }
  return [a, b, text.length].map((n) => (n >>> 0).toString(36)).join('-')
}

async function patient<T>(send: () => Promise<T>, later: () => void): Promise<T> {
  for (const pause of RETRIES) {
    try { return await send() } catch (t) {
      if (!(t instanceof Trouble) || !t.passing) throw t
      later()
      await wait(pause)
    }
  }
  return send()
}

export function useDeed<T>(name: string): Deed<T> {
  // Who waits for the network: told to go on, or that it is over.
  let wake: ((go: boolean) => void) | undefined
  const waiting = () => new Promise<boolean>((told) => { wake = told })
  const online = (r: { isConnected: boolean }) => { if (r.isConnected) wake?.(true) }

  let last = { sum: '', at: 0 }

  const deed: Deed<T> = reactive({
    stage: '' as Stage,
    said: '',
    // run comes back when the deed is done or refused, also after the network was away.
    async run(content, send) {
      const sum = digest(JSON.stringify(content) ?? '')
      if (deed.stage === 'sending' || (deed.stage === 'done' && last.sum === sum && Date.now() - last.at < TWICE)) return undefined
      wake?.(false)
      const key = keyOf(name, content)
      do {
        Object.assign(deed, { stage: 'sending', said: words.deed.sending })
        try {
          const got = await patient(() => send(key), () => { deed.said = words.deed.again })
          drop('key:' + name)
          last = { sum, at: Date.now() }
          Object.assign(deed, { stage: 'done', said: words.deed.done })
          return got
        } catch (t) { fail(deed, name, t) }
      } while (deed.stage === 'kept' && await waiting())
      return undefined
    },
    clear() { Object.assign(deed, { stage: '', said: '' }) },
  } as Deed<T>)
  uni.onNetworkStatusChange(online)
  onUnmounted(() => {
    uni.offNetworkStatusChange(online)
    wake?.(false)
  })
  return deed
}

function fail<T>(deed: Deed<T>, name: string, t: unknown) {
  const trouble = t instanceof Trouble ? t : new Trouble('fault', words.busy)
  if (trouble.passing) {
    Object.assign(deed, { stage: 'kept', said: words.deed.kept })
    return
  }
  const expired = trouble.status === 401
  if (!expired) drop('key:' + name) // refused for good: what is tried next is another deed
  Object.assign(deed, { stage: 'failed', said: expired ? words.deed.expired : trouble.message })
}
