// What time it is: the server's, and told in the city's time, whatever the phone's
// own clock says.
import { words } from './words'

let ahead = 0

export function setServerTime(header: Record<string, string> | undefined, phone = Date.now()) {
  const said = header?.date ?? header?.Date
  const at = said ? Date.parse(said) : NaN
  if (!Number.isNaN(at)) ahead = at - phone
}

export const now = () => Date.now() + ahead

const HOUR = 3_600_000
const DAY = 24 * HOUR
const CITY = 8 * HOUR // Asia/Shanghai; written out, as not every phone knows zones

const days = (at: number) => Math.floor((at + CITY) / DAY)
const two = (n: number) => String(n).padStart(2, '0')

// day tells a day: 今天, 明天, 后天, 昨天, or its date.
export function day(time: string | number): string {
  const at = new Date(time).getTime()
  const away = days(at) - days(now())
  const near = words.time.near[away + 1]
  if (near !== undefined) return near
  const d = new Date(at + CITY)
  const year = new Date(now() + CITY).getUTCFullYear() === d.getUTCFullYear() ? '' : d.getUTCFullYear() + words.time.year
  return year + (d.getUTCMonth() + 1) + words.time.month + d.getUTCDate() + words.time.day + ' ' + words.time.week[d.getUTCDay()]
}

export function clock(time: string | number): string {
  const d = new Date(new Date(time).getTime() + CITY)
  return two(d.getUTCHours()) + ':' + two(d.getUTCMinutes())
}

export const moment = (time: string | number) => day(time) + ' ' + clock(time)
