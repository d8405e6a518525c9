package wechattest

import (
	"embed"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
)

//go:embed phone.html phone.css phone.js
var page embed.FS

// Phone is the demo's phone: a page on which a person acts for a resident, and
// the JSON behind it. Serve it under a path that ends with a slash:
//
//	mux.Handle("/phone/", http.StripPrefix("/phone", fake.Phone()))
//
// It is a simulation and asks for no login; serve it in a demo only. Other web
// pages cannot make it act.
func (f *Fake) Phone() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, page, "phone.html")
	})
	mux.Handle("GET /phone.css", http.FileServerFS(page))
	mux.Handle("GET /phone.js", http.FileServerFS(page))
	mux.HandleFunc("GET /api/state", f.phoneState)
	mux.HandleFunc("POST /api/act", f.phoneAct)
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		guarded.ServeHTTP(w, r)
	})
}

// phoneResident names a resident on the page.
type phoneResident struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// phoneView is all that the page shows.
type phoneView struct {
	Residents []phoneResident `json:"residents"`
	Scenes    []Scene         `json:"scenes"`
	Following bool            `json:"following"`
	Lines     []line          `json:"lines"`
	Notices   []Delivery      `json:"notices"`
}

func (f *Fake) phoneState(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	view := phoneView{
		Residents: make([]phoneResident, 0, len(f.residents)), Scenes: append([]Scene{}, f.scenes...),
		Lines: []line{}, Notices: []Delivery{},
	}
	for _, p := range f.residents {
		view.Residents = append(view.Residents, phoneResident{p.id, p.Name})
	}
	p := f.resident(r.URL.Query().Get("resident"))
	if p != nil {
		view.Following, view.Lines = p.following, append(view.Lines, p.lines...)
	}
	f.mu.Unlock()
	if p != nil {
		view.Notices = append(view.Notices, f.Sent(p)...)
		slices.Reverse(view.Notices)
	}
	reply(w, http.StatusOK, view)
}

// phoneRequest is one act of a person at the page.
type phoneRequest struct {
	Resident string  `json:"resident"`
	Act      string  `json:"act"`
	Text     string  `json:"text"` // what is said, the scene of a code, or a template
	Yes      bool    `json:"yes"`  // to the template
	Lat      float64 `json:"lat"`
	Lng      float64 `json:"lng"`
}

func (f *Fake) phoneAct(w http.ResponseWriter, r *http.Request) {
	var in phoneRequest
	if r.Header.Get("Content-Type") != "application/json" {
		reply(w, http.StatusUnsupportedMediaType, map[string]string{"error": "json"})
		return
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10)).Decode(&in); err != nil {
		reply(w, http.StatusBadRequest, map[string]string{"error": "json"})
		return
	}
	f.mu.Lock()
	p := f.resident(in.Resident)
	f.mu.Unlock()
	act, ok := f.acts()[in.Act]
	if p == nil || !ok {
		reply(w, http.StatusBadRequest, map[string]string{"error": "act"})
		return
	}
	answer, err := act(p, in)
	switch {
	case errors.Is(err, ErrNotFollowing):
		reply(w, http.StatusConflict, map[string]string{"error": "follow"})
	case err != nil && !errors.Is(err, ErrNoService): // that one is in the chat
		reply(w, http.StatusBadGateway, map[string]string{"error": "push"})
	default:
		reply(w, http.StatusOK, map[string]string{"answer": answer})
	}
}

// acts are what the page's buttons do, and what the mini-program beside it asks WeChat
// for. They return what is answered.
func (f *Fake) acts() map[string]func(*Resident, phoneRequest) (string, error) {
	return map[string]func(*Resident, phoneRequest) (string, error){
		"say":      func(r *Resident, in phoneRequest) (string, error) { return f.Say(r, in.Text) },
		"scan":     func(r *Resident, in phoneRequest) (string, error) { return f.Scan(r, in.Text) },
		"follow":   func(r *Resident, _ phoneRequest) (string, error) { return f.Follow(r, "") },
		"unfollow": func(r *Resident, _ phoneRequest) (string, error) { return f.Unfollow(r) },
		"locate":   func(r *Resident, in phoneRequest) (string, error) { return f.Locate(r, in.Lat, in.Lng, in.Text) },
		"image":    func(r *Resident, _ phoneRequest) (string, error) { return f.SendImage(r) },
		"voice":    func(r *Resident, in phoneRequest) (string, error) { return f.SendVoice(r, in.Text) },
		"login":    func(r *Resident, _ phoneRequest) (string, error) { return f.LoginCode(r, f.mini()), nil },
		"phone":    func(r *Resident, _ phoneRequest) (string, error) { return f.PhoneCode(r), nil },
		"consent": func(r *Resident, in phoneRequest) (string, error) {
			return "", f.Consent(r, f.mini(), in.Text, in.Yes)
		},
	}
}

// resident finds a resident; the caller holds the lock.
func (f *Fake) resident(id string) *Resident {
	for _, r := range f.residents {
		if r.id == id {
			return r
		}
	}
	return nil
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
