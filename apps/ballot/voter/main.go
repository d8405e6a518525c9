//go:build js && wasm

// Command voter is the voter's side of a secret poll in a browser: the same code
// that the forum checks with. It keeps nothing and sends nothing; the page does.
package main

import (
	"encoding/hex"
	"syscall/js"

	"yishi/models/secret"
)

func main() {
	js.Global().Set("voter", map[string]any{
		"tracker": js.FuncOf(func(js.Value, []js.Value) any { return secret.Tracker() }),
		"wish":    answering(wish),
		"take":    answering(take),
		"seal":    answering(seal),
	})
	js.Global().Call("voterReady")
	select {}
}

// answering gives what a function returns as {value} or {error}, since a panic
// would end the program.
func answering(do func([]js.Value) (any, error)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		value, err := do(args)
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		return map[string]any{"value": value}
	})
}

// wish(tokens, seed) makes a token out of a seed in hex.
func wish(args []js.Value) (any, error) {
	w, err := made(args)
	if err != nil {
		return nil, err
	}
	return map[string]any{"token": w.Token, "blinded": w.Blinded}, nil
}

// take(tokens, seed, signed) turns the poll's answer into the token's signature.
func take(args []js.Value) (any, error) {
	w, err := made(args)
	if err != nil {
		return nil, err
	}
	return w.Take(args[2].String())
}

func made(args []js.Value) (*secret.Wish, error) {
	tokens, err := secret.ReadTokens(args[0].String())
	if err != nil {
		return nil, err
	}
	seed, err := hex.DecodeString(args[1].String())
	if err != nil {
		return nil, err
	}
	return tokens.Wish(seed)
}

// seal(key, definition, token, turn, tracker, choice) seals a choice.
func seal(args []js.Value) (any, error) {
	return secret.SealChoice(args[0].String(), args[1].String(), args[2].String(), args[3].Int(),
		secret.Opened{Tracker: args[4].String(), Choice: args[5].String()})
}
