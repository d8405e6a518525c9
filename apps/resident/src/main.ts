import { createSSRApp } from 'vue'

import App from './App.vue'
// #ifdef H5
import { arrive } from './h5'
import { waitFor } from './me'

waitFor(arrive())
// #endif

export function createApp() {
  return { app: createSSRApp(App) }
}
