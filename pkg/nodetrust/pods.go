package nodetrust

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// pods returns a Kustomize component that mounts the bundle into every container
// of the workloads with a label, and sets variables. It uses replacements, because
// a patch needs the names of the containers.
func pods(b plan.Bundle) []File {
	p := b.Spec.To.Pods
	if p == nil {
		return nil
	}
	c := component{Bundle: b, Pods: p}
	component := yaml("kustomization.yaml", "mounts "+b.Spec.Name+" into workloads with "+c.selector()+"; list this folder under components in your kustomization", c.kustomization())
	component.Data = append([]byte(c.comment()), component.Data...)
	files := []File{
		component,
		yaml("container.yaml", "template for every container; not in the build output", c.container()),
	}
	if p.Mount != "" {
		return files
	}
	files = append(files, pem(b, cabundle.CAKey, "replaces the CAs of the image; Node.js adds it to its own"))
	if c.store() != "" {
		files = append(files, File{Name: c.store(), Data: cabundle.EncodeJKS(b.Roots, cabundle.StorePassword), Note: "the same for Java"})
	}
	return files
}

type component struct {
	plan.Bundle
	*v1alpha1.Pods
}

// selector returns the label selector of the workloads.
func (c component) selector() string {
	var terms []string
	for _, key := range slices.Sorted(maps.Keys(c.MatchLabels)) {
		terms = append(terms, key+"="+c.MatchLabels[key])
	}
	return strings.Join(terms, ",")
}

// store returns the file of the trust store for Java, or "".
func (c component) store() string {
	if c.Pods.Mount == "" && slices.Contains(c.Variables, v1alpha1.JavaToolOptions) {
		return "trust.jks"
	}
	return c.Bundle.Store()
}

// dir returns the mount path of the bundle, which no image and no other volume
// uses.
func (c component) dir() string { return "/etc/kubectl-certs/" + c.Spec.Name }

// volumeName returns a name that no other volume of the workload has.
func (c component) volumeName() string { return plan.PodsVolume(c.Spec.Name) }

// comment returns the comment at the start of the component.
func (c component) comment() string {
	text := "# Every container of the selected workloads mounts the volume, init containers too.\n"
	if len(c.fileVariables()) > 0 {
		text += "# It also gets the variables. Existing ones, with value or valueFrom, are replaced.\n"
	}
	if c.store() != "" {
		text += "# The options are appended to the value of JAVA_TOOL_OPTIONS. If that variable has valueFrom, the API\n# server rejects the result: move valueFrom to another variable, and set value: $(THAT_NAME).\n"
	}
	return text + "# kustomize creates missing list entries with the expression as their name, so each expression\n" +
		"# here matches one name and itself. Replacements fail without an init container, so they create\n" +
		"# one called \".\", which is deleted at the end.\n"
}

func (c component) kustomization() map[string]any {
	k := map[string]any{
		"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component",
		"resources": []any{"container.yaml"}, "replacements": c.replacements(),
	}
	var patches, cleaners []any
	for _, w := range plan.Workloads() {
		volume := c.volume()
		volume["name"] = c.volumeName()
		patches = append(patches, c.patch(w, "volumes", volume))
		cleaner := c.patch(w, "initContainers", map[string]any{"name": noContainer, "$patch": "delete"})
		cleaner["apiVersion"], cleaner["kind"] = "builtin", "PatchTransformer"
		cleaner["metadata"] = map[string]any{"name": c.volumeName() + "-" + strings.ToLower(w.Kind)}
		cleaners = append(cleaners, string(manifest.Encode(cleaner)))
	}
	k["patches"] = patches
	k["transformers"] = cleaners // transformers run after replacements
	if c.Pods.Mount == "" {      // its name has a hash, so that a change restarts the pods
		files := []any{cabundle.CAKey}
		if c.store() != "" {
			files = append(files, c.store())
		}
		options := map[string]any{"immutable": true}
		if len(c.Spec.Allow) > 0 {
			options["annotations"] = map[string]any{v1alpha1.AllowAnnotation: strings.Join(c.Spec.Allow, ",")}
		}
		k["configMapGenerator"] = []any{map[string]any{"name": c.Spec.Name, "files": files, "options": options}}
	}
	return k
}

// patch returns a patch that adds an entry to a list in pod templates.
func (c component) patch(w plan.Workload, list string, entry map[string]any) map[string]any {
	content := map[string]any{list: []any{entry}}
	path := w.Path()
	for _, field := range slices.Backward(path[1:]) {
		content = map[string]any{field: content}
	}
	patch := manifest.Object{"apiVersion": w.APIVersion, "kind": w.Kind, "metadata": map[string]any{"name": "any"}, "spec": content}
	return map[string]any{
		"target": map[string]any{"kind": w.Kind, "labelSelector": c.selector()}, "patch": string(manifest.Encode(patch)),
	}
}

