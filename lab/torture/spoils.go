package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// spoils are all of them.
func spoils() []spoil {
	return slices.Concat(delays(), statuses(), bodies(), nonces(), problems(), links(), states(), orderFields(), transports(), chains(), renewals())
}

// change is a spoil that only changes what Pebble said.
func change(name, phases string, f func(*answer)) spoil {
	return spoil{name: name, phases: phases, answer: func(_ *front, _ http.ResponseWriter, _ *http.Request, a *answer) bool {
		f(a)
		return false
	}}
}

// field is a spoil that changes a field of a JSON object.
func field(name, phases, key string, value any) spoil {
	return change(name, phases, func(a *answer) { a.set(key, value) })
}

// delays are Retry-After headers.
func delays() []spoil {
	var all []spoil
	for _, after := range []string{"2147483647", "-1", "1e9", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "soon\x1b[2J", "0"} {
		all = append(all,
			change("429 with Retry-After "+after, posts, func(a *answer) { a.problem(429, "rateLimited", "slow down", after) }),
			change("503 with Retry-After "+after, answers, func(a *answer) { a.problem(503, "serverInternal", "later", after) }),
			change("Retry-After "+after, "poll finalize authorization challenge", func(a *answer) { a.header.Set("Retry-After", after) }))
	}
	return all
}

func statuses() []spoil {
	var all []spoil
	for _, code := range []int{204, 299, 301, 400, 401, 403, 404, 409, 418, 500, 502, 599} {
		all = append(all, change(fmt.Sprint("status ", code), answers, func(a *answer) { a.problem(code, "serverInternal", "no", "") }))
	}
	return all
}

func bodies() []spoil {
	all := []spoil{change("truncated", answers, func(a *answer) { a.body = a.body[:len(a.body)/2] })}
	for _, body := range [][2]string{
		{"HTML", "<html><body>It works!</body></html>"}, {"an empty body", ""}, {"null", "null"}, {"a list", "[]"}, {"a number", "1"}, {"a text", `"x"`}, {"half an object", `{"status": "val`},
		{"nesting", strings.Repeat("[", 1e5)}, {"duplicate keys", `{"status": "valid", "status": "pending", "status": 1}`}, {"rubbish", "\x00\xff\x1b[2J\u202e"}, {"an empty object", "{}"},
		{"wrong types", `{"status": 1, "identifiers": {}, "authorizations": "x", "finalize": [], "certificate": {}, "challenges": 7, "newOrder": 1, "newNonce": [], "contact": 1}`},
	} {
		all = append(all, change("200 with "+body[0], answers+" renewal", func(a *answer) { a.code, a.body = 200, []byte(body[1]) }))
	}
	return all
}

func nonces() []spoil {
	return []spoil{
		change("no Replay-Nonce", answers, func(a *answer) { a.header.Del("Replay-Nonce") }),
		change("odd Replay-Nonce", answers, func(a *answer) { a.header.Set("Replay-Nonce", `"'\{}[]<>/é`) }),
		{name: "old Replay-Nonce", phases: answers, answer: func(f *front, _ http.ResponseWriter, _ *http.Request, a *answer) bool {
			a.header.Set("Replay-Nonce", f.firstNonce())
			return false
		}},
		change("badNonce for ever", posts, func(a *answer) { a.problem(400, "badNonce", "again", "") }),
	}
}

func problems() []spoil {
	all := []spoil{
		change("control characters in a problem", posts, func(a *answer) {
			a.problem(400, "malformed", "a\x1b[2J\x07\u202eb\r\nerror: forged\u0085", "")
		}),
		change("a long problem", posts, func(a *answer) { a.problem(400, "malformed", strings.Repeat("long ", 1<<20), "") }),
	}
	for _, kind := range []string{"accountDoesNotExist", "unauthorized", "orderNotReady", "badCSR", "userActionRequired", "externalAccountRequired", "compound", "../x", "badNonce\n"} {
		all = append(all, change("problem "+kind, posts, func(a *answer) { a.problem(403, kind, "x", "") }))
	}
	return all
}

