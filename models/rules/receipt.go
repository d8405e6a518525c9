package rules

import "strings"

// ReceiptDigits is the length of a receipt number. It is all digits so that it
// can be read out over a telephone; the last is a Luhn check digit, so one
// misheard digit or two swapped neighbours are noticed.
const ReceiptDigits = 9

// Receipt turns a number below 10^8 into a receipt number.
func Receipt(n uint32) string {
	digits := make([]byte, ReceiptDigits-1)
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return string(digits) + string(luhn(digits))
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
	if len(digits) != ReceiptDigits || luhn(digits[:ReceiptDigits-1]) != digits[ReceiptDigits-1] {
		return "", Refuse(Invalid, "receipt.wrong")
	}
	return string(digits), nil
}

func luhn(digits []byte) byte {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}
