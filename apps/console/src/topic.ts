// A matter with all that hangs on it, as its pages read it.
import { get, type Schemas } from './api'
import { now } from './time'

export interface Whole {
  topic: Schemas['TopicView']
  hops: Schemas['Hop'][]
  orders: Schemas['Order'][]
  polls: Schemas['ToldPoll'][]
  session?: Schemas['SessionView'] | undefined // in which it is, or is to be, discussed
}

const running = ['planned', 'announced', 'open', 'adjourned']

/** sessionOf finds the meeting of a matter among those that are not over. */
async function sessionOf(topic: Schemas['TopicView']): Promise<Schemas['SessionView'] | undefined> {
  if (!['accepted', 'announced', 'meeting'].includes(topic.state)) return undefined
  const page = await get('/api/v1/sessions', { query: { org: topic.org_id, from: new Date(now() - 30 * 86_400_000).toISOString(), size: 100 } })
  const views = await Promise.all(page.items.filter((s) => running.includes(s.state)).map((s) => get('/api/v1/sessions/{id}', { path: { id: s.id } })))
  return views.find((s) => s.topics.some((t) => t.id === topic.id))
}

export async function whole(id: number): Promise<Whole> {
  const path = { id }
  const [topic, hops, orders, polls] = await Promise.all([
    get('/api/v1/topics/{id}', { path }), get('/api/v1/topics/{id}/timeline', { path }), get('/api/v1/topics/{id}/orders', { path }), get('/api/v1/topics/{id}/polls', { path }),
  ])
  return { topic, hops: hops ?? [], orders: orders ?? [], polls: polls ?? [], session: await sessionOf(topic) }
}

/** agreed are the words in which the last meeting put what it came to. */
export function agreed(hops: Schemas['Hop'][]): string {
  const came = hops.filter((h) => ['agree', 'agree_partly', 'no_consensus', 'decide', 'passed'].includes(h.event))
  return came.at(-1)?.words ?? ''
}
