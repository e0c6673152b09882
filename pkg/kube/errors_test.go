package kube

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// TestWrapUnavailable: only errors of the connection and of a failing server say that the cluster
// is not reachable.
func TestWrapUnavailable(t *testing.T) {
	get := func(config *rest.Config) error {
		core, err := NewCore(config)
		if err != nil {
			return err
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		_, err = core.Secrets("default").Get(ctx, "a", metav1.GetOptions{})
		return err
	}
	serve := func(handler http.HandlerFunc) *httptest.Server {
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		return server
	}
	trusting := func(server *httptest.Server) *rest.Config {
		return &rest.Config{Host: server.URL, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	}
	answers := func(code int) *rest.Config {
		return trusting(serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	plugin := trusting(serve(func(http.ResponseWriter, *http.Request) {}))
	plugin.ExecProvider = &clientcmdapi.ExecConfig{APIVersion: "client.authentication.k8s.io/v1", Command: "no-such-plugin", InteractiveMode: clientcmdapi.NeverExecInteractiveMode}
	for name, tt := range map[string]struct {
		err         error
		unavailable bool
	}{
		"refused":           {get(&rest.Config{Host: gone.URL}), true},
		"no such host":      {get(&rest.Config{Host: "https://kubernetes.invalid"}), true},
		"connection closed": {get(trusting(serve(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))), true},
		"no answer":         {get(trusting(serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))), true},
		"500":               {get(answers(http.StatusInternalServerError)), true},
		"503":               {get(answers(http.StatusServiceUnavailable)), true},

		"401":                  {get(answers(http.StatusUnauthorized)), false},
		"403":                  {apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "a", errors.New("no")), false},
		"not found":            {get(answers(http.StatusNotFound)), false},
		"not trusted":          {get(&rest.Config{Host: serve(func(http.ResponseWriter, *http.Request) {}).URL}), false},
		"no credential plugin": {get(plugin), false},
		"not an API server":    {get(trusting(serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))), false},
		"signal":               {context.Canceled, false},
		"any other":            {errors.New("invalid object"), false},
	} {
		if tt.err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		got := WrapUnavailable(tt.err)
		if !errors.Is(got, tt.err) || strings.HasPrefix(got.Error(), "cluster not reachable: ") != tt.unavailable {
			t.Errorf("%s: %v", name, got)
		}
		if again := WrapUnavailable(got); again.Error() != got.Error() {
			t.Errorf("%s, wrapped again: %v", name, again)
		}
	}
	if WrapUnavailable(nil) != nil {
		t.Error("no error becomes one")
	}
}
