package bundle

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// pods writes a Kustomize component that mounts the bundle into every container
// of the workloads that have a label, and sets variables. A patch can do so only
// for containers whose names it knows; replacements reach them all, but those of
// initContainers, which are not always there.
func pods(b plan.Bundle) []File {
	p := b.Spec.To.Pods
	if p == nil {
		return nil
	}
	c := component{Bundle: b, Pods: p}
	files := []File{
		yaml("kustomization.yaml", "mounts "+b.Spec.Name+" into workloads with "+c.selector()+", where a kustomization of yours has this folder under components", c.kustomization()),
		yaml("paths.yaml", "what the variables are set to; kustomize leaves it out", c.paths()),
	}
	if p.Mount != "" {
		return files
	}
	files = append(files, pem(b, plan.CAKey, "instead of what the image trusts, but for Node.js"))
	if c.store() != "" {
		files = append(files, File{Name: c.store(), Data: trust.EncodeJKS(b.Roots, plan.StorePassword), Note: "the same for Java"})
	}
	return files
}

type component struct {
	plan.Bundle
	*spec.Pods
}

// selector is the label selector of the workloads.
func (c component) selector() string {
	var terms []string
	for _, key := range slices.Sorted(maps.Keys(c.MatchLabels)) {
		terms = append(terms, key+"="+c.MatchLabels[key])
	}
	return strings.Join(terms, ",")
}

// store is the file of the trust store for Java, "" where none is wanted.
func (c component) store() string {
	if c.Pods.Mount == "" && slices.Contains(c.Variables, spec.JavaToolOptions) {
		return "trust.jks"
	}
	return c.Bundle.Store()
}

func (c component) dir() string { return "/etc/trust/" + c.Spec.Name }

// workload is a kind of object with pods, and where it has their template.
type workload struct{ apiVersion, kind, template string }

var workloads = []workload{
	{"apps/v1", "Deployment", "spec.template.spec"},
	{"apps/v1", "StatefulSet", "spec.template.spec"},
	{"apps/v1", "DaemonSet", "spec.template.spec"},
	{"batch/v1", "Job", "spec.template.spec"},
	{"batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec"},
}

func (c component) kustomization() map[string]any {
	k := map[string]any{
		"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component",
		"resources": []any{"paths.yaml"}, "replacements": c.replacements(),
	}
	var patches []any
	for _, w := range workloads {
		target := map[string]any{"kind": w.kind, "labelSelector": c.selector()}
		patches = append(patches, map[string]any{"target": target, "patch": string(manifest.Encode(c.patch(w)))})
	}
	k["patches"] = patches
	if c.Pods.Mount == "" { // its name is of its content, so that a change restarts the pods
		files := []any{plan.CAKey}
		if c.store() != "" {
			files = append(files, c.store())
		}
		k["configMapGenerator"] = []any{map[string]any{"name": c.Spec.Name, "files": files}}
	}
	return k
}

// patch adds the volume, by which containers mount it.
func (c component) patch(w workload) manifest.Object {
	volume := c.volume()
	volume["name"] = c.Spec.Name
	content := map[string]any{"volumes": []any{volume}}
	path := strings.Split(w.template, ".")
	for _, field := range slices.Backward(path[1:]) {
		content = map[string]any{field: content}
	}
	return manifest.Object{"apiVersion": w.apiVersion, "kind": w.kind, "metadata": map[string]any{"name": "any"}, "spec": content}
}

func (c component) volume() map[string]any {
	switch c.Pods.Mount {
	case spec.MountOpenShift:
		item := map[string]any{"key": plan.OpenShiftKey, "path": plan.CAKey}
		return map[string]any{"configMap": map[string]any{"name": c.Spec.Name, "items": []any{item}}}
	case spec.MountClusterTrustBundle:
		source := map[string]any{"clusterTrustBundle": map[string]any{"name": c.Spec.ClusterTrustBundleName(), "path": plan.CAKey}}
		return map[string]any{"projected": map[string]any{"sources": []any{source}}}
	}
	return map[string]any{"configMap": map[string]any{"name": c.Spec.Name}}
}

// The keys of what replacements take from.
const (
	dirKey  = "directory"
	fileKey = "file"
	javaKey = "java"
)

// paths is what replacements take from, and no object of a cluster.
func (c component) paths() map[string]any {
	data := map[string]any{dirKey: c.dir(), fileKey: c.dir() + "/" + plan.CAKey}
	if c.store() != "" {
		data[javaKey] = "-Djavax.net.ssl.trustStore=" + c.dir() + "/" + c.store() + " -Djavax.net.ssl.trustStorePassword=" + plan.StorePassword
	}
	return map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "data": data,
		"metadata": map[string]any{"name": c.pathsName(), "annotations": map[string]any{"config.kubernetes.io/local-config": "true"}},
	}
}

func (c component) pathsName() string { return c.Spec.Name + "-paths" }

func (c component) replacements() []any {
	files := []string{}
	for _, v := range c.Variables {
		if v != spec.JavaToolOptions {
			files = append(files, variable(v))
		}
	}
	list := []any{c.replacement(dirKey, "containers.*.volumeMounts.[name="+c.Spec.Name+"].mountPath")}
	if len(files) > 0 {
		list = append(list, c.replacement(fileKey, files...))
	}
	if c.store() != "" {
		list = append(list, c.replacement(javaKey, variable(spec.JavaToolOptions)))
	}
	return list
}

func variable(v spec.Variable) string { return "containers.*.env.[name=" + string(v) + "].value" }

// replacement puts a value of paths into fields of pods, and makes those that
// are not there.
func (c component) replacement(key string, fields ...string) map[string]any {
	var targets []any
	for _, w := range workloads {
		paths := make([]any, len(fields))
		for i, field := range fields {
			paths[i] = w.template + "." + field
		}
		targets = append(targets, map[string]any{
			"select":  map[string]any{"kind": w.kind, "labelSelector": c.selector()},
			"options": map[string]any{"create": true}, "fieldPaths": paths,
		})
	}
	source := map[string]any{"kind": "ConfigMap", "name": c.pathsName(), "fieldPath": "data." + key}
	return map[string]any{"source": source, "targets": targets}
}
