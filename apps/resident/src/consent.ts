// Consent to be told by WeChat. It is asked in the tap of handing in or voting, and
// only for what the server's planner has.
import { get, type Named, post } from './api'
import { keyOf } from './deed'

type Tap = 'raise' | 'vote' | 'join'
let planned: Named<'Asked'>[] = []

// plan is called before the tap: inside it there is no time to ask the server.
export async function plan(tap: Tap) {
  // #ifdef MP-WEIXIN
  try { planned = await get('/api/v1/me/consents', { query: { tap } }) } catch { planned = [] }
  // #endif
  // #ifndef MP-WEIXIN
  void tap
  void get
  // #endif
}

type Sheet = Record<string, 'accept' | 'reject' | 'ban' | 'filter' | undefined>

// ask is called first in the tap. Whatever is answered, the deed goes on.
export function ask(): Promise<void> {
  const asked = planned
  planned = []
  if (!asked.length) return Promise.resolve()
  return new Promise((done) => {
    uni.requestSubscribeMessage({
      tmplIds: asked.map((a) => a.template),
      success: (r) => {
        const sheet = r as unknown as Sheet
        const answers = asked.map((a) => ({ code: a.code, answer: sheet[a.template] ?? ('reject' as const) }))
        post('/api/v1/me/consents', { body: { answers }, key: keyOf('consent', answers) }).then(() => done(), () => done())
      },
      fail: () => done(),
    })
  })
}