// links are URLs that lead elsewhere.
func links() []spoil {
	all := []spoil{
		change("no Location", "account order", func(a *answer) { a.header.Del("Location") }),
		{name: "redirect to itself", phases: answers, answer: func(_ *front, w http.ResponseWriter, r *http.Request, _ *answer) bool {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
			return true
		}},
	}
	for _, to := range []string{"/", "https://127.0.0.1:1/x", "http://127.0.0.1:1/x", "https://torture.invalid/x", "file:///etc/passwd", "javascript:x", "::", "\x7f"} {
		all = append(all,
			change("Location "+to, "account order", func(a *answer) { a.header.Set("Location", to) }),
			change("redirect to "+to, answers, func(a *answer) {
				a.code = 302
				a.header.Set("Location", to)
			}),
			field("finalize at "+to, orders, "finalize", to),
			field("certificate at "+to, "poll finalize", "certificate", to),
			field("authorizations at "+to, orders, "authorizations", []string{to}),
			field("newOrder at "+to, "directory", "newOrder", to),
			field("newNonce at "+to, "directory", "newNonce", to),
			field("renewalInfo at "+to, "directory", "renewalInfo", to))
	}
	for _, key := range []string{"newNonce", "newAccount", "newOrder", "renewalInfo", "meta", "keyChange"} {
		all = append(all, field("directory without "+key, "directory", key, nil))
	}
	return all
}

// states are those that never change.
func states() []spoil {
	var all []spoil
	for _, status := range []string{"pending", "ready", "processing", "valid", "invalid", "deactivated", "", "x\x1b[2J"} {
		all = append(all, field("order always "+status, "poll finalize", "status", status),
			field("authorization always "+status, "authorization", "status", status), field("challenge always "+status, "challenge", "status", status))
	}
	return all
}

func orderFields() []spoil {
	all := []spoil{
		field("authorization for another name", "authorization", "identifier", map[string]string{"type": "dns", "value": "victim.example.com"}),
		field("authorization of another type", "authorization", "identifier", map[string]string{"type": "ip", "value": "127.0.0.1"}),
		field("authorization for a wildcard", "authorization", "wildcard", true),
		field("order for another name", orders, "identifiers", []any{map[string]string{"type": "dns", "value": "victim.example.com"}}),
		field("order without names", orders, "identifiers", []any{}),
		field("no authorizations", orders, "authorizations", []any{}),
		field("thousands of authorizations", "order", "authorizations", slices.Repeat([]string{"https://127.0.0.1:1/a"}, 5000)),
		field("no challenges", "authorization", "challenges", []any{}),
		field("unknown challenges", "authorization", "challenges", []any{map[string]any{"type": "x-01", "url": "https://127.0.0.1:1/", "token": "t"}, nil, 1}),
		field("expired long ago", orders, "expires", "1970-01-01T00:00:00Z"),
		field("an odd time", orders, "expires", "tomorrow\x1b"),
	}
	for _, token := range []string{"", "../../../../etc/passwd", "a\r\nX: y", strings.Repeat("a", 1<<16), "\x1b[2J"} {
		all = append(all, change("odd token", "authorization", func(a *answer) {
			a.body = regexp.MustCompile(`"token":\s*"[^"]*"`).ReplaceAllLiteral(a.body, []byte(`"token": `+jsonText(token)))
		}))
	}
	return all
}

// renewals spoil renewal information (RFC 9773).
func renewals() []spoil {
	var all []spoil
	for _, text := range []string{
		`{"suggestedWindow": {"start": "9999-01-01T00:00:00Z", "end": "9999-12-31T00:00:00Z"}}`,
		`{"suggestedWindow": {"start": "2040-01-01T00:00:00Z", "end": "2000-01-01T00:00:00Z"}}`,
		`{"suggestedWindow": {"start": "0001-01-01T00:00:00Z", "end": "0001-01-01T00:00:00Z"}}`,
		`{"suggestedWindow": {"start": "now", "end": 7}}`, `{"suggestedWindow": []}`,
		`{"suggestedWindow": {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}, "explanationURL": "javascript:\u001b[2J\u202e"}`,
	} {
		all = append(all, spoil{name: "renewal information " + text, phases: "renewal", answer: func(_ *front, _ http.ResponseWriter, _ *http.Request, a *answer) bool {
			a.code, a.body = 200, []byte(text)
			return false
		}})
	}
	return all
}

// set sets or removes a field of a JSON object.
func (a *answer) set(key string, value any) {
	var object map[string]any
	if json.Unmarshal(a.body, &object) != nil {
		return
	}
	object[key] = value
	if value == nil {
		delete(object, key)
	}
	a.body, _ = json.Marshal(object)
}

// problem makes an answer an error document (RFC 7807).
func (a *answer) problem(code int, kind, detail, retryAfter string) {
	a.code = code
	a.header.Set("Content-Type", "application/problem+json")
	if retryAfter != "" {
		a.header.Set("Retry-After", retryAfter)
	}
	a.body, _ = json.Marshal(map[string]any{"type": "urn:ietf:params:acme:error:" + kind, "detail": detail, "status": code})
}
