package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"

	"github.com/kubectl-certs/kubectl-certs/pkg/bundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/disk"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// targetFlags name what is to be in a cluster: an overlay, or an environment
// of a certs.yaml.
type targetFlags struct {
	kustomize, set string
}

func (f *targetFlags) add(flags *pflag.FlagSet) {
	flags.StringVarP(&f.kustomize, "kustomize", "k", "", "take the objects from this kustomization instead of certs.yaml")
	flags.StringVar(&f.set, "set", "", "name of the set that applied objects are labelled with (default: certs.yaml's name and the environment)")
}

// target is what is to be in a cluster.
type target struct {
	label   string
	set     string
	objects []manifest.Object
	folders []bundle.Folder // of files for others to hand over; of a kustomization not known
	// trustNamespace is where trust-manager reads what Bundles name, "" if that
	// is not said.
	trustNamespace string
}

// load builds the kustomization, or plans the one environment that is meant.
func (f targetFlags) load(ctx context.Context, env Env, project projectFlags) (target, error) {
	if f.kustomize != "" {
		return f.build(env)
	}
	doc, err := project.parse(env)
	if err != nil {
		return target{}, err
	}
	e, err := project.one(ctx, env, doc)
	if err != nil {
		return target{}, err
	}
	t := target{label: "cluster", set: f.set, folders: e.Folders}
	if t.set == "" {
		t.set = setName(doc.Base.Metadata.Name, e.Name)
	}
	for _, o := range e.Objects {
		t.objects = append(t.objects, o.Object)
	}
	t.trustNamespace = trustNamespace(*doc.Of(e.Name))
	return t, nil
}

// trustNamespace is where trust-manager reads the roots of issuers, "" if no
// entry has any. They are all of one; the others have the default, whether they
// say so or not, and it means nothing.
func trustNamespace(certs spec.Certs) string {
	for _, entry := range certs.Trust {
		if m := entry.To.TrustManager; m != nil && len(entry.FromIssuers) > 0 {
			return m.TrustNamespace
		}
	}
	return ""
}

func (f targetFlags) build(env Env) (target, error) {
	fsys, name, err := disk.Open(f.kustomize)
	if err != nil {
		return target{}, err
	}
	b := overlay.Builder{Limits: env.Limits}
	objects, err := b.Build(disk.Guard(fsys, env.Limits.Err), name)
	t := target{label: "cluster", set: f.set, objects: objects}
	if t.set == "" {
		t.set = setName("", filepath.Base(name))
	}
	return t, err
}

// wants are the places of the cluster that are to hold CAs.
func (t target) wants(values *rotation.Values) ([]cluster.Wanted, []error) {
	wanted, wrong := cluster.Wants(t.objects, values)
	for _, f := range t.folders {
		name, text := f.ConfigMap()
		if name == "" {
			continue
		}
		var h rotation.Held
		values.Add(&h, plan.CAKey, text, true)
		wanted = append(wanted, cluster.Wanted{Place: rotation.Place{Kind: rotation.Component, Name: name, Optional: true}, Certs: h.Certs})
	}
	return wanted, wrong
}

// unseen are the folders whose content does not get into the cluster.
func (t target) unseen() []string {
	var dirs []string
	for _, f := range t.folders {
		if !f.ForPods() {
			dirs = append(dirs, f.Dir)
		}
	}
	return dirs
}

// setName joins the names to a label value.
func setName(file, environment string) string {
	name := strings.Trim(file+"-"+environment, "-.")
	if len(name) > 63 {
		name = strings.Trim(name[len(name)-63:], "-.")
	}
	return name
}

// noCluster is what client-go takes where nothing names a cluster.
const noCluster = "http://localhost:8080"

// connect makes the client that kubectl's flags describe.
func connect(config *genericclioptions.ConfigFlags) (*cluster.Client, error) {
	rest, err := config.ToRESTConfig()
	if err != nil {
		return nil, withHint(err, "name a kubeconfig with --kubeconfig or KUBECONFIG")
	}
	if rest.Host == noCluster {
		return nil, withHint(errors.New("no cluster is configured"), "name a kubeconfig with --kubeconfig or KUBECONFIG")
	}
	// kubectl's cache on disk may be hours old; what is served is asked anew.
	discovered, err := discovery.NewDiscoveryClientForConfig(rest)
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovered))
	namespace, _, err := config.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, err
	}
	rest.UserAgent = "kubectl-certs"
	return cluster.New(rest, mapper, namespace)
}

// place places objects, and says once for each kind what the cluster lacks.
func place(_ context.Context, env Env, client *cluster.Client, objects []manifest.Object) (placed, others []manifest.Object, err error) {
	placed, unknown, err := client.Place(objects)
	if err != nil {
		return nil, nil, err
	}
	for _, kind := range unknown {
		n := 0
		for _, o := range objects {
			if o.Kind() == kind.Kind && o.ID().Group == kind.Group {
				others = append(others, o)
				n++
			}
		}
		env.say("note: the cluster does not know %s (%s); %s", kind.Kind, kind.GroupVersion(), missingKind(kind, n))
	}
	return placed, others, nil
}

func missingKind(kind schema.GroupVersionKind, n int) string {
	product := map[string]string{
		"cert-manager.io":           "cert-manager",
		"externaldns.k8s.io":        "external-dns",
		"k8s.nginx.org":             "NGINX Ingress Controller",
		"gateway.networking.k8s.io": "the Gateway API",
		"trust.cert-manager.io":     "trust-manager",
		"trust-manager.io":          "trust-manager, 0.25 or later,",
		"config.openshift.io":       "OpenShift",
	}[kind.Group]
	switch {
	case kind.Kind == "ClusterTrustBundle":
		return fmt.Sprintf("%s of it cannot be there unless the API server runs with --feature-gates=ClusterTrustBundle=true and --runtime-config=%s/clustertrustbundles=true",
			count(n, "object"), kind.GroupVersion())
	case product == "":
		product = "its CRD"
	}
	return fmt.Sprintf("%s of it cannot be there until %s is installed", count(n, "object"), product)
}
