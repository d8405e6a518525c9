//go:build !race

package torture_test

import (
	"context"
	"database/sql/driver"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// disk stands between SQLite and the files of one folder. It knows of each what
// was brought to safety and what was only written: a cut of the power keeps the
// one, and of the other whatever it likes. That a file is there or gone is taken
// to be safe at once.
type disk struct {
	mu     sync.Mutex
	folder string
	files  map[string]*platter
	open   map[uintptr]handle
	conns  map[sqlite.ExecQuerierContext]bool
	relax  bool         // connections do not bring each commit to safety
	slow   atomic.Int64 // how long it takes to bring something to safety, beside what it takes anyway
}

// handle is a file that is open, and how the machine's own calls are found.
type handle struct {
	*platter
	calls *lib.Tsqlite3_io_methods
}

// platter is a file: what is safe of it, and what was written since.
type platter struct {
	safe    []byte
	pending []write
}

// write is a write at a place, or without data a cut of the file to a length.
type write struct {
	at   int64
	data []byte
}

func (w write) on(b []byte) []byte {
	if w.data == nil {
		return append(b, make([]byte, max(0, w.at-int64(len(b))))...)[:w.at]
	}
	if end := w.at + int64(len(w.data)); end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[w.at:], w.data)
	return b
}

// The disk is one for the process, as SQLite's own table of file systems is.
var (
	spinning disk
	plugged  sync.Once
	native   *lib.Tsqlite3_vfs       // the file system of the machine
	nativeAt uintptr                 // the same
	ours     = map[uintptr]uintptr{} // tables of calls by those that they stand for
)

// plug puts the disk under the files of a folder.
func plug(t *testing.T, folder string) *disk {
	t.Helper()
	plugged.Do(func() {
		tls := libc.NewTLS()
		nativeAt = lib.Xsqlite3_vfs_find(tls, 0)
		native = at[lib.Tsqlite3_vfs](nativeAt)
		name, err := libc.CString("power")
		ok(t, err)
		copied := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(*native)))
		v := at[lib.Tsqlite3_vfs](copied)
		*v = *native
		v.FzName, v.FpNext, v.FxOpen, v.FxDelete = name, 0, pointer(vfsOpen), pointer(vfsDelete)
		if rc := lib.Xsqlite3_vfs_register(tls, copied, 1); rc != lib.SQLITE_OK {
			t.Fatalf("the file system is not taken: %d", rc)
		}
		sqlite.RegisterConnectionHook(spinning.connected)
	})
	spinning.mu.Lock()
	defer spinning.mu.Unlock()
	spinning.folder, spinning.files, spinning.open, spinning.relax = folder, map[string]*platter{}, map[uintptr]handle{}, false
	spinning.conns = map[sqlite.ExecQuerierContext]bool{}
	return &spinning
}

// idle forgets the connections: they have been closed.
func (d *disk) idle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.conns)
}

// connected notes each connection into the folder, to be relaxed.
func (d *disk) connected(c sqlite.ExecQuerierContext, dsn string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.folder == "" || !strings.Contains(dsn, d.folder) {
		return nil
	}
	d.conns[c] = true
	if d.relax {
		return relaxed(c)
	}
	return nil
}

func relaxed(c sqlite.ExecQuerierContext) error {
	_, err := c.ExecContext(context.Background(), "PRAGMA synchronous = NORMAL", []driver.NamedValue{})
	return err
}

// relaxAll takes from the connections what the program asks of them. None may be
// in use meanwhile.
func (d *disk) relaxAll(t *testing.T) {
	t.Helper()
	d.mu.Lock()
	d.relax = true
	conns := d.conns
	d.mu.Unlock()
	for c := range conns {
		ok(t, relaxed(c))
	}
}

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

