package rules

import "strings"

const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditWeights are 3^i mod 31 (GB 32100-2015, 5.5).
var creditWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// CheckCreditCode returns a unified social credit code in upper case, or refuses
// one of the wrong length, with a letter that the code does not use, or whose
// check character is wrong (GB 32100-2015).
func CheckCreditCode(s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 18 {
		return "", Refuse(Invalid, "credit.wrong")
	}
	sum := 0
	for i, w := range creditWeights {
		v := strings.IndexByte(creditAlphabet, s[i])
		if v < 0 {
			return "", Refuse(Invalid, "credit.wrong")
		}
		sum += v * w
	}
	if s[17] != creditAlphabet[(31-sum%31)%31] {
		return "", Refuse(Invalid, "credit.wrong")
	}
	return s, nil
}
