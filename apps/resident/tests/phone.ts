// A telephone for the logic: what it keeps, and a network that answers as it is told.
import { vi } from 'vitest'

interface Asked { url: string; method: string; header: Record<string, string>; data: unknown }
type Reply = { status: number; data?: unknown; date?: string } | 'lost'

export function phone(reply: (asked: Asked) => Reply = () => 'lost') {
  const store = new Map<string, unknown>()
  const asked: Asked[] = []
  const online: ((r: { isConnected: boolean }) => void)[] = []
  vi.stubGlobal('uni', {
    getStorageSync: (k: string) => store.get(k) ?? '',
    setStorageSync: (k: string, v: unknown) => { store.set(k, v) },
    removeStorageSync: (k: string) => { store.delete(k) },
    getStorageInfoSync: () => ({ keys: [...store.keys()] }),
    onNetworkStatusChange: (f: (r: { isConnected: boolean }) => void) => { online.push(f) },
    offNetworkStatusChange: () => undefined,
    request: (o: Asked & { success: (r: object) => void; fail: (e: object) => void }) => {
      asked.push(o)
      const r = reply(o)
      if (r === 'lost') o.fail({ errMsg: 'lost' })
      else o.success({ statusCode: r.status, data: r.data, header: r.date ? { date: r.date } : {} })
    },
  })
  return { store, asked, online: () => { online.forEach((f) => { f({ isConnected: true }) }) } }
}
