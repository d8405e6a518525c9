// Who is here: the login, the person behind it, and where they live.
import { computed, reactive } from 'vue'

import { get, keepToken, type Named, onExpired, post, token, Trouble } from './api'
import { sweep } from './draft'
import { words } from './words'

export const here = reactive({
  logged: false,
  me: undefined as Named<'Me'> | undefined,
  orgs: [] as Named<'Org'>[],
  trouble: '',
})

const confirmed = computed(() => (here.me?.capacities ?? []).filter((c) => c.state === 'confirmed' && !c.ended_at))
export const capacities = confirmed
export const shops = computed(() => (here.me?.members ?? []).filter((m) => m.state === 'confirmed'))
export const leads = computed(() => (here.me?.offices ?? []).filter((o) => o.role === 'leader'))

export const org = (id: number) => here.orgs.find((o) => o.id === id)
export const orgName = (id: number) => org(id)?.name ?? ''
export const communities = computed(() => here.orgs.filter((o) => o.kind === 'community'))

// community is the community that holds an org.
export function community(id: number): number {
  let o = org(id)
  while (o && o.kind !== 'community' && o.parent_id) o = org(o.parent_id)
  return o?.kind === 'community' ? o.id : id
}

// place is the community to look at first: where one lives, else the first there is.
export const place = computed(() => {
  const home = confirmed.value[0] ?? here.me?.capacities[0]
  return home ? community(home.org_id) : communities.value[0]?.id ?? 0
})

let loading: Promise<void> | undefined

// What must be over before anybody is asked for: a login that is under way.
let first: Promise<void> = Promise.resolve()
export function waitFor(p: Promise<void>) { first = p }

// enter logs in where that needs nobody's help, and learns who is here.
export function enter(again = false): Promise<void> {
  if (again) {
    loading = undefined
    here.trouble = ''
  }
  loading ??= load().catch((t: Trouble) => { here.trouble = t.message; loading = undefined })
  return loading
}

async function load() {
  await first
  if (!here.orgs.length) here.orgs = await get('/api/v1/orgs', {})
  // #ifdef MP-WEIXIN
  if (!token()) await login()
  // #endif
  here.logged = token() !== ''
  if (!here.logged) return
  try { here.me = await get('/api/v1/me', {}) } catch (t) {
    if (!(t instanceof Trouble) || t.status !== 401) throw t
  }
}

// login logs in without a question where the phone can say who holds it.
export async function login(): Promise<boolean> {
  // #ifdef MP-WEIXIN
  const { code } = await uni.login({ provider: 'weixin' })
  keepToken((await post('/api/v1/logins/mini', { body: { code } })).token)
  here.logged = true
  return true
  // #endif
  // #ifndef MP-WEIXIN
  here.logged = false // who it was is still shown: what they type stays
  return Promise.resolve(false)
  // #endif
}

onExpired(login)

// loginByLink takes the code that stands behind the # of a link.
export async function loginByLink(code: string) {
  try {
    keepToken((await post('/api/v1/logins/link', { body: { code } })).token)
  } catch (t) { here.trouble = t instanceof Trouble ? t.message : words.busy }
}

export async function signOut(key: string) {
  try { await post('/api/v1/logins/end', { key }) } catch { /* the token is dropped all the same */ }
  forget()
}

// forget leaves nothing of who was here on the phone.
export function forget() {
  keepToken('')
  sweep(true)
  Object.assign(here, { logged: false, me: undefined })
  loading = undefined
}
