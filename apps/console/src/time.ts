// Times are the city's, whatever the device's clock and place: "now" comes from
// the server, and every time is shown as clocks in Shanghai show it.
import { w } from './words'

let ahead = 0 // of the server's clock before the device's, in ms
const zone = 'Asia/Shanghai'
const offset = 8 * 3600_000 // Shanghai keeps one time all year

/** learnTime takes the server's clock from an answer's Date header. */
export function learnTime(date: string | null): void {
  const at = date ? Date.parse(date) : NaN
  if (!Number.isNaN(at) && Math.abs(at - now()) > 1500) ahead = at - Date.now()
}

export const now = (): number => Date.now() + ahead

const format = (o: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('zh-CN', { timeZone: zone, ...o })
const dayF = format({ month: 'long', day: 'numeric', weekday: 'short' })
const fullF = format({ year: 'numeric', month: 'long', day: 'numeric' })
const clockF = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

export const day = (at: string | number): string => dayF.format(new Date(at))
export const fullDay = (at: string | number): string => fullF.format(new Date(at))
export const clock = (at: string | number): string => clockF.format(new Date(at))
export const moment = (at: string | number): string => `${day(at)} ${clock(at)}`

/** wall is what the city's clocks show, as YYYY-MM-DDTHH:mm. */
export const wall = (at: number): string => new Date(at + offset).toISOString().slice(0, 16)
/** instant is the time at which the city's clocks show that. */
export const instant = (wall: string): string => new Date(Date.parse(`${wall}:00Z`) - offset).toISOString()
/** evening is the end of the working day some days from now. */
export const evening = (days: number): string => `${wall(now() + days * 86_400_000).slice(0, 10)}T18:00`

/** left says how long until a time, or how long it is overdue. */
export function left(at: string): { late: boolean; near: boolean; words: string } {
  const ms = Date.parse(at) - now()
  const hours = Math.floor(Math.abs(ms) / 3600_000)
  const span = hours < 1 ? w.time.minutes(Math.max(1, Math.floor(Math.abs(ms) / 60_000))) : hours < 48 ? w.time.hours(hours) : w.time.days(Math.floor(hours / 24))
  return { late: ms < 0, near: ms >= 0 && hours < 24, words: ms < 0 ? w.time.late(span) : w.time.left(span) }
}
