// What was scanned to come here.
export interface Came { scene?: string; poll?: string; session?: string }

// came reads the query of an entrance: `scene` of a mini-program code, or `q`, the
// whole address of a plain code that WeChat opens the mini-program for.
export function came(query: Record<string, string | undefined>): Came {
  if (query.q) {
    const [, asked = ''] = safely(query.q).split('?')
    return came(pairs(asked.split('#')[0] ?? ''))
  }
  const said: Came = {}
  if (query.scene) said.scene = safely(query.scene)
  if (query.poll) said.poll = query.poll
  if (query.session) said.session = query.session
  return said
}

export function pairs(asked: string): Record<string, string> {
  const out: Record<string, string> = {}
  for (const pair of asked.replace(/^\?/, '').split('&')) {
    const at = pair.indexOf('=')
    if (at > 0) out[pair.slice(0, at)] = safely(pair.slice(at + 1))
  }
  return out
}

function safely(s: string): string {
  try { return decodeURIComponent(s) } catch { return s }
}
