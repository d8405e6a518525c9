package rules

import "strings"

// ReceiptDigits is the length of a receipt number. It is all digits so that it
// can be read out over a telephone; the last is a check digit after Damm, so one
// misheard digit or two swapped neighbours are always noticed. (Luhn's would let
// 09 pass for 90.)
const ReceiptDigits = 9

// Receipts is how many receipt numbers there are.
const Receipts = 100_000_000

// Receipt turns a number below Receipts into a receipt number.
func Receipt(n uint32) string {
	digits := make([]byte, ReceiptDigits-1)
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return string(digits) + string(damm(digits))
}

// ReadReceipt reads a receipt number as a person types it (blanks, dashes and
// full-width digits are fine) and refuses one whose check digit is wrong.
func ReadReceipt(s string) (string, error) {
	var digits []byte
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, byte(r))
		case r >= '０' && r <= '９':
			digits = append(digits, byte('0'+r-'０'))
		case strings.ContainsRune(" -－　", r):
		default:
			return "", Refuse(Invalid, "receipt.wrong")
		}
	}
	if len(digits) != ReceiptDigits || damm(digits[:ReceiptDigits-1]) != digits[ReceiptDigits-1] {
		return "", Refuse(Invalid, "receipt.wrong")
	}
	return string(digits), nil
}

// steps is a totally anti-symmetric quasigroup of order 10 with zeros on its
// diagonal (H. M. Damm, 2004).
var steps = [10]string{
	"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
	"3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
}

func damm(digits []byte) byte {
	check := byte('0')
	for _, d := range digits {
		check = steps[check-'0'][d-'0']
	}
	return check
}

// Digits returns the digits of what a person typed, full-width ones too.
func Digits(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune('0' + r - '０')
		}
	}
	return b.String()
}
