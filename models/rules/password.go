package rules

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Staff logins are locked for a while after so many wrong passwords or codes.
const (
	LoginTries = 5
	LoginLock  = 15 * time.Minute
)

// CheckPassword refuses a password that is short (under 10 characters), too long
// to hash (over 128), contains the login name or uses fewer than three distinct
// kinds of character (GB/T 22239 asks for complexity).
func CheckPassword(login, password string) error {
	n := utf8.RuneCountInString(password)
	if n < 10 || n > 128 {
		return Refuse(Invalid, "password.length")
	}
	if login != "" && strings.Contains(strings.ToLower(password), strings.ToLower(login)) {
		return Refuse(Invalid, "password.login")
	}
	var lower, upper, digit, other int
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	if lower+upper+digit+other < 3 {
		return Refuse(Invalid, "password.kinds")
	}
	return nil
}
