package rotation

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

func hour(h int) time.Time { return time.Date(2026, 11, 22, h, 0, 0, 0, time.UTC) }

var (
	roots   = usage.Ref{Kind: "ConfigMap", Namespace: "shop", Name: "roots"}
	webTLS  = usage.Ref{Kind: "Secret", Namespace: "shop", Name: "web-tls"}
	corpCA  = usage.Ref{Kind: "Secret", Namespace: "cert-manager", Name: "corp-ca"}
	corp    = usage.Ref{Kind: "ClusterIssuer", Namespace: "", Name: "corp"}
	web     = usage.Ref{Kind: "Deployment", Namespace: "shop", Name: "web"}
	oldWeb  = usage.Use{Ref: webTLS, Role: usage.Server, Cert: oldRoot.Leaf("web"), Path: list(oldRoot.Leaf("web"), oldRoot)}
	oldSign = usage.Use{Ref: corpCA, Role: usage.Signer, Cert: oldRoot.Certificate, Path: list(oldRoot), Users: []usage.User{{Ref: corp}}}
	newWeb  = usage.Use{Ref: webTLS, Role: usage.Server, Cert: newRoot.Leaf("web"), Path: list(newRoot.Leaf("web"), newRoot), Changed: hour(9)}
	newSign = usage.Use{Ref: usage.Ref{Kind: "Secret", Namespace: "cert-manager", Name: "corp-2026"}, Role: usage.Signer, Cert: newRoot.Certificate, Path: list(newRoot)}
)

func location(certs ...any) usage.LocationState {
	return usage.LocationState{Location: "configmap/shop/roots:ca.crt", Object: roots, Certs: list(certs...), Changed: hour(10)}
}

func pod(name string, started int, reads ...usage.Ref) usage.Pod {
	return usage.Pod{Ref: usage.Ref{Kind: "Pod", Namespace: "shop", Name: name}, Owner: web, Created: hour(started), Started: hour(started), Reads: reads, Labels: map[string]string{"app": "web"}}
}

// distributed is a rotation whose new root is everywhere.
func distributed(change func(*Facts)) Facts {
	f := Facts{
		Now: now, Old: list(oldRoot), New: list(newRoot), Bundle: list(oldRoot, newRoot),
		Locations: []usage.LocationState{location(oldRoot, newRoot)}, Pods: []usage.Pod{pod("web-1", 11, roots)},
	}
	change(&f)
	return f
}

func selector(text string) labels.Selector {
	s, err := labels.Parse(text)
	if err != nil {
		panic(err)
	}
	return s
}

