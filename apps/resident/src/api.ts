// The one way to the server. What is asked and answered is typed by the description
// of the HTTP door; a refusal carries the sentence that the server has for it.
import type { components, paths } from '../../api/api'

import { setServerTime } from './clock'
import { words } from './words'

export type Schemas = components['schemas']
export type Named<K extends keyof Schemas> = Schemas[K]

type Verb = 'get' | 'post'
type PathsOf<V extends Verb> = {
  [P in keyof paths]: paths[P] extends { [K in V]: { responses: object } } ? P : never
}[keyof paths]
type Op<P extends keyof paths, V extends Verb> = paths[P] extends { [K in V]: infer O } ? O : never
type Answer<O> = O extends { responses: { 200: { content: { 'application/json': infer R } } } } ? NonNullable<R> : unknown
type PathOf<O> = O extends { parameters: { path: infer R } } ? { path: R } : { path?: undefined }
type QueryOf<O> = O extends { parameters: { query: infer R } }
  ? { query: R }
  : O extends { parameters: { query?: infer R } } ? { query?: R } : { query?: undefined }
type BodyOf<O> = O extends { requestBody?: never } ? { body?: undefined } : O extends { requestBody?: { content: { 'application/json': infer B } } }
  ? { body: B }
  : O extends { requestBody: { content: { 'application/json': infer B } } } ? { body: B } : { body?: undefined }

// Trouble is why a request came to nothing, in words to show. Its code is that of the
// server's refusal, or `offline` where no answer came.
export class Trouble extends Error {
  constructor(readonly code: string, said: string, readonly status = 0) { super(said) }
  // Whether the same request may be sent again: it may have been done or not.
  get passing() { return this.code === 'offline' || this.status >= 502 || this.code === 'fault.busy' }
}

const home: string = import.meta.env.VITE_SERVER ?? ''
const TOKEN = 'login'

export const token = () => uni.getStorageSync(TOKEN) as string
export function keepToken(t: string) { t ? uni.setStorageSync(TOKEN, t) : uni.removeStorageSync(TOKEN) }

// How a login that has run out is renewed; it is set where logging in is known.
let renew: () => Promise<boolean> = () => Promise.resolve(false)
export function onExpired(how: () => Promise<boolean>) { renew = how }

// A way in is asked for by nobody yet: a token that has run out would be refused there.
const entering = (url: string) => ['/api/v1/logins/mini', '/api/v1/logins/link'].includes(url)

type Plain = string | object | undefined

function once(method: 'GET' | 'POST', url: string, body: Plain, key: string): Promise<unknown> {
  const header: Record<string, string> = {}
  if (method === 'POST') header['content-type'] = 'application/json'
  if (token() && !entering(url)) header.Authorization = 'Bearer ' + token()
  if (key) header['Idempotency-Key'] = key
  return new Promise((resolve, reject) => {
    uni.request({
      url: home + url, method, header, data: body, timeout: 20_000,
      success: (r) => {
        setServerTime(r.header as Record<string, string>)
        answered(r.statusCode, r.data, resolve, reject)
      },
      fail: () => reject(new Trouble('offline', words.offline)),
    })
  })
}

function answered(status: number, data: unknown, resolve: (v: unknown) => void, reject: (t: Trouble) => void) {
  const problem = data as { code?: string; title?: string } | undefined
  if (status >= 200 && status < 300) resolve(data)
  else if (status === 0) reject(new Trouble('offline', words.offline))
  else reject(new Trouble(problem?.code ?? 'fault', problem?.title ?? words.busy, status))
}

async function ask(method: 'GET' | 'POST', url: string, body: Plain, key: string): Promise<unknown> {
  try {
    return await once(method, url, body, key)
  } catch (t) {
    const expired = t instanceof Trouble && t.status === 401 && token() !== ''
    if (!expired || url.startsWith('/api/v1/logins/')) throw t // a login that is over may end
    keepToken('')
    // What everybody may read is read by nobody in particular.
    if (await renew() || method === 'GET') return once(method, url, body, key)
    throw t
  }
}

type Values = Record<string, unknown>

export function address(path: string, values?: Values, query?: Values): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values?.[name])))
  const asked = Object.entries(query ?? {}).filter(([, v]) => v !== undefined && v !== '')
    .map(([k, v]) => k + '=' + encodeURIComponent(String(v))).join('&')
  return asked ? filled + '?' + asked : filled
}

export function get<P extends PathsOf<'get'>>(
  path: P, what: PathOf<Op<P, 'get'>> & QueryOf<Op<P, 'get'>>,
): Promise<Answer<Op<P, 'get'>>> {
  const w = what as { path?: Values; query?: Values }
  // A list of nothing may come as null.
  return ask('GET', address(path, w.path, w.query), undefined, '').then((got) => got ?? []) as Promise<Answer<Op<P, 'get'>>>
}

export function post<P extends PathsOf<'post'>>(
  path: P, what: PathOf<Op<P, 'post'>> & BodyOf<Op<P, 'post'>> & { key?: string },
): Promise<Answer<Op<P, 'post'>>> {
  const w = what as { path?: Values; body?: object; key?: string }
  return ask('POST', address(path, w.path), w.body, w.key ?? '') as Promise<Answer<Op<P, 'post'>>>
}

// upload hands in one file of the phone; in a browser the file is handed over itself.
export function upload(url: string, path: string, key: string, file?: File): Promise<Named<'Photo'>> {
  return new Promise((resolve, reject) => {
    uni.uploadFile({
      url: home + url, filePath: path, ...(file ? { file } : {}), name: 'file',
      header: { Authorization: 'Bearer ' + token(), 'Idempotency-Key': key },
      success: (r) => answered(r.statusCode, parsed(r.data), (v) => resolve(v as Named<'Photo'>), reject),
      fail: () => reject(new Trouble('offline', words.offline)),
    })
  })
}

// picture fetches a picture that only some may see; the address is of this phone.
export function picture(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    uni.downloadFile({
      url: home + url, header: token() ? { Authorization: 'Bearer ' + token() } : {},
      success: (r) => (r.statusCode === 200 ? resolve(r.tempFilePath) : reject(new Trouble('fault', words.busy, r.statusCode))),
      fail: () => reject(new Trouble('offline', words.offline)),
    })
  })
}

function parsed(text: string): unknown {
  try { return JSON.parse(text) } catch { return undefined }
}
