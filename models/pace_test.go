//go:build !race

package models_test

import "os"

// How hard the crowds push where every step costs what it costs.
const crowdTries = 64 // how often each voter is voted for

// crowdCloses is how many polls are closed under fire.
var crowdCloses = map[bool]int{false: 300, true: 1000}[os.Getenv("YISHI_TORTURE") == "large"]
