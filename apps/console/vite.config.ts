import vue from '@vitejs/plugin-vue'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import Components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/console/',
  plugins: [vue(), Components({ resolvers: [ElementPlusResolver()], dts: 'src/components.d.ts' })],
  build: { outDir: 'dist/build', sourcemap: false, chunkSizeWarningLimit: 1500 },
  // The sentences for states and kinds are the server's own, outside this folder.
  server: { proxy: { '/api': process.env.YISHI_HOUSE ?? 'http://127.0.0.1:8080' }, fs: { allow: ['../..'] } },
})
