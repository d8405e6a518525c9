// What the forum keeps about a person, told in plain words, by kind.
import type { Named } from './api'
import { label } from './labels'
import { tell } from './mark'
import { words } from './words'

export interface Told { kind: string; name: string; lines: { words: string; at?: string }[] }

const names: Record<string, string | undefined> = words.data.kinds
const how: Record<string, string | undefined> = words.data.how
// Where what is kept is a code: which codes those are.
const codes: Record<string, string | undefined> = { login: 'door', office: 'role', capacity: 'kind', invitation: 'part', speaker: 'stance' }
// What says nothing to anybody: numbers of the machine. The file to keep has it.
const mute = ['account', 'photo', 'notice', 'seat', 'secret_token', 'signature', 'proxy']

function said(t: Named<'Trace'>): string {
  if (mute.includes(t.kind)) return ''
  if (t.kind === 'ballot') return tell(t.words, [], (c) => label('choice', c))
  if (t.kind === 'presence') return how[t.words] ?? ''
  const code = codes[t.kind]
  return code ? label(code, t.words) : t.words
}

export function told(traces: Named<'Trace'>[]): Told[] {
  const all = new Map<string, Told>()
  for (const t of traces) {
    const one = all.get(t.kind) ?? { kind: t.kind, name: names[t.kind] ?? words.data.other, lines: [] }
    one.lines.push({ words: said(t), at: t.at })
    all.set(t.kind, one)
  }
  return [...all.values()]
}
