import { createRouter, createWebHistory } from 'vue-router'

import { desks } from './desks'
import { session } from './session'
import { w } from './words'

export const router = createRouter({
  history: createWebHistory('/console/'),
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? {} : { top: 0 }),
  routes: [
    { path: '/', redirect: '/today' },
    { path: '/login', component: () => import('./pages/Login.vue'), meta: { open: true, title: w.login.title } },
    { path: '/screen', component: () => import('./pages/Screen.vue'), meta: { open: true, title: w.screen.title } },
    ...desks.map((d) => ({ path: d.path, component: d.page, meta: { title: d.name } })),
    { path: '/topics/:id(\\d+)', component: () => import('./pages/Topic.vue'), meta: { title: w.topic.title } },
    { path: '/sessions/new', component: () => import('./pages/Plan.vue'), meta: { title: w.plan.title } },
    { path: '/sessions/:id(\\d+)', component: () => import('./pages/Hall.vue'), meta: { title: w.hall.title } },
    { path: '/sessions/:id(\\d+)/agenda', component: () => import('./pages/Agenda.vue'), meta: { title: w.print.agenda } },
    { path: '/sessions/:id(\\d+)/minutes', component: () => import('./pages/Minutes.vue'), meta: { title: w.print.minutes } },
    { path: '/topics/:id(\\d+)/notice', component: () => import('./pages/Notice.vue'), meta: { title: w.print.notice } },
    { path: '/points/:id(\\d+)/code', component: () => import('./pages/PointCode.vue'), meta: { title: w.points.code } },
    { path: '/account', component: () => import('./pages/Account.vue'), meta: { title: w.account.title } },
    { path: '/:rest(.*)', component: () => import('./pages/Lost.vue'), meta: { title: w.lost.title } },
  ],
})

router.beforeEach((to) => {
  if (!to.meta.open && !session.token) return { path: '/login', query: to.path === '/today' ? {} : { to: to.fullPath } }
  return true
})

router.afterEach((to) => {
  document.title = `${String(to.meta.title)} · ${w.name}`
})