func (c component) volume() map[string]any {
	switch c.Pods.Mount {
	case v1alpha1.MountOpenShift:
		item := map[string]any{"key": cabundle.OpenShiftKey, "path": cabundle.CAKey}
		return map[string]any{"configMap": map[string]any{"name": c.Spec.Name, "items": []any{item}}}
	case v1alpha1.MountClusterTrustBundle:
		source := map[string]any{"clusterTrustBundle": map[string]any{"name": c.Spec.ClusterTrustBundleName(), "path": cabundle.CAKey}}
		return map[string]any{"projected": map[string]any{"sources": []any{source}}}
	}
	return map[string]any{"configMap": map[string]any{"name": c.Spec.Name}}
}

// container returns the source of the replacements. It is not applied.
func (c component) container() map[string]any {
	content := map[string]any{"name": anyContainer, "volumeMounts": []any{map[string]any{"name": c.volumeName(), "mountPath": c.dir()}}}
	var env []any
	for _, v := range c.fileVariables() {
		env = append(env, map[string]any{"name": v, "value": c.dir() + "/" + cabundle.CAKey})
	}
	if c.store() != "" {
		options := "-Djavax.net.ssl.trustStore=" + c.dir() + "/" + c.store() + " -Djavax.net.ssl.trustStorePassword=" + cabundle.StorePassword
		env = append(env, map[string]any{"name": string(v1alpha1.JavaToolOptions), "value": options})
	}
	if env != nil {
		content["env"] = env
	}
	return map[string]any{
		"apiVersion": "v1", "kind": templateKind,
		"metadata": map[string]any{"name": c.volumeName(), "annotations": map[string]any{"config.kubernetes.io/local-config": "true"}},
		"template": map[string]any{"spec": map[string]any{"containers": []any{content}}},
	}
}

const (
	templateKind = "PodTemplate"
	anyContainer = "any"
	noContainer  = "." // not a valid name of a container
)

// fileVariables returns the variables with the path of the certificates.
func (c component) fileVariables() []string {
	var names []string
	for _, v := range c.Variables {
		if v != v1alpha1.JavaToolOptions {
			names = append(names, string(v))
		}
	}
	return names
}

// replacements returns replacements that replace entries as a whole. Only the Java
// options are appended.
func (c component) replacements() []any {
	mount := entry("volumeMounts", c.volumeName())
	list := []any{c.replacement("volumeMounts.[name="+c.volumeName()+"]", mount, nil)}
	for _, v := range c.fileVariables() {
		list = append(list, c.replacement("env.[name="+v+"]", entry("env", v), nil))
	}
	if c.store() != "" {
		java := string(v1alpha1.JavaToolOptions)
		from, to := "env.[name="+java+"]", entry("env", java)
		list = append(list,
			c.replacement(from+".name", to+".name", nil), // makes it
			c.replacement(from+".value", to+".value", map[string]any{"delimiter": " ", "index": afterAll}))
	}
	return list
}

// afterAll is an index after the last word of any value, where a replacement
// appends.
const afterAll = 1_000_000

// entry returns the path of the list entry with a name, which kustomize creates if
// it is missing. kustomize matches the name as a regular expression in YAML, with
// quotes and comments, and also in longer names. A new entry gets the expression as
// its name, so the expression must match itself.
func entry(list, name string) string {
	return list + `.[name=^["']?` + name + `["']?(\s|$)|\^.*` + name + "]"
}

// replacement copies a field of the container to the containers of pods and
// creates missing entries.
func (c component) replacement(from, to string, options map[string]any) map[string]any {
	options = maps.Clone(options)
	if options == nil {
		options = map[string]any{}
	}
	options["create"] = true
	var targets []any
	for _, w := range plan.Workloads() {
		targets = append(targets, map[string]any{
			"select": map[string]any{"kind": w.Kind, "labelSelector": c.selector()}, "options": options,
			"fieldPaths": []any{w.PodSpec + ".containers.*." + to, w.PodSpec + ".initContainers.[name=" + noContainer + "]." + to},
		})
	}
	path := "template.spec.containers.[name=" + anyContainer + "]." + from
	source := map[string]any{"kind": templateKind, "name": c.volumeName(), "fieldPath": path}
	return map[string]any{"source": source, "targets": targets}
}
