import { afterEach, describe, expect, it, vi } from 'vitest'

import { address } from '@/api'
import { clock, day, moment, now, setServerTime } from '@/clock'
import { drop, keep, kept, sweep } from '@/draft'
import { empty, type Filled, mark, tell } from '@/mark'
import { came } from '@/scene'
import { told } from '@/trace'
import { toGCJ } from '@/where'
import { phone } from './phone'

afterEach(() => {
  setServerTime({ date: new Date(Date.now()).toUTCString() })
  vi.unstubAllGlobals()
})

describe('what time it is', () => {
  const server = 'Mon, 30 Nov 2026 20:30:00 GMT' // the small hours of 1 December in the city
  it.each([0, 86_400_000, -86_400_000])('is the server\'s, with a phone wrong by %d ms', (wrong) => {
    setServerTime({ date: server }, Date.parse(server) + wrong)
    vi.spyOn(Date, 'now').mockReturnValue(Date.parse(server) + wrong)
    expect(now()).toBe(Date.parse(server))
    expect(moment('2026-11-30T15:59:00Z')).toBe('昨天 23:59')
    expect(moment('2026-11-30T16:00:00Z')).toBe('今天 00:00')
    expect(day('2026-12-02T16:00:00Z')).toBe('后天')
    expect(day('2026-12-05T01:00:00Z')).toBe('12月5日 周六')
    expect(day('2027-01-01T00:00:00+08:00')).toBe('2027年1月1日 周五')
    expect(clock('2026-12-05T01:05:00Z')).toBe('09:05')
    vi.restoreAllMocks()
  })
  it('stays as it was where nothing was said', () => {
    setServerTime({ Date: server }, Date.parse(server))
    setServerTime({}, 0)
    setServerTime({ date: 'soon' }, 0)
    expect(Math.abs(now() - Date.now())).toBeLessThan(5)
  })
})

describe('a draft', () => {
  it('stays for seven days', () => {
    const { store } = phone()
    keep('raise', { text: '灯' })
    expect(kept('raise')).toEqual({ text: '灯' })
    const later = vi.spyOn(Date, 'now')
    later.mockReturnValue(Date.now() + 7 * 86_400_000 - 60_000)
    expect(kept('raise')).toEqual({ text: '灯' })
    later.mockReturnValue(Date.now() + 120_000)
    expect(kept('raise')).toBeUndefined()
    store.set('login', 'token')
    sweep()
    expect([...store.keys()]).toEqual(['login'])
    later.mockRestore()
  })
  it('goes when it is handed in, and all when somebody leaves', () => {
    const { store } = phone()
    keep('a', 1)
    keep('b', 2)
    drop('a')
    expect(kept('a')).toBeUndefined()
    sweep(true)
    expect(store.size).toBe(0)
  })
})

describe('a ballot', () => {
  const f = (part: Partial<Filled>): Filled => ({ ...empty(3), ...part })
  it.each<[string, number, Partial<Filled>, string]>([
    ['yesno', 0, { yesno: 'no' }, 'no'],
    ['yesno', 0, {}, ''],
    ['choose', 2, { chosen: [3, 1] }, '1+3'],
    ['choose', 2, { chosen: [1, 2, 3] }, ''],
    ['choose', 2, {}, ''],
    ['choose', 2, { abstain: true }, 'abstain'],
    ['rank', 0, { order: [2, 3, 1] }, '2>3>1'],
    ['rank', 0, {}, ''],
    ['score', 5, { points: [5, 0, 3] }, '5,0,3'],
    ['score', 5, { points: [5, 6, 3] }, ''],
    ['score', 5, { points: [5, -1, 3] }, ''],
    ['each', 0, { each: ['y', 'n', 'a'] }, 'y,n,a'],
    ['each', 0, { each: ['y', '', 'a'], abstain: true }, ''],
  ])('by %s, at most %d, filled in %j says %s', (method, most, filled, said) => {
    expect(mark(method, most, f(filled))).toBe(said)
  })
  it('is told in words', () => {
    const name = (c: string) => ({ yes: '同意', no: '不同意', abstain: '弃权' })[c] ?? c
    const options = ['甲', '乙', '丙']
    expect(tell('no', options, name)).toBe('不同意')
    expect(tell('1+3', options, name)).toBe('甲、丙')
    expect(tell('3>1', options, name)).toBe('丙 → 甲')
    expect(tell('2', options, name)).toBe('乙')
    expect(tell('y,n,a', options, name)).toBe('甲 同意；乙 不同意；丙 弃权')
    expect(tell('5,0,3', options, name)).toBe('甲 5；乙 0；丙 3')
  })
})

it('reads what was scanned', () => {
  expect(came({ scene: 'p7' })).toEqual({ scene: 'p7' })
  expect(came({ scene: 's%2F12%2F123456' })).toEqual({ scene: 's/12/123456' })
  expect(came({ q: encodeURIComponent('https://yishi.example/app/?scene=p7&poll=3#x') })).toEqual({ scene: 'p7', poll: '3' })
  expect(came({ scene: '%' })).toEqual({ scene: '%' })
  expect(came({})).toEqual({})
})

it('makes addresses', () => {
  expect(address('/a/{id}/b', { id: 7 }, { text: '灯 &', none: undefined, n: 0 })).toBe('/a/7/b?text=%E7%81%AF%20%26&n=0')
})

it('turns the coordinates of a browser into those of WeChat', () => {
  const at = toGCJ({ lat: 39.9075, lng: 116.39723 })
  expect(at.lat).toBeCloseTo(39.9089, 3)
  expect(at.lng).toBeCloseTo(116.4035, 3)
})

describe('what is kept about one', () => {
  it('is told by kind, in words', () => {
    const said = told([
      { kind: 'topic', thing: 1, words: '灯坏了' }, { kind: 'ballot', thing: 2, words: 'yes' }, { kind: 'topic', thing: 3, words: '路不平' },
      { kind: 'speaker', thing: 4, words: 'against' }, { kind: 'account', thing: 0, words: 'wx0' }, { kind: 'presence', thing: 5, words: 'code' }, { kind: 'new', thing: 6, words: 'x' },
    ])
    expect(said.map((k) => k.name + '：' + k.lines.map((l) => l.words).join('、'))).toEqual([
      '提的事：灯坏了、路不平', '投的票：同意', '举手发言：反对', '微信绑定：', '到场签到：用现场码签到', '其他记录：x',
    ])
  })
})
