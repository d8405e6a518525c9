// What a ballot says, in the one form that the rulebook knows.
export type Method = 'yesno' | 'choose' | 'rank' | 'score' | 'each'
export interface Filled { yesno: string; chosen: number[]; order: number[]; points: number[]; each: string[]; abstain: boolean }

export const empty = (options: number): Filled =>
  ({ yesno: '', chosen: [], order: [], points: Array(options).fill(-1) as number[], each: Array(options).fill('') as string[], abstain: false })

// mark is '' where something is missing.
export function mark(method: string, most: number, f: Filled): string {
  if (method === 'yesno') return f.yesno
  if (f.abstain && method !== 'each') return 'abstain'
  switch (method) {
    case 'choose': return f.chosen.length && f.chosen.length <= most ? [...f.chosen].sort((a, b) => a - b).join('+') : ''
    case 'rank': return f.order.join('>')
    case 'score': return f.points.every((p) => p >= 0 && p <= most) ? f.points.join(',') : ''
    case 'each': return f.each.every(Boolean) ? f.each.join(',') : ''
  }
  return ''
}

// tell says a mark in words.
export function tell(choice: string, options: string[], name: (code: string) => string): string {
  if (['yes', 'no', 'abstain'].includes(choice)) return name(choice)
  const option = (n: string) => options[Number(n) - 1] ?? n
  if (choice.includes('>') || /^\d+$/.test(choice)) return choice.split('>').map(option).join(' → ')
  if (choice.includes('+')) return choice.split('+').map(option).join('、')
  const said: Record<string, string> = { y: name('yes'), n: name('no'), a: name('abstain') }
  return choice.split(',').map((c, i) => (options[i] ?? '') + ' ' + (said[c] ?? c)).join('；')
}
