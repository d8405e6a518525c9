// What was done last, told to everybody: seen at the bottom, read by voice readers.
import { ref } from 'vue'

export const said = ref('')
let timer: ReturnType<typeof setTimeout> | undefined

export function say(words: string): void {
  clearTimeout(timer)
  said.value = words
  timer = setTimeout(() => (said.value = ''), 8000)
}
