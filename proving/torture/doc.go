// Package torture holds the tests that kill the program while people vote. What
// they promise, and what they found, is in docs/reliability.md.
package torture
