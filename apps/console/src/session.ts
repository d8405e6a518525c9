// Who is logged in here. The token lives as long as the tab: desks share computers.
import { computed, reactive } from 'vue'

import type { components } from '../../api/api'

type Me = components['schemas']['Me']
type Office = components['schemas']['OfficeView']

const kept = 'yishi-login'

export const session = reactive({
  token: sessionStorage.getItem(kept) ?? '',
  renew: false, // the password must be changed before anything else
  expired: false, // logged out by the server while a page was open
  me: null as Me | null,
  orgs: [] as components['schemas']['Org'][],
  office: 0, // the chosen one of several
})

export function keep(token: string): void {
  session.token = token
  session.expired = false
  if (token) sessionStorage.setItem(kept, token)
  else sessionStorage.removeItem(kept)
}

/** forget ends the login here; what another person sees next starts empty. */
export function forget(): void {
  keep('')
  session.me = null
  session.renew = false
  session.office = 0
}

/** office is the one in which this person works here and now. */
export const office = computed<Office | null>(() => {
  const all = session.me?.offices ?? []
  return all.find((o) => o.id === session.office) ?? all[0] ?? null
})

/** org is where that is; 0: nowhere. */
export const org = computed(() => office.value?.org_id ?? 0)
export const role = computed(() => office.value?.role ?? '')

export function orgName(id: number): string {
  return session.orgs.find((o) => o.id === id)?.name ?? ''
}

/** below are an org and everything under it. */
export function below(id: number): number[] {
  const out = [id]
  for (let i = 0; i < out.length; i++) out.push(...session.orgs.filter((o) => o.parent_id === out[i]).map((o) => o.id))
  return out
}

/** line are an org and everything over it, the nearest first. */
export function line(id: number): number[] {
  const out: number[] = []
  for (let at = session.orgs.find((o) => o.id === id); at; at = session.orgs.find((o) => o.id === at?.parent_id)) out.push(at.id)
  return out
}
