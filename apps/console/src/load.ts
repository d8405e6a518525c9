// Reading something for a page: what came, that it is under way, or why not.
import { onMounted, ref, shallowRef } from 'vue'

import { sentence } from './api'

export function useLoad<T>(read: () => Promise<T>) {
  const got = shallowRef<T>()
  const trouble = ref('')
  let turn = 0
  // A later reading wins over an earlier one that answers late.
  async function load(): Promise<void> {
    const mine = ++turn
    try {
      const fresh = await read()
      if (mine !== turn) return
      got.value = fresh
      trouble.value = ''
    } catch (e) {
      if (mine === turn) trouble.value = sentence(e)
    }
  }
  onMounted(load)
  return { got, trouble, load }
}
