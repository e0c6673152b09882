package apitest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// Answers are what the server says to each "METHOD path": 404 to others.
type Answers map[string]http.HandlerFunc

// ServeHTTP implements http.Handler.
func (a Answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := a[r.Method+" "+r.URL.Path]
	if answer == nil {
		answer = Status(http.StatusNotFound, metav1.StatusReasonNotFound)
	}
	w.Header().Set("Content-Type", "application/json")
	answer(w, r)
}

// Status answers with an error of the API.
func Status(code int, reason metav1.StatusReason) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"apiVersion":"v1","kind":"Status","status":"Failure","reason":%q,"message":"the server says %d","code":%d}`, reason, code, code)
	}
}

// Body answers with a text.
func Body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

// Hang answers nothing until the client gives up, which the server notices
// when it has read the request.
func Hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// Serve starts a server for a test.
func Serve(t *testing.T, handler http.Handler) *rest.Config {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return &rest.Config{Host: s.URL}
}

// Mapper maps some namespaced kinds, and no others.
func Mapper(kinds ...schema.GroupVersionKind) meta.RESTMapper {
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, kind := range kinds {
		mapper.Add(kind, meta.RESTScopeNamespace)
	}
	return mapper
}
