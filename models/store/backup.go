package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	driver "github.com/go-sql-driver/mysql"
)

// Backup writes a consistent copy of a database to a new file while it is in
// use: of SQLite by VACUUM INTO, of MariaDB by mariadb-dump in one transaction.
// The file is complete when it is there: it is written beside and then renamed.
func Backup(ctx context.Context, dsn, file string) error {
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s exists already", file)
	}
	part := file + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	write := dumpSQLite
	if strings.HasPrefix(dsn, "mysql://") {
		write = dumpMariaDB
	}
	if err := write(ctx, dsn, part); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, file)
}

func dumpSQLite(ctx context.Context, dsn, file string) error {
	if _, err := os.Stat(dsn); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteDSN(dsn))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", file)
	return errors.Join(err, db.Close(), os.Chmod(file, 0o600))
}

func dumpMariaDB(ctx context.Context, dsn, file string) error {
	out, err := os.OpenFile(filepath.Clean(file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = client(ctx, dsn, "mariadb-dump", nil, out, "--single-transaction", "--quick", "--hex-blob", "--skip-lock-tables")
	return errors.Join(err, out.Sync(), out.Close())
}

// Restore brings a backup into a database that is empty or not there yet.
func Restore(ctx context.Context, dsn, file string) error {
	in, err := os.Open(filepath.Clean(file))
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if strings.HasPrefix(dsn, "mysql://") {
		if err := checkEmpty(ctx, dsn); err != nil {
			return err
		}
		return client(ctx, dsn, "mariadb", in, nil)
	}
	if _, err := os.Stat(dsn); err == nil {
		return fmt.Errorf("%s exists already: move it away first", dsn)
	}
	out, err := os.OpenFile(filepath.Clean(dsn), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func checkEmpty(ctx context.Context, dsn string) error {
	s, err := Open(dsn, nil)
	if err != nil {
		return err
	}
	var tables int
	err = s.DB(ctx).Raw("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()").Scan(&tables).Error
	if err = errors.Join(err, s.Close()); err != nil {
		return Redact(err)
	}
	if tables > 0 {
		return fmt.Errorf("the database holds %d tables: restore into an empty one", tables)
	}
	return nil
}

// client runs one of MariaDB's own programs on a database. The password goes
// through a file that only this process can read, never through the arguments.
func client(ctx context.Context, dsn, program string, in io.Reader, out io.Writer, args ...string) error {
	nodes, err := hosts(strings.TrimPrefix(dsn, "mysql://"))
	if err != nil {
		return err
	}
	cfg := listening(ctx, nodes)
	defaults, err := defaultsFile(cfg)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(defaults) }()
	cmd := exec.CommandContext(ctx, program, append(append([]string{"--defaults-file=" + defaults}, args...), cfg.DBName)...) //nolint:gosec // program is one of two constants
	var problem strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &problem
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(problem.String()))
	}
	return nil
}

// listening is the first node of a cluster that takes connections.
func listening(ctx context.Context, nodes []*driver.Config) *driver.Config {
	dialer := net.Dialer{Timeout: nodes[0].Timeout}
	for _, node := range nodes {
		if c, err := dialer.DialContext(ctx, node.Net, node.Addr); err == nil {
			_ = c.Close()
			return node
		}
	}
	return nodes[0]
}

func defaultsFile(cfg *driver.Config) (string, error) {
	file, err := os.CreateTemp("", "yishi-*.cnf") // made with mode 0600
	if err != nil {
		return "", err
	}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	lines := fmt.Sprintf("[client]\nuser=\"%s\"\npassword=\"%s\"\n", quote.Replace(cfg.User), quote.Replace(cfg.Passwd))
	if cfg.Net == "unix" {
		lines += fmt.Sprintf("socket=\"%s\"\n", quote.Replace(cfg.Addr))
	} else if host, port, err := net.SplitHostPort(cfg.Addr); err == nil {
		lines += fmt.Sprintf("host=\"%s\"\nport=%s\nprotocol=tcp\n", quote.Replace(host), port)
	}
	_, err = file.WriteString(lines)
	return file.Name(), errors.Join(err, file.Close())
}
