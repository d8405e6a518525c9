package wechattest

import (
	"bytes"
	"crypto/rand"
	"image"
	"image/jpeg"
	"slices"
)

// button is a button of a menu, as WeChat writes it.
type button struct {
	Type string   `json:"type,omitempty"`
	Name string   `json:"name"`
	Key  string   `json:"key,omitempty"`
	URL  string   `json:"url,omitempty"`
	App  string   `json:"appid,omitempty"`
	Page string   `json:"pagepath,omitempty"`
	Sub  []button `json:"sub_button"`
}

func (f *Fake) createMenu(in *input) any {
	if code := badMenu(in.body.Button, 3, 16); code != 0 {
		return refusal(code)
	}
	in.app.menu = in.body.Button
	return map[string]any{"errcode": 0, "errmsg": "ok"}
}

// badMenu is WeChat's refusal of some buttons, or 0.
func badMenu(buttons []button, most, name int) int {
	if len(buttons) == 0 || len(buttons) > most {
		return 40016
	}
	for _, b := range buttons {
		switch {
		case b.Name == "" || len(b.Name) > name:
			return 40018
		case len(b.Sub) > 0 && most == 5:
			return 40023
		case len(b.Sub) > 0:
			if code := badMenu(b.Sub, 5, 60); code != 0 {
				return code
			}
		case b.Type == "view" && b.URL == "", b.Type == "miniprogram" && (b.URL == "" || b.App == "" || b.Page == ""):
			return 40020
		case b.Type == "click" && b.Key == "", !slices.Contains([]string{"click", "view", "miniprogram"}, b.Type):
			return 40016
		}
	}
	return 0
}

func (f *Fake) readMenu(in *input) any {
	if in.app.menu == nil {
		return refusal(46003)
	}
	return map[string]any{"menu": map[string]any{"button": in.app.menu, "menuid": 1}}
}

// AddMedia keeps bytes that the official account can fetch, and returns their
// id.
func (f *Fake) AddMedia(data []byte) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := rand.Text()
	f.files[id] = data
	return id
}

// picture is a grey square.
func picture() []byte {
	var out bytes.Buffer
	_ = jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 8, 8)), nil)
	return out.Bytes()
}

func (f *Fake) readMedia(in *input) any {
	data, ok := f.files[in.query.Get("media_id")]
	if !ok {
		return refusal(40007)
	}
	return data
}

func (f *Fake) userInfo(in *input) any {
	in.body.To = in.query.Get("openid")
	r := f.receiver(in)
	if r == nil {
		return refusal(40003)
	}
	out := map[string]any{"subscribe": 0, "openid": in.body.To, "unionid": r.UnionID}
	if r.following {
		out["subscribe"], out["subscribe_time"], out["language"] = 1, f.now().Unix(), "zh_CN"
	}
	return out
}
