package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fakeAPI is an API server that knows ConfigMaps, keeps them, and can be held
// up. It answers just enough for apply and diff --live.
type fakeAPI struct {
	// before, if not nil, is called with each request that is not discovery.
	before func(r *http.Request)
	// refuse, if not nil, says which requests are answered with 404.
	refuse func(r *http.Request) bool

	lock    sync.Mutex
	objects map[string]map[string]any // by path
	begun   int                       // writes
	done    int
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	text, _ := io.ReadAll(r.Body) // a connection that ends is noticed then
	switch r.URL.Path {
	case "/api":
		fmt.Fprint(w, `{"kind":"APIVersions","versions":["v1"]}`)
		return
	case "/apis":
		fmt.Fprint(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`)
		return
	case "/api/v1":
		fmt.Fprint(w, `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"configmaps","singularName":"configmap","namespaced":true,"kind":"ConfigMap","verbs":["get","list","patch","delete"]}]}`)
		return
	}
	write := r.Method != http.MethodGet
	f.count(write, 1, 0)
	if f.before != nil {
		f.before(r)
	}
	if f.refuse != nil && f.refuse(r) {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"namespaces \"shop\" not found"}`)
	} else {
		f.answer(w, r, text)
	}
	f.count(write, 0, 1)
}

func (f *fakeAPI) count(write bool, begun, done int) {
	f.lock.Lock()
	defer f.lock.Unlock()
	if write {
		f.begun, f.done = f.begun+begun, f.done+done
	}
}

func (f *fakeAPI) answer(w http.ResponseWriter, r *http.Request, text []byte) {
	f.lock.Lock()
	defer f.lock.Unlock()
	var object map[string]any
	switch r.Method {
	case http.MethodPatch:
		if json.Unmarshal(text, &object) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		f.objects[r.URL.Path] = object
	case http.MethodDelete:
		object = map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Success"}
		delete(f.objects, r.URL.Path)
	default:
		if path.Base(r.URL.Path) == "configmaps" {
			items := []any{}
			for _, o := range f.objects {
				items = append(items, o)
			}
			object = map[string]any{"kind": "ConfigMapList", "apiVersion": "v1", "items": items}
		} else {
			object = f.objects[r.URL.Path]
		}
	}
	if object == nil {
		w.WriteHeader(http.StatusNotFound)
		object = map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404, "message": "not found"}
	}
	_ = json.NewEncoder(w).Encode(object)
}

// kubeconfig is the file by which kubectl reaches a server.
func kubeconfig(t testing.TB, dir, server string) string {
	t.Helper()
	file := filepath.Join(dir, "kubeconfig")
	write(t, file, fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: fake
clusters: [{name: fake, cluster: {server: %q}}]
contexts: [{name: fake, context: {cluster: fake, namespace: shop}}]
`, server))
	return file
}

// startFake starts a fake API server, and points KUBECONFIG to it.
func startFake(t *testing.T, before func(*http.Request)) *fakeAPI {
	t.Helper()
	f := &fakeAPI{objects: map[string]map[string]any{}, before: before}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	t.Setenv("KUBECONFIG", kubeconfig(t, t.TempDir(), server.URL))
	return f
}

// configMaps makes a kustomization of n ConfigMaps.
func configMaps(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d, namespace: shop}\ndata: {a: b}\n", i)
	}
	write(t, filepath.Join(dir, "all.yaml"), all.String())
	write(t, filepath.Join(dir, "kustomization.yaml"), "resources: [all.yaml]\n")
	return dir
}
