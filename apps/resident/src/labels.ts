// The names of codes, from the one file that the server speaks from as well.
import texts from '../../../configs/locale/zh-CN/labels.json'

const all = texts as Record<string, string>

export const label = (kind: string, code: string | undefined) => (code ? all[`label.${kind}.${code}`] ?? code : '')
