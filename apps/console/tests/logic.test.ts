import { afterEach, describe, expect, it, vi } from 'vitest'

import api from '../../api/openapi.yaml?raw'
import { firstTime } from '../src/plan'
import { fullDay, instant, learnTime, left, now, wall } from '../src/time'
import { w } from '../src/words'

afterEach(() => vi.unstubAllGlobals())

/** answers makes the next requests be answered so, and returns what was asked. */
function answers(...told: (Response | Error)[]): { url: string; key: string }[] {
  const asked: { url: string; key: string }[] = []
  vi.stubGlobal('fetch', (url: string, o: { headers: Record<string, string> }) => {
    asked.push({ url, key: o.headers['Idempotency-Key'] ?? '' })
    const next = told.shift()
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
  })
  return asked
}
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })

describe('the city’s time', () => {
  it('is shown whatever the device says', () => {
    learnTime('Mon, 30 Nov 2026 01:00:00 GMT')
    expect(wall(now())).toBe('2026-11-30T09:00')
    expect(instant('2026-11-30T09:00')).toBe('2026-11-30T01:00:00.000Z')
    expect(fullDay('2026-11-30T17:00:00Z')).toBe('2026年12月1日')
    expect(left('2026-11-30T00:00:00Z')).toEqual({ late: true, near: false, words: '过期1小时' })
    expect(left('2026-12-01T00:00:30Z').near).toBe(true)
  })
})

describe('a meeting’s time', () => {
  const at = Date.parse('2026-11-30T01:00:00Z') // a Monday, 09:00
  const stop = (weekday: number, begins: string) => ({ weekday, begins, ends: '23:00', address: '', lat: 0, lng: 0 })
  it('is the point’s next that leaves the notice', () => {
    expect(firstTime([stop(2, '19:00'), stop(6, '09:30')], at, 3)).toBe('2026-12-05T09:30')
    expect(firstTime([stop(2, '19:00'), stop(6, '09:30')], at, 0)).toBe('2026-12-01T19:00')
    expect(firstTime([stop(7, '10:00')], at, 3)).toBe('2026-12-06T10:00')
  })
  it('is nowhere where the point has none', () => expect(firstTime([], at, 3)).toBe(''))
  it('is a day of its own too', () => {
    expect(firstTime([{ ...stop(0, '10:00'), day: '2026-12-09' }], at, 3)).toBe('2026-12-09T10:00')
  })
})

describe('a rule', () => {
  const rule = { code: 'X', roll: 'present', unit: 'person', participation: { num: 1, den: 2, strict: true }, approval: { num: 2, den: 3, strict: false }, verdict: true, notice_days: 3, all_must_sign: false, by_area: false }
  it('is one line', () => expect(w.rule.line(rule)).toBe('规则：到场的人投票，过半参加，3分之2以上同意算通过。提前3天公布。'))
  it('says when nothing is decided', () => expect(w.rule.line({ ...rule, verdict: false })).toContain('不作决定'))
})

describe('a deed', () => {
  const deed = async () => {
    const { post } = await import('../src/api')
    return post('/api/v1/topics/{id}/resume', { path: { id: 7 } })
  }
  it('is one for two taps', async () => {
    const asked = answers(json({ id: 7 }))
    const [a, b] = await Promise.all([deed(), deed()])
    expect(a).toBe(b)
    expect(asked).toHaveLength(1)
    expect(asked[0]?.url).toBe('/api/v1/topics/7/resume')
  })
  it('keeps its key when the answer is lost, and has a new one when it was refused or done', async () => {
    const no = { title: '不行', code: 'topic.state' }
    const asked = answers(new Error('cut'), json(no, 409), json({}), json({}))
    await expect(deed()).rejects.toThrow(w.api.network)
    await expect(deed()).rejects.toMatchObject({ message: '不行', code: 'topic.state', status: 409 })
    await deed()
    await deed()
    const keys = asked.map((a) => a.key)
    expect(keys[0]).toBe(keys[1])
    expect(new Set(keys).size).toBe(3)
  })
})

describe('the audit', () => {
  it('has words for every deed that the server takes', () => {
    const posts = api.split(/\n    post:\n/).slice(1).map((op) => /x-deed: (\S+)/.exec(op)?.[1] ?? '')
    expect(posts.length).toBeGreaterThan(80)
    expect([...new Set(posts)].filter((d) => !w.deeds[d])).toEqual([])
  })
})
