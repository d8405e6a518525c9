import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: { alias: { '@dcloudio/uni-app': here('./tests/uni.ts'), '@': here('./src') } },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'] },
})
