package main

import (
	"errors"
	"io"
	"os"
	"strings"
)

// Bounds of what is read.
const (
	mostBoard = 512 << 20
	mostNote  = 1 << 16
)

// fetch reads a board file, from here or from the network.
func fetch(place string) ([]byte, error) {
	if strings.HasPrefix(place, "http://") || strings.HasPrefix(place, "https://") {
		return download(place)
	}
	return readFile(place, mostBoard)
}

func readFile(name string, most int64) ([]byte, error) {
	file, err := os.Open(name) //nolint:gosec // whoever calls names the file, and may read it
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return readAll(file, most)
}

func readAll(r io.Reader, most int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(body)) > most {
		err = errors.New(say("unusable.big", "most", most))
	}
	return body, err
}

// noteOf returns a note that was named by its file or given as it is. Pasting
// costs it line ends at times, which are put back.
func noteOf(given string) (string, error) {
	text := given
	if !strings.Contains(given, "\n") {
		if body, err := readFile(given, mostNote); err == nil {
			text = string(body)
		} else if !strings.Contains(given, `\n`) {
			return "", err
		}
		text = strings.ReplaceAll(text, `\n`, "\n")
	}
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) + "\n", nil
}
