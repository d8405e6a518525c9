//go:build !js

package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const mostMinutes = 5

// download reads a board file from the network.
func download(place string) ([]byte, error) {
	ctx, stop := context.WithTimeout(context.Background(), mostMinutes*time.Minute)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, place, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", place, answer.Status)
	}
	return readAll(answer.Body, mostBoard)
}
