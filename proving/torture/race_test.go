//go:build race

package torture_test

import "testing"

// TestTorture says what does not run here: the program that is killed has no race
// detector in it, and beside one the load comes too slowly to hurt.
func TestTorture(t *testing.T) {
	t.Skip("NOT RUN under the race detector: the torture of the vote; use go test ./proving/torture")
}
