//go:build race

package bot_test

// raced is whether the race detector looks on, beside which each step takes ten times
// as long.
const raced = true
