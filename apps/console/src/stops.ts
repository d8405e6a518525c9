// A point's timetable as it is typed: one line for each time that it is held.
import type { Schemas } from './api'
import { fullDay, instant } from './time'
import { w } from './words'

export interface Line { on: string; date: string; begins: string; ends: string; address: string; spot: string } // on: 1 to 7, or "once"

export const lineOf = (s: Schemas['Stop']): Line => ({
  on: s.day ? 'once' : String(s.weekday ?? 1), date: s.day ?? '', begins: s.begins, ends: s.ends, address: s.address, spot: `${s.lat},${s.lng}`,
})

/** fresh is a line to begin with: a Saturday morning, where the last one is. */
export const fresh = (like?: Line): Line => ({ on: '6', date: '', begins: '09:30', ends: '11:30', address: like?.address ?? '', spot: like?.spot ?? '' })

/** placed reads "latitude,longitude". */
function placed(spot: string): [number, number] | undefined {
  const [lat, lng, more] = spot.split(/[,，\s]+/).filter(Boolean).map(Number)
  if (lat === undefined || lng === undefined || more !== undefined || !(Math.abs(lat) <= 90) || !(Math.abs(lng) <= 180)) return undefined
  return [lat, lng]
}

/** whole reports whether nothing of a line is missing. */
export const whole = (l: Line): boolean => Boolean(l.begins && l.ends && l.address.trim() && placed(l.spot)) && (l.on !== 'once' || /^\d{4}-\d\d-\d\d$/.test(l.date))

export function stopOf(l: Line): Schemas['Stop'] {
  const [lat, lng] = placed(l.spot) ?? [0, 0]
  const at = l.on === 'once' ? { day: l.date } : { weekday: Number(l.on) }
  return { ...at, begins: l.begins, ends: l.ends, address: l.address.trim(), lat, lng }
}

/** told says a line of a timetable. */
export function told(s: Schemas['Stop']): string {
  return w.points.stop(s.day ? fullDay(instant(`${s.day}T12:00`)) : w.points.every(s.weekday ?? 0), s.begins, s.ends, s.address)
}
