package bot

import (
	"context"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"yishi/models"
	"yishi/models/rules"
)

// askOf is what a poll asks: how ballots are made, and on which options.
func askOf(p *models.PollView) rules.Ask {
	return rules.Ask{Method: p.Method, Options: p.Options, Most: p.Most}
}

// noteAsk keeps what a poll with options asks; what nothing is kept of is a
// question of yes and no.
func (t *turn) noteAsk(a rules.Ask) {
	if a.Method == rules.MethodYesNo {
		return
	}
	if body, err := json.Marshal(a); err == nil {
		t.note(noteAsk, string(body))
	}
}

func (t *turn) ask() rules.Ask {
	var a rules.Ask
	if json.Unmarshal([]byte(t.d.Data[noteAsk]), &a) != nil {
		return rules.Ask{Method: rules.MethodYesNo}
	}
	return a
}

// howToMark lists the options and says how a ballot on them is written.
func (t *turn) howToMark(a rules.Ask) string {
	var out []string
	for i, o := range a.Options {
		out = append(out, t.say("bot.vote.option", "n", i+1, "option", o))
	}
	example := make([]string, len(a.Options))
	for i := range example {
		example[i] = t.text.Label("choice", string(rules.Choices[i%2]))
		if a.Method == rules.MethodScore {
			example[i] = strconv.Itoa(max(a.Most-i, 0))
		}
	}
	return lines(append(out, t.say("bot.vote."+string(a.Method), "most", a.Most, "example", strings.Join(example, " ")), t.say(stepKey+stepMark))...)
}

// word is what stands between blanks and signs; those are left for the rulebook,
// which sees by them what was left out.
var word = regexp.MustCompile(`[\p{L}\p{N}]+`)

// takeMark casts a ballot on options as it was typed. What cannot be read is told
// with the rule that it broke, and the question stays.
func (t *turn) takeMark(ctx context.Context) (string, error) {
	typed := word.ReplaceAllStringFunc(t.said, func(w string) string {
		if n, ok := t.words.number(w); ok {
			return strconv.Itoa(n)
		}
		for _, c := range rules.Choices {
			if t.words.is(string(c), w) {
				return string(c)
			}
		}
		return w
	})
	c, err := rules.ReadChoice(t.ask(), typed)
	if r, ok := rules.AsRefusal(err); ok {
		return lines(t.text.Say(r.Code, r.Params), t.help()), nil
	}
	return t.cast(ctx, "", c)
}

// saying is a ballot in words.
func (t *turn) saying(a rules.Ask, c rules.Choice) string {
	if word := t.text.Label("choice", string(c)); word != "" || a.Method == rules.MethodYesNo {
		return word
	}
	parts := strings.FieldsFunc(string(c), func(r rune) bool { return strings.ContainsRune("+>,", r) })
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		switch {
		case a.Method == rules.MethodEach && i < len(a.Options):
			parts[i] = t.say("bot.marked.each", "option", a.Options[i], "choice", each[part])
		case a.Method == rules.MethodScore && i < len(a.Options):
			parts[i] = t.say("bot.marked.score", "option", a.Options[i], "n", n)
		case err == nil && n >= 1 && n <= len(a.Options):
			parts[i] = a.Options[n-1]
		}
	}
	sign := t.say("bot.marked.and")
	if a.Method == rules.MethodRank {
		sign = t.say("bot.marked.then")
	}
	return strings.Join(parts, sign)
}

// each are the letters of a ballot that answers each option by itself.
var each = map[string]string{"y": string(rules.Yes), "n": string(rules.No), "a": string(rules.Abstain)}
