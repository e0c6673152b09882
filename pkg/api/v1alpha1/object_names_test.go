package v1alpha1

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

// TestListenerName wants another name for every host, none of them that of
// plain HTTP, and all of them what the Gateway API allows.
func TestListenerName(t *testing.T) {
	pieces := []string{"", "*.", "wildcard.", "host-", "wildcard", "host", "http", "example.com", "a.", "-"}
	names := map[string]string{PlainListener: "plain HTTP"}
	for _, a := range pieces {
		for _, b := range pieces {
			for _, c := range pieces {
				host := a + b + c
				if len(validation.IsDNS1123Subdomain(strings.TrimPrefix(host, "*."))) > 0 {
					continue
				}
				name := ListenerName(host)
				if other, taken := names[name]; taken && other != host {
					t.Errorf("%q and %q have one listener, %q", other, host, name)
				}
				names[name] = host
				if wrong := validation.IsDNS1123Subdomain(name); len(wrong) > 0 {
					t.Errorf("ListenerName(%q) = %q: %v", host, name, wrong)
				}
			}
		}
	}
	if len(names) < 100 {
		t.Errorf("only %d names", len(names))
	}
}

// TestStaticName wants names that NGINX Ingress Controller takes in the route
// of a VirtualServer, another for every object.
func TestStaticName(t *testing.T) {
	long := strings.Repeat("a", 50)
	names := map[string]string{}
	for _, namespace := range []string{"", "a", "a-b", long} {
		for _, object := range []string{"a", "b", "b-c", "b.c", long, long + "-" + long, long + "." + long, long + strings.Repeat(".", 10) + "b"} {
			if namespace == "" && strings.Contains(object, ".") {
				continue // which may be refused: testdata/config/static.txtar
			}
			e := &Expose{Namespace: namespace, Name: object, Hosts: []string{"a.example.com", "*.example.com", "b." + long + ".example.com"}}
			for i := range e.Hosts {
				name, from := e.StaticName(i), namespace+"/"+e.HostName(i)
				if other, taken := names[name]; taken {
					t.Errorf("%q and %q are both %q", from, other, name)
				}
				names[name] = from
				if wrong := validation.IsQualifiedName("acme/" + name); len(wrong) > 0 {
					t.Errorf("%q is %q: %v", from, name, wrong)
				}
			}
		}
	}
	if want, got := "shop.web", (&Expose{Namespace: "shop", Name: "web"}).StaticName(0); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
