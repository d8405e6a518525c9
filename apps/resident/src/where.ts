// Where the phone is, in the coordinates that WeChat has (GCJ-02), asked for only in
// a tap. A browser tells WGS 84; it is turned here, as nobody outside is asked.
export interface Where { lat: number; lng: number }

const A = 6378245
const EE = 0.00669342162296594

export function toGCJ({ lat, lng }: Where): Where {
  const x = lng - 105
  const y = lat - 35
  const sin = (t: number) => Math.sin(t * Math.PI)
  const root = 0.1 * Math.sqrt(Math.abs(x))
  const both = (20 * sin(6 * x) + 20 * sin(2 * x)) * 2 / 3
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 2 * root + both
    + (20 * sin(y) + 40 * sin(y / 3) + 160 * sin(y / 12) + 320 * sin(y / 30)) * 2 / 3
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + root + both
    + (20 * sin(x) + 40 * sin(x / 3) + 150 * sin(x / 12) + 300 * sin(x / 30)) * 2 / 3
  const rad = lat * Math.PI / 180
  const magic = 1 - EE * Math.sin(rad) ** 2
  return {
    lat: lat + north * 180 / (A * (1 - EE) / (magic * Math.sqrt(magic)) * Math.PI),
    lng: lng + east * 180 / (A / Math.sqrt(magic) * Math.cos(rad) * Math.PI),
  }
}

export function locate(): Promise<Where> {
  let type = 'gcj02'
  // #ifdef H5
  type = 'wgs84'
  // #endif
  return new Promise((found, failed) => {
    uni.getLocation({
      type,
      success: (r) => {
        const at = { lat: r.latitude, lng: r.longitude }
        found(type === 'wgs84' ? toGCJ(at) : at)
      },
      fail: failed,
    })
  })
}
