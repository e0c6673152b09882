package kubetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Server is an API server.
type Server struct {
	// URL is the address of the server.
	URL string
	// Before is called with each request for objects before it is served. An
	// error, best one of package api/errors, is the answer to the request. Before
	// may block, and is called concurrently. Set it while no request is under way.
	Before func(*http.Request) error
	// Allow is the authorizer: a request of which it reports false is forbidden.
	// It is asked twice about an apply that creates an object, for patch and for
	// create. Nil allows all. Set it as Before.
	Allow func(Request) bool
	// Aggregated are the servers of further API groups, as APIServices make them
	// known. Set it as Before.
	Aggregated map[string]http.Handler

	store    store
	done     chan struct{} // closed when the server ends
	lock     sync.Mutex
	requests []*Request
}

// Request is one that the server has received, as an authorizer sees it. An apply
// that creates an object is two: patch and create.
type Request struct {
	// User is the one that the client impersonates, "" for none.
	User string

	Verb, Group, Resource, Subresource, Namespace, Name string
	// Code is the HTTP status of the answer, 0 while there is none.
	Code int
}

// Start starts a server that ends with the test. It serves the kinds that the
// commands use, except those of the absent groups, and has the namespaces default
// and kube-system.
func Start(t testing.TB, absent ...string) *Server {
	t.Helper()
	s := &Server{done: make(chan struct{})}
	s.store.init(kindsWithout(absent))
	server := httptest.NewServer(s)
	s.URL = server.URL
	t.Cleanup(func() {
		close(s.done)
		server.Close()
	})
	return s
}

// Config returns the configuration of a client of the server.
func (s *Server) Config() *rest.Config { return &rest.Config{Host: s.URL, QPS: -1} }

// Mapper returns the REST mapper of a client of the server.
func (s *Server) Mapper() meta.RESTMapper {
	return restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovery.NewDiscoveryClientForConfigOrDie(s.Config())))
}

// Requests returns the requests for objects so far, in their order.
func (s *Server) Requests() []Request {
	s.lock.Lock()
	defer s.lock.Unlock()
	all := make([]Request, len(s.requests))
	for i, r := range s.requests {
		all[i] = *r
	}
	return all
}

var requestInfo = request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	info, err := requestInfo.NewRequestInfo(r)
	if err != nil {
		fail(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	if !info.IsResourceRequest {
		s.discover(w, strings.Trim(r.URL.Path, "/"))
		return
	}
	asked := Request{
		User: r.Header.Get("Impersonate-User"),
		Verb: info.Verb, Group: info.APIGroup, Resource: info.Resource, Subresource: info.Subresource,
		Namespace: info.Namespace, Name: info.Name,
	}
	if info.Resource == "selfsubjectaccessreviews" {
		s.review(w, r, asked.User)
		return
	}
	answer := recorder{w, s.record(asked)}
	body, err := content(w, r) // it also lets the server notice clients that leave
	if err == nil && s.Before != nil {
		err = s.Before(r)
	}
	if err == nil {
		err = s.authorize(asked)
	}
	if err != nil {
		fail(answer, err)
		return
	}
	if other := s.Aggregated[info.APIGroup]; other != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		other.ServeHTTP(answer, r)
		return
	}
	s.serve(answer, r, info, body, func() error {
		asked.Verb = "create"
		note := s.record(asked)
		err := s.authorize(asked)
		if note(http.StatusCreated); err != nil {
			note(http.StatusForbidden)
		}
		return err
	})
}

// authorize is why a request is forbidden, nil if it is not.
func (s *Server) authorize(r Request) error {
	if s.Allow == nil || s.Allow(r) {
		return nil
	}
	return apierrors.NewForbidden(schema.GroupResource{Group: r.Group, Resource: r.Resource}, r.Name, fmt.Errorf("cannot %s", r.Verb))
}

// review answers whether a request would be allowed. Every user may ask that, so the
// question is not recorded.
func (s *Server) review(w http.ResponseWriter, r *http.Request, user string) {
	body, err := content(w, r)
	var review struct {
		Spec struct {
			ResourceAttributes struct{ Verb, Group, Resource, Subresource, Namespace, Name string }
		}
	}
	if err == nil {
		err = json.Unmarshal(body, &review)
	}
	if err != nil {
		fail(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	a := review.Spec.ResourceAttributes
	allowed := s.authorize(Request{
		User: user, Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource, Namespace: a.Namespace, Name: a.Name,
	}) == nil
	send(w, http.StatusCreated, map[string]any{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "status": map[string]any{"allowed": allowed},
	})
}

// record keeps a request, and returns what sets its code.
func (s *Server) record(r Request) (note func(code int)) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.requests = append(s.requests, &r)
	return func(code int) {
		s.lock.Lock()
		defer s.lock.Unlock()
		r.Code = code
	}
}

// serve answers a request for objects. mayCreate is called before an apply creates
// one.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, info *request.RequestInfo, body []byte, mayCreate func() error) {
	resource := schema.GroupVersionResource{Group: info.APIGroup, Version: info.APIVersion, Resource: info.Resource}
	k := find(s.store.served(), resource)
	if k == nil || info.Subresource != "" {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	namespace := info.Namespace
	if !k.namespaced {
		namespace = "" // the namespace of a Namespace is its own name
	}
	call := call{store: &s.store, kind: k, namespace: namespace, name: info.Name, query: r.URL.Query(), header: r.Header, body: body, mayCreate: mayCreate}
	switch info.Verb {
	case "get":
		reply(w)(call.get())
	case "list":
		reply(w)(call.list())
	case "watch":
		call.watch(w, r.Context(), s.done)
	case "create":
		reply(w)(call.create())
	case "update":
		reply(w)(call.update())
	case "patch":
		reply(w)(call.patch())
	case "delete":
		reply(w)(call.delete())
	default:
		fail(w, apierrors.NewMethodNotSupported(k.groupResource(), info.Verb))
	}
}

// discover answers what a server says of itself.
func (s *Server) discover(w http.ResponseWriter, path string) {
	kinds := s.store.served()
	switch {
	case path == "api":
		send(w, http.StatusOK, metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}})
		return
	case path == "apis":
		send(w, http.StatusOK, groupsOf(kinds))
		return
	}
	_, version, _ := strings.Cut(path, "/")
	if list := resourcesOf(kinds, version); list != nil {
		send(w, http.StatusOK, list)
		return
	}
	http.Error(w, "404 page not found", http.StatusNotFound)
}

// reply returns a function that sends an object, or the error.
func reply(w http.ResponseWriter) func(code int, object any, err error) {
	return func(code int, object any, err error) {
		if err != nil {
			fail(w, err)
			return
		}
		send(w, code, object)
	}
}

func send(w http.ResponseWriter, code int, object any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(object)
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	status := apierrors.NewInternalError(err).Status()
	var known apierrors.APIStatus
	if errors.As(err, &known) {
		status = known.Status()
	}
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	send(w, int(status.Code), status)
}

// recorder notes the status of an answer before a client can see it.
type recorder struct {
	http.ResponseWriter
	note func(code int)
}

func (r recorder) WriteHeader(code int) {
	r.note(code)
	r.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController.
func (r recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
