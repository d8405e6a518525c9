// How large the text is: as it was set here, else as WeChat's own setting has it.
import { ref } from 'vue'

export const SIZES = [18, 24, 30]
const SIZE = 'size'

function wished(): number {
  const set = uni.getStorageSync(SIZE) as number | ''
  if (set) return set
  // #ifdef MP-WEIXIN
  const scale = (uni.getAppBaseInfo() as { fontSizeScaleFactor?: number }).fontSizeScaleFactor ?? 1
  return Math.min(30, Math.max(18, Math.round(18 * scale)))
  // #endif
  // #ifndef MP-WEIXIN
  return 18
  // #endif
}

export const size = ref(18)
export function readSize() { size.value = wished() }
export function setSize(px: number) { uni.setStorageSync(SIZE, px); size.value = px }
