// Command yishi-verify checks the public record of a poll: who was on the roll,
// that nothing was changed after it was signed, that a receipt's ballot is
// counted, and that the verdict follows from the ballots. It is made of the
// standard library alone and shares no code with the forum, so that whoever does
// not trust the forum can read all of it and build it from source.
package main

import (
	"errors"
	"flag"
	"io"
	"os"
)

// What the program tells whoever called it.
const (
	exitGood     = 0
	exitFaults   = 1
	exitUnusable = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options is what to check besides the file itself.
type options struct {
	board       string
	key         string
	checkpoints []string
	receipts    []string
}

// run checks what the arguments name and returns the exit code.
func run(args []string, out, errs io.Writer) int {
	o, err := readOptions(args)
	if err != nil {
		tell(errs, "usage", "why", err.Error())
		return exitUnusable
	}
	body, err := fetch(o.board)
	if err == nil {
		v := &verifier{report: report{out: out}, options: o}
		if err = v.read(body); err == nil {
			return v.verify()
		}
	}
	tell(errs, "unusable", "why", err.Error())
	return exitUnusable
}

var errUsage = errors.New(sentence("usage.one"))

// readOptions reads the arguments, in any order.
func readOptions(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("yishi-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.key, "key", "", "")
	flags.Func("checkpoint", "", func(s string) error { o.checkpoints = append(o.checkpoints, s); return nil })
	flags.Func("receipt", "", func(s string) error { o.receipts = append(o.receipts, s); return nil })
	for {
		if err := flags.Parse(args); err != nil {
			return o, err
		}
		if flags.NArg() == 0 {
			break
		}
		if o.board != "" {
			return o, errUsage
		}
		o.board, args = flags.Arg(0), flags.Args()[1:]
	}
	if o.board == "" {
		return o, errUsage
	}
	return o, nil
}
