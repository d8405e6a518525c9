//go:build race

package main

// Under the race detector nothing is looked at through a browser: what such a test
// costs is the browser, and what it finds are pages. make test runs them without.
const underRace = true
