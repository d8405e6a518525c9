import uniModule from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'

// The plugin is CommonJS: in a module its function stands on `default`.
const uni = (uniModule as unknown as { default?: typeof uniModule }).default ?? uniModule

export default defineConfig({
  plugins: [uni()],
  build: { sourcemap: false },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
})
