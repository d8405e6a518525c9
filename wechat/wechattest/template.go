package wechattest

import "strings"

// AddTemplate gives an app a template with some fields, such as "thing1".
func (f *Fake) AddTemplate(appID, templateID string, fields ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.app(appID); a != nil {
		if a.templates == nil {
			a.templates = make(map[string][]string)
		}
		a.templates[templateID] = fields
	}
}

// Word gives a template of an app the words around its fields, such as
// "Accepted: {{thing1.DATA}}": a phone shows them whole.
func (f *Fake) Word(appID, templateID, words string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.app(appID); a != nil {
		if a.words == nil {
			a.words = make(map[string]string)
		}
		a.words[templateID] = words
	}
}

// AddConsented gives an app a template of subscribe notices, for one message each or
// for any number.
func (f *Fake) AddConsented(appID, templateID string, long bool, fields ...string) {
	f.AddTemplate(appID, templateID, fields...)
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.app(appID); a != nil {
		if a.consented == nil {
			a.consented, a.long = make(map[string]bool), make(map[string]bool)
		}
		a.consented[templateID], a.long[templateID] = true, long
	}
}

// takes tells whether an app has a template. One without any takes all.
func (a *app) takes(templateID string) bool {
	_, ok := a.templates[templateID]
	return templateID != "" && (ok || a.templates == nil)
}

func content(fields []string) string {
	var b strings.Builder
	for _, x := range fields {
		b.WriteString("\n{{" + x + ".DATA}}")
	}
	return b.String()
}

func (*Fake) officialTemplates(in *input) any {
	if in.app.mini {
		return refusal(48001)
	}
	list := []any{}
	for id, fields := range in.app.templates {
		if in.app.consented[id] {
			continue
		}
		list = append(list, map[string]any{"template_id": id, "title": id, "content": content(fields)})
	}
	return map[string]any{"template_list": list}
}

func (*Fake) miniTemplates(in *input) any {
	list := []any{}
	for id, fields := range in.app.templates {
		if !in.app.mini && !in.app.consented[id] {
			continue
		}
		kind := 2
		if in.app.long[id] {
			kind = 3
		}
		list = append(list, map[string]any{"priTmplId": id, "title": id, "content": content(fields), "type": kind})
	}
	return map[string]any{"errcode": 0, "errmsg": "ok", "data": list}
}
