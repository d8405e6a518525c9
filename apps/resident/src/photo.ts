// A photo is made small on the phone before it is handed in: the largest camera's
// picture goes through a weak network, and what it says of the place is gone.
const SIDE = 1600

// #ifdef H5
async function redrawn(file: string): Promise<string> {
  const img = new Image()
  img.src = file
  await img.decode()
  const scale = Math.min(1, SIDE / Math.max(img.naturalWidth, img.naturalHeight))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(img.naturalWidth * scale)
  canvas.height = Math.round(img.naturalHeight * scale)
  const draw = canvas.getContext('2d')
  if (!draw) throw new Error('no canvas')
  draw.drawImage(img, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((done) => { canvas.toBlob(done, 'image/jpeg', 0.82) })
  canvas.width = canvas.height = 0 // gives its memory back at once
  if (!blob) throw new Error('no picture')
  return URL.createObjectURL(blob)
}
// #endif
// #ifndef H5
async function compressed(file: string): Promise<string> {
  const { width, height } = await uni.getImageInfo({ src: file })
  const wide = { src: file, quality: 82, ...(width >= height ? { compressedWidth: Math.min(SIDE, width) } : { compressedHeight: Math.min(SIDE, height) }) }
  return new Promise((done, failed) => {
    uni.compressImage({ ...wide, success: (r) => done(r.tempFilePath), fail: failed })
  })
}
// #endif

export function shrink(file: string): Promise<string> {
  // #ifdef H5
  return redrawn(file)
  // #endif
  // #ifndef H5
  return compressed(file)
  // #endif
}
