// Going from page to page.
import { words } from './words'

export const go = (page: string, query: Record<string, string | number> = {}) => {
  const asked = Object.entries(query).map(([k, v]) => k + '=' + encodeURIComponent(String(v))).join('&')
  uni.navigateTo({ url: `/pages/${page}/${page}` + (asked ? '?' + asked : '') })
}
export const home = () => { uni.reLaunch({ url: '/pages/home/home' }) }

// titled sets what the page is called, where it has a name of its own.
export const titled = (title: string) => { uni.setNavigationBarTitle({ title: title || words.name }) }
