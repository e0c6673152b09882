package responder

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

func TestResponder(t *testing.T) {
	const token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
	var accounts Table
	accounts.Add("thumb", "a.example.com", "10.0.0.1", "::1")
	accounts.Add("other", "B.example.com", "a.example.com")
	accounts.Add("unused")
	r := Responder{Thumbprints: accounts.Thumbprints}
	h := HTTP{Responder: &r}
	exact := issuance.Challenge{Name: "B.example.com", Token: strings.Repeat("x", 43), KeyAuthorization: "exact"}
	if err := h.Present(t.Context(), []issuance.Challenge{exact}); err != nil {
		t.Fatal(err)
	}
	ask := func(method, host, path string) (int, string) {
		w := httptest.NewRecorder()
		q := httptest.NewRequest(method, "http://"+host+path, nil)
		r.ServeHTTP(w, q)
		return w.Code, w.Body.String()
	}
	for _, tt := range []struct{ method, host, path, want string }{
		{"GET", "a.example.com", Path + token, token + ".thumb"},
		{"GET", "A.example.com:80", Path + token, token + ".thumb"},
		{"GET", "10.0.0.1:8080", Path + token, token + ".thumb"},
		{"GET", "[::1]:8080", Path + token, token + ".thumb"},
		{"GET", "b.example.com", Path + token, token + ".other"},
		{"GET", "b.example.com", Path + exact.Token, "exact"},
		{"GET", "a.example.com", Path + exact.Token, exact.Token + ".thumb"},
		{"GET", "unknown.example.com", Path + exact.Token, ""},
		{"GET", "unknown.example.com", Path + token, ""},
		{"POST", "a.example.com", Path + token, ""},
		{"GET", "a.example.com", "/" + token, ""},
		{"GET", "a.example.com", Path, ""},
		{"GET", "a.example.com", Path + "short", ""},
		{"GET", "a.example.com", Path + token + "/x", ""},
		{"GET", "a.example.com", Path + token + "%3Cscript%3E", ""},
		{"GET", "a.example.com", Path + strings.Repeat("a", 257), ""},
	} {
		code, body := ask(tt.method, tt.host, tt.path)
		if tt.want == "" && code != http.StatusNotFound || tt.want != "" && (code != 200 || body != tt.want) {
			t.Errorf("%s %s%s: %d %q, want %q", tt.method, tt.host, tt.path, code, body, tt.want)
		}
	}
	accounts.AddRest("all")
	if _, body := ask("GET", "unknown.example.com", Path+token); body != token+".all" {
		t.Errorf("with one for all: %q", body)
	}
	if _, body := ask("GET", "b.example.com", Path+token); body != token+".other" {
		t.Errorf("with one for all, a host with an account of its own: %q", body)
	}
	if err := h.CleanUp(t.Context(), []issuance.Challenge{exact}); err != nil {
		t.Fatal(err)
	}
	if _, body := ask("GET", "b.example.com", Path+exact.Token); body == "exact" {
		t.Error("cleaned, and still answered")
	}
}
