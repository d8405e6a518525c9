package rules

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// CodeSlot is how long one on-site code stands.
const CodeSlot = 15 * time.Second

// Slot is the number of the code slot that a moment falls into.
func Slot(at time.Time) int64 { return at.Unix() / int64(CodeSlot/time.Second) }

// SiteCode is the six digits that the screen of a session shows during a slot:
// an HMAC over point, session and slot, cut to six digits.
func SiteCode(secret []byte, point, session, slot int64) string {
	mac := hmac.New(sha256.New, secret)
	_ = binary.Write(mac, binary.BigEndian, [3]int64{point, session, slot}) // a hash takes everything
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum)%1_000_000)
}

// CheckSiteCode says whether code is the one of now's slot or of the one before
// it (one slot of grace), and refuses any other.
func CheckSiteCode(secret []byte, point, session int64, code string, now time.Time) error {
	for _, slot := range []int64{Slot(now), Slot(now) - 1} {
		if subtle.ConstantTimeCompare([]byte(SiteCode(secret, point, session, slot)), []byte(code)) == 1 {
			return nil
		}
	}
	return Refuse(Conflict, "code.stale")
}

// SiteScene is what the QR code beside the digits says: session and code.
func SiteScene(session int64, code string) string { return fmt.Sprintf("s/%d/%s", session, code) }

var siteScene = regexp.MustCompile(`^s/([1-9][0-9]{0,17})/([0-9]{6})$`)

// ReadSiteScene reads what SiteScene wrote; ok is false for anything else.
func ReadSiteScene(scene string) (session int64, code string, ok bool) {
	m := siteScene.FindStringSubmatch(Clean(scene))
	if m == nil {
		return 0, "", false
	}
	session, err := strconv.ParseInt(m[1], 10, 64)
	return session, m[2], err == nil
}
