package rules

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Talk is what somebody copied from a group chat.
type Talk struct {
	Speakers int      // who said something
	Said     []string // what was said, in its order, without who said it and when
}

// Text is what was said, a line each.
func (t Talk) Text() string { return strings.Join(t.Said, "\n") }

// The shapes of what WeChat puts on the clipboard or into a mail: a name above what
// was said, with the time or a colon; a name before it; a quotation under which
// somebody answers; lines between days and under quotations.
var (
	speakerAt    = regexp.MustCompile(`^(\S.{0,39}?)\s+(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s+)?\d{1,2}:\d{2}(?::\d{2})?$`)
	speakerAlone = regexp.MustCompile(`^([^:：]{1,40})[:：]$`)
	speakerFirst = regexp.MustCompile(`^([^:：\s，。,.!！?？]{1,16})[:：]\s*(\S.*)$`)
	quotation    = regexp.MustCompile(`^「([^:：]{1,40})[:：]\s*(.*)」$`)
	ruler        = regexp.MustCompile(`^[-—–─ ]{5,}(?:\d{4}-\d{1,2}-\d{1,2}[-—–─ ]{5,})?$`)
	placeholder  = regexp.MustCompile(`^\[[^\]\s]{1,8}\]$`)
	mention      = regexp.MustCompile(`@[^\s\x{2005}@]{1,30}(?:[\s\x{2005}]+|$)`)
)

// ReadTalk reads a text as a talk that was copied from a group. It reports false for
// a text that somebody wrote: one voice alone is no talk, unless it is a quotation
// with an answer, and neither is a form, whose names stand once each.
func ReadTalk(text string) (Talk, bool) {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	for _, read := range []func([]string) (*hearing, bool){headed, prefixed, quoted} {
		if h, ok := read(lines); ok && len(h.said) > 0 {
			return Talk{Speakers: len(h.speakers), Said: h.said}, true
		}
	}
	return Talk{}, false
}

// hearing gathers who said something and what.
type hearing struct {
	speakers, said []string
}

func (h *hearing) add(speaker, line string) {
	line = strings.TrimSpace(mention.ReplaceAllString(line, ""))
	if placeholder.MatchString(line) || strings.IndexFunc(line, unicode.IsLetter) < 0 || utf8.RuneCountInString(line) < 2 {
		return
	}
	if speaker != "" && !slices.Contains(h.speakers, speaker) {
		h.speakers = append(h.speakers, speaker)
	}
	if !slices.Contains(h.said, line) {
		h.said = append(h.said, line)
	}
}

// headed reads a talk in which each name stands on a line of its own.
func headed(lines []string) (*hearing, bool) {
	h, speaker := &hearing{}, ""
	for _, line := range lines {
		found := speakerAt.FindStringSubmatch(line)
		if found == nil {
			found = speakerAlone.FindStringSubmatch(line)
		}
		switch {
		case line == "", ruler.MatchString(line):
		case found != nil:
			speaker = found[1]
		case speaker == "":
			return nil, false // somebody's own words come first
		default:
			h.add(speaker, line)
		}
	}
	return h, len(h.speakers) > 1
}

// prefixed reads a talk in which each line begins with a name, and one of them speaks
// twice.
func prefixed(lines []string) (*hearing, bool) {
	h, names := &hearing{}, []string{}
	for _, line := range lines {
		if line == "" {
			continue
		}
		found := speakerFirst.FindStringSubmatch(line)
		if found == nil {
			return nil, false
		}
		names = append(names, found[1])
		h.add(found[1], found[2])
	}
	slices.Sort(names)
	distinct := len(slices.Compact(slices.Clone(names)))
	return h, distinct > 1 && distinct < len(names)
}

// quoted reads a quotation under which somebody answers.
func quoted(lines []string) (*hearing, bool) {
	h, quotes, rulers := &hearing{}, 0, 0
	for _, line := range lines {
		found := quotation.FindStringSubmatch(line)
		switch {
		case line == "":
		case found != nil:
			quotes++
			h.add(found[1], found[2])
		case ruler.MatchString(line):
			rulers++
		default:
			h.add("", line)
		}
	}
	h.speakers = append(h.speakers, "") // who copied it
	return h, quotes > 0 && rulers > 0
}
