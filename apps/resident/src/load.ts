// Reading what a page shows: it opens, or says why not.
import { ref } from 'vue'

import { Trouble } from './api'
import { words } from './words'

export function useLoad(read: () => Promise<unknown>) {
  const said = ref(words.loading)
  async function load() {
    try {
      await read()
      said.value = ''
    } catch (t) { said.value = t instanceof Trouble ? t.message : words.busy }
  }
  return { said, load }
}
