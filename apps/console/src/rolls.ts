// A roll of homes as offices keep it: a CSV in UTF-8 or GBK, with the heads of the
// columns in Chinese or as the server calls them. What is wrong is told with its line.
import type { Schemas } from './api'
import { w } from './words'

export type Row = Schemas['HouseholdRow']
export const mostRows = 5000

/** decode reads a file as UTF-8, or where that does not fit, as GBK. */
export function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

/** cells takes a CSV apart; a quoted cell may hold commas, quotes and new lines. */
export function cells(text: string): { line: number; cells: string[] }[] {
  const out: { line: number; cells: string[] }[] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  let line = 1
  let began = 1
  const end = () => {
    row.push(cell.trim())
    if (row.some(Boolean)) out.push({ line: began, cells: row })
    row = []
    cell = ''
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? ''
    if (c === '\n') line++
    if (quoted) {
      if (c !== '"') cell += c
      else if (text[i + 1] === '"') cell += text[++i]
      else quoted = false
    } else if (c === '"' && !cell.trim()) {
      quoted = true
      cell = ''
    } else if (c === ',') {
      row.push(cell.trim())
      cell = ''
    } else if (c === '\n') {
      end()
      began = line
    } else if (c !== '\r' && c !== '\uFEFF') cell += c
  }
  if (quoted) throw new Error(w.rolls.quote(began))
  end()
  return out
}

const columns: Record<string, keyof typeof w.rolls.columns> = Object.fromEntries(Object.entries(w.rolls.columns).flatMap(([k, names]) => [k, ...names].map((n) => [n, k as keyof typeof w.rolls.columns])))

/** read makes rows of a roll; own is where a home is that names no place. */
export function read(bytes: ArrayBuffer, places: string[], own: string): { rows: Row[]; bad: string[] } {
  const [head, ...body] = cells(decode(bytes))
  const at = new Map((head?.cells ?? []).flatMap((h, i) => (columns[h] ? [[columns[h], i] as const] : [])))
  if (!at.has('number')) throw new Error(w.rolls.head)
  if (!body.length) throw new Error(w.rolls.empty)
  if (body.length > mostRows) throw new Error(w.rolls.many(body.length, mostRows))
  const bad: string[] = []
  const seen = new Map<string, number>()
  const rows = body.map(({ line, cells: c }): Row => {
    const of = (k: keyof typeof w.rolls.columns) => c[at.get(k) ?? -1] ?? ''
    const row: Row = { org: of('org') || own, number: of('number'), address: of('address'), head: of('head'), area: areaOf(of('area'), of('area_cm2')), ...(of('owner') ? { owner: of('owner') } : {}) }
    const key = `${row.org} ${row.number}`
    const twice = seen.get(key)
    if (c.length > (head?.cells.length ?? 0)) bad.push(w.rolls.at(line, w.rolls.cells))
    else if (!row.number) bad.push(w.rolls.at(line, w.rolls.number))
    else if (!places.includes(row.org)) bad.push(w.rolls.at(line, w.rolls.org(row.org)))
    else if (twice) bad.push(w.rolls.at(line, w.rolls.twice(row.number, twice)))
    else if (!Number.isInteger(row.area) || row.area < 0) bad.push(w.rolls.at(line, w.rolls.area(of('area') || of('area_cm2'))))
    seen.set(key, twice ?? line)
    return row
  })
  return { rows, bad }
}

// Square metres are counted as whole cm²; nothing written is 0, not known.
function areaOf(metres: string, cm2: string): number {
  if (cm2) return Number(cm2)
  return Math.round(Number(metres.replace(/(㎡|m2|平方米)$/i, '')) * 10_000)
}
