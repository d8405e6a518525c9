package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

//go:embed zh-CN.json
var catalog []byte

// sentences is every sentence that the program says, by its code.
var sentences = func() map[string]string {
	all := map[string]string{}
	if err := json.Unmarshal(catalog, &all); err != nil {
		panic(err) // what is built in is read by the tests
	}
	return all
}()

// sentence is the sentence of a code, or the code where there is none.
func sentence(code string) string {
	if s, ok := sentences[code]; ok {
		return s
	}
	return code
}

// say fills the sentence of a code with params, given as name and value by turns.
func say(code string, params ...any) string {
	pairs := make([]string, 0, len(params))
	for i := 0; i+1 < len(params); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", params[i]), plain(fmt.Sprint(params[i+1])))
	}
	return strings.NewReplacer(pairs...).Replace(sentence(code))
}

// plain takes from a text that somebody else wrote what could pass for a line of
// the report or move about the screen, and cuts what is long.
func plain(s string) string {
	const most = 400
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

func tell(w io.Writer, code string, params ...any) {
	_, _ = fmt.Fprintln(w, say(code, params...)) // there is nobody else to tell
}

// alike is how many faults of one kind are told one by one.
const alike = 20

// report tells what was found, line by line.
type report struct {
	out    io.Writer
	faults int
	kinds  map[string]int
}

// good tells what was checked and found right.
func (r *report) good(code string, params ...any) {
	tell(r.out, "line.good", "what", say(code, params...))
}

// hint tells what the reader should know to judge the rest.
func (r *report) hint(code string, params ...any) {
	tell(r.out, "line.hint", "what", say(code, params...))
}

// fault tells a fault of the whole by its name.
func (r *report) fault(code string, params ...any) {
	if r.count(code) {
		tell(r.out, "line.fault", "code", code, "what", say(code, params...))
	}
}

// faultAt tells a fault of one leaf by its name.
func (r *report) faultAt(leaf int, code string, params ...any) {
	if r.count(code) {
		tell(r.out, "line.fault_at", "leaf", leaf, "code", code, "what", say(code, params...))
	}
}

// count counts a fault and says whether it is to be told.
func (r *report) count(code string) bool {
	if r.kinds == nil {
		r.kinds = map[string]int{}
	}
	r.faults++
	r.kinds[code]++
	if r.kinds[code] == alike+1 {
		tell(r.out, "line.more", "code", code)
	}
	return r.kinds[code] <= alike
}

// end tells what came of it all and returns the exit code.
func (r *report) end() int {
	if r.faults > 0 {
		tell(r.out, "end.faults", "n", r.faults)
		return exitFaults
	}
	tell(r.out, "end.good")
	return exitGood
}
