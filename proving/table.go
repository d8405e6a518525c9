package proving

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// report writes the figures: for programs one object a line, for people a table
// with the machine that they are of.
func (b *bench) report(out io.Writer, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(out)
		for _, r := range b.results {
			if err := lines.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	_, err := fmt.Fprintf(out, "%d cores, %s/%s, %s; %s, the median of %d rounds\n\n",
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), b.about, b.rounds)
	if err != nil {
		return err
	}
	return table(out, b.results)
}

// table writes figures with their spread, their aim and a bar. The bar shows how
// much of the aim was taken; without an aim, how it compares with the slowest of
// those that have none.
func table(out io.Writer, results []Result) error {
	slowest := 0.0
	for _, r := range results {
		if r.Aim == 0 {
			slowest = max(slowest, r.Value)
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	text := &strings.Builder{}
	text.WriteString("bench\tmedian\tfrom … to\taim\t\t\n")
	for _, r := range results {
		whole, aim, met := slowest, "", ""
		if r.Aim > 0 {
			whole, aim, met = r.Aim, "≤ "+figure(r.Aim)+" "+r.Unit, "met"
			if r.floor {
				aim = "≥ " + figure(r.Aim) + " " + r.Unit
			}
			if !r.Met {
				met = "MISSED"
			}
		}
		spread := ""
		if len(r.values) > 0 {
			spread = figure(slices.Min(r.values)) + " … " + figure(slices.Max(r.values))
		}
		fmt.Fprintf(text, "%s\t%s %s\t%s\t%s\t%s\t%s\n", r.Name, figure(r.Value), r.Unit, spread, aim, met, bar(r.Value, whole))
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return err
	}
	return w.Flush()
}

const barWidth = 20

// bar draws a share of a whole; what is more than the whole fills it.
func bar(value, whole float64) string {
	n := 0
	if whole > 0 {
		n = min(barWidth, max(0, int(math.Ceil(value/whole*barWidth))))
	}
	return strings.Repeat("█", n) + strings.Repeat("·", barWidth-n)
}

// figure writes a number with three digits or so.
func figure(v float64) string {
	switch {
	case v == math.Trunc(v) || v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
