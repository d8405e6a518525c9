package wechat

import "net/http"

// What the tests look at from inside.
var (
	Fit   = fit
	Cut   = cut
	Clean = clean
	Scrub = scrub
	Sign  = sign
)

// HTTP is the client that every call leaves by.
func (c *Client) HTTP() *http.Client { return c.http }

// OpenSealed decrypts with a textual key.
func OpenSealed(key, appID, sealed string) ([]byte, error) {
	k, err := decodeKey(key)
	if err != nil {
		return nil, err
	}
	return k.open(sealed, appID)
}

// Seal encrypts with a textual key.
func Seal(key, appID string, text []byte) (string, error) {
	k, err := decodeKey(key)
	if err != nil {
		return "", err
	}
	return k.seal(text, appID)
}
