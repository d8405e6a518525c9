// What was typed and not handed in yet. It stays on this phone, for seven days.
import { now } from './clock'

const PREFIX = 'draft:'
const KEPT_FOR = 7 * 24 * 3_600_000

interface Draft { at: number; value: unknown }

// The clock of a phone may be wrong in either direction: what seems to come from the
// future is kept as long as what is a week old.
const stale = (d: Draft | '') => !d || Math.abs(now() - d.at) > KEPT_FOR

export function keep(name: string, value: unknown) { uni.setStorageSync(PREFIX + name, { at: now(), value }) }

export function kept<T>(name: string): T | undefined {
  const d = uni.getStorageSync(PREFIX + name) as Draft | ''
  return d && !stale(d) ? (d.value as T) : undefined
}

export function drop(name: string) { uni.removeStorageSync(PREFIX + name) }

// sweep removes what is too old, or everything when somebody signs out.
export function sweep(all = false) {
  for (const key of uni.getStorageInfoSync().keys as string[]) {
    if (key.startsWith(PREFIX) && (all || stale(uni.getStorageSync(key) as Draft | ''))) uni.removeStorageSync(key)
  }
}
