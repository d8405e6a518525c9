package rules_test

import (
	"testing"

	"yishi/models/rules"
)

func TestCheckScreening(t *testing.T) {
	for name, tt := range map[string]struct {
		state             rules.ScreeningState
		noun              rules.Screened
		found, yes, above bool
		reason, code      string
	}{
		"nothing found, let stand":              {rules.ScreeningHeld, rules.ScreenedPhoto, false, true, false, "", ""},
		"before WeChat has said":                {rules.ScreeningWaiting, rules.ScreenedPhoto, false, true, false, "", ""},
		"found, let stand without a reason":     {rules.ScreeningHeld, rules.ScreenedTopic, true, true, true, "", "text.empty"},
		"found, let stand with a reason":        {rules.ScreeningHeld, rules.ScreenedTopic, true, true, false, "转述", ""},
		"kept from the public without a reason": {rules.ScreeningHeld, rules.ScreenedTopic, false, false, true, "", "text.empty"},
		"a petition kept by the desk":           {rules.ScreeningHeld, rules.ScreenedPetition, false, false, false, "不实", "screening.above"},
		"a remark kept by the desk":             {rules.ScreeningHeld, rules.ScreenedRemark, true, false, false, "不实", "screening.above"},
		"a petition kept by the street":         {rules.ScreeningHeld, rules.ScreenedPetition, false, false, true, "不实", ""},
		"a petition let stand by the desk":      {rules.ScreeningHeld, rules.ScreenedPetition, false, true, false, "", ""},
		"a picture kept by the desk":            {rules.ScreeningHeld, rules.ScreenedPhoto, false, false, false, "有人脸", ""},
		"what was cleared":                      {rules.ScreeningClear, rules.ScreenedPhoto, false, false, true, "晚了", "screening.decided"},
		"what was passed":                       {rules.ScreeningPassed, rules.ScreenedPhoto, false, false, true, "晚了", "screening.decided"},
		"what was refused":                      {rules.ScreeningRefused, rules.ScreenedPhoto, false, true, true, "晚了", "screening.decided"},
	} {
		t.Run(name, func(t *testing.T) {
			err := rules.CheckScreening(tt.state, tt.noun, tt.found, tt.yes, tt.above, tt.reason)
			r, _ := rules.AsRefusal(err)
			if (r == nil) != (tt.code == "") || r != nil && r.Code != tt.code {
				t.Errorf("got %v, want %q", err, tt.code)
			}
		})
	}
}
