import { afterEach, describe, expect, it, vi } from 'vitest'

import api from '../../api/openapi.yaml?raw'
import { firstTime } from '../src/plan'
import { read } from '../src/rolls'
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

describe('a roll of homes', () => {
  const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer
  // "门牌号,面积" and "1-1-101,90.5" in GBK, as spreadsheets save it.
  const gbk = new Uint8Array([0xc3, 0xc5, 0xc5, 0xc6, 0xba, 0xc5, 0x2c, 0xc3, 0xe6, 0xbb, 0xfd, 0x0d, 0x0a, 0x31, 0x2d, 0x31, 0x2c, 0x39, 0x30, 0x2e, 0x35]).buffer
  it('is read in UTF-8 and in GBK', () => {
    expect(read(gbk, ['HY'], 'HY').rows).toEqual([{ org: 'HY', number: '1-1', address: '', head: '', area: 905_000 }])
    expect(read(bytes('\uFEFF门牌号,地址,户主\r\n1-2,"槐影里1号,2单元",段某\r\n'), ['HY'], 'HY').rows).toEqual([{ org: 'HY', number: '1-2', address: '槐影里1号,2单元', head: '段某', area: 0 }])
  })
  it('names the line that is wrong', () => {
    expect(read(bytes('门牌号,面积\n1-1,80\n\n,90\n1-1,x\n1-3,很大\n1-4,1,2'), ['HY'], 'HY').bad).toEqual(['第4行：没有门牌号。', '第5行：“1-1”和第2行重复了，请删掉一行。', '第6行：面积“很大”不对，请只写数字。', '第7行：格子比表头多，请检查逗号和引号。'])
    expect(() => read(bytes('门牌号\n"1-1\n1-2'), ['HY'], 'HY')).toThrow('第2行的引号没有配对')
    expect(read(bytes('门牌号,网格代码\n1-1,WT'), ['HY', 'HY1'], 'HY').bad).toEqual(['第2行：这里没有代码是“WT”的社区或网格，请核对。'])
    expect(() => read(bytes('房间\n1-1'), ['HY'], 'HY')).toThrow('门牌号')
  })
  it('is refused where it is too long for one time', () => {
    const rows = (n: number) => bytes(`门牌号\n${Array.from({ length: n }, (_, i) => `1-${i}`).join('\n')}`)
    expect(read(rows(5000), ['HY'], 'HY').rows).toHaveLength(5000)
    expect(() => read(rows(5001), ['HY'], 'HY')).toThrow('一次最多5000户')
  })
})
