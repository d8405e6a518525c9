import uniModule from '@dcloudio/vite-plugin-uni'
import { defineConfig, type Plugin } from 'vite'

// The plugin is CommonJS: in a module its function stands on `default`.
const uni = (uniModule as unknown as { default?: typeof uniModule }).default ?? uniModule

// uni-app's own style sheet draws shadows with pictures of its maker's: nothing here
// comes from elsewhere.
const ours: Plugin = {
  name: 'ours',
  enforce: 'post',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue
      file.source = String(file.source).replace(/url\(["']?https?:[^)]*\)/g, 'none')
    }
  },
}

export default defineConfig({
  plugins: [uni(), ours],
  build: { sourcemap: false },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
})