func TestDecide(t *testing.T) {
	for name, tt := range map[string]struct {
		facts    func(*Facts)
		step     Step // with ! if the old CA left early
		blockers string
		warnings string
		bundle   string // what is to be in it next
		gates    string
	}{
		"at the start": {
			facts: func(f *Facts) {
				f.Bundle, f.Locations, f.OfOld = list(oldRoot), []usage.LocationState{location(oldRoot)}, []usage.Use{oldWeb}
			},
			step:   Add,
			bundle: "Old Root → New Root",
		},
		"without a bundle yet": {
			facts:  func(f *Facts) { f.Bundle, f.OfOld = nil, []usage.Use{oldWeb} },
			step:   Add,
			bundle: "Old Root → New Root",
		},
		"the old root is not used at all": {
			facts:  func(f *Facts) { f.Bundle, f.Locations = list(other), []usage.LocationState{location(other)} },
			step:   Add,
			bundle: "Other Root → New Root",
		},
		"a location has the old root, but the bundle does not": {
			facts:  func(f *Facts) { f.Bundle = list(other) },
			step:   Add,
			bundle: "Other Root → Old Root → New Root",
		},
		"the bundle is another file": {
			facts:    func(f *Facts) { f.Bundle, f.Locations = nil, []usage.LocationState{location(oldRoot, other)} },
			step:     Add,
			blockers: "configmap/shop/roots:ca.crt has CN=Other Root",
		},
		"issued by the new root before it is in the bundle": {
			facts:    func(f *Facts) { f.Bundle, f.OfOld, f.OfNew = list(oldRoot), []usage.Use{oldSign}, []usage.Use{newWeb} },
			step:     Add,
			warnings: "secret/shop/web-tls is already issued by the new CA; clients that have not read the new CA reject it",
			bundle:   "Old Root → New Root",
		},
		"a location lacks the new root": {
			facts:    func(f *Facts) { f.Locations, f.OfOld = []usage.LocationState{location(oldRoot)}, []usage.Use{oldWeb} },
			step:     Distribute,
			blockers: "configmap/shop/roots:ca.crt lacks CN=New Root",
		},
		"a location lost the old root": {
			facts:    func(f *Facts) { f.Locations, f.OfOld = []usage.LocationState{location(newRoot)}, []usage.Use{oldWeb} },
			step:     Distribute,
			blockers: "configmap/shop/roots:ca.crt lacks CN=Old Root",
		},
		"a location where nothing needs the old root": {
			facts:  func(f *Facts) { f.Locations = []usage.LocationState{location(newRoot)} },
			step:   Remove,
			bundle: "New Root",
			gates:  "distributed drained",
		},
		"an unused location": {
			facts: func(f *Facts) {
				f.Locations = append(f.Locations, usage.LocationState{Location: "component/corp", Idle: "no workload mounts it"})
			},
			warnings: "component/corp: no workload mounts it",
			step:     Remove,
			bundle:   "New Root",
			gates:    "distributed drained",
		},
		"a location is missing": {
			facts:    func(f *Facts) { f.Locations = []usage.LocationState{{Location: "bundle/corp", Absent: "not found"}} },
			step:     Distribute,
			blockers: "bundle/corp not found",
			warnings: "no selected pod mounts any of the locations; other readers are unknown",
		},
		"a location is damaged": {
			facts: func(f *Facts) {
				f.Locations[0].Damage = []string{"T102: glued"}
			},
			step:     Distribute,
			blockers: "configmap/shop/roots:ca.crt cannot be read: T102: glued",
		},
		"the new root is not valid yet": {
			facts: func(f *Facts) {
				template := caTemplate("Next")
				template.NotBefore = date(2027, 1, 1)
				next := sign(template, template, keyOf("Next"), keyOf("Next"))
				f.New, f.Bundle, f.Locations = list(next), list(oldRoot, next), []usage.LocationState{location(oldRoot, next)}
			},
			step:     Distribute,
			blockers: "CN=Next is not valid before 2027-01-01 00:00:00 UTC",
		},
		"pods that started before": {
			facts: func(f *Facts) {
				f.Pods = []usage.Pod{pod("web-1", 9, roots), pod("web-2", 11, roots), pod("web-3", 10, roots)}
			},
			step:     Distribute,
			blockers: "deployment/shop/web 2 pods started before configmap/shop/roots changed (2026-11-22 10:00:00 UTC) and may not trust CN=New Root yet",
		},
		"a pod that waited for its node": {
			facts: func(f *Facts) {
				p := pod("web-1", 9, roots)
				p.Started = hour(11)
				f.Pods = []usage.Pod{p}
			},
			step: Remove, bundle: "New Root", gates: "distributed drained",
		},
		"a pod that started within the clock skew": {
			facts: func(f *Facts) {
				p := pod("web-1", 9, roots)
				p.Started = hour(10).Add(30 * time.Second)
				f.Pods = []usage.Pod{p}
			},
			step:     Distribute,
			blockers: "deployment/shop/web 1 pod started before configmap/shop/roots changed (2026-11-22 10:00:00 UTC) and may not trust CN=New Root yet",
		},
		"a pod that has not started yet": {
			facts: func(f *Facts) {
				p := pod("web-1", 9, roots)
				p.Started = time.Time{}
				f.Pods = []usage.Pod{p}
			},
			step: Remove, bundle: "New Root", gates: "distributed drained",
		},
		"the time of a change is unknown": {
			facts:    func(f *Facts) { f.Locations[0].Changed = time.Time{} },
			step:     Distribute,
			blockers: "deployment/shop/web the last change of configmap/shop/roots is unknown (no managedFields), so 1 pod may not trust CN=New Root yet",
		},
		"pods that reload, and pods of others": {
			facts: func(f *Facts) {
				f.Workloads = Workloads{Selector: selector("app in (web, api)"), Reload: selector("app=web")}
				f.Pods = []usage.Pod{pod("web-1", 9, roots), {Owner: usage.Ref{Kind: "Job", Namespace: "shop", Name: "x"}, Created: hour(1), Started: hour(1), Reads: []usage.Ref{roots}}}
			},
			step: Remove, bundle: "New Root", gates: "distributed drained",
			warnings: "no selected pod mounts any of the locations; other readers are unknown",
		},
		"pods that read something else": {
			facts: func(f *Facts) {
				f.Pods = append(f.Pods, pod("web-2", 9, usage.Ref{Kind: "ConfigMap", Namespace: "blog", Name: "roots"}))
			},
			step: Remove, bundle: "New Root", gates: "distributed drained",
		},
		"pods that read the bundles of a signer": {
			facts: func(f *Facts) {
				f.Locations[0].Object = usage.Ref{Kind: "ClusterTrustBundle", Namespace: "", Name: "example.com:foo:corp"}
				f.Pods = []usage.Pod{pod("web-1", 9, usage.Ref{Kind: "ClusterTrustBundle", Namespace: "", Name: usage.OfSigner("example.com/foo")})}
			},
			step:     Distribute,
			blockers: "deployment/shop/web 1 pod started before clustertrustbundle/example.com:foo:corp changed (2026-11-22 10:00:00 UTC) and may not trust CN=New Root yet",
		},
		"pods that read the previous object": {
			facts: func(f *Facts) {
				f.Locations[0].Object.Name, f.Locations[0].Before = "roots-b", []usage.Ref{{Kind: "ConfigMap", Namespace: "shop", Name: "roots-a"}}
				f.Pods = []usage.Pod{pod("web-1", 11, usage.Ref{Kind: "ConfigMap", Namespace: "shop", Name: "roots-b"}), pod("web-2", 11, usage.Ref{Kind: "ConfigMap", Namespace: "shop", Name: "roots-a"})}
			},
			step:     Distribute,
			blockers: "deployment/shop/web 1 pod read configmap/shop/roots-a, not configmap/shop/roots-b, and may not trust CN=New Root yet",
		},
		"two keys of one object, the later counts": {
			facts: func(f *Facts) {
				later := location(oldRoot, newRoot)
				later.Location, later.Changed = "configmap/shop/roots:b", hour(12)
				f.Locations = append(f.Locations, later)
			},
			step:     Distribute,
			blockers: "deployment/shop/web 1 pod started before configmap/shop/roots changed (2026-11-22 12:00:00 UTC) and may not trust CN=New Root yet",
		},
		"an issuer signs with the old root": {
			facts:    func(f *Facts) { f.OfOld = []usage.Use{oldSign, oldWeb} },
			step:     Switch,
			blockers: "clusterissuer/corp signs with secret/cert-manager/corp-ca, which is CN=Old Root | set spec.ca.secretName to a Secret with the new CA, or with a CA below it",
			gates:    "distributed",
		},
		"an issuer with a Secret to switch to": {
			facts:    func(f *Facts) { f.OfOld, f.OfNew = []usage.Use{oldSign}, []usage.Use{newSign} },
			step:     Switch,
			blockers: "clusterissuer/corp signs with secret/cert-manager/corp-ca, which is CN=Old Root | set spec.ca.secretName to corp-2026, for example",
			gates:    "distributed",
		},
		"an issuer with a Secret in the file": {
			facts: func(f *Facts) {
				f.OfOld, f.OfNew, f.Issuers = []usage.Use{oldSign}, []usage.Use{newSign}, []Issuer{{corp, "corp-2026", "issuers.yaml"}}
			},
			step:     Switch,
			blockers: "clusterissuer/corp signs with secret/cert-manager/corp-ca, which is CN=Old Root | set spec.ca.secretName to corp-2026 in issuers.yaml, then apply it",
			gates:    "distributed",
		},
		"an issuer with a Secret without the new root": {
			facts: func(f *Facts) {
				f.OfOld, f.Issuers = []usage.Use{oldSign}, []Issuer{{corp, "corp-2026", ""}}
			},
			step:     Switch,
			blockers: "clusterissuer/corp signs with secret/cert-manager/corp-ca, which is CN=Old Root | put the new CA, or a CA below it, into secret/cert-manager/corp-2026 first",
			gates:    "distributed",
		},
		"the old issuer is gone, its Secret is not": {
			facts: func(f *Facts) {
				signer := oldSign
				signer.Users = nil
				f.OfOld = []usage.Use{signer}
			},
			step: Remove, bundle: "New Root", gates: "distributed drained",
		},
		"certificates of the old root": {
			facts: func(f *Facts) {
				web := oldWeb
				web.Users = []usage.User{{Ref: usage.Ref{Kind: "Certificate", Namespace: "shop", Name: "web"}}}
				f.OfOld = []usage.Use{web}
			},
			step:     Drain,
			blockers: "secret/shop/web-tls web, until 2027-01-01: issued by CN=Old Root | cmctl renew -n shop web",
			gates:    "distributed",
		},
		"expired ones do not count": {
			facts: func(f *Facts) {
				web := oldWeb
				web.Cert = oldRoot.Leaf("web", func(c *x509.Certificate) { c.NotAfter = date(2026, 11, 1) })
				f.OfOld = []usage.Use{web}
			},
			step: Remove, bundle: "New Root", gates: "distributed drained",
		},
		"a server outside": {
			facts: func(f *Facts) {
				f.Servers = []Served{{Address: "db:5432", Needs: list(oldRoot.Leaf("db"), oldRoot)}, {Address: "ok:1"}}
			},
			step:     Drain,
			blockers: "db:5432 serves db, which is issued under CN=Old Root",
			gates:    "distributed",
		},
		"a server that does not answer": {
			facts:    func(f *Facts) { f.Servers = []Served{{Address: "db:5432", Failed: "refused"}} },
			step:     Drain,
			blockers: "db:5432 cannot be reached: refused",
			gates:    "distributed",
		},
		"something was not seen": {
			facts:    func(f *Facts) { f.Unseen = []string{"may not list issuers"} },
			step:     Drain,
			blockers: "cluster may not list issuers",
			gates:    "distributed",
		},
		"a server may have an old certificate in memory": {
			facts: func(f *Facts) {
				f.OfNew, f.Pods = []usage.Use{newWeb}, []usage.Pod{pod("web-1", 8, webTLS), pod("web-2", 11, roots)}
			},
			step:     Drain,
			blockers: "deployment/shop/web 1 pod started before secret/shop/web-tls changed (2026-11-22 09:00:00 UTC) and may still serve the previous certificate | kubectl rollout restart -n shop deployment/web",
			gates:    "distributed",
		},
		"all is drained": {
			facts: func(f *Facts) {
				f.Bundle, f.OfNew, f.Locations = list(oldRoot, newRoot, other), []usage.Use{newWeb, newSign}, []usage.LocationState{location(oldRoot, newRoot, other)}
			},
			step: Remove, bundle: "New Root → Other Root", gates: "distributed drained",
		},
		"removed too early": {
			facts:    func(f *Facts) { f.Bundle, f.OfOld = list(newRoot), []usage.Use{oldWeb} },
			step:     "!remove",
			blockers: "",
		},
		"removed, and what needs it has expired": {
			facts: func(f *Facts) {
				web := oldWeb
				web.Cert = oldRoot.Leaf("web", func(c *x509.Certificate) { c.NotAfter = date(2026, 11, 1) })
				f.Bundle, f.Locations, f.OfOld = list(newRoot), []usage.LocationState{location(newRoot)}, []usage.Use{web}
			},
			step:  Done,
			gates: "distributed drained done",
		},
		"removed, and a location still has it": {
			facts:    func(f *Facts) { f.Bundle = list(newRoot) },
			step:     Settle,
			blockers: "configmap/shop/roots:ca.crt still has CN=Old Root",
			gates:    "distributed drained",
		},
		"removed, and a pod has not read that": {
			facts: func(f *Facts) {
				f.Bundle, f.Locations, f.Pods = list(newRoot), []usage.LocationState{location(newRoot)}, []usage.Pod{pod("web-1", 9, roots)}
			},
			step:     Settle,
			blockers: "deployment/shop/web 1 pod started before configmap/shop/roots changed (2026-11-22 10:00:00 UTC) and may still trust CN=Old Root",
			gates:    "distributed drained",
		},
		"removed, and a location lost the new root too": {
			facts:    func(f *Facts) { f.Bundle, f.Locations = list(newRoot), []usage.LocationState{location(other)} },
			step:     Settle,
			blockers: "configmap/shop/roots:ca.crt lacks CN=New Root",
			gates:    "distributed drained",
		},
		"removed, and a server is unreachable": {
			facts: func(f *Facts) {
				f.Bundle, f.Locations, f.Servers = list(newRoot), []usage.LocationState{location(newRoot)}, []Served{{Address: "db:636", Failed: "refused"}}
			},
			step:     Drain,
			blockers: "db:636 cannot be reached: refused",
			gates:    "distributed",
		},
		"removed, and not all may be seen": {
			facts: func(f *Facts) {
				f.Bundle, f.Locations, f.Unseen = list(newRoot), []usage.LocationState{location(newRoot)}, []string{"may not list ingresses"}
			},
			step:     Drain,
			blockers: "cluster may not list ingresses",
			gates:    "distributed",
		},
		"a chain that ends early": {
			facts: func(f *Facts) {
				f.Doubts = []usage.Doubt{{Ref: webTLS, Key: "tls.crt", Why: "the chain of web ends at CN=Issuing 1, which is unknown", Of: oldMid.Leaf("web")}}
			},
			step:     Drain,
			blockers: "secret/shop/web-tls tls.crt: the chain of web ends at CN=Issuing 1, which is unknown, so it may be issued under CN=Old Root | add a file with that CA to others; or, if it is not under the old CA, add the Secret to ignore",
			gates:    "distributed",
		},
		"removed, and a certificate cannot be read": {
			facts: func(f *Facts) {
				f.Bundle, f.Locations, f.Doubts = list(newRoot), []usage.LocationState{location(newRoot)}, []usage.Doubt{{Ref: webTLS, Key: "tls.crt", Why: "cannot parse any certificate in it"}}
			},
			step:     Drain,
			blockers: "secret/shop/web-tls tls.crt: cannot parse any certificate in it, so it may be issued under CN=Old Root",
			gates:    "distributed",
		},
		"an ignored doubt": {
			facts: func(f *Facts) {
				f.Doubts, f.Ignore = []usage.Doubt{{Ref: webTLS, Key: "tls.crt", Why: "is odd"}}, []usage.Ref{webTLS}
			},
			step:     Remove,
			warnings: "secret/shop/web-tls is in ignore, but key tls.crt may still need the old CA: is odd",
			bundle:   "New Root",
			gates:    "distributed drained",
		},
		"another object trusts the old root": {
			facts: func(f *Facts) {
				trusts := func(kind, name, key string, ca authority) usage.Use {
					return usage.Use{Ref: usage.Ref{Kind: kind, Namespace: "shop", Name: name}, Key: key, Role: usage.Trusted, Cert: ca.Certificate, Path: list(ca)}
				}
				f.Bundle = list(oldRoot)
				f.OfOld = []usage.Use{trusts("ConfigMap", "roots", "ca.crt", oldRoot), trusts("ConfigMap", "other", "x", oldRoot), trusts("ConfigMap", "both", "x", oldRoot), trusts("Secret", "web-tls", "ca.crt", oldRoot)}
				f.OfNew = []usage.Use{trusts("ConfigMap", "both", "x", newRoot)}
			},
			step:     Add,
			bundle:   "Old Root → New Root",
			warnings: "configmap/shop/other trusts CN=Old Root but not CN=New Root; if clients use it, add it to the locations",
		},
		"a CA that no issuer signs with": {
			facts: func(f *Facts) {
				idle := oldSign
				idle.Users = nil
				f.OfOld = []usage.Use{idle, oldWeb}
			},
			step:     Drain,
			blockers: "secret/shop/web-tls web, until 2027-01-01: issued by CN=Old Root",
			warnings: "secret/cert-manager/corp-ca has CN=Old Root and its key, but no issuer signs with it",
			gates:    "distributed",
		},
		"done, with an unused location": {
			facts: func(f *Facts) {
				f.Bundle, f.Locations = list(newRoot), []usage.LocationState{location(newRoot), {Location: "component/corp", Idle: "no workload mounts it"}}
			},
			warnings: "component/corp: no workload mounts it",
			step:     Done,
			gates:    "distributed drained done",
		},
		"done": {
			facts: func(f *Facts) { f.Bundle, f.Locations = list(newRoot), []usage.LocationState{location(newRoot)} },
			step:  Done,
			gates: "distributed drained done",
		},
		"the old root ends soon": {
			facts: func(f *Facts) {
				f.Now = date(2035, 12, 1)
				web := oldWeb
				web.Cert = oldRoot.Leaf("web", func(c *x509.Certificate) { c.NotAfter = date(2036, 2, 1) })
				f.OfOld = []usage.Use{web}
			},
			step:     Drain,
			blockers: "secret/shop/web-tls web, until 2036-02-01: issued by CN=Old Root",
			warnings: "CN=Old Root expires on 2036-01-01, and certificates that need it fail then",
			gates:    "distributed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := Decide(distributed(tt.facts))
			step := s.Step
			if s.Early {
				step = "!" + step
			}
			if step != tt.step {
				t.Errorf("at step %s, want %s", step, tt.step)
			}
			if got := blockersText(s.Blockers[s.Step], strings.Contains(tt.blockers, " | ")); got != tt.blockers {
				t.Errorf("blockers (-want +got):\n%s", cmp.Diff(tt.blockers, got))
			}
			if got := strings.Join(s.Warnings, "\n"); got != tt.warnings {
				t.Errorf("warnings (-want +got):\n%s", cmp.Diff(tt.warnings, got))
			}
			if got := names(s.Bundle); got != tt.bundle {
				t.Errorf("next bundle is %q, want %q", got, tt.bundle)
			}
			var gates []string
			for _, g := range Gates {
				if s.Holds(g) {
					gates = append(gates, string(g))
				}
			}
			if got := strings.Join(gates, " "); got != tt.gates {
				t.Errorf("gates open: %q, want %q", got, tt.gates)
			}
		})
	}
}

// blockersText drops fingerprints, and what to do unless that is wanted.
func blockersText(blockers []Blocker, do bool) string {
	var lines []string
	for _, b := range blockers {
		why, _, _ := strings.Cut(b.Why, ", sha256 ")
		line := b.What + " " + why
		if do && b.Do != "" {
			line += " | " + b.Do
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
