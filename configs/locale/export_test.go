package locale

// LoadFrom is Load over other files.
var LoadFrom = load
