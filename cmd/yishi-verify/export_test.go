package main

// What the tests ask for beyond what the program shows.
var (
	Run       = run
	Sentences = sentences
)
