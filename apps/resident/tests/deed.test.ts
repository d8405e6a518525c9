import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { mount } from '@vue/test-utils'
import { defineComponent, h } from 'vue'

import { get, keepToken, onExpired, post, token } from '@/api'
import { type Deed, keyOf, useDeed } from '@/deed'
import { phone } from './phone'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => {
  onExpired(() => Promise.resolve(false))
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function deedOf(): Deed<unknown> {
  let deed: Deed<unknown> | undefined
  mount(defineComponent({ setup: () => { deed = useDeed('raise'); return () => h('i') } }))
  if (!deed) throw new Error('not mounted')
  return deed
}
const body = { text: '路灯坏了' }
const send = (key: string) => post('/api/v1/topics', { body, key })
const keys = (asked: { header: Record<string, string> }[]) => new Set(asked.map((a) => a.header['Idempotency-Key']))

it('is done once by a double tap', async () => {
  const p = phone(() => ({ status: 200, data: {} }))
  const deed = deedOf()
  await Promise.all([deed.run(body, send), deed.run(body, send)])
  expect(p.asked).toHaveLength(1)
  expect(deed.stage).toBe('done')
})

it('is done once by a second tap that comes after the answer, and again by one that means it', async () => {
  const p = phone(() => ({ status: 200, data: {} }))
  const deed = deedOf()
  await deed.run(body, send)
  await deed.run(body, send)
  expect(p.asked).toHaveLength(1)
  await deed.run({ text: '另一件事' }, send)
  expect(p.asked).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(2_500)
  await deed.run({ text: '另一件事' }, send)
  expect(p.asked).toHaveLength(3)
})

it('is tried again under the same key, and goes on when the network is back', async () => {
  let away = true
  const p = phone(() => (away ? 'lost' : { status: 200, data: { id: 7 } }))
  const deed = deedOf()
  const done = deed.run(body, send)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(deed.stage).toBe('kept')
  expect(p.asked).toHaveLength(4)
  away = false
  p.online()
  expect(await done).toEqual({ id: 7 })
  expect(keys(p.asked).size).toBe(1)
  expect(keyOf('raise', body)).not.toBe(p.asked[0]?.header['Idempotency-Key'])
})

it('keeps its key when the page was left, until it is done', async () => {
  phone(() => 'lost')
  void deedOf().run(body, send)
  await vi.advanceTimersByTimeAsync(10_000)
  const key = keyOf('raise', body)
  expect(keyOf('raise', body)).toBe(key)
  expect(keyOf('raise', { text: '另一件' })).not.toBe(key)
})

it('tells a refusal in the server\'s words, and what follows is another deed', async () => {
  const p = phone(() => ({ status: 422, data: { code: 'text.empty', title: '请写一句话。' } }))
  const deed = deedOf()
  await deed.run(body, send)
  expect([deed.stage, deed.said]).toEqual(['failed', '请写一句话。'])
  await deed.run(body, send)
  expect(keys(p.asked).size).toBe(2)
})

it('logs in again where that can be done, and does the same once more', async () => {
  let fresh = false
  const p = phone(() => (fresh ? { status: 200, data: {} } : { status: 401, data: { code: 'login.expired', title: '' } }))
  keepToken('old')
  onExpired(() => { fresh = true; keepToken('new'); return Promise.resolve(true) })
  const deed = deedOf()
  await deed.run(body, send)
  expect(deed.stage).toBe('done')
  expect(p.asked.map((a) => a.header.Authorization)).toEqual(['Bearer old', 'Bearer new'])
  expect(keys(p.asked).size).toBe(1)
})

it('reads as nobody what everybody may read, when a login has run out', async () => {
  phone((a) => (a.header.Authorization ? { status: 401, data: {} } : { status: 200, data: null }))
  keepToken('old')
  expect(await get('/api/v1/orgs', {})).toEqual([])
  expect(token()).toBe('')
})

it('asks for a way in as nobody', async () => {
  const p = phone(() => ({ status: 200, data: { token: 'new' } }))
  keepToken('old')
  await post('/api/v1/logins/link', { body: { code: 'x' } })
  expect(p.asked[0]?.header.Authorization).toBeUndefined()
})
