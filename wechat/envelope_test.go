package wechat_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"os"
	"os/exec"
	"strings"
	"testing"

	"yishi/wechat"
)

// openssl runs the command line tool on some input.
func openssl(t *testing.T, in []byte, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("openssl is missing, and CI needs this check")
		}
		t.Skip("NOT CHECKED: openssl is missing, so the envelope has no witness of its own kind")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("openssl %s: %v", args[0], err)
	}
	return out
}

func cipherArgs(t *testing.T, mode string) []string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(newKey + "=")
	if err != nil {
		t.Fatal(err)
	}
	return []string{"enc", mode, "-aes-256-cbc", "-nopad", "-nosalt", "-K", hex.EncodeToString(key), "-iv", hex.EncodeToString(key[:16])}
}

// plainForm writes what the protocol puts under the cipher.
func plainForm(text, appID string) []byte {
	var b bytes.Buffer
	b.WriteString("0123456789abcdef")
	_ = binary.Write(&b, binary.BigEndian, uint32(len(text)))
	b.WriteString(text + appID)
	pad := 32 - b.Len()%32
	b.Write(bytes.Repeat([]byte{byte(pad)}, pad))
	return b.Bytes()
}

func TestOpenWhatOpensslSealed(t *testing.T) {
	for size := range 70 { // every padding, twice
		text := strings.Repeat("字", size/3) + strings.Repeat("x", size%3)
		sealed := openssl(t, plainForm(text, official.ID), cipherArgs(t, "-e")...)
		got, err := wechat.OpenSealed(newKey, official.ID, base64.StdEncoding.EncodeToString(sealed))
		if err != nil || string(got) != text {
			t.Fatalf("opened %q, %v; want %q", got, err, text)
		}
	}
}

func TestOpensslOpensWhatWeSealed(t *testing.T) {
	const text = "<xml><Content>您好，邻居</Content></xml>"
	sealed, err := wechat.Seal(newKey, official.ID, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	plain := openssl(t, raw, cipherArgs(t, "-d")...)
	if want := plainForm(text, official.ID); !bytes.Equal(plain[16:], want[16:]) {
		t.Fatalf("openssl read %q, want %q", plain[16:], want[16:])
	}
}

func TestSignatureAgainstOpenssl(t *testing.T) {
	parts := []string{"callbacktoken", "1795510800", "486452656", "c2VhbGVk"}
	out := openssl(t, []byte("1795510800"+"486452656"+"c2VhbGVk"+"callbacktoken"), "dgst", "-sha1", "-r")
	want, _, _ := strings.Cut(string(out), " ")
	if got := wechat.Sign(parts...); got != want {
		t.Fatalf("signature %s, want %s", got, want)
	}
}

func TestOpenRefuses(t *testing.T) {
	seal := func(plain []byte) string {
		return base64.StdEncoding.EncodeToString(openssl(t, plain, cipherArgs(t, "-e")...))
	}
	spoil := func(at int, b byte) []byte {
		plain := plainForm("hello", official.ID)
		plain[(at+len(plain))%len(plain)] = b
		return plain
	}
	for name, sealed := range map[string]string{
		"nothing":          "",
		"no base64":        "!!!!",
		"truncated":        seal(plainForm("hello", official.ID))[:20],
		"half a block":     base64.StdEncoding.EncodeToString(make([]byte, 16)),
		"half a unit":      seal(append(plainForm("hello", official.ID)[:42], bytes.Repeat([]byte{6}, 6)...)),
		"padding 0":        seal(spoil(-1, 0)),
		"padding 33":       seal(spoil(-1, 33)),
		"uneven padding":   seal(spoil(-2, 99)),
		"all padding":      seal(bytes.Repeat([]byte{32}, 32)),
		"huge length":      seal(spoil(16, 0xff)),
		"length too short": seal(spoil(19, 4)),
		"other app":        seal(plainForm("hello", mini.ID)),
		"other key":        base64.StdEncoding.EncodeToString(make([]byte, 64)),
	} {
		if got, err := wechat.OpenSealed(newKey, official.ID, sealed); err == nil {
			t.Errorf("%s: opened %q", name, got)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, key := range []string{"", "short", newKey[:42], newKey + "x", strings.Repeat("!", 43)} {
		if _, err := wechat.Seal(key, "wx", nil); err == nil {
			t.Errorf("%q was taken for a key", key)
		}
	}
	if sealed, err := wechat.Seal(newKey, "wx", nil); err != nil {
		t.Fatal(err)
	} else if got, err := wechat.OpenSealed(newKey, "wx", sealed); err != nil || len(got) != 0 {
		t.Fatalf("opened %q, %v", got, err)
	}
}
