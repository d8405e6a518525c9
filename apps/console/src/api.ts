// The one way to the server, typed by its own description: a path and a verb
// decide what is asked and what is answered.
import type { components, paths } from '../../api/api'

import { session } from './session'
import { learnTime } from './time'
import { w } from './words'

export type Schemas = components['schemas']

type Verb = 'get' | 'post'
type At<V extends Verb> = { [P in keyof paths]: paths[P] extends Record<V, unknown> ? P : never }[keyof paths]
type Op<V extends Verb, P extends At<V>> = paths[P] extends Record<V, infer O> ? O : never
type PathOf<O> = O extends { parameters: { path: infer X } } ? { path: X } : { path?: undefined }
type QueryOf<O> = O extends { parameters: { query: infer X } } ? { query: X } : O extends { parameters: { query?: infer X } } ? { query?: X } : object
type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? { body: B } : { body?: undefined }
type AnswerOf<O> = O extends { responses: { 200: { content: { 'application/json': infer A } } } } ? A : undefined

interface Asked {
  path?: object | undefined
  query?: object | undefined
  body?: unknown
}

/** A no from the server, with the sentence to show; status 0 is no answer at all. */
export class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, detail: string) {
    super(detail)
  }
}

/** sentence is what to show for anything that went wrong. */
export function sentence(e: unknown): string {
  return e instanceof Refusal ? e.message : w.api.fault
}

function urlOf(path: string, asked: Asked): string {
  let url = path
  for (const [name, value] of Object.entries(asked.path ?? {})) url = url.replace(`{${name}}`, encodeURIComponent(String(value)))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(asked.query ?? {})) {
    if (value === undefined || value === null || value === '') continue
    query.append(name, Array.isArray(value) ? value.join(',') : String(value))
  }
  const text = query.toString()
  return text ? `${url}?${text}` : url
}

async function refusal(answer: Response): Promise<Refusal> {
  const told: unknown = await answer.json().catch(() => null)
  if (told && typeof told === 'object' && 'title' in told && 'code' in told) {
    return new Refusal(answer.status, String(told.code), String(told.title))
  }
  return new Refusal(answer.status, 'fault', w.api.fault)
}

/** ask sends one request, with this login unless another way in stands for it. */
export async function ask(method: string, url: string, headers: Record<string, string>, body?: unknown, token = session.token): Promise<unknown> {
  if (token && session.expired) throw new Refusal(401, 'login.expired', w.api.expired) // first a new login
  if (token) headers.Authorization = `Bearer ${token}`
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  let answer: Response
  try {
    answer = await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
  } catch {
    throw new Refusal(0, 'network', w.api.network)
  }
  learnTime(answer.headers.get('Date'))
  if (answer.ok) return answer.status === 204 ? undefined : answer.json()
  const no = await refusal(answer)
  // The page stays as it is: what was typed is still there after the new login.
  if (no.status === 401 && token && token === session.token) {
    session.expired = true
    throw new Refusal(401, no.code, w.api.expired)
  }
  throw no
}

export async function get<P extends At<'get'>>(path: P, asked: PathOf<Op<'get', P>> & QueryOf<Op<'get', P>>): Promise<AnswerOf<Op<'get', P>>> {
  return (await ask('GET', urlOf(path, asked as Asked), {})) as AnswerOf<Op<'get', P>>
}

// Deeds that are under way or got no clear answer, by what they ask. A second tap
// joins the first; a retry after a lost answer carries the same key.
const underway = new Map<string, { key: string; answer?: Promise<unknown> }>()

function unclear(e: unknown): boolean {
  return !(e instanceof Refusal) || e.status === 0 || e.status >= 500 || e.status === 401
}

/** newKey names a deed. randomUUID is there on secure pages alone. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}

export async function post<P extends At<'post'>>(path: P, asked: PathOf<Op<'post', P>> & BodyOf<Op<'post', P>>, token = session.token): Promise<AnswerOf<Op<'post', P>>> {
  const url = urlOf(path, asked as Asked)
  const name = `${url} ${JSON.stringify(asked.body ?? null)}`
  const deed = underway.get(name) ?? { key: newKey() }
  underway.set(name, deed)
  deed.answer ??= ask('POST', url, { 'Idempotency-Key': deed.key }, asked.body, token).then(
    (got) => {
      underway.delete(name)
      return got
    },
    (e: unknown) => {
      delete deed.answer
      if (!unclear(e)) underway.delete(name)
      throw e
    },
  )
  return (await deed.answer) as AnswerOf<Op<'post', P>>
}

/** all reads every page of a list, up to a bound that no desk should reach. */
export async function all<T>(page: (after: number) => Promise<{ items: T[]; next: number }>, most = 1000): Promise<T[]> {
  const out: T[] = []
  let after = 0
  do {
    const got = await page(after)
    out.push(...got.items)
    after = got.next
  } while (after && out.length < most)
  return out
}

/** picture fetches a picture with this login; the address it gives must be revoked. */
export async function picture(url: string): Promise<string> {
  const answer = await fetch(url, { headers: session.token ? { Authorization: `Bearer ${session.token}` } : {} })
  if (!answer.ok) throw await refusal(answer)
  return URL.createObjectURL(await answer.blob())
}
