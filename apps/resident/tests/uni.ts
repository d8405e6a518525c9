// What pages take from uni-app, where no uni-app runs them.
export const onLaunch = () => undefined
export const onLoad = () => undefined
export const onShow = () => undefined
