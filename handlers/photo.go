package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"yishi/models"
	"yishi/models/rules"
)

type upload struct {
	ID      int64 `path:"id" minimum:"1"`
	RawBody huma.MultipartFormFiles[struct {
		File huma.FormFile `form:"file" required:"true"`
	}]
}

type photoOf struct {
	ID    int64 `path:"id" minimum:"1"`
	Photo int64 `path:"photo" minimum:"1"`
}

type picture struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *API) photos() {
	get(a, "listPhotos", "/api/v1/topics/{id}/photos", rules.TopicRead, func(ctx context.Context, who models.Actor, in *byID) ([]models.Photo, error) {
		return a.Forum.Photos(ctx, who, in.ID)
	})
	post(a, "addPhoto", "/api/v1/topics/{id}/photos", rules.TopicPhoto, a.addPhoto)

	op := a.operation(http.MethodGet, "photo", "/api/v1/topics/{id}/photos/{photo}", rules.TopicRead)
	huma.Register(a.huma, op, func(ctx context.Context, in *photoOf) (*picture, error) {
		p, err := a.readPhoto(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, "photo", err)
		}
		return p, nil
	})
}

// addPhoto takes a picture in. A retry is known by its key and the picture itself:
// it gets the answer of before, though the topic may have no room left, and
// nothing is kept twice.
func (a *API) addPhoto(ctx context.Context, who models.Actor, in *upload) (*models.Photo, error) {
	file := in.RawBody.Data().File
	var err error
	if who.Digest, err = digestOf(who.Digest, file); err != nil {
		return nil, err
	}
	again, err := a.Forum.Answered(ctx, who)
	if err != nil {
		return nil, err
	}
	if again {
		return a.Forum.AddPhoto(ctx, who, models.Photo{TopicID: in.ID})
	}
	if err := a.Forum.MayAddPhoto(ctx, who, in.ID); err != nil {
		return nil, err
	}
	kept, err := a.Photos.Keep(ctx, file)
	if err != nil {
		return nil, err
	}
	p, err := a.Forum.AddPhoto(ctx, who, models.Photo{TopicID: in.ID, File: kept.File, Width: kept.Width, Height: kept.Height})
	_, refused := rules.AsRefusal(err)
	if refused || err == nil && p.File == "" { // the answer of another that came with the same key
		err = errors.Join(err, a.Photos.Delete(ctx, kept.File))
	}
	return p, err
}

// digestOf stands for a request and the file that came with it. The file is read
// by pieces and stands at its beginning again afterwards.
func digestOf(request string, file io.ReadSeeker) (string, error) {
	sum := sha256.New()
	_, _ = io.WriteString(sum, request+"\n")
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	_, err := file.Seek(0, io.SeekStart)
	return hex.EncodeToString(sum.Sum(nil)), err
}

func (a *API) readPhoto(ctx context.Context, in *photoOf) (*picture, error) {
	who, err := a.actor(ctx, http.MethodGet, rules.TopicRead)
	if err != nil {
		return nil, err
	}
	photos, err := a.Forum.Photos(ctx, who, in.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(photos, func(p models.Photo) bool { return p.ID == in.Photo })
	if i < 0 {
		return nil, rules.Refuse(rules.NotFound, "photo.unknown")
	}
	return a.shown(ctx, photos[i].File)
}

func (a *API) shown(ctx context.Context, name string) (*picture, error) {
	file, err := a.Photos.Read(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	body, err := io.ReadAll(file)
	return &picture{"image/jpeg", body}, err
}
