// What states and kinds are called: the server's own words, so that every door
// uses the same ones.
import told from '../../../configs/locale/zh-CN/labels.json'

const labels: Record<string, string> = told

export type Kind =
  | 'state' | 'event' | 'role' | 'choice' | 'method' | 'result' | 'poll' | 'session' | 'order' | 'capacity' | 'member' | 'kind'
  | 'roll' | 'unit' | 'level' | 'noun' | 'screening' | 'petition_state' | 'petition' | 'verb' | 'door' | 'word' | 'pack' | 'stance' | 'part'

/** label is what a code of a kind is called, or the code where it has no name. */
export function label(kind: Kind, code: string | undefined): string {
  return (code && labels[`label.${kind}.${code}`]) ?? code ?? ''
}
