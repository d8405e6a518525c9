package proving

import (
	"fmt"
	"net/url"
	"slices"
)

// query writes a query of alternating names and values.
func query(pairs ...any) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Add(fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return "?" + q.Encode()
}

// has reports whether a topic is in a list.
func has(topics []topic, id int64) bool {
	return slices.ContainsFunc(topics, func(t topic) bool { return t.ID == id })
}

// number is a whole number that came as JSON.
func number(v any) int64 {
	f, _ := v.(float64) // what is no number is 0
	return int64(f)
}
