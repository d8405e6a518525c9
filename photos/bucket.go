package photos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket keeps files in a store that speaks the S3 protocol.
type bucket struct {
	client *minio.Core
	name   string
}

func openBucket(cfg S3) (shelf, error) {
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("s3 endpoint %q: expected http(s)://host[:port]", cfg.Endpoint)
	}
	client, err := minio.NewCore(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure: u.Scheme == "https",
		Region: cfg.Region,
	})
	if err != nil {
		return nil, err
	}
	return bucket{client, cfg.Bucket}, nil
}

func (b bucket) put(ctx context.Context, name string, body []byte) error {
	_, err := b.client.Client.PutObject(ctx, b.name, name, bytes.NewReader(body), int64(len(body)),
		minio.PutObjectOptions{ContentType: "image/jpeg"})
	return err
}

func (b bucket) take(ctx context.Context, name string) (io.ReadCloser, error) {
	r, _, _, err := b.client.GetObject(ctx, b.name, name, minio.GetObjectOptions{})
	if err == nil {
		return r, nil
	}
	if answer := minio.ToErrorResponse(err); answer.StatusCode == http.StatusNotFound && answer.Code == minio.NoSuchKey {
		return nil, errMissing
	}
	return nil, err
}

func (b bucket) drop(ctx context.Context, name string) error {
	return b.client.RemoveObject(ctx, b.name, name, minio.RemoveObjectOptions{})
}
