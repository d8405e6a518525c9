// Package photos takes in what people photograph and keeps it: small, upright,
// and without anything that the camera wrote into the file.
package photos

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"regexp"
	"strings"

	"github.com/disintegration/imaging"
	"github.com/gabriel-vasile/mimetype"

	"yishi/models/rules"
)

// Config says where photos are kept and how large one may be when it arrives.
// S3 is used when it names an endpoint, the folder otherwise.
type Config struct {
	Folder    string
	S3        S3
	MaxBytes  int64
	MaxPixels int64
}

// S3 is a store that speaks the S3 protocol. Endpoint is http(s)://host[:port].
type S3 struct {
	Endpoint, Bucket, Region, AccessKey, SecretKey string
}

const (
	maxSide = 2048 // of a kept photo, in pixels
	quality = 85
	atOnce  = 2 // photos decoded at the same time; one may take 300 MB
)

// Store keeps photos. It is safe for concurrent use.
type Store struct {
	shelf     shelf
	maxBytes  int64
	maxPixels int64
	decoding  chan struct{}
}

// shelf is where files stand: a folder or a bucket. take of a name that is not
// there is errMissing, drop of one is nothing.
type shelf interface {
	put(ctx context.Context, name string, body []byte) error
	take(ctx context.Context, name string) (io.ReadCloser, error)
	drop(ctx context.Context, name string) error
}

var errMissing = errors.New("photos: no such file")

// Open returns the store that cfg names; a folder is made if it is not there.
func Open(cfg Config) (*Store, error) {
	s := &Store{maxBytes: cfg.MaxBytes, maxPixels: cfg.MaxPixels, decoding: make(chan struct{}, atOnce)}
	var err error
	if cfg.S3.Endpoint != "" {
		s.shelf, err = openBucket(cfg.S3)
	} else {
		s.shelf, err = openFolder(cfg.Folder)
	}
	if err != nil {
		return nil, fmt.Errorf("photos: %w", err)
	}
	return s, nil
}

// Photo is a photo that has been kept, as it is now.
type Photo struct {
	File          string
	Width, Height int
}

// Keep reads a photo and keeps it as a new JPEG: turned the way it was taken,
// at most 2048 pixels a side, white where it was transparent, with no trace of
// place, time or camera. When Keep returns without error the file is durable.
//
// It refuses what has too many bytes (photo.big), is neither JPEG, PNG nor GIF
// by its content (photo.kind), has too many pixels (photo.pixels, before any is
// decoded) or cannot be decoded (photo.broken).
func (s *Store) Keep(ctx context.Context, r io.Reader) (Photo, error) {
	body, err := io.ReadAll(io.LimitReader(r, s.maxBytes+1))
	if err != nil {
		return Photo{}, fmt.Errorf("photos: read: %w", err)
	}
	if err := s.check(body); err != nil {
		return Photo{}, err
	}
	img, err := s.decode(ctx, body)
	if err != nil {
		return Photo{}, err
	}
	var out bytes.Buffer
	if err := imaging.Encode(&out, img, imaging.JPEG, imaging.JPEGQuality(quality)); err != nil {
		return Photo{}, fmt.Errorf("photos: encode: %w", err)
	}
	p := Photo{File: strings.ToLower(rand.Text()) + ".jpg", Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	if err := s.shelf.put(ctx, p.File, out.Bytes()); err != nil {
		return Photo{}, fmt.Errorf("photos: keep: %w", err)
	}
	return p, nil
}

// check refuses a file by its size, its first bytes and its header.
func (s *Store) check(body []byte) error {
	if int64(len(body)) > s.maxBytes {
		return rules.Refuse(rules.Invalid, "photo.big", "max", s.maxBytes)
	}
	kind := mimetype.Detect(body)
	if !kind.Is("image/jpeg") && !kind.Is("image/png") && !kind.Is("image/gif") {
		return rules.Refuse(rules.Invalid, "photo.kind")
	}
	header, format, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil || "image/"+format != kind.String() || header.Width < 1 || header.Height < 1 {
		return rules.Refuse(rules.Invalid, "photo.broken")
	}
	if int64(header.Width)*int64(header.Height) > s.maxPixels {
		return rules.Refuse(rules.Invalid, "photo.pixels", "max", s.maxPixels)
	}
	return nil
}

// decode returns the picture upright, small and opaque. Few are decoded at the
// same time, whatever the number of requests.
func (s *Store) decode(ctx context.Context, body []byte) (image.Image, error) {
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	img, err := imaging.Decode(bytes.NewReader(body), imaging.AutoOrientation(true))
	if err != nil {
		return nil, rules.Refuse(rules.Invalid, "photo.broken")
	}
	small := imaging.Fit(img, maxSide, maxSide, imaging.CatmullRom)
	if small.Opaque() {
		return small, nil
	}
	paper := imaging.New(small.Bounds().Dx(), small.Bounds().Dy(), color.White)
	return imaging.Overlay(paper, small, image.Point{}, 1), nil
}

var fileName = regexp.MustCompile(`^[a-z2-7]{26}\.jpg$`)

// Read returns a kept photo, a JPEG. A file that is not there, and any name that
// Keep cannot have given, is refused as photo.unknown.
func (s *Store) Read(ctx context.Context, file string) (io.ReadCloser, error) {
	if !fileName.MatchString(file) {
		return nil, rules.Refuse(rules.NotFound, "photo.unknown")
	}
	r, err := s.shelf.take(ctx, file)
	if errors.Is(err, errMissing) {
		return nil, rules.Refuse(rules.NotFound, "photo.unknown")
	}
	if err != nil {
		return nil, fmt.Errorf("photos: read: %w", err)
	}
	return r, nil
}

// Delete removes a photo for good. One that is not there is no error.
func (s *Store) Delete(ctx context.Context, file string) error {
	if !fileName.MatchString(file) {
		return rules.Refuse(rules.NotFound, "photo.unknown")
	}
	if err := s.shelf.drop(ctx, file); err != nil {
		return fmt.Errorf("photos: delete: %w", err)
	}
	return nil
}
