package photos

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// folder keeps files in one folder, out of which no name leads.
type folder struct{ root *os.Root }

func openFolder(path string) (shelf, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	return folder{root}, err
}

// put writes beside and renames, so that a file is there whole or not at all.
func (f folder) put(_ context.Context, name string, body []byte) error {
	draft := name + ".part"
	if err := f.write(draft, body); err != nil {
		return errors.Join(err, f.root.Remove(draft))
	}
	if err := f.root.Rename(draft, name); err != nil {
		return err
	}
	return f.sync()
}

func (f folder) write(name string, body []byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(body)
	return errors.Join(err, file.Sync(), file.Close())
}

// sync makes the names in the folder durable.
func (f folder) sync() error {
	dir, err := f.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (f folder) take(_ context.Context, name string) (io.ReadCloser, error) {
	file, err := f.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMissing
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (f folder) drop(_ context.Context, name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return f.sync()
}
