import { createHash } from 'node:crypto'
import { relative } from 'node:path'

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

// The mini-program's compiler numbers a page's parts after the folder that it is built
// in. They are numbered after the page's own place instead, so that the same sources
// come out the same everywhere.
const placed = (root: { type: number }, context: { filename: string; hashId?: string }): void => {
  if (root.type !== 0 || !context.hashId) return
  context.hashId = createHash('sha256').update(relative(__dirname, context.filename)).digest('hex').slice(0, 8)
}

export default defineConfig({
  plugins: [uni({ vueOptions: { template: { compilerOptions: { nodeTransforms: [placed as never] } } } }), ours],
  build: { sourcemap: false },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
})
