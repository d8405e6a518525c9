//go:build race

package models_test

// Under the race detector the same steps take ten times as long; it looks for
// races, which a smaller crowd has as well. The whole crowd comes without it.
const (
	crowdTries  = 4
	crowdCloses = 60
)
