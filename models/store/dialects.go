package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	mysqldriver "github.com/go-sql-driver/mysql"
	gormsqlite "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// embedded is gorm's SQLite dialect over the pure Go engine, whose errors the
// dialect does not know by itself.
type embedded struct{ *gormsqlite.Dialector }

func openSQLite(path string) gorm.Dialector {
	return embedded{&gormsqlite.Dialector{DriverName: "sqlite", DSN: sqliteDSN(path)}}
}

// Translate names a broken unique key the way gorm does.
func (embedded) Translate(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code() == lib.SQLITE_CONSTRAINT_UNIQUE || e.Code() == lib.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return gorm.ErrDuplicatedKey
	}
	return err
}

func pool(c driver.Connector) *sql.DB { return sql.OpenDB(c) }

// Passing reports whether an error may go away when the whole transaction is
// run again: a deadlock (1213), a lock wait (1205), a cluster node that is not
// ready (1047), a lost connection or a server that is just starting, a busy SQLite
// file. A transaction that was
// refused at commit has left nothing behind; one whose connection was lost may
// have been committed, which the idempotency row and the unique keys catch.
func Passing(err error) bool {
	if my, ok := errors.AsType[*mysqldriver.MySQLError](err); ok {
		switch my.Number {
		case 1213, 1205, 1047, 1020:
			return true
		}
		return false
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code()&0xff == lib.SQLITE_BUSY
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok {
		return dial.Op == "dial" || dial.Op == "read" || dial.Op == "write"
	}
	return errors.Is(err, ErrTwice) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysqldriver.ErrInvalidConn)
}
