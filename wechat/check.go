package wechat

import (
	"context"
	"strings"

	"github.com/silenceper/wechat/v2/miniprogram/security"
)

// Verdict is what WeChat thinks of a text or a picture.
type Verdict string

// The verdicts. Whatever is not a pass needs a person's eyes.
const (
	VerdictPass   Verdict = "pass"
	VerdictReview Verdict = "review"
	VerdictRisky  Verdict = "risky"
)

// Where a checked text is shown.
const (
	SceneProfile = iota + 1
	SceneComment
	SceneForum
	SceneJournal
)

// CodeNoVisit is WeChat's refusal to check anything for a resident who has not
// opened the mini-program within two hours.
const CodeNoVisit = 61010

const (
	checkRunes   = 2500 // WeChat takes no more at a time
	checkOverlap = 50   // so that no word hides in a cut
	mediaImage   = 2
)

// verdictOf reads a suggestion. One that WeChat invents later is a review; none
// is no verdict.
func verdictOf(suggest string) (Verdict, bool) {
	v := Verdict(suggest)
	if v != "" && v != VerdictPass && v != VerdictRisky {
		v = VerdictReview
	}
	return v, v != ""
}

// CheckText has WeChat judge a text that a resident wrote in the mini-program.
// openID is theirs there. A text beyond what WeChat takes at a time is judged
// in pieces, and the worst verdict counts. Every error means that there is no
// verdict, which is no pass.
func (c *Client) CheckText(ctx context.Context, openID string, scene int, text string) (Verdict, error) {
	const op = "check text"
	text = clean(text)
	if openID == "" || scene < SceneProfile || scene > SceneJournal || strings.TrimSpace(text) == "" {
		return "", refused(op, "an openid, a scene and a text are needed")
	}
	verdict := VerdictPass
	for rest := []rune(text); ; rest = rest[checkRunes-checkOverlap:] {
		one, err := c.checkPiece(ctx, op, openID, scene, string(rest[:min(len(rest), checkRunes)]))
		if err != nil {
			return "", err
		}
		if one == VerdictRisky {
			return one, nil
		}
		if one != VerdictPass {
			verdict = one
		}
		if len(rest) <= checkRunes {
			return verdict, nil
		}
	}
}

func (c *Client) checkPiece(ctx context.Context, op, openID string, scene int, text string) (Verdict, error) {
	var suggest string
	err := c.sdk(ctx, op, c.cfg.Mini.ID, func(ctx context.Context, ref reference) error {
		got, err := security.NewSecurity(c.mini(ref)).MsgCheckContext(ctx, &security.MsgCheckRequest{
			OpenID: openID, Scene: security.MsgScene(scene), Content: text, //nolint:gosec // 1 to 4
		})
		suggest = string(got.Result.Suggest)
		return err
	})
	if err != nil {
		return "", err
	}
	verdict, ok := verdictOf(suggest)
	if !ok {
		return "", unreadable(op)
	}
	return verdict, nil
}

// CheckImage asks WeChat to judge a picture that a resident of the mini-program
// put under url, which WeChat must be able to fetch. The verdict is pushed
// within half an hour under the trace that is returned, or never comes.
func (c *Client) CheckImage(ctx context.Context, openID, url string) (trace string, err error) {
	const op = "check image"
	if openID == "" || !isURL(url) {
		return "", refused(op, "an openid and a URL are needed")
	}
	err = c.sdk(ctx, op, c.cfg.Mini.ID, func(ctx context.Context, ref reference) error {
		got, err := security.NewSecurity(c.mini(ref)).MediaCheckAsyncContext(ctx, &security.MediaCheckAsyncRequest{
			OpenID: openID, Scene: SceneForum, MediaURL: url, MediaType: mediaImage,
		})
		trace = got
		return err
	})
	if err == nil && trace == "" {
		err = unreadable(op)
	}
	return trace, err
}
