package photos_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"yishi/models/rules"
	"yishi/photos"
)

func open(t *testing.T, folder string) *photos.Store {
	t.Helper()
	s, err := photos.Open(photos.Config{Folder: folder, MaxBytes: 1 << 20, MaxPixels: 10_000_000})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// picture is red in its upper left quarter and blue elsewhere.
func picture(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{B: 255, A: 255}
			if x < width/2 && y < height/2 {
				c = color.NRGBA{R: 255, A: 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func encode(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	return encode(t, func(w io.Writer) error { return jpeg.Encode(w, img, nil) })
}

// withEXIF puts in what a phone writes: how it was held, and where it was.
func withEXIF(jpg []byte, orientation uint16) []byte {
	var tiff []byte
	short := func(v ...uint16) {
		for _, x := range v {
			tiff = binary.BigEndian.AppendUint16(tiff, x)
		}
	}
	long := func(v uint32) { tiff = binary.BigEndian.AppendUint32(tiff, v) }
	tiff = append(tiff, "MM\x00\x2a"...)
	long(8)                                           // where the first directory is
	short(2)                                          // two entries
	short(0x0112, 3, 0, 1, orientation, 0)            // Orientation
	short(0x8825, 4, 0, 1)                            // GPSInfo
	long(38)                                          // where the GPS directory is
	long(0)                                           // no further directory
	short(1, 0x0001, 2, 0, 2)                         // GPSLatitudeRef, one entry
	tiff = append(tiff, "N\x00\x00\x00GPS-canary"...) // and a text to look for
	segment := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(segment)+2))
	return append(append(head, segment...), jpg[2:]...)
}

func keep(t *testing.T, s *photos.Store, body []byte) (photos.Photo, []byte) {
	t.Helper()
	p, err := s.Keep(context.Background(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Read(context.Background(), p.File)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return p, kept
}

func code(t *testing.T, err error) string {
	t.Helper()
	r, ok := rules.AsRefusal(err)
	if !ok {
		t.Fatalf("want a refusal, got %v", err)
	}
	return r.Code
}

func TestAPhotoIsKeptWithoutWhatTheCameraWrote(t *testing.T) {
	body := withEXIF(jpegOf(t, picture(64, 32)), 1)
	if !bytes.Contains(body, []byte("GPS-canary")) {
		t.Fatal("the test shows nothing")
	}
	_, kept := keep(t, open(t, t.TempDir()), body)
	for _, trace := range []string{"Exif", "GPS-canary", "MM\x00\x2a"} {
		if bytes.Contains(kept, []byte(trace)) {
			t.Errorf("%q is still there", trace)
		}
	}
}

func TestAPhotoStandsUpright(t *testing.T) {
	// Orientation 6: the camera was turned; the picture is to be turned clockwise.
	p, kept := keep(t, open(t, t.TempDir()), withEXIF(jpegOf(t, picture(64, 32)), 6))
	if p.Width != 32 || p.Height != 64 {
		t.Errorf("%d x %d", p.Width, p.Height)
	}
	img, err := jpeg.Decode(bytes.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	red := func(x, y int) bool { r, _, b, _ := img.At(x, y).RGBA(); return r > b }
	if !red(24, 16) || red(8, 16) || red(8, 48) || red(24, 48) {
		t.Error("the red quarter must be the upper right one now")
	}
}

func TestEveryKindOfPhotoBecomesASmallJPEG(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 10, 10))
	for name, row := range map[string]struct {
		body          []byte
		width, height int
	}{
		"a JPEG":            {jpegOf(t, picture(40, 30)), 40, 30},
		"a PNG":             {encode(t, func(w io.Writer) error { return png.Encode(w, picture(40, 30)) }), 40, 30},
		"a GIF":             {encode(t, func(w io.Writer) error { return gif.Encode(w, picture(40, 30), nil) }), 40, 30},
		"a wide one":        {jpegOf(t, picture(4096, 64)), 2048, 32},
		"a transparent one": {encode(t, func(w io.Writer) error { return png.Encode(w, clear) }), 10, 10},
	} {
		t.Run(name, func(t *testing.T) {
			p, kept := keep(t, open(t, t.TempDir()), row.body)
			img, err := jpeg.Decode(bytes.NewReader(kept))
			if err != nil {
				t.Fatal(err)
			}
			if p.Width != row.width || p.Height != row.height || img.Bounds() != image.Rect(0, 0, row.width, row.height) {
				t.Errorf("%+v, %v", p, img.Bounds())
			}
			if r, _, _, _ := img.At(5, 5).RGBA(); name == "a transparent one" && r < 0xf000 {
				t.Error("transparent must become white")
			}
		})
	}
}

// bomb is a PNG whose header promises 50,000 x 50,000 pixels.
func bomb() []byte {
	ihdr := append([]byte("IHDR\x00\x00\xc3\x50\x00\x00\xc3\x50"), 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
}

func TestWhatIsNoPhotoIsRefusedAndNothingIsKept(t *testing.T) {
	good := jpegOf(t, picture(64, 64))
	folder := t.TempDir()
	s := open(t, folder)
	for name, row := range map[string]struct {
		body []byte
		code string
	}{
		"nothing":                {nil, "photo.kind"},
		"a page":                 {[]byte("<html><script>alert(1)</script>"), "photo.kind"},
		"an SVG":                 {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), "photo.kind"},
		"a TIFF":                 {[]byte("II\x2a\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "photo.kind"},
		"a bomb":                 {bomb(), "photo.pixels"},
		"half a photo":           {good[:len(good)/2], "photo.broken"},
		"the start of a photo":   {good[:4], "photo.broken"},
		"a script called GIF89a": {[]byte("GIF89a=1;alert(1)"), "photo.pixels"},
		"too many bytes":         {bytes.Repeat([]byte{0xff}, 1<<20+1), "photo.big"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Keep(t.Context(), bytes.NewReader(row.body))
			if got := code(t, err); got != row.code {
				t.Errorf("got %s, want %s", got, row.code)
			}
		})
	}
	_, err := s.Keep(t.Context(), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, refused := rules.AsRefusal(err); err == nil || refused {
		t.Errorf("a lost connection is a fault, got %v", err)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestNoNameLeadsOutOfTheFolder(t *testing.T) {
	folder := t.TempDir()
	inside := filepath.Join(folder, "photos")
	s := open(t, inside)
	if err := os.WriteFile(filepath.Join(folder, "key"), []byte("canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := strings.Repeat("a", 26) + ".jpg"
	if err := os.Symlink(filepath.Join(folder, "key"), filepath.Join(inside, link)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../key", "/etc/passwd", "a/../../key", "..\\key", "%2e%2e/key", link + "\x00", strings.Repeat("b", 26) + ".jpg"} {
		if _, err := s.Read(t.Context(), name); code(t, err) != "photo.unknown" {
			t.Errorf("read %q: %v", name, err)
		}
	}
	for _, name := range []string{"../key", "..", "key"} {
		if err := s.Delete(t.Context(), name); code(t, err) != "photo.unknown" {
			t.Errorf("delete %q: %v", name, err)
		}
	}
	if r, err := s.Read(t.Context(), link); err == nil {
		t.Errorf("a link leads out: %v", r.Close())
	}
	if body, err := os.ReadFile(filepath.Join(folder, "key")); err != nil || string(body) != "canary" {
		t.Error("the file outside was touched")
	}
}

func TestADeletedPhotoIsGone(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	p, _ := keep(t, s, jpegOf(t, picture(8, 8)))
	q, _ := keep(t, s, jpegOf(t, picture(8, 8)))
	if p.File == q.File {
		t.Error("two people's photos must not share a file")
	}
	for range 2 {
		if err := s.Delete(t.Context(), p.File); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Read(t.Context(), p.File); code(t, err) != "photo.unknown" {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(folder, q.File))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the other one: %v, %v", info, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	s := open(t, t.TempDir())
	body := jpegOf(t, picture(300, 200))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := s.Keep(context.Background(), bytes.NewReader(body)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 32 { // a free slot may win once or twice
		if _, err := s.Keep(gone, bytes.NewReader(body)); errors.Is(err, context.Canceled) {
			return
		}
	}
	t.Error("nobody waits for a decoder after leaving")
}
