package wechattest

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// Fault is what goes wrong with one API call. None of it is a call that goes well.
type Fault struct {
	// Code is an errcode, or from 500 to 599 an HTTP status with a page of HTML.
	// The call takes no effect.
	Code int
	// Until holds the answer back until it is closed. Where the caller gives up
	// before, the call took its effect all the same. A channel that nobody closes
	// is a call that hangs.
	Until <-chan struct{}
	// Dropped lets the call take its effect and breaks the connection instead of
	// answering.
	Dropped bool
	// Cut sends half of an answer, as if it were all of it.
	Cut bool
}

// Fail makes the next calls of an API path fail with an errcode, see [Fault].
func (f *Fake) Fail(path string, errcode, times int) {
	for range times {
		f.Script(path, Fault{Code: errcode})
	}
}

// Script says what goes wrong with the next calls of an API path, one after the
// other, after what was said before.
func (f *Fake) Script(path string, next ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[path] = append(f.faults[path], next...)
}

// Watch has fn called with the path of each call, once it took its effect and before
// it is answered.
func (f *Fake) Watch(fn func(path string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watch = fn
}

// ServeHTTP answers one API call.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == authorizePath { // the one page that people see
		f.choose(w, r)
		return
	}
	a, fault, watch := f.called(w, r)
	if watch != nil {
		watch(r.URL.Path)
	}
	if fault.Until != nil {
		select {
		case <-fault.Until:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler) // nobody is there to be answered
		}
	}
	if fault.Dropped {
		panic(http.ErrAbortHandler)
	}
	if fault.Cut {
		a.body = a.body[:len(a.body)/2]
	}
	w.Header().Set("Content-Type", a.kind)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// answered is an answer as it goes out.
type answered struct {
	status int
	kind   string
	body   []byte
}

// called lets a call take its effect, unless its fault is before that.
func (f *Fake) called(w http.ResponseWriter, r *http.Request) (answered, Fault, func(string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := r.URL.Path
	f.calls[path]++
	route, ok := f.routes[path]
	if !ok || r.Method != route.method {
		return gateway(http.StatusNotFound), Fault{}, f.watch
	}
	var fault Fault
	if queue := f.faults[path]; len(queue) > 0 {
		fault, f.faults[path] = queue[0], queue[1:]
	}
	switch {
	case fault.Code >= 500 && fault.Code < 600:
		return gateway(fault.Code), fault, f.watch
	case fault.Code != 0:
		return rendered(refusal(fault.Code)), fault, f.watch
	}
	return rendered(f.obey(route, w, r)), fault, f.watch
}

// obey runs an endpoint; the caller holds the lock.
func (f *Fake) obey(route endpoint, w http.ResponseWriter, r *http.Request) any {
	var in input
	if r.Method == http.MethodPost {
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in.body); err != nil {
			return refusal(47001)
		}
	}
	in.query = r.URL.Query()
	if route.token {
		if in.app = f.owner(in.query.Get("access_token")); in.app == nil {
			return refusal(40001)
		}
	}
	return route.serve(&in)
}

func gateway(status int) answered {
	return answered{status, "text/html", []byte("<html><body>gateway</body></html>")}
}

// rendered is what an endpoint returned as it is sent: bytes are an image, the
// rest JSON.
func rendered(out any) answered {
	if image, ok := out.([]byte); ok {
		return answered{http.StatusOK, http.DetectContentType(image), image}
	}
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(out)
	return answered{http.StatusOK, "application/json; encoding=utf-8", b.Bytes()}
}
