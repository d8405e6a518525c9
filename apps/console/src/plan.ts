// When and where a meeting may be: the next time of a point that leaves the notice
// the rule asks for.
import type { Schemas } from './api'
import { wall } from './time'

const dayMs = 86_400_000

/** firstTime is the first time at a point that leaves so many days of notice, as
 * the city's wall clock; '' where the point has no such time within 60 days. */
export function firstTime(stops: Schemas['Stop'][], now: number, days: number): string {
  const soonest = now + days * dayMs + 3600_000 // an hour, so that the notice is not missed by typing
  let best = ''
  for (let d = 0; d <= 60; d++) {
    const date = wall(now + d * dayMs).slice(0, 10)
    const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
    for (const s of stops) {
      const here = s.day ? s.day.slice(0, 10) === date : (s.weekday ?? -1) % 7 === weekday
      const at = `${date}T${s.begins}`
      if (here && at >= wall(soonest) && (!best || at < best)) best = at
    }
    if (best) return best
  }
  return best
}