// cut writes into another folder what is left when the power goes now. torn is
// whether the disk keeps some of what was only written, in parts and in any
// order; otherwise it keeps none.
func (d *disk) cut(t *testing.T, to string, torn bool) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, p := range d.files {
		left := slices.Clone(p.safe)
		for _, w := range p.pending {
			if !torn || mrand.IntN(2) == 0 {
				continue
			}
			if len(w.data) > sector && mrand.IntN(2) == 0 {
				w.data = w.data[:sector*(1+mrand.IntN(len(w.data)/sector))]
			}
			left = w.on(left)
		}
		ok(t, os.WriteFile(filepath.Join(to, filepath.Base(name)), left, 0o600))
	}
}

// at reads what SQLite keeps at an address that Go does not know.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// pointer is the address of a function, as SQLite calls it.
func pointer[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&struct{ f F }{f})) }

// function is the function at an address.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&struct{ uintptr }{p})) }

type (
	openFunc   = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	deleteFunc = func(tls *libc.TLS, vfs, name uintptr, sync int32) int32
	closeFunc  = func(tls *libc.TLS, file uintptr) int32
	writeFunc  = func(tls *libc.TLS, file, data uintptr, n int32, at int64) int32
	cutFunc    = func(tls *libc.TLS, file uintptr, size int64) int32
	syncFunc   = func(tls *libc.TLS, file uintptr, flags int32) int32
)

func vfsOpen(tls *libc.TLS, _, name, file uintptr, flags int32, out uintptr) int32 {
	d := &spinning
	d.mu.Lock()
	defer d.mu.Unlock()
	path := ""
	if name != 0 {
		path = libc.GoString(name)
	}
	kept, err := os.ReadFile(path)
	rc := function[openFunc](native.FxOpen)(tls, nativeAt, name, file, flags, out)
	if rc != lib.SQLITE_OK || path == "" || d.folder == "" || !strings.HasPrefix(path, d.folder) {
		return rc
	}
	if d.files[path] == nil {
		if err != nil {
			kept = nil // it is new
		}
		d.files[path] = &platter{safe: kept}
	}
	f := at[lib.Tsqlite3_file](file)
	d.open[file] = handle{d.files[path], at[lib.Tsqlite3_io_methods](f.FpMethods)}
	f.FpMethods = watched(tls, f.FpMethods)
	return rc
}

// watched is a table of calls that stands for another.
func watched(tls *libc.TLS, table uintptr) uintptr {
	if ours[table] == 0 {
		theirs := at[lib.Tsqlite3_io_methods](table)
		p := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(*theirs)))
		m := at[lib.Tsqlite3_io_methods](p)
		*m = *theirs
		m.FiVersion = 2 // without the calls of version 3, which map files into memory
		m.FxClose, m.FxWrite, m.FxTruncate, m.FxSync = pointer(fileClose), pointer(fileWrite), pointer(fileTruncate), pointer(fileSync)
		ours[table] = p
	}
	return ours[table]
}

func vfsDelete(tls *libc.TLS, _, name uintptr, sync int32) int32 {
	d := &spinning
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, libc.GoString(name))
	return function[deleteFunc](native.FxDelete)(tls, nativeAt, name, sync)
}

func fileClose(tls *libc.TLS, file uintptr) int32 {
	d := &spinning
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.open[file]
	delete(d.open, file)
	return function[closeFunc](h.calls.FxClose)(tls, file)
}

func fileWrite(tls *libc.TLS, file, data uintptr, n int32, at int64) int32 {
	d := &spinning
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.open[file]
	rc := function[writeFunc](h.calls.FxWrite)(tls, file, data, n, at)
	if rc == lib.SQLITE_OK {
		h.pending = append(h.pending, write{at, slices.Clone(libc.GoBytes(data, int(n)))})
	}
	return rc
}

func fileTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	d := &spinning
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.open[file]
	rc := function[cutFunc](h.calls.FxTruncate)(tls, file, size)
	if rc == lib.SQLITE_OK {
		h.pending = append(h.pending, write{at: size})
	}
	return rc
}

func fileSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	d := &spinning
	time.Sleep(time.Duration(d.slow.Load()))
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.open[file]
	rc := function[syncFunc](h.calls.FxSync)(tls, file, flags)
	if rc == lib.SQLITE_OK {
		for _, w := range h.pending {
			h.safe = w.on(h.safe)
		}
		h.pending = nil
	}
	return rc
}
