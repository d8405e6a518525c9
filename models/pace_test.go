//go:build !race

package models_test

// How hard the crowds push where every step costs what it costs.
const (
	crowdTries  = 64   // how often each voter is voted for
	crowdCloses = 1000 // polls closed under fire
)
