// The desks of the console, one table: where, what it is called, what it is for,
// who may see it. A later desk is one more line here and one page.
import type { Component } from 'vue'

import { w } from './words'

export interface Desk {
  path: string
  name: string
  purpose: string
  group: keyof typeof w.groups
  may: string[] // roles; the server decides about each deed again
  page: () => Promise<Component>
}

const secretary = ['secretary', 'street']
const staff = [...secretary, 'district', 'city']
const watched = ['supervisor', ...staff]

const desk = (path: keyof typeof w.desks, group: Desk['group'], may: string[], page: Desk['page']): Desk => ({
  path: `/${path}`, name: w.desks[path][0], purpose: w.desks[path][1], group, may, page,
})

export const desks: Desk[] = [
  desk('today', 'daily', ['handler', ...watched], () => import('./pages/Today.vue')),
  desk('triage', 'daily', secretary, () => import('./pages/Triage.vue')),
  desk('topics', 'daily', watched, () => import('./pages/Topics.vue')),
  desk('sessions', 'daily', ['leader', ...watched], () => import('./pages/Sessions.vue')),
  desk('points', 'daily', staff, () => import('./pages/Points.vue')),
  desk('board', 'daily', staff, () => import('./pages/Board.vue')),
  desk('orders', 'doing', ['handler', ...watched], () => import('./pages/Orders.vue')),
  desk('alliance', 'doing', staff, () => import('./pages/Alliance.vue')),
  desk('screenings', 'people', watched, () => import('./pages/Screenings.vue')),
  desk('people', 'people', ['leader', 'secretary'], () => import('./pages/People.vue')),
  desk('staff', 'people', staff, () => import('./pages/Staff.vue')),
  desk('map', 'look', watched, () => import('./pages/Catalogue.vue')),
  desk('audits', 'look', watched, () => import('./pages/Audits.vue')),
  desk('data', 'look', watched, () => import('./pages/Data.vue')),
  desk('operator', 'look', ['city'], () => import('./pages/Operator.vue')),
]

/** seen are the desks that a role may see, in order. */
export const seen = (role: string): Desk[] => desks.filter((d) => d.may.includes(role))
