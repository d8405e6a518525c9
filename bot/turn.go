package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"yishi/models"
	"yishi/models/rules"
	"yishi/wechat"
)

// turn is one event and what is known while it is being answered.
type turn struct {
	*Bot
	who   models.Actor
	event wechat.Event
	said  string // what was typed, without what cannot be seen
	call  string // the number to call, where the words tell of danger
	d     models.Dialogue
	in    models.Inbox // heard once the reply was kept, together with a ballot
}

// The notes of a dialogue. Those of the matter that was raised last and of the point
// where somebody is outlive the matter in hand.
const (
	notePoint    = "point"
	notePlace    = "place"  // the name of the point
	noteRaised   = "raised" // the matter that was raised just now
	noteText     = "text"
	noteTalk     = "talk"   // what is said of words from a group
	notePhotos   = "photos" // the pictures of the matter, as WeChat names them
	noteWhere    = "where"  // its place
	noteCall     = "call"
	noteOrg      = "org"
	noteBind     = "bind" // the person is not known anywhere yet
	noteIDs      = "ids"  // what was offered, in the order of its numbers
	noteTopic    = "topic"
	noteHelped   = "helped" // the matter is somebody's who has no account
	notePoll     = "poll"
	noteChoice   = "choice"
	noteAsk      = "ask"  // the method and options of the poll, where it has any
	noteHad      = "had:" // and the unit: its ballot so far
	noteAlliance = "alliance"
	noteShop     = "shop"
	noteCode     = "code"
	noteSession  = "session" // that staff lead
)

func (t *turn) note(key, value string) {
	if t.d.Data == nil {
		t.d.Data = map[string]string{}
	}
	t.d.Data[key] = value
}

func (t *turn) noteID(key string, id int64) { t.note(key, strconv.FormatInt(id, 10)) }

// id reads a note that is an id, 0 when there is none.
func (t *turn) id(key string) int64 {
	id, _ := strconv.ParseInt(t.d.Data[key], 10, 64) // a note that is no number stands for none
	return id
}

// at moves the dialogue to a step; its notes stay.
func (t *turn) at(step string) { t.d.Step = step }

// end ends what is under way, but for what is to be kept of it.
func (t *turn) end(keep ...string) {
	kept := map[string]string{}
	for _, key := range append(keep, notePoint, notePlace, noteRaised) {
		if v := t.d.Data[key]; v != "" {
			kept[key] = v
		}
	}
	t.d.Step, t.d.Data = stepIdle, kept
}

// deed is the actor of one deed of this event: the same event, delivered again,
// does the deed once. The name tells apart the deeds of one event.
func (t *turn) deed(name string) models.Actor {
	who, e := t.who, t.event
	if e.MsgID == "" {
		return who
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{string(e.Kind), e.Text, e.Key, e.Scene}, "\x00")))
	who.Key, who.Digest = t.d.Key(e.MsgID, name), hex.EncodeToString(sum[:])
	return who
}

// say returns a sentence. Params are alternating names and values.
func (t *turn) say(key string, params ...any) string {
	m := make(map[string]any, len(params)/2)
	for i := 0; i+1 < len(params); i += 2 {
		if name, ok := params[i].(string); ok {
			m[name] = params[i+1]
		}
	}
	return t.text.Say(key, m)
}

// nextKey begins the key of what the bot adds to the sentence of a refusal.
const nextKey = "bot.next."

// told turns a refusal into its sentence, and says what to do next.
func (t *turn) told(reply string, err error) (string, error) {
	r, ok := rules.AsRefusal(err)
	if !ok {
		return reply, err
	}
	next := t.text[nextKey+r.Code]
	if next == "" && t.steps[t.d.Step].take != nil {
		next = t.help()
	}
	return lines(t.text.Say(r.Code, r.Params), next), nil
}

// offer numbers what somebody may choose from and remembers the order.
func (t *turn) offer(options []option) string {
	ids, out := make([]string, len(options)), make([]string, len(options))
	for i, o := range options {
		ids[i] = o.id
		out[i] = t.say("bot.option", "n", i+1, "label", o.label)
	}
	t.note(noteIDs, strings.Join(ids, ","))
	return lines(out...)
}

type option struct{ id, label string }

// picked returns what the number that was typed stands for, "" for none.
func (t *turn) picked() string {
	ids := strings.Split(t.d.Data[noteIDs], ",")
	n, ok := t.words.number(t.said)
	if !ok || n < 1 || n > len(ids) {
		return ""
	}
	return ids[n-1]
}

func (t *turn) pickedID() int64 {
	id, _ := strconv.ParseInt(t.picked(), 10, 64) // nothing picked is 0
	return id
}

// again says that an answer was not understood, and what the step waits for.
func (t *turn) again() string {
	return lines(t.say("bot.unclear", "said", shorten(t.said, 20)), t.help())
}

// lines joins what is not empty.
func lines(parts ...string) string {
	out := make([]string, 0, len(parts))
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n")
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// shorten cuts a text to so many characters, on one line.
func shorten(s string, most int) string {
	r := []rune(strings.ReplaceAll(s, "\n", " "))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most-1]) + "…"
}
